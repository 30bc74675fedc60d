"""Sums, means and extremes over axes."""

from operator import index

import numpy as np

from ..errors import ShapeError
from .accumulation import accumulate
from .base import Operation, silent


def kept_shape(shape, axis):
    """`shape` with size 1 along `axis` (None for all, an int or a tuple): the result's shape with keepdims."""
    if axis is None or shape == ():
        return (1,) * len(shape)
    kept = list(shape)
    for reduced in axis if isinstance(axis, tuple) else (axis,):
        kept[reduced] = 1
    return tuple(kept)


def spread(grad, shape, axis):
    """The reverse of a reduction: each element of `grad` repeated along the reduced axes, to fill `shape`."""
    filled = np.empty(shape, dtype=grad.dtype)  # np.broadcast_to would save memory, but take 5 times as long
    filled[...] = grad if axis is None else grad.reshape(kept_shape(shape, axis))  # a single number fills everything
    return filled


class Reduction(Operation):
    """The base of all reductions.

    axis: the axes to reduce, None for all, an int, a tuple or a list. keepdims: whether they stay in the result, with
    size 1. An axis out of range raises NumPy's AxisError, which is both an IndexError and a ValueError.
    """

    def __init__(self, axis=None, keepdims=False):
        if axis is not None and type(axis) is not int:
            axis = self.plain(axis)
        self.axis, self.keepdims = axis, keepdims

    def plain(self, axis):
        """The axis as an int, or the axes as a tuple of them; TypeError for anything else."""
        try:
            return tuple([index(one) for one in axis]) if isinstance(axis, (tuple, list)) else index(axis)
        except TypeError:
            name = type(self).__name__.lower()
            raise TypeError(f"{name} got axis={axis!r}, expected None, an int, or a tuple of ints") from None


class Sum(Reduction):
    """y = Σ x.   dy/dx = 1

    Keeps the shape of x.
    """

    def forward(self, x):
        self.x_shape = x.shape
        return accumulate(x, self.axis, self.keepdims)

    def backward(self, grad):
        return spread(grad, self.x_shape, self.axis)


class Mean(Reduction):
    """y = Σ x / n, where n elements are reduced to one.   dy/dx = 1 / n

    Keeps n and the shape of x. The mean of no elements is nan, without a warning.
    """

    @silent
    def forward(self, x):
        # TODO 1.9: see `nox -s hint -- 1.9`
        raise NotImplementedError("1.9: Mean.forward is not written yet")

    def backward(self, grad):
        # TODO 2.9: see `nox -s hint -- 2.9`
        raise NotImplementedError("2.9: Mean.backward is not written yet")


class Max(Reduction):
    """y = the largest of x.   dy/dx = 1 / k for each of the k elements that equal y, otherwise 0

    Keeps x, and y with its reduced axes as size 1. ShapeError if there are no elements to choose from.
    """

    def forward(self, x):
        # TODO 1.9: see `nox -s hint -- 1.9`
        raise NotImplementedError("1.9: Max.forward is not written yet")

    def backward(self, grad):
        # TODO 2.9: see `nox -s hint -- 2.9`
        raise NotImplementedError("2.9: Max.backward is not written yet")

    def refuse_empty(self, x):
        """Raise ShapeError if a maximum or minimum along the axis has no elements to choose from."""
        if x.size > 0:
            return
        kept = kept_shape(x.shape, self.axis)
        if 0 in [size for size, kept_size in zip(x.shape, kept, strict=True) if size != kept_size]:
            name = type(self).__name__.lower()
            raise ShapeError(
                f"{name} got a tensor of shape {x.shape} and axis={self.axis}, which leaves no elements to choose "
                f"from: {name} needs at least one",
                shapes=(x.shape,),
                operation=name,
            )


class Min(Max):
    """y = the smallest of x.   dy/dx = 1 / k for each of the k elements that equal y, otherwise 0

    Keeps x and y as Max does, and shares its backward.
    """

    def forward(self, x):
        # TODO 1.9: see `nox -s hint -- 1.9`
        raise NotImplementedError("1.9: Min.forward is not written yet")
