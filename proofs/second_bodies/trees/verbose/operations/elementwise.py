"""Smooth functions of each element."""

import numpy as np

from .base import Operation, silent
from .small_steps.arrays import own_array
from .small_steps.cards import OneArrayCard
from .small_steps.stable import stable_sigmoid


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
        self.card = OneArrayCard(values=own_array(x))
        return own_array(np.log(x))

    def backward(self, grad):
        return np.true_divide(grad, self.card.values)


class Sqrt(Operation):
    """y = √x.   dy/dx = 1 / (2 y)

    Keeps y. √-1 gives nan, without a warning.
    """

    @silent
    def forward(self, x):
        root = own_array(np.sqrt(x))
        self.card = OneArrayCard(values=own_array(root))
        return root

    def backward(self, grad):
        twice_the_root = 2 * self.card.values
        return np.true_divide(grad, twice_the_root)


class Sin(Operation):
    """y = sin(x).   dy/dx = cos(x)

    Keeps x.
    """

    @silent
    def forward(self, x):
        self.card = OneArrayCard(values=own_array(x))
        return own_array(np.sin(x))

    def backward(self, grad):
        slope = np.cos(self.card.values)
        return np.multiply(grad, slope)


class Cos(Operation):
    """y = cos(x).   dy/dx = -sin(x)

    Keeps x.
    """

    @silent
    def forward(self, x):
        self.card = OneArrayCard(values=own_array(x))
        return own_array(np.cos(x))

    def backward(self, grad):
        slope = np.negative(np.sin(self.card.values))
        return np.multiply(grad, slope)


class Tanh(Operation):
    """y = tanh(x).   dy/dx = 1 - y²

    Keeps y.
    """

    @silent
    def forward(self, x):
        result = own_array(np.tanh(x))
        self.card = OneArrayCard(values=own_array(result))
        return result

    def backward(self, grad):
        result = self.card.values
        slope = (1 - result) * (1 + result)
        return np.multiply(grad, slope)


class Sigmoid(Operation):
    """y = 1 / (1 + exp(-x)).   dy/dx = y (1 - y)

    Keeps y. Exact for any x: for x < 0, y is computed as exp(x) / (1 + exp(x)). So exp is only taken of numbers up to
    0, and cannot overflow.
    """

    @silent
    def forward(self, x):
        result = stable_sigmoid(x)
        self.card = OneArrayCard(values=own_array(result))
        return result

    def backward(self, grad):
        result = self.card.values
        slope = result * (1 - result)
        return np.multiply(grad, slope)
