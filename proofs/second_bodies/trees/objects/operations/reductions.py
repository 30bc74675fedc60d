"""Sums, means and extremes over axes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import ClassVar, NamedTuple

import numpy as np

from ..errors import ShapeError
from .accumulation import accumulate
from .base import Operation, silent
from .choosing import zero_where
from .kinds import Array


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


def count_along(shape: tuple[int, ...], axis: int | tuple[int, ...] | None) -> int:
    """How many elements a reduction makes one of."""
    if axis is None or shape == ():
        return prod(shape)
    axes = axis if isinstance(axis, tuple) else (axis,)
    return prod(shape[i] for i in axes)


class Origin(NamedTuple):
    """Where a mean comes from: the shape of x, and how many of its elements make one mean."""

    shape: tuple[int, ...]
    count: int


class Contest(NamedTuple):
    """x and its extremes, shaped to broadcast with it."""

    x: Array
    best: Array

    def winners(self) -> Array:
        """Which elements are an extreme; nan is one where there is any."""
        return (self.x == self.best) | (np.isnan(self.x) & np.isnan(self.best))


class Reduction(Operation):
    """The base of all reductions.

    axis: the axes to reduce, None for all, an int or a tuple. keepdims: whether they stay in the result, with size 1.
    An axis out of range raises NumPy's AxisError, which is both an IndexError and a ValueError.
    """

    def __init__(self, axis=None, keepdims=False):
        self.axis, self.keepdims = axis, keepdims


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
    def forward(self, x: Array) -> Array:
        self.origin = Origin(x.shape, count_along(x.shape, self.axis))
        mean = accumulate(x, self.axis, self.keepdims, rounded=False) / self.origin.count
        return np.asarray(mean).astype(x.dtype, copy=False) if x.dtype.kind == "f" else mean

    def backward(self, grad: Array) -> Array:
        return spread(np.asarray(grad / self.origin.count), self.origin.shape, self.axis)


class Max(Reduction):
    """y = the largest of x.   dy/dx = 1 / k for each of the k elements that equal y, otherwise 0

    Keeps x, and y with its reduced axes as size 1. ShapeError if there are no elements to choose from.
    """

    extreme: ClassVar[Callable[..., Array]] = np.max

    def forward(self, x: Array) -> Array:
        self.refuse_empty(x)
        y = np.asarray(type(self).extreme(x, axis=self.axis, keepdims=self.keepdims))
        self.contest = Contest(x, y.reshape(kept_shape(x.shape, self.axis)))
        return y

    def backward(self, grad: Array) -> Array:
        winners = self.contest.winners()
        counts = np.sum(winners, axis=self.axis, keepdims=True)
        share = np.asarray(grad.reshape(counts.shape) / counts).astype(grad.dtype)
        return zero_where(~winners, share)

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

    extreme = np.min
