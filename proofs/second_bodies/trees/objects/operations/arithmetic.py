"""Sums, products, quotients and powers, elementwise and with broadcasting."""

import numpy as np

from .base import Operation, python_number, silent
from .broadcasting import broadcast_shapes, unbroadcast_gradient
from .kinds import Array, FromInput, Kept, Pairwise


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


class Subtract(Pairwise):
    """z = x - y.   dz/dx = 1,  dz/dy = -1"""

    title, keeps = "subtract", ""

    def value(self, x: Array, y: Array) -> Array:
        return x - y

    def pull_x(self, grad: Array, kept: Kept) -> Array:
        return grad

    def pull_y(self, grad: Array, kept: Kept) -> Array:
        return -grad


class Multiply(Pairwise):
    """z = x * y.   dz/dx = y,  dz/dy = x"""

    title = "multiply"

    def value(self, x: Array, y: Array) -> Array:
        return x * y

    def pull_x(self, grad: Array, kept: Kept) -> Array:
        return grad * kept.y

    def pull_y(self, grad: Array, kept: Kept) -> Array:
        return grad * kept.x


class Divide(Pairwise):
    """z = x / y.   dz/dx = 1 / y,  dz/dy = -x / y² = -z / y"""

    title, keeps = "divide", "yz"

    def value(self, x: Array, y: Array) -> Array:
        return x / y

    def pull_x(self, grad: Array, kept: Kept) -> Array:
        return grad / kept.y

    def pull_y(self, grad: Array, kept: Kept) -> Array:
        return -grad * (kept.z / kept.y)


class Negate(Operation):
    """y = -x.   dy/dx = -1"""

    def forward(self, x: Array) -> Array:
        return -x

    def backward(self, grad: Array) -> Array:
        return -grad


class Power(FromInput):
    """y = x ** n for a number n.   dy/dx = n x ** (n - 1), and 0 for n = 0"""

    def __init__(self, exponent: float) -> None:
        self.exponent = exponent

    def value(self, x: Array) -> Array:
        return x**self.exponent

    def pull(self, grad: Array, x: Array) -> Array:
        match python_number(self.exponent):
            case 0:
                return np.zeros_like(grad)
            case n:
                slope = np.asarray(n * x ** (n - 1))
                return np.where(slope == 0, np.zeros_like(grad), grad * slope)  # 0 wins over inf


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
            dy = unbroadcast_gradient(np.where((x == 0) & (y >= 0), 0, grad * (self.z * np.log(x))), y.shape)
        return dx, dy
