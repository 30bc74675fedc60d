"""Functions made of pieces; where the derivative is not unique, the docstring gives the one that is used."""

import numpy as np

from .base import Operation, python_number
from .broadcasting import broadcast_shapes, unbroadcast_gradient
from .choosing import zero_where


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

    def forward(self, x):
        # exercise: 1.8
        self.x = x
        zeros = np.zeros(x.shape, x.dtype)  # np.maximum(x, 0) takes twice as long in C order
        return np.maximum(x, zeros, out=zeros)

    def backward(self, grad):
        # exercise: 2.8
        return zero_where(self.x <= 0, grad)  # not grad * (self.x > 0): an infinite grad times 0 is nan


class LeakyReLU(Operation):
    """y = x where x > 0, otherwise slope x.   dy/dx = 1 where x > 0, otherwise slope

    Keeps x.
    """

    def __init__(self, negative_slope=0.01):
        self.negative_slope = python_number(negative_slope)

    def forward(self, x):
        # exercise: 1.8
        self.x = x
        return np.where(x > 0, x, self.negative_slope * x)

    def backward(self, grad):
        # exercise: 2.8
        return np.where(self.x > 0, grad, self.negative_slope * grad)


class Clip(Operation):
    """y = x, but at least low and at most high.   dy/dx = 1 where low <= x <= high, otherwise 0

    low or high may be None, for no bound on that side. Keeps x.
    """

    def __init__(self, low=None, high=None):
        self.low, self.high = (None if bound is None else python_number(bound) for bound in (low, high))

    def forward(self, x):
        # exercise: 1.8
        self.x = x
        return np.clip(x, self.low, self.high)

    def backward(self, grad):
        # exercise: 2.8
        inside = np.ones(self.x.shape, dtype=bool)
        if self.low is not None:
            inside &= self.x >= self.low
        if self.high is not None:
            inside &= self.x <= self.high
        return np.where(inside, grad, 0)  # not grad * inside: an infinite grad times 0 is nan


class Maximum(Operation):
    """z = the larger of x and y.   dz/dx = 1 where x > y, ½ where x = y, otherwise 0,  dz/dy = 1 - dz/dx

    Keeps x and y.
    """

    def forward(self, x, y):
        # exercise: 1.8
        broadcast_shapes(x.shape, y.shape, "maximum")
        self.x, self.y = x, y
        return np.maximum(x, y)

    def backward(self, grad):
        # exercise: 2.8
        share = np.where(self.x == self.y, grad / 2, grad)
        dx = unbroadcast_gradient(np.where(self.x < self.y, 0, share), self.x.shape) if self.needs_grad(0) else None
        dy = unbroadcast_gradient(np.where(self.y < self.x, 0, share), self.y.shape) if self.needs_grad(1) else None
        return dx, dy


class Minimum(Operation):
    """z = the smaller of x and y.   dz/dx = 1 where x < y, ½ where x = y, otherwise 0,  dz/dy = 1 - dz/dx

    Keeps x and y.
    """

    def forward(self, x, y):
        # exercise: 1.8
        broadcast_shapes(x.shape, y.shape, "minimum")
        self.x, self.y = x, y
        return np.minimum(x, y)

    def backward(self, grad):
        # exercise: 2.8
        share = np.where(self.x == self.y, grad / 2, grad)
        dx = unbroadcast_gradient(np.where(self.x > self.y, 0, share), self.x.shape) if self.needs_grad(0) else None
        dy = unbroadcast_gradient(np.where(self.y > self.x, 0, share), self.y.shape) if self.needs_grad(1) else None
        return dx, dy


class Where(Operation):
    """z = x where the condition holds, otherwise y.   dz/dx = 1 where it holds, otherwise 0,  dz/dy = 1 - dz/dx

    The condition, an array of bools, broadcasts with x and y. Keeps the shapes of x and y.
    """

    def __init__(self, condition):
        self.condition = condition

    def forward(self, x, y):
        # exercise: 1.8
        self.x_shape, self.y_shape = x.shape, y.shape
        joint = broadcast_shapes(self.x_shape, self.y_shape, "where")
        broadcast_shapes(self.condition.shape, joint, "where")
        return np.where(self.condition, x, y)

    def backward(self, grad):
        # exercise: 2.8
        dx = unbroadcast_gradient(np.where(self.condition, grad, 0), self.x_shape) if self.needs_grad(0) else None
        dy = unbroadcast_gradient(np.where(self.condition, 0, grad), self.y_shape) if self.needs_grad(1) else None
        return dx, dy
