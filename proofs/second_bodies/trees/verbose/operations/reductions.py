"""Sums, means and extremes over axes."""

import numpy as np

from ..errors import ShapeError
from .accumulation import accumulate
from .base import Operation, silent
from .small_steps.arrays import own_array
from .small_steps.axes import checked_axes, count_elements, shape_with_ones, shape_without
from .small_steps.cards import ExtremeCard, MeanCard
from .small_steps.stretching import stretched_copy


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
    def forward(self, x):
        axes = checked_axes(self.axis, x.ndim)
        element_count = count_elements(x.shape, axes)
        self.card = MeanCard(input_shape=x.shape, reduced_axes=axes, element_count=element_count)
        if x.dtype.kind == "f":
            result_dtype = x.dtype
            summands = x
        else:
            result_dtype = np.dtype(np.float64)
            summands = x.astype(np.float64)
        total = np.asarray(accumulate(summands, axes, keepdims=True, rounded=False))
        mean = np.true_divide(total, element_count)
        mean = own_array(np.asarray(mean).astype(result_dtype))
        if self.keepdims:
            return mean
        return mean.reshape(shape_without(x.shape, axes))

    def backward(self, grad):
        share = np.asarray(np.true_divide(grad, self.card.element_count))
        kept = share.reshape(shape_with_ones(self.card.input_shape, self.card.reduced_axes))
        return stretched_copy(kept, self.card.input_shape)


class Max(Reduction):
    """y = the largest of x.   dy/dx = 1 / k for each of the k elements that equal y, otherwise 0

    Keeps x, and y with its reduced axes as size 1. ShapeError if there are no elements to choose from.
    """

    def forward(self, x):
        self.refuse_empty(x)
        axes = checked_axes(self.axis, x.ndim)
        extreme = self.extreme_of(x, axes)
        self.card = ExtremeCard(input_values=own_array(x), extreme_values=own_array(extreme), reduced_axes=axes)
        if self.keepdims:
            return extreme
        return extreme.reshape(shape_without(x.shape, axes))

    def backward(self, grad):
        values = self.card.input_values
        axes = self.card.reduced_axes
        is_chosen = np.logical_or(
            values == self.card.extreme_values,
            np.logical_and(np.isnan(values), np.isnan(self.card.extreme_values)),
        )
        is_chosen = np.asarray(is_chosen)
        chosen_count = np.asarray(np.sum(is_chosen, axis=axes, keepdims=True))
        kept_gradient = np.asarray(grad).reshape(shape_with_ones(values.shape, axes))
        share = np.asarray(np.true_divide(kept_gradient, chosen_count).astype(values.dtype))
        shares = stretched_copy(share, values.shape)
        gradient = np.zeros(values.shape, dtype=values.dtype)
        gradient[is_chosen] = shares[is_chosen]
        return gradient

    def extreme_of(self, x, axes):
        """The largest elements along the axes, which stay with size 1."""
        return own_array(np.max(x, axis=axes, keepdims=True))

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
        return super().forward(x)

    def extreme_of(self, x, axes):
        """The smallest elements along the axes, which stay with size 1."""
        return own_array(np.min(x, axis=axes, keepdims=True))
