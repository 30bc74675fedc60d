"""Sums, products, quotients and powers, elementwise and with broadcasting."""

import numpy as np

from .base import Operation, silent
from .broadcasting import broadcast_shapes, unbroadcast_gradient
from .small_steps.arrays import is_gradient_wanted, own_array
from .small_steps.cards import OneArrayCard, QuotientCard, TwoArraysCard, TwoShapesCard


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

    @silent
    def forward(self, x, y):
        broadcast_shapes(x.shape, y.shape, "subtract")
        self.card = TwoShapesCard(left_shape=x.shape, right_shape=y.shape)
        return np.asarray(np.subtract(x, y))

    def backward(self, grad):
        left_gradient = None
        right_gradient = None
        if is_gradient_wanted(self, 0):
            left_gradient = unbroadcast_gradient(grad, self.card.left_shape)
        if is_gradient_wanted(self, 1):
            negative_gradient = np.negative(grad)
            right_gradient = unbroadcast_gradient(negative_gradient, self.card.right_shape)
        return left_gradient, right_gradient


class Multiply(Operation):
    """z = x * y.   dz/dx = y,  dz/dy = x

    Keeps x and y.
    """

    @silent
    def forward(self, x, y):
        broadcast_shapes(x.shape, y.shape, "multiply")
        self.card = TwoArraysCard(left_values=own_array(x), right_values=own_array(y))
        return np.asarray(np.multiply(x, y))

    def backward(self, grad):
        left_values = self.card.left_values
        right_values = self.card.right_values
        left_gradient = None
        right_gradient = None
        if is_gradient_wanted(self, 0):
            left_gradient = unbroadcast_gradient(np.multiply(grad, right_values), left_values.shape)
        if is_gradient_wanted(self, 1):
            right_gradient = unbroadcast_gradient(np.multiply(grad, left_values), right_values.shape)
        return left_gradient, right_gradient


class Divide(Operation):
    """z = x / y.   dz/dx = 1 / y,  dz/dy = -x / y² = -z / y

    Keeps y, z and the shape of x. Division by zero gives inf or nan, without a warning.
    """

    @silent
    def forward(self, x, y):
        broadcast_shapes(x.shape, y.shape, "divide")
        quotient = own_array(np.true_divide(x, y))
        self.card = QuotientCard(divisor=own_array(y), quotient=own_array(quotient), dividend_shape=x.shape)
        return quotient

    def backward(self, grad):
        divisor = self.card.divisor
        divided_gradient = np.true_divide(grad, divisor)
        left_gradient = None
        right_gradient = None
        if is_gradient_wanted(self, 0):
            left_gradient = unbroadcast_gradient(divided_gradient, self.card.dividend_shape)
        if is_gradient_wanted(self, 1):
            negative_product = np.negative(np.multiply(divided_gradient, self.card.quotient))
            right_gradient = unbroadcast_gradient(negative_product, divisor.shape)
        return left_gradient, right_gradient


class Negate(Operation):
    """y = -x.   dy/dx = -1"""

    @silent
    def forward(self, x):
        return np.asarray(np.negative(x))

    def backward(self, grad):
        return np.negative(grad)


class Power(Operation):
    """y = x ** n for a number n.   dy/dx = n x ** (n - 1), and 0 for n = 0

    Keeps x. 0 ** -1 gives inf and (-1) ** 0.5 gives nan, without a warning.
    """

    def __init__(self, exponent):
        self.exponent = exponent

    @silent
    def forward(self, x):
        if isinstance(self.exponent, np.complexfloating):
            raise TypeError(f"power got the exponent {self.exponent!r}, but expects a real number")
        self.card = OneArrayCard(values=own_array(x))
        return own_array(x**self.exponent)

    def backward(self, grad):
        base = self.card.values
        exponent = self.exponent
        if isinstance(exponent, np.generic):
            exponent = exponent.item()  # in NumPy's small integers, exponent - 1 could wrap around
        if exponent == 0:
            return np.zeros(base.shape, dtype=base.dtype)
        derivative = np.asarray(exponent * base ** (exponent - 1))
        result = own_array(grad * derivative)
        infinite_but_unused = np.logical_and(derivative == 0, np.isinf(grad))
        result[infinite_but_unused] = 0
        return result


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
