"""Softmax and what it shares with its logarithm."""

from __future__ import annotations

import numpy as np

from .accumulation import accumulate
from .base import silent
from .kinds import Array, FromResult


def lowered(x: Array, axis: int) -> Array:
    """x - max x along the axis: softmax does not change, and exp cannot overflow. No elements: nothing to lower."""
    return x - np.max(x, axis=axis, keepdims=True, initial=-np.inf)


class AlongAxis(FromResult):
    """A function of each row along an axis."""

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def total(self, x: Array, rounded: bool = True) -> Array:
        """Σ x along the axis, which stays with size 1."""
        return accumulate(x, self.axis, keepdims=True, rounded=rounded)


class Softmax(AlongAxis):
    """y = exp(x) / Σ exp(x).   dL/dx = y (dL/dy - Σ y dL/dy)"""

    @silent
    def value(self, x: Array) -> Array:
        powers = np.exp(lowered(x, self.axis))
        return (powers / self.total(powers, rounded=False)).astype(x.dtype)

    def pull(self, grad: Array, y: Array) -> Array:
        return y * (grad - self.total(np.asarray(y * grad)))
