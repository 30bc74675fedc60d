"""Functions made of pieces; where the derivative is not unique, the docstring gives the one that is used."""

import numpy as np

from .base import Operation, python_number, silent
from .broadcasting import broadcast_shapes, unbroadcast_gradient
from .small_steps.arrays import own_array
from .small_steps.cards import OneArrayCard, TwoArraysCard, TwoShapesCard
from .small_steps.sharing import share_between_two
from .small_steps.stretching import joint_shape_of_three, stretched_copy


class Abs(Operation):
    """y = |x|.   dy/dx = sign(x), 0 at x = 0

    Keeps x.
    """

    def forward(self, x):
        self.x = x
        return np.abs(x)

    def backward(self, grad):
        return grad * np.sign(self.x)


class ReLU(Operation):
    """y = max(x, 0).   dy/dx = 1 where x > 0, otherwise 0

    Keeps x.
    """

    @silent
    def forward(self, x):
        self.card = OneArrayCard(values=own_array(x))
        result = own_array(x)
        is_negative = np.asarray(x < 0)
        result[is_negative] = 0
        return result

    def backward(self, grad):
        gradient = own_array(grad)
        is_not_positive = np.asarray(self.card.values <= 0)
        gradient[is_not_positive] = 0
        return gradient


class LeakyReLU(Operation):
    """y = x where x > 0, otherwise slope x.   dy/dx = 1 where x > 0, otherwise slope

    Keeps x.
    """

    def __init__(self, negative_slope=0.01):
        self.negative_slope = python_number(negative_slope)

    @silent
    def forward(self, x):
        self.card = OneArrayCard(values=own_array(x))
        result = own_array(x * self.negative_slope)
        is_positive = np.asarray(x > 0)
        result[is_positive] = x[is_positive]
        return result

    def backward(self, grad):
        gradient = own_array(grad)
        is_not_positive = np.asarray(self.card.values <= 0)
        if self.negative_slope == 0:
            gradient[is_not_positive] = 0
        else:
            gradient[is_not_positive] = gradient[is_not_positive] * self.negative_slope
        return gradient


class Clip(Operation):
    """y = x, but at least low and at most high.   dy/dx = 1 where low <= x <= high, otherwise 0

    low or high may be None, for no bound on that side. Keeps x.
    """

    def __init__(self, low=None, high=None):
        self.low, self.high = (None if bound is None else python_number(bound) for bound in (low, high))

    @silent
    def forward(self, x):
        self.card = OneArrayCard(values=own_array(x))
        result = own_array(x)
        if self.low is not None:
            result = np.asarray(np.maximum(result, self.low))
        if self.high is not None:
            result = np.asarray(np.minimum(result, self.high))
        return result

    def backward(self, grad):
        values = self.card.values
        is_inside = np.ones(values.shape, dtype=bool)
        if self.low is not None:
            is_inside = np.logical_and(is_inside, values >= self.low)
        if self.high is not None:
            is_inside = np.logical_and(is_inside, values <= self.high)
        gradient = np.zeros(values.shape, dtype=grad.dtype)
        gradient[is_inside] = np.asarray(grad)[is_inside]
        return gradient


class Maximum(Operation):
    """z = the larger of x and y.   dz/dx = 1 where x > y, ½ where x = y, otherwise 0,  dz/dy = 1 - dz/dx

    Keeps x and y.
    """

    @silent
    def forward(self, x, y):
        broadcast_shapes(x.shape, y.shape, "maximum")
        self.card = TwoArraysCard(left_values=own_array(x), right_values=own_array(y))
        return own_array(np.maximum(x, y))

    def backward(self, grad):
        left_values = self.card.left_values
        right_values = self.card.right_values
        is_tie = np.asarray(left_values == right_values)
        left_loses = np.asarray(left_values < right_values)
        right_loses = np.asarray(left_values > right_values)
        left_gradient = share_between_two(grad, left_loses, is_tie)
        right_gradient = share_between_two(grad, right_loses, is_tie)
        return (
            unbroadcast_gradient(left_gradient, left_values.shape),
            unbroadcast_gradient(right_gradient, right_values.shape),
        )


class Minimum(Operation):
    """z = the smaller of x and y.   dz/dx = 1 where x < y, ½ where x = y, otherwise 0,  dz/dy = 1 - dz/dx

    Keeps x and y.
    """

    @silent
    def forward(self, x, y):
        broadcast_shapes(x.shape, y.shape, "minimum")
        self.card = TwoArraysCard(left_values=own_array(x), right_values=own_array(y))
        return own_array(np.minimum(x, y))

    def backward(self, grad):
        left_values = self.card.left_values
        right_values = self.card.right_values
        is_tie = np.asarray(left_values == right_values)
        left_loses = np.asarray(left_values > right_values)
        right_loses = np.asarray(left_values < right_values)
        left_gradient = share_between_two(grad, left_loses, is_tie)
        right_gradient = share_between_two(grad, right_loses, is_tie)
        return (
            unbroadcast_gradient(left_gradient, left_values.shape),
            unbroadcast_gradient(right_gradient, right_values.shape),
        )


class Where(Operation):
    """z = x where the condition holds, otherwise y.   dz/dx = 1 where it holds, otherwise 0,  dz/dy = 1 - dz/dx

    The condition, an array of bools, broadcasts with x and y. Keeps the shapes of x and y.
    """

    def __init__(self, condition):
        self.condition = condition

    def forward(self, x, y):
        shape = joint_shape_of_three(self.condition.shape, x.shape, y.shape, "where")
        self.card = TwoShapesCard(left_shape=x.shape, right_shape=y.shape)
        condition = stretched_copy(self.condition, shape)
        result = np.empty(shape, dtype=np.result_type(x.dtype, y.dtype))
        first = stretched_copy(x, shape)
        second = stretched_copy(y, shape)
        result[condition] = first[condition]
        opposite = np.logical_not(condition)
        result[opposite] = second[opposite]
        return result

    def backward(self, grad):
        condition = stretched_copy(self.condition, np.shape(grad))
        left_gradient = own_array(grad)
        left_gradient[np.logical_not(condition)] = 0
        right_gradient = own_array(grad)
        right_gradient[condition] = 0
        return (
            unbroadcast_gradient(left_gradient, self.card.left_shape),
            unbroadcast_gradient(right_gradient, self.card.right_shape),
        )
