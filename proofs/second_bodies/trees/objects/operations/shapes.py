"""Operations that only move or convert elements: shapes, axes, indexing and joining."""

from __future__ import annotations

from itertools import accumulate as accumulate_sizes
from itertools import pairwise
from operator import index

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..errors import ShapeError
from .base import Operation
from .broadcasting import broadcast_shapes, unbroadcast_gradient
from .kinds import Array
from .scatter import Scatter, place, tally


class Reshape(Operation):
    """y has the elements of x, in the same order, in another shape; one -1 takes what remains.

    Keeps the shape of x. ShapeError if the sizes differ.
    """

    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        self.x_shape = x.shape
        try:
            if min(self.shape, default=0) < -1:  # NumPy takes any negative size for -1
                raise ValueError
            return x.reshape(self.shape)
        except ValueError:
            raise ShapeError(
                f"reshape got a tensor of shape {x.shape}, and its {x.size} elements do not fill {self.shape}: "
                "the sizes must multiply to their number (one of them may be -1)",
                shapes=(x.shape, self.shape),
                operation="reshape",
            ) from None

    def backward(self, grad):
        return grad.reshape(self.x_shape)


class Transpose(Operation):
    """y has the axes of x in another order: axis i of y is axis axes[i] of x; None reverses them.

    backward restores their order. ShapeError unless each axis of x is named once.
    """

    def __init__(self, axes=None):
        self.axes = axes

    def forward(self, x: Array) -> Array:
        order = self._order(x.ndim)
        if order is None:
            raise ShapeError(
                f"transpose got axes {self.axes} for a tensor of shape {x.shape}: name each of its {x.ndim} axes once",
                shapes=(x.shape,),
                operation="transpose",
            )
        self.order = order
        return x.transpose(order)

    def backward(self, grad: Array) -> Array:
        return grad.transpose(sorted(range(len(self.order)), key=self.order.__getitem__))

    def _order(self, ndim: int) -> tuple[int, ...] | None:
        """The axes counted from 0, or None if they are not a permutation."""
        if self.axes is None:
            return tuple(reversed(range(ndim)))
        named = tuple(index(axis) for axis in self.axes)
        counted = tuple(axis + ndim if axis < 0 else axis for axis in named)
        return counted if sorted(counted) == list(range(ndim)) else None


class BroadcastTo(Operation):
    """y is x, stretched to a larger shape, as a new array.

    Keeps the shape of x. ShapeError if x cannot be stretched to it.
    """

    def __init__(self, shape):
        self.shape = shape

    def forward(self, x: Array) -> Array:
        self.x_shape = x.shape
        if broadcast_shapes(x.shape, self.shape, "broadcast_to") != self.shape:
            raise ShapeError(
                f"broadcast_to got a tensor of shape {x.shape}, which cannot shrink to {self.shape}: "
                "only axes of size 1 stretch, and new axes come in front",
                shapes=(x.shape, self.shape),
                operation="broadcast_to",
            )
        if any(size < 0 for size in self.shape):
            raise ShapeError(f"broadcast_to got {self.shape}: sizes are at least 0", (x.shape,), "broadcast_to")
        stretched = np.empty(self.shape, dtype=x.dtype)
        stretched[...] = x
        return stretched

    def backward(self, grad: Array) -> Array:
        return unbroadcast_gradient(grad, self.x_shape)


class Index(Operation):
    """y = x[key] for ints, slices, None, ..., integer arrays and boolean masks.

    Each element of grad goes back to the element of x that was picked; one that was picked several times receives
    the sum. Keeps the shape of x.
    """

    def __init__(self, key):
        self.key = key
        self.adds_in_place = picks_once(key)

    def forward(self, x: Array) -> Array:
        self.x_shape = x.shape
        return x[self.key]

    def backward(self, grad: Array) -> Array:
        scatter: Scatter = place if self.adds_in_place else tally
        return scatter(self.x_shape, self.key, grad)

    def add_to(self, total, grad):
        """Add the gradient to `total`, shaped like x, where elements were picked, each once.

        For the T parts x[:, 0], x[:, 1], ... of a sequence, T arrays of zeros shaped like x would take T² time.
        """
        total[self.key] += grad


def picks_once(key):
    """Whether `key` picks no element twice: only integer arrays can, and adding at repeated positions is slow."""
    for part in key if isinstance(key, tuple) else (key,):
        if type(part) in (int, slice) or part is None or part is ...:
            continue
        if np.asarray(part).dtype != bool and np.ndim(part) > 0:
            return False
    return True


class Concatenate(Operation):
    """z = x, y, ... joined along an axis; each input gets its own piece of grad.

    Keeps the sizes along the axis. ShapeError if the other sizes differ, AxisError if the axis does not exist.
    """

    def __init__(self, axis=0):
        self.axis = axis

    def forward(self, *arrays: Array) -> Array:
        require_equal_shapes("concatenate", arrays, self.axis)
        ends = accumulate_sizes(array.shape[self.axis] for array in arrays)
        self.pieces = tuple(slice(start, end) for start, end in pairwise((0, *ends)))
        return np.concatenate(arrays, axis=self.axis)

    def backward(self, grad: Array) -> tuple[Array, ...]:
        front = np.moveaxis(grad, self.axis, 0)
        return tuple(np.moveaxis(front[piece], 0, self.axis) for piece in self.pieces)


class Stack(Operation):
    """z = x, y, ... joined along a new axis; each input gets its own slice of grad.

    ShapeError if the shapes differ.
    """

    def __init__(self, axis=0):
        self.axis = axis

    def forward(self, *arrays: Array) -> Array:
        require_equal_shapes("stack", arrays)
        return np.stack(arrays, axis=self.axis)

    def backward(self, grad: Array) -> tuple[Array, ...]:
        return tuple(np.moveaxis(grad, self.axis, 0))


def require_equal_shapes(operation, arrays, except_axis=None):
    """Raise ShapeError unless there are arrays and all have one shape; sizes along `except_axis` may differ."""
    if not arrays:
        raise ShapeError(f"{operation} got no tensors, but needs at least one", operation=operation)
    shapes = [array.shape for array in arrays]
    if except_axis is not None:
        normalize_axis_index(except_axis, len(shapes[0]), operation)  # AxisError if it does not exist
    for shape in shapes:
        if len(shape) != len(shapes[0]) or shape_without(shape, except_axis) != shape_without(shapes[0], except_axis):
            exception = "" if except_axis is None else f", except along axis {except_axis}"
            raise ShapeError(
                f"{operation} got tensors of shapes {shapes[0]} and {shape}: all must be the same{exception}",
                shapes=shapes,
                operation=operation,
            )


def shape_without(shape, axis):
    """`shape` as a list, without its size along `axis`; None removes nothing."""
    sizes = list(shape)
    if axis is not None:
        del sizes[axis]
    return sizes


class AsType(Operation):
    """y = x converted to another dtype, always a copy.   dy/dx = 1

    Keeps the dtype of x.
    """

    def __init__(self, dtype):
        self.dtype = dtype

    def forward(self, x):
        self.x_dtype = x.dtype
        return x.astype(self.dtype)

    def backward(self, grad):
        return grad.astype(self.x_dtype)
