"""The activation functions as layers, for use in a Sequential."""

from .module import Module
from .settings import python_numbers, real


class ReLU(Module):
    """y = max(x, 0)"""

    def forward(self, x):
        # exercise: 3.7
        return x.relu()


class LeakyReLU(Module):
    """y = x where x > 0, else negative_slope * x   (Maas et al. 2013)"""

    def __init__(self, negative_slope=0.01):
        super().__init__()
        self.negative_slope = real("LeakyReLU", "negative_slope", negative_slope)

    def forward(self, x):
        # exercise: 3.7
        return x.leaky_relu(self.negative_slope)

    def extra_repr(self):
        return f"{self.negative_slope}"


class Sigmoid(Module):
    """y = 1 / (1 + exp(-x))"""

    def forward(self, x):
        # exercise: 3.7
        return x.sigmoid()


class Tanh(Module):
    """y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))"""

    def forward(self, x):
        # exercise: 3.7
        return x.tanh()


class Softmax(Module):
    """y = exp(x) / sum of exp(x) along the axis: positive numbers that add up to 1."""

    def __init__(self, axis=-1):
        super().__init__()
        self.axis = python_numbers(axis)

    def forward(self, x):
        # exercise: 3.7
        return x.softmax(axis=self.axis)

    def extra_repr(self):
        return f"axis={self.axis}"
