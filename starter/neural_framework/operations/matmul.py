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
        # TODO 1.5: see `nox -s hint -- 1.5`
        raise NotImplementedError("1.5: MatMul.forward is not written yet")

    def backward(self, grad):
        # TODO 2.6: see `nox -s hint -- 2.6`
        raise NotImplementedError("2.6: MatMul.backward is not written yet")


class Affine(Operation):
    """z = x @ weightᵀ + bias in one step.   dL/dx = dL/dz @ weight,  dL/dweight = dL/dzᵀ @ x,  dL/dbias = Σ dL/dz

    x (..., D), weight (M, D), bias (M,) -> z (..., M). Keeps x and weight.
    """

    def forward(self, x, weight, bias):
        # TODO extra.1: see `nox -s hint -- extra.1`
        raise NotImplementedError("extra.1: Affine.forward is not written yet")

    def backward(self, grad):
        # TODO extra.1: see `nox -s hint -- extra.1`
        raise NotImplementedError("extra.1: Affine.backward is not written yet")
