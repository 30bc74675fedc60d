"""Sums, products, quotients and powers, elementwise and with broadcasting."""

import numpy as np

from .base import Operation, Pullback, silent
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


class Binary(Pullback):
    """z = f(x, y); `partials(x, y, z)` gives the functions dL/dz -> dL/dx, dL/dy before they are unbroadcast."""

    f = partials = None

    @silent
    def forward(self, x, y):
        broadcast_shapes(x.shape, y.shape, type(self).__name__.lower())
        z = self.f(x, y)
        self.D = {
            i: lambda g, d=d, s=s: unbroadcast_gradient(d(g), s)
            for i, (d, s) in enumerate(zip(self.partials(x, y, z), (x.shape, y.shape), strict=True))
        }
        return z


class Subtract(Binary):
    """z = x - y.   dz/dx = 1,  dz/dy = -1"""

    f = np.subtract
    partials = staticmethod(lambda x, y, z: (lambda g: g, np.negative))


class Multiply(Binary):
    """z = x * y.   dz/dx = y,  dz/dy = x"""

    f = np.multiply
    partials = staticmethod(lambda x, y, z: (lambda g: g * y, lambda g: g * x))


class Divide(Binary):
    """z = x / y.   dz/dx = 1 / y,  dz/dy = -z / y"""

    f = np.divide
    partials = staticmethod(lambda x, y, z: (lambda g: g / y, lambda g: -g * z / y))


class Negate(Pullback):
    """y = -x.   dy/dx = -1"""

    D = {0: np.negative}

    def forward(self, x):
        return -x


class Power(Pullback):
    """y = x ** n for a number n.   dy/dx = n x ** (n - 1), and 0 for n = 0

    What has derivative 0 gets 0, whatever the upstream gradient is. 0 ** -1 gives inf and (-1) ** 0.5 gives nan.
    """

    def __init__(self, exponent):
        self.exponent = exponent

    @silent
    def forward(self, x):
        n = self.exponent
        self.D = {0: lambda g: np.zeros_like(g) if n == 0 else (J := n * x ** (n - 1), np.where(J == 0, 0, g * J))[1]}
        return x**n


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
