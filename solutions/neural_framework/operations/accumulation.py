"""Adding up many numbers so that their roundings do not add up as well."""

from functools import lru_cache
from math import prod

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

BLOCK = 256  # so many numbers may be added one after the other


def accumulate(x, axis=None, keepdims=False, rounded=True):
    """Σ x along `axis` (None for all, an int or a tuple): x.sum(), but about as accurate as PyTorch's sums.

    NumPy adds in pairs, which rounds little, only along the last axes in memory. Along others it adds one number after
    the other: a million times 0.1 in float32 gives 100,958. In float16 that ends at 2,048, since 2,048 + 1 is 2,048.
    So sums along the first axes, and of everything, are made of blocks, and other long ones, and all of float16, are
    made in float64. Products with ones add two to four times as fast as x.sum().

    Floats keep their dtype; with rounded=False, the sum stays in the dtype in which it was made, float64 for integers.
    """
    dtype = x.dtype
    if not rounded and dtype.kind != "f":
        return x.sum(axis=axis, keepdims=keepdims, dtype=np.float64)  # a mean of large ones does not wrap around
    if x.size <= BLOCK and dtype != np.float16:
        return x.sum(axis=axis, keepdims=keepdims)
    flags = x.flags
    add, matrix, kept, wide = way_to_add(x.shape, dtype, axis, keepdims, flags.c_contiguous, flags.f_contiguous)
    if add is not None:
        return add(x.reshape(matrix)).reshape(kept)
    total = x.sum(axis=axis, keepdims=keepdims, dtype=wide)
    return total if wide is None or not rounded else total.astype(dtype)


@lru_cache(maxsize=1024)  # to find it takes longer than to add a few hundred numbers
def way_to_add(shape, dtype, axis, keepdims, in_order, reversed_order):
    """How to add: by products with ones or, if that is None, by x.sum in the dtype at the end, None for its own.

    A function, the shape of the array that it takes, and the shape of the result.
    """
    by_sum = None, None, None
    if dtype == np.float16:
        return *by_sum, np.float64
    if dtype.kind != "f":
        return *by_sum, None
    reduced = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = sorted([normalize_axis_index(one, len(shape)) for one in reduced])
    count = prod([shape[i] for i in axes])  # so many numbers for each sum
    first, last = axes == [*range(len(axes))], axes == [*range(len(shape) - len(axes), len(shape))]
    kept = tuple([1 if i in axes else size for i, size in enumerate(shape) if keepdims or i not in axes])
    if in_order and count > 1 and first and last:
        return sum_of_all, (count,), kept, None
    if in_order and axes and first:
        return sum_of_rows, (count, -1), kept, None
    if in_order and axes and last and count <= BLOCK:
        return sum_of_columns, (-1, count), kept, None
    in_pairs = last and (in_order or (first and reversed_order))
    return *by_sum, None if in_pairs or count <= BLOCK else np.result_type(dtype, np.float64)


def sum_of_all(x):
    """The sum of a vector x (N,), cut into rows of one block each."""
    whole = len(x) // BLOCK * BLOCK
    blocks, rest = x[:whole].reshape(-1, BLOCK), x[whole:]
    return sum_of_rows(sum_of_rows(blocks)) + sum_of_rows(rest)


def sum_of_rows(x):
    """The sum of the rows of x (N, M), in blocks: (M,); or of the numbers of a vector (N,) that fits in one."""
    while len(x) > BLOCK:
        whole = len(x) // BLOCK * BLOCK
        blocks = x[:whole].reshape(-1, BLOCK, x.shape[1])
        x = np.concatenate([ones(BLOCK, x.dtype) @ blocks, x[whole:]])
    return ones(len(x), x.dtype) @ x


def sum_of_columns(x):
    """The sum of the columns of x (N, M), of which there is no more than a block: (N,)."""
    return x @ ones(x.shape[1], x.dtype)


@lru_cache(maxsize=1024)  # to make them takes as long as the product
def ones(count, dtype):
    """A vector of ones, for all to read."""
    vector = np.ones(count, dtype)
    vector.flags.writeable = False
    return vector
