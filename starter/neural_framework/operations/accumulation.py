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
    So sums along the first axes are made of blocks, and other long ones, and all of float16, are made in float64.

    Floats keep their dtype; with rounded=False, the sum stays in the dtype in which it was made.
    """
    dtype = x.dtype
    if x.size <= BLOCK and dtype != np.float16:
        return x.sum(axis=axis, keepdims=keepdims)
    shape, flags = x.shape, x.flags
    first, wide = way_to_add(shape, dtype, axis, flags.c_contiguous, flags.f_contiguous)
    if first:
        total = sum_of_rows(x if first == 1 and x.ndim == 2 else x.reshape(prod(shape[:first]), -1))
        return total.reshape((1,) * first * keepdims + shape[first:])
    total = x.sum(axis=axis, keepdims=keepdims, dtype=wide)
    return total if wide is None or not rounded else total.astype(dtype)


@lru_cache(maxsize=1024)  # to find it takes longer than to add a few hundred numbers
def way_to_add(shape, dtype, axis, in_order, reversed_order):
    """How many first axes of an array to add as rows; and, where that is 0, the dtype to add in, None for its own."""
    if dtype == np.float16:
        return 0, np.float64
    if dtype.kind != "f":
        return 0, None
    reduced = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = sorted([normalize_axis_index(one, len(shape)) for one in reduced])
    count = len(axes)
    if in_order and 0 < count < len(shape) and axes[-1] == count - 1:
        return count, None
    everything = count == len(shape)
    in_pairs = in_order or reversed_order if everything else in_order and axes[:1] == [len(shape) - count]
    short = in_pairs or prod([shape[i] for i in axes]) <= BLOCK
    return 0, None if short else np.result_type(dtype, np.float64)


def sum_of_rows(x):
    """The sum of the rows of x (N, M), as products with ones: as fast as x.sum(axis=0), and faster for many rows."""
    while len(x) > BLOCK:
        whole = len(x) // BLOCK * BLOCK
        blocks = x[:whole].reshape(-1, BLOCK, x.shape[1])
        x = np.concatenate([ones(BLOCK, x.dtype) @ blocks, x[whole:]])
    return ones(len(x), x.dtype) @ x


@lru_cache(maxsize=1024)  # to make them takes as long as the product
def ones(count, dtype):
    """A vector of ones, for all to read."""
    vector = np.ones(count, dtype)
    vector.flags.writeable = False
    return vector
