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
        # TODO 1.8: see `nox -s hint -- 1.8`
        raise NotImplementedError("1.8: ReLU.forward is not written yet")

    def backward(self, grad):
        # TODO 2.8: see `nox -s hint -- 2.8`
        raise NotImplementedError("2.8: ReLU.backward is not written yet")


class LeakyReLU(Operation):
    """y = x where x > 0, otherwise slope x.   dy/dx = 1 where x > 0, otherwise slope

    Keeps x.
    """

    def __init__(self, negative_slope=0.01):
        self.negative_slope = python_number(negative_slope)

    def forward(self, x):
        # TODO 1.8: see `nox -s hint -- 1.8`
        raise NotImplementedError("1.8: LeakyReLU.forward is not written yet")

    def backward(self, grad):
        # TODO 2.8: see `nox -s hint -- 2.8`
        raise NotImplementedError("2.8: LeakyReLU.backward is not written yet")


class Clip(Operation):
    """y = x, but at least low and at most high.   dy/dx = 1 where low <= x <= high, otherwise 0

    low or high may be None, for no bound on that side. Keeps x.
    """

    def __init__(self, low=None, high=None):
        self.low, self.high = (None if bound is None else python_number(bound) for bound in (low, high))

    def forward(self, x):
        # TODO 1.8: see `nox -s hint -- 1.8`
        raise NotImplementedError("1.8: Clip.forward is not written yet")

    def backward(self, grad):
        # TODO 2.8: see `nox -s hint -- 2.8`
        raise NotImplementedError("2.8: Clip.backward is not written yet")


class Maximum(Operation):
    """z = the larger of x and y.   dz/dx = 1 where x > y, ½ where x = y, otherwise 0,  dz/dy = 1 - dz/dx

    Keeps x and y.
    """

    def forward(self, x, y):
        # TODO 1.8: see `nox -s hint -- 1.8`
        raise NotImplementedError("1.8: Maximum.forward is not written yet")

    def backward(self, grad):
        # TODO 2.8: see `nox -s hint -- 2.8`
        raise NotImplementedError("2.8: Maximum.backward is not written yet")


class Minimum(Operation):
    """z = the smaller of x and y.   dz/dx = 1 where x < y, ½ where x = y, otherwise 0,  dz/dy = 1 - dz/dx

    Keeps x and y.
    """

    def forward(self, x, y):
        # TODO 1.8: see `nox -s hint -- 1.8`
        raise NotImplementedError("1.8: Minimum.forward is not written yet")

    def backward(self, grad):
        # TODO 2.8: see `nox -s hint -- 2.8`
        raise NotImplementedError("2.8: Minimum.backward is not written yet")


class Where(Operation):
    """z = x where the condition holds, otherwise y.   dz/dx = 1 where it holds, otherwise 0,  dz/dy = 1 - dz/dx

    The condition, an array of bools, broadcasts with x and y. Keeps the shapes of x and y.
    """

    def __init__(self, condition):
        self.condition = condition

    def forward(self, x, y):
        # TODO 1.8: see `nox -s hint -- 1.8`
        raise NotImplementedError("1.8: Where.forward is not written yet")

    def backward(self, grad):
        # TODO 2.8: see `nox -s hint -- 2.8`
        raise NotImplementedError("2.8: Where.backward is not written yet")
