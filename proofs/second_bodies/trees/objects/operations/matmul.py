"""The matrix product, alone and with a bias."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np

from ..errors import ShapeError
from .accumulation import accumulate
from .base import Operation, silent
from .broadcasting import broadcast_shapes, unbroadcast_gradient
from .kinds import Array


class Factors(NamedTuple):
    """Both factors as (stacks of) matrices, and where the product has an axis that a vector does not."""

    left: Array
    right: Array
    dropped: tuple[int, ...]

    @classmethod
    def of(cls, x: Array, y: Array) -> Factors:
        """A vector on the left is a row, one on the right a column."""
        dropped = (-2,) * (x.ndim == 1) + (-1,) * (y.ndim == 1)
        return cls(x[None, :] if x.ndim == 1 else x, y[:, None] if y.ndim == 1 else y, dropped)

    def check(self, shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
        """Raise a ShapeError unless they multiply."""
        inner, other = self.left.shape[-1], self.right.shape[-2]
        if inner != other:
            raise ShapeError(
                f"matmul got shapes {shapes[0]} and {shapes[1]}, whose inner sizes are {inner} and {other}: they must "
                "be equal. Perhaps one of them should be transposed",
                shapes=shapes,
                operation="matmul",
            )
        broadcast_shapes(self.left.shape[:-2], self.right.shape[:-2], "matmul")


class MatMul(Operation):
    """z = x @ y.   dL/dx = dL/dz @ yᵀ,  dL/dy = xᵀ @ dL/dz

    (..., N, D) @ (..., D, M) -> (..., N, M); the dimensions before the last two are batch dimensions, and broadcast.
    A vector (D,) counts as a row (1, D) on the left and as a column (D, 1) on the right; that 1 is removed from the
    result. ShapeError for a 0-d operand or unequal D, BroadcastingError if the batch dimensions do not broadcast.
    Keeps x and y.
    """

    factors: Factors | None = None

    @silent
    def forward(self, x: Array, y: Array) -> Array:
        shapes = self.shapes = (x.shape, y.shape)
        if () in shapes:
            raise ShapeError(
                f"matmul got shapes {x.shape} and {y.shape}: both need at least one axis; use * for numbers",
                shapes=shapes,
                operation="matmul",
            )
        self.factors = Factors.of(x, y)
        self.factors.check(shapes)
        return np.matmul(x, y)

    def backward(self, grad: Array) -> tuple[Array | None, Array | None]:
        left, right, dropped = self.factors
        grad = np.expand_dims(grad, dropped)
        dx = dy = None
        if self.needs_grad(0):
            dx = unbroadcast_gradient(grad @ right.swapaxes(-1, -2), left.shape).reshape(self.shapes[0])
        if self.needs_grad(1):
            dy = unbroadcast_gradient(left.swapaxes(-1, -2) @ grad, right.shape).reshape(self.shapes[1])
        return dx, dy


class Affine(Operation):
    """z = x @ weightᵀ + bias in one step.   dL/dx = dL/dz @ weight,  dL/dweight = dL/dzᵀ @ x,  dL/dbias = Σ dL/dz

    x (..., D), weight (M, D), bias (M,) -> z (..., M).
    """

    sources: tuple[Array, Array] | None = None

    @silent
    def forward(self, x: Array, weight: Array, bias: Array) -> Array:
        if x.ndim == 0 or weight.ndim != 2 or x.shape[-1] != weight.shape[1] or bias.shape != weight.shape[:1]:
            raise ShapeError(
                f"affine got x {x.shape}, weight {weight.shape} and bias {bias.shape}, but expects (..., D), (M, D) "
                "and (M,)",
                shapes=(x.shape, weight.shape, bias.shape),
                operation="affine",
            )
        self.sources = (x, weight)
        return x @ weight.T + bias

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        x, weight = self.sources
        samples = prod(x.shape[:-1])
        rows = grad.reshape(samples, weight.shape[0])
        return (
            grad @ weight if self.needs_grad(0) else None,
            rows.T @ x.reshape(samples, weight.shape[1]) if self.needs_grad(1) else None,
            accumulate(rows, 0) if self.needs_grad(2) else None,
        )
