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
        # exercise: 1.4
        self.x_shape, self.y_shape = x.shape, y.shape
        broadcast_shapes(self.x_shape, self.y_shape, "subtract")
        return x - y

    def backward(self, grad):
        # exercise: 2.5
        dx = unbroadcast_gradient(grad, self.x_shape) if self.needs_grad(0) else None
        dy = unbroadcast_gradient(-grad, self.y_shape) if self.needs_grad(1) else None
        return dx, dy


class Multiply(Operation):
    """z = x * y.   dz/dx = y,  dz/dy = x

    Keeps x and y.
    """

    def forward(self, x, y):
        # exercise: 1.4
        broadcast_shapes(x.shape, y.shape, "multiply")
        self.x, self.y = x, y
        return x * y

    def backward(self, grad):
        # exercise: 2.5
        dx = unbroadcast_gradient(grad * self.y, self.x.shape) if self.needs_grad(0) else None
        dy = unbroadcast_gradient(grad * self.x, self.y.shape) if self.needs_grad(1) else None
        return dx, dy


class Divide(Operation):
    """z = x / y.   dz/dx = 1 / y,  dz/dy = -x / y² = -z / y

    Keeps y, z and the shape of x. Division by zero gives inf or nan, without a warning.
    """

    @silent
    def forward(self, x, y):
        # exercise: 1.4
        broadcast_shapes(x.shape, y.shape, "divide")
        self.x_shape, self.y, self.z = x.shape, y, x / y
        return self.z

    def backward(self, grad):
        # exercise: 2.5
        quotient = grad / self.y
        dx = unbroadcast_gradient(quotient, self.x_shape) if self.needs_grad(0) else None
        dy = unbroadcast_gradient(-quotient * self.z, self.y.shape) if self.needs_grad(1) else None
        return dx, dy


class Negate(Operation):
    """y = -x.   dy/dx = -1"""

    def forward(self, x):
        # exercise: 1.4
        return -x

    def backward(self, grad):
        # exercise: 2.5
        return -grad


class Power(Operation):
    """y = x ** n for a number n.   dy/dx = n x ** (n - 1), and 0 for n = 0

    Keeps x. 0 ** -1 gives inf and (-1) ** 0.5 gives nan, without a warning.
    """

    def __init__(self, exponent):
        self.exponent = exponent

    @silent
    def forward(self, x):
        # exercise: 1.4
        self.x = x
        return x**self.exponent

    def backward(self, grad):
        # exercise: 2.5
        if self.exponent == 0:
            return np.zeros_like(grad)
        return grad * (self.exponent * self.x ** (self.exponent - 1))


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
