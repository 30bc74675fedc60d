"""The matrix product, alone and with a bias."""

from math import prod

import numpy as np

from ..errors import ShapeError
from .accumulation import accumulate
from .base import Operation
from .broadcasting import broadcast_shapes, unbroadcast_gradient


class MatMul(Operation):
    """z = x @ y.   dL/dx = dL/dz @ yᵀ,  dL/dy = xᵀ @ dL/dz

    (..., N, D) @ (..., D, M) -> (..., N, M); the dimensions before the last two are batch dimensions, and broadcast.
    A vector (D,) counts as a row (1, D) on the left and as a column (D, 1) on the right; that 1 is removed from the
    result. ShapeError for a 0-d operand or unequal D, BroadcastingError if the batch dimensions do not broadcast.
    Keeps x and y.
    """

    def forward(self, x, y):
        # exercise: 1.5
        if x.ndim == 0 or y.ndim == 0:
            raise ShapeError(
                f"matmul got shapes {x.shape} and {y.shape}, but each operand needs at least one dimension: "
                "use * to multiply by a single number",
                shapes=(x.shape, y.shape),
                operation="matmul",
            )
        rows = y.shape[-2 if y.ndim > 1 else 0]
        if x.shape[-1] != rows:
            raise ShapeError(
                f"matmul got shapes {x.shape} and {y.shape}: the last dimension of the first, {x.shape[-1]}, "
                f"must equal the {'second-to-last' if y.ndim > 1 else 'only'} dimension of the second, {rows}. "
                "Should one of them be transposed (.T)?",
                shapes=(x.shape, y.shape),
                operation="matmul",
            )
        broadcast_shapes(x.shape[:-2], y.shape[:-2], "matmul")
        self.x, self.y = x, y
        return x @ y

    def backward(self, grad):
        # exercise: 2.6
        x, y, dx, dy = self.x, self.y, None, None
        if y.ndim == 1:
            y, grad = y[:, None], np.expand_dims(grad, -1)  # (D, 1), (..., N, 1)
        if x.ndim == 1:
            x, grad = x[None, :], np.expand_dims(grad, -2)  # (1, D), (..., 1, M)
        if x.ndim > 2 and y.ndim == 2:  # one large product instead of a batch of small ones
            x = x.reshape(prod(x.shape[:-1]), x.shape[-1])  # (batch * N, D)
            grad = grad.reshape(prod(grad.shape[:-1]), grad.shape[-1])  # (batch * N, M)
        if self.needs_grad(0):
            dx = unbroadcast_gradient(grad @ y.swapaxes(-1, -2), x.shape).reshape(self.x.shape)
        if self.needs_grad(1):
            # In the memory order of a transposed weight: reordering the gradient later would cost half a product.
            transposed = y.ndim == 2 and y.flags.f_contiguous
            dy = (grad.T @ x).T if transposed else x.swapaxes(-1, -2) @ grad
            dy = unbroadcast_gradient(dy, y.shape).reshape(self.y.shape)
        return dx, dy


class Affine(Operation):
    """z = x @ weightᵀ + bias in one step.   dL/dx = dL/dz @ weight,  dL/dweight = dL/dzᵀ @ x,  dL/dbias = Σ dL/dz

    x (..., D), weight (M, D), bias (M,) -> z (..., M). Keeps x and weight.
    """

    def forward(self, x, weight, bias):
        # exercise: extra.1
        self.x, self.weight = x, weight
        return x @ weight.T + bias

    def backward(self, grad):
        # exercise: extra.1
        rows = grad.reshape(prod(grad.shape[:-1]), grad.shape[-1])  # (all of ..., M)
        dx = grad @ self.weight if self.needs_grad(0) else None
        dweight = rows.T @ self.x.reshape(len(rows), self.x.shape[-1]) if self.needs_grad(1) else None
        dbias = accumulate(rows, axis=0) if self.needs_grad(2) else None
        return dx, dweight, dbias
