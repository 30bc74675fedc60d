"""Smooth functions of each element."""

import numpy as np

from .base import Operation, silent
from .kinds import Array, FromInput, FromResult
from .stable import logistic


class Exp(Operation):
    """y = exp(x).   dy/dx = y

    Keeps y. Overflow gives inf, without a warning.
    """

    @silent
    def forward(self, x):
        self.y = np.exp(x)
        return self.y

    def backward(self, grad):
        return grad * self.y


class Log(FromInput):
    """y = log(x), the natural logarithm.   dy/dx = 1 / x"""

    value = staticmethod(np.log)

    def pull(self, grad: Array, x: Array) -> Array:
        return grad / x


class Sqrt(FromResult):
    """y = √x.   dy/dx = 1 / (2 y)"""

    value = staticmethod(np.sqrt)

    def pull(self, grad: Array, y: Array) -> Array:
        return grad / (2 * y)


class Sin(FromInput):
    """y = sin(x).   dy/dx = cos(x)"""

    value = staticmethod(np.sin)

    def pull(self, grad: Array, x: Array) -> Array:
        return grad * np.cos(x)


class Cos(FromInput):
    """y = cos(x).   dy/dx = -sin(x)"""

    value = staticmethod(np.cos)

    def pull(self, grad: Array, x: Array) -> Array:
        return -grad * np.sin(x)


class Tanh(FromResult):
    """y = tanh(x).   dy/dx = 1 - y²"""

    value = staticmethod(np.tanh)

    def pull(self, grad: Array, y: Array) -> Array:
        return grad * (1 - y * y)


class Sigmoid(FromResult):
    """y = 1 / (1 + exp(-x)).   dy/dx = y (1 - y)"""

    value = staticmethod(logistic)

    def pull(self, grad: Array, y: Array) -> Array:
        return grad * (y * (1 - y))
