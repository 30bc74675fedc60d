"""The matrix product, alone and with a bias."""

import numpy as np

from ..errors import ShapeError
from .accumulation import accumulate
from .base import Pullback, silent
from .broadcasting import broadcast_shapes, unbroadcast_gradient


class MatMul(Pullback):
    """z = x @ y.   dL/dx = dL/dz @ yᵀ,  dL/dy = xᵀ @ dL/dz

    (..., N, D) @ (..., D, M) -> (..., N, M); the dimensions before the last two are batch dimensions, and broadcast.
    A vector (D,) counts as a row (1, D) on the left and as a column (D, 1) on the right; that 1 is removed from the
    result. ShapeError for a 0-d operand or unequal D, BroadcastingError if the batch dimensions do not broadcast.
    """

    @silent
    def forward(self, x, y):
        m, n = x.shape, y.shape
        if not m or not n or m[-1] != n[max(-2, -len(n))]:
            raise ShapeError(
                f"matmul got shapes {m} and {n}: it takes (..., N, D) and (..., D, M), or vectors (D,), with equal D",
                shapes=(m, n),
                operation="matmul",
            )
        broadcast_shapes(m[:-2], n[:-2], "matmul")
        X, Y = x if x.ndim > 1 else x[None], y if y.ndim > 1 else y[:, None]
        lift = lambda g, i=(-2,) * (x.ndim == 1) + (-1,) * (y.ndim == 1): np.expand_dims(g, i)
        B = tuple(range(X.ndim - 1))  # if y is a single matrix, the batch of x is just more rows

        def dy(g):
            G = lift(g)
            return np.tensordot(X, G, (B, B)) if Y.ndim == 2 else unbroadcast_gradient(X.swapaxes(-1, -2) @ G, Y.shape)

        self.D = {
            0: lambda g: unbroadcast_gradient(lift(g) @ Y.swapaxes(-1, -2), X.shape).reshape(m),
            1: lambda g: dy(g).reshape(n),
        }
        return x @ y


class Affine(Pullback):
    """z = x @ weightᵀ + bias in one step.   dL/dx = dL/dz @ weight,  dL/dweight = dL/dzᵀ @ x,  dL/dbias = Σ dL/dz

    x (..., D), weight (M, D), bias (M,) -> z (..., M).
    """

    @silent
    def forward(self, x, weight, bias):
        if x.ndim == 0 or weight.ndim != 2 or x.shape[-1] != weight.shape[1] or bias.shape != weight.shape[:1]:
            raise ShapeError(
                f"affine got shapes {x.shape}, {weight.shape} and {bias.shape}: it takes (..., D), (M, D) and (M,)",
                shapes=(x.shape, weight.shape, bias.shape),
                operation="affine",
            )
        B = tuple(range(x.ndim - 1))
        self.D = {
            0: lambda g: np.tensordot(g, weight, 1),
            1: lambda g: np.tensordot(g, x, (B, B)),
            2: lambda g: accumulate(g, B),
        }
        return np.tensordot(x, weight, (-1, -1)) + bias
