"""Sums, means and extremes over axes."""

import numpy as np

from ..errors import ShapeError
from .base import Operation, silent


def kept_shape(shape, axis):
    """`shape` with size 1 along `axis` (None: all, an int, or a tuple): what a reduction with keepdims gives."""
    if axis is None or shape == ():
        return (1,) * len(shape)
    kept = list(shape)
    for one in axis if isinstance(axis, tuple) else (axis,):
        kept[one] = 1
    return tuple(kept)


def spread(grad, shape, axis):
    """The way back: each number of `grad` repeated along the reduced axes, so as to fill `shape`."""
    filled = np.empty(shape, dtype=grad.dtype)  # np.broadcast_to would save memory, but takes 5 times as long
    filled[...] = grad if axis is None else grad.reshape(kept_shape(shape, axis))  # a single number goes everywhere
    return filled


class Reduction(Operation):
    """What reductions share: axis=None reduces all axes, an int or a tuple those; keepdims leaves them as size 1.

    An axis out of range is NumPy's AxisError, which is both an IndexError and a ValueError.
    """

    def __init__(self, axis=None, keepdims=False):
        self.axis, self.keepdims = axis, keepdims


class Sum(Reduction):
    """y = Σ x.   dy/dx = 1

    Keeps the shape of x.
    """

    def forward(self, x):
        self.x_shape = x.shape
        return x.sum(axis=self.axis, keepdims=self.keepdims)

    def backward(self, grad):
        return spread(grad, self.x_shape, self.axis)


class Mean(Reduction):
    """y = Σ x / n, where n numbers meet in one.   dy/dx = 1 / n

    Keeps the shape of x, and n. The mean of no numbers is nan, without a warning.
    """

    @silent
    def forward(self, x):
        # TODO 1.9: see `nox -s hint -- 1.9`
        raise NotImplementedError("1.9: Mean.forward is not written yet")

    def backward(self, grad):
        # TODO 2.9: see `nox -s hint -- 2.9`
        raise NotImplementedError("2.9: Mean.backward is not written yet")


class Max(Reduction):
    """y = the largest of x.   dy/dx = 1 / k for each of the k numbers that equal y, otherwise 0

    Keeps x and y, the latter with its reduced axes as size 1. ShapeError if there is nothing to choose from.
    """

    def forward(self, x):
        # TODO 1.9: see `nox -s hint -- 1.9`
        raise NotImplementedError("1.9: Max.forward is not written yet")

    def backward(self, grad):
        # TODO 2.9: see `nox -s hint -- 2.9`
        raise NotImplementedError("2.9: Max.backward is not written yet")

    def refuse_empty(self, x):
        """ShapeError if a maximum or minimum along the axis would have no elements to choose from."""
        if x.size > 0:
            return
        kept = kept_shape(x.shape, self.axis)
        if 0 in [size for size, one in zip(x.shape, kept, strict=True) if size != one]:
            name = type(self).__name__.lower()
            raise ShapeError(
                f"{name} got a tensor of shape {x.shape} and axis={self.axis}: no elements to choose from, "
                f"and {name} needs at least one",
                shapes=(x.shape,),
                operation=name,
            )


class Min(Max):
    """y = the smallest of x.   dy/dx = 1 / k for each of the k numbers that equal y, otherwise 0

    Keeps x and y as Max does, and shares its backward.
    """

    def forward(self, x):
        # TODO 1.9: see `nox -s hint -- 1.9`
        raise NotImplementedError("1.9: Min.forward is not written yet")
