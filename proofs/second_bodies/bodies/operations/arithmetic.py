"""Second bodies: operands stretched first, gradients computed without asking who needs them."""
# ruff: noqa: F821 (names of the file that these functions are put into)

import numpy as np


class Subtract:
    def forward(self, x, y):
        broadcast_shapes(x.shape, y.shape, "subtract")
        self.shapes = (x.shape, y.shape)
        return np.subtract(x, y)

    def backward(self, grad):
        x_shape, y_shape = self.shapes
        return unbroadcast_gradient(grad, x_shape), -unbroadcast_gradient(grad, y_shape)


class Multiply:
    def forward(self, x, y):
        joint = broadcast_shapes(x.shape, y.shape, "multiply")
        self.shapes = (x.shape, y.shape)
        self.stretched_x, self.stretched_y = np.broadcast_to(x, joint), np.broadcast_to(y, joint)
        return np.multiply(self.stretched_x, self.stretched_y)

    def backward(self, grad):
        gradients = (grad * self.stretched_y, grad * self.stretched_x)
        return tuple(unbroadcast_gradient(one, shape) for one, shape in zip(gradients, self.shapes, strict=True))


class Divide:
    def forward(self, x, y):
        broadcast_shapes(x.shape, y.shape, "divide")
        self.numerator, self.denominator = x, y
        with np.errstate(all="ignore"):
            return np.true_divide(x, y)

    def backward(self, grad):
        x, y = self.numerator, self.denominator
        dx = unbroadcast_gradient(grad / y, x.shape)
        dy = unbroadcast_gradient(grad * (-(x / y) / y), y.shape)
        return dx, dy


class Negate:
    def forward(self, x):
        return x * np.array(-1).astype(x.dtype)

    def backward(self, grad):
        return grad * -1


class Power:
    def forward(self, x):
        n = self.exponent
        with np.errstate(all="ignore"):
            # The derivative at once, so that backward only multiplies; integers have none.
            self.slope = n * x ** (n - 1) if n != 0 and x.dtype.kind == "f" else np.zeros(x.shape, x.dtype)
            if type(n) is not int or not 0 <= n <= 16:
                return np.power(x, n)
            y = np.ones(x.shape, np.result_type(x, n))
            for _ in range(n):
                y = y * x
            return y

    def backward(self, grad):
        return np.zeros_like(grad) if self.exponent == 0 else np.multiply(self.slope, grad)
