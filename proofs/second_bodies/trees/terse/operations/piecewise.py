"""Functions made of pieces; where the derivative is not unique, the docstring gives the one that is used."""

import numpy as np

from .arithmetic import Binary
from .base import Operation, Pullback, python_number, silent
from .broadcasting import broadcast_shapes, unbroadcast_gradient


class Abs(Operation):
    """y = |x|.   dy/dx = sign(x), 0 at x = 0

    Keeps x.
    """

    def forward(self, x):
        self.x = x
        return np.abs(x)

    def backward(self, grad):
        return grad * np.sign(self.x)


class ReLU(Pullback):
    """y = max(x, 0).   dy/dx = 1 where x > 0, otherwise 0"""

    def forward(self, x):
        H = x > 0
        self.D = {0: lambda g: np.where(H, g, 0)}
        return np.maximum(x, 0)


class LeakyReLU(Pullback):
    """y = x where x > 0, otherwise slope x.   dy/dx = 1 where x > 0, otherwise slope"""

    def __init__(self, negative_slope=0.01):
        self.alpha = python_number(negative_slope)

    @silent
    def forward(self, x):
        H, a = x > 0, self.alpha
        self.D = {0: lambda g: np.where(H, g, a * g if a else 0)}
        return np.where(H, x, a * x)


class Clip(Pullback):
    """y = x, but at least low and at most high.   dy/dx = 1 where low <= x <= high, otherwise 0

    low or high may be None, for no bound on that side.
    """

    def __init__(self, low=None, high=None):
        self.bounds = [None if b is None else python_number(b) for b in (low, high)]

    def forward(self, x):
        lo, hi = self.bounds
        inside = np.logical_and(True if lo is None else x >= lo, True if hi is None else x <= hi)
        self.D = {0: lambda g: np.where(inside, g, 0)}
        return x.copy() if lo is hi is None else np.clip(x, lo, hi)


def chosen(better, tie):
    """g -> g where an operand is better than the other, g / 2 where both are equal, else 0."""
    return lambda g: np.where(better, g, np.where(tie, g / 2, 0))


class Maximum(Binary):
    """z = the larger of x and y.   dz/dx = 1 where x > y, ½ where x = y, otherwise 0,  dz/dy = 1 - dz/dx"""

    f = np.maximum
    partials = staticmethod(lambda x, y, z: (chosen(x > y, x == y), chosen(y > x, x == y)))


class Minimum(Binary):
    """z = the smaller of x and y.   dz/dx = 1 where x < y, ½ where x = y, otherwise 0,  dz/dy = 1 - dz/dx"""

    f = np.minimum
    partials = staticmethod(lambda x, y, z: (chosen(x < y, x == y), chosen(y < x, x == y)))


class Where(Pullback):
    """z = x where the condition holds, otherwise y.   dz/dx = 1 where it holds, otherwise 0,  dz/dy = 1 - dz/dx

    The condition, an array of bools, broadcasts with x and y.
    """

    def __init__(self, condition):
        self.chi = condition

    def forward(self, x, y):
        c, m, n = self.chi, x.shape, y.shape
        broadcast_shapes(c.shape, broadcast_shapes(m, n, "where"), "where")
        self.D = {
            0: lambda g: unbroadcast_gradient(np.where(c, g, 0), m),
            1: lambda g: unbroadcast_gradient(np.where(c, 0, g), n),
        }
        return np.where(c, x, y)
