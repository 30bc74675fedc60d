"""Second bodies: matrices made of vectors first, and the sums of products spelled out for einsum."""
# ruff: noqa: F821 (names of the file that these functions are put into)

import numpy as np

from ..errors import ShapeError


class MatMul:
    def forward(self, x, y):
        if x.ndim == 0 or y.ndim == 0 or x.shape[-1] != y.shape[max(y.ndim - 2, 0)]:
            message = f"matmul got shapes {x.shape} and {y.shape}: a row of x must be as long as a column of y"
            raise ShapeError(message, shapes=(x.shape, y.shape), operation="matmul")
        batch = broadcast_shapes(x.shape[:-2], y.shape[:-2], "matmul")
        self.shapes = (x.shape, y.shape)
        self.rows = x.reshape(1, -1) if x.ndim == 1 else x
        self.columns = y.reshape(-1, 1) if y.ndim == 1 else y
        z = np.einsum("...nd,...dm->...nm", self.rows, self.columns)
        return z.reshape(batch + x.shape[-2:-1] + (y.shape[-1:] if y.ndim > 1 else ()))

    def backward(self, grad):
        x_shape, y_shape = self.shapes
        batch = np.broadcast_shapes(self.rows.shape[:-2], self.columns.shape[:-2])
        grad = grad.reshape(*batch, self.rows.shape[-2], self.columns.shape[-1])  # as if there were no vectors
        dx = np.einsum("...nm,...dm->...nd", grad, self.columns)
        dy = np.einsum("...nd,...nm->...dm", self.rows, grad)
        dx = unbroadcast_gradient(dx, self.rows.shape).reshape(x_shape)
        return dx, unbroadcast_gradient(dy, self.columns.shape).reshape(y_shape)
