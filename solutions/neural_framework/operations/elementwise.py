"""Smooth functions of each element."""

import numpy as np

from .base import Operation, silent


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


class Log(Operation):
    """y = log(x), the natural logarithm.   dy/dx = 1 / x

    Keeps x. log(0) gives -inf and log(-1) gives nan, without a warning.
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

    Keeps y. √-1 gives nan, without a warning.
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

    @silent
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

    @silent
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

    Keeps y. Exact for any x: for x < 0, y is computed as exp(x) / (1 + exp(x)). So exp is only taken of numbers up to
    0, and cannot overflow.
    """

    def forward(self, x):
        # exercise: 1.7
        numerator = np.exp(np.minimum(x, 0))  # np.where on mixed signs would take three times as long as exp
        self.y = numerator / (1 + np.exp(-np.abs(x)))
        return self.y

    def backward(self, grad):
        # exercise: 2.7
        return grad * self.y * (1 - self.y)
