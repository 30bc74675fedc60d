"""Sums, products, quotients and powers, elementwise and with broadcasting."""

import numpy as np

from .base import Operation, silent
from .broadcasting import broadcast_shapes, unbroadcast_gradient


class Add(Operation):
    """z = x + y.   dz/dx = 1,  dz/dy = 1

    Keeps the shapes of x and y.
    """

    def forward(self, x, y):
        self.x_shape, self.y_shape = x.shape, y.shape
        broadcast_shapes(self.x_shape, self.y_shape, "add")
        return x + y

    def backward(self, grad):  # grad is dL/dz, the upstream gradient, shaped like z
        dx = unbroadcast_gradient(grad, self.x_shape) if self.needs_grad(0) else None
        dy = unbroadcast_gradient(grad, self.y_shape) if self.needs_grad(1) else None
        return dx, dy


class Subtract(Operation):
    """z = x - y.   dz/dx = 1,  dz/dy = -1

    Keeps the shapes of x and y.
    """

    def forward(self, x, y):
        # TODO 1.4: see `nox -s hint -- 1.4`
        raise NotImplementedError("1.4: Subtract.forward is not written yet")

    def backward(self, grad):
        # TODO 2.5: see `nox -s hint -- 2.5`
        raise NotImplementedError("2.5: Subtract.backward is not written yet")


class Multiply(Operation):
    """z = x * y.   dz/dx = y,  dz/dy = x

    Keeps x and y.
    """

    def forward(self, x, y):
        # TODO 1.4: see `nox -s hint -- 1.4`
        raise NotImplementedError("1.4: Multiply.forward is not written yet")

    def backward(self, grad):
        # TODO 2.5: see `nox -s hint -- 2.5`
        raise NotImplementedError("2.5: Multiply.backward is not written yet")


class Divide(Operation):
    """z = x / y.   dz/dx = 1 / y,  dz/dy = -x / y² = -z / y

    Keeps y, z and the shape of x. Division by zero gives inf or nan, without a warning.
    """

    @silent
    def forward(self, x, y):
        # TODO 1.4: see `nox -s hint -- 1.4`
        raise NotImplementedError("1.4: Divide.forward is not written yet")

    def backward(self, grad):
        # TODO 2.5: see `nox -s hint -- 2.5`
        raise NotImplementedError("2.5: Divide.backward is not written yet")


class Negate(Operation):
    """y = -x.   dy/dx = -1"""

    def forward(self, x):
        # TODO 1.4: see `nox -s hint -- 1.4`
        raise NotImplementedError("1.4: Negate.forward is not written yet")

    def backward(self, grad):
        # TODO 2.5: see `nox -s hint -- 2.5`
        raise NotImplementedError("2.5: Negate.backward is not written yet")


class Power(Operation):
    """y = x ** n for a number n.   dy/dx = n x ** (n - 1), and 0 for n = 0

    Keeps x. 0 ** -1 gives inf and (-1) ** 0.5 gives nan, without a warning.
    """

    def __init__(self, exponent):
        self.exponent = exponent

    @silent
    def forward(self, x):
        # TODO 1.4: see `nox -s hint -- 1.4`
        raise NotImplementedError("1.4: Power.forward is not written yet")

    def backward(self, grad):
        # TODO 2.5: see `nox -s hint -- 2.5`
        raise NotImplementedError("2.5: Power.backward is not written yet")


class TensorPower(Operation):
    """z = x ** y, differentiable in both.   dz/dx = y x ** (y - 1),  dz/dy = z log x

    dz/dx is 0 where y = 0, and dz/dy is 0 where x = 0 <= y. Keeps x, y and z.
    """

    @silent
    def forward(self, x, y):
        broadcast_shapes(x.shape, y.shape, "power")
        self.x, self.y, self.z = x, y, x**y
        return self.z

    def backward(self, grad):
        x, y, dx, dy = self.x, self.y, None, None
        if self.needs_grad(0):
            dx = unbroadcast_gradient(np.where(y == 0, 0, grad * (y * x ** (y - 1))), x.shape)
        if self.needs_grad(1):
            slope = self.z * np.log(x, dtype=self.z.dtype)  # of uint8, log alone would be float16
            dy = unbroadcast_gradient(np.where((x == 0) & (y >= 0), 0, grad * slope), y.shape)
        return dx, dy
