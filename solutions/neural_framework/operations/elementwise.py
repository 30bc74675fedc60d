"""Smooth functions of one number."""

import numpy as np

from .base import Operation, silent


class Exp(Operation):
    """y = exp(x).   dy/dx = y

    Keeps y. Overflow gives inf, and no warning.
    """

    @silent
    def forward(self, x):
        self.y = np.exp(x)
        return self.y

    def backward(self, grad):
        return grad * self.y


class Log(Operation):
    """y = log(x), the natural logarithm.   dy/dx = 1 / x

    Keeps x. log(0) gives -inf, log(-1) nan, and no warning.
    """

    @silent
    def forward(self, x):
        # exercise: 1.6
        self.x = x
        return np.log(x)

    def backward(self, grad):
        # exercise: 2.7
        return grad / self.x


class Sqrt(Operation):
    """y = √x.   dy/dx = 1 / (2 y)

    Keeps y. √-1 gives nan, and no warning.
    """

    @silent
    def forward(self, x):
        # exercise: 1.6
        self.y = np.sqrt(x)
        return self.y

    def backward(self, grad):
        # exercise: 2.7
        return grad / (2 * self.y)


class Sin(Operation):
    """y = sin(x).   dy/dx = cos(x)

    Keeps x.
    """

    def forward(self, x):
        # exercise: 1.6
        self.x = x
        return np.sin(x)

    def backward(self, grad):
        # exercise: 2.7
        return grad * np.cos(self.x)


class Cos(Operation):
    """y = cos(x).   dy/dx = -sin(x)

    Keeps x.
    """

    def forward(self, x):
        # exercise: 1.6
        self.x = x
        return np.cos(x)

    def backward(self, grad):
        # exercise: 2.7
        return -grad * np.sin(self.x)


class Tanh(Operation):
    """y = tanh(x).   dy/dx = 1 - y²

    Keeps y.
    """

    def forward(self, x):
        # exercise: 1.6
        self.y = np.tanh(x)
        return self.y

    def backward(self, grad):
        # exercise: 2.7
        return grad * (1 - self.y * self.y)


class Sigmoid(Operation):
    """y = 1 / (1 + exp(-x)).   dy/dx = y (1 - y)

    Keeps y. Exact for any x: for x < 0 the fraction is extended by exp(x), y = exp(x) / (1 + exp(x)), so that exp
    is taken of numbers up to 0 only, and cannot overflow.
    """

    def forward(self, x):
        # exercise: 1.7
        numerator = np.exp(np.minimum(x, 0))  # np.where with mixed signs takes three times as long as exp
        self.y = numerator / (1 + np.exp(-np.abs(x)))
        return self.y

    def backward(self, grad):
        # exercise: 2.7
        return grad * self.y * (1 - self.y)
