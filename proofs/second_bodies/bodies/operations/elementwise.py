"""Second bodies: slopes computed in forward, or from other formulas of the same derivative."""

import numpy as np


class Log:
    def forward(self, x):
        with np.errstate(all="ignore"):
            self.slope = 1 / x
            return np.log(x)

    def backward(self, grad):
        return grad * self.slope


class Sqrt:
    def forward(self, x):
        self.x = x
        with np.errstate(all="ignore"):
            return np.sqrt(x)

    def backward(self, grad):
        with np.errstate(all="ignore"):
            return grad / np.sqrt(4 * self.x)


class Sin:
    def forward(self, x):
        self.slope = np.cos(x)
        return np.sin(x)

    def backward(self, grad):
        return self.slope * grad


class Cos:
    def forward(self, x):
        self.half = x / 2
        return np.cos(x)

    def backward(self, grad):
        return grad * -2 * np.sin(self.half) * np.cos(self.half)  # sin(x) = 2 sin(x / 2) cos(x / 2)


class Tanh:
    def forward(self, x):
        self.x = x
        shrinking = np.expm1(-2.0 * np.abs(x))  # exp(-2 |x|) - 1, in (-1, 0]
        return np.copysign(-shrinking / (2 + shrinking), x)

    def backward(self, grad):
        with np.errstate(over="ignore"):  # cosh(1000) is inf, and the slope 0
            return grad / np.cosh(self.x) ** 2


class Sigmoid:
    def forward(self, x):
        self.x = x
        y = np.empty(x.shape, np.result_type(x, 1.0))
        positive = x >= 0
        y[positive] = 1 / (1 + np.exp(-x[positive]))
        growing = np.exp(x[~positive])
        y[~positive] = growing / (growing + 1)
        return y

    def backward(self, grad):
        small = np.exp(-np.abs(self.x))  # the slope is even, so that exp is taken of numbers up to 0 only
        return grad * small / (1 + small) ** 2
