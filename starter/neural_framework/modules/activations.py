"""The activation functions as layers, for use in a Sequential."""

from .module import Module
from .settings import python_numbers, real


class ReLU(Module):
    """y = max(x, 0)"""

    def forward(self, x):
        # TODO 3.7: see `nox -s hint -- 3.7`
        raise NotImplementedError("3.7: ReLU.forward is not written yet")


class LeakyReLU(Module):
    """y = x where x > 0, else negative_slope * x   (Maas et al. 2013)"""

    def __init__(self, negative_slope=0.01):
        super().__init__()
        self.negative_slope = real("LeakyReLU", "negative_slope", negative_slope)

    def forward(self, x):
        # TODO 3.7: see `nox -s hint -- 3.7`
        raise NotImplementedError("3.7: LeakyReLU.forward is not written yet")

    def extra_repr(self):
        return f"{self.negative_slope}"


class Sigmoid(Module):
    """y = 1 / (1 + exp(-x))"""

    def forward(self, x):
        # TODO 3.7: see `nox -s hint -- 3.7`
        raise NotImplementedError("3.7: Sigmoid.forward is not written yet")


class Tanh(Module):
    """y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))"""

    def forward(self, x):
        # TODO 3.7: see `nox -s hint -- 3.7`
        raise NotImplementedError("3.7: Tanh.forward is not written yet")


class Softmax(Module):
    """y = exp(x) / sum of exp(x) along the axis: positive numbers that add up to 1."""

    def __init__(self, axis=-1):
        super().__init__()
        self.axis = python_numbers(axis)

    def forward(self, x):
        # TODO 3.7: see `nox -s hint -- 3.7`
        raise NotImplementedError("3.7: Softmax.forward is not written yet")

    def extra_repr(self):
        return f"axis={self.axis}"
