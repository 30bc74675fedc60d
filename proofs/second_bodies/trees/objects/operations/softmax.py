"""The logarithm of the softmax, which cross-entropy is built from."""

from __future__ import annotations

import numpy as np

from .base import silent
from .kinds import Array
from .normalizing import AlongAxis, Softmax, lowered

__all__ = ["LogSoftmax", "Softmax"]


class LogSoftmax(AlongAxis):
    """y = x - log Σ exp(x) along an axis.   dL/dx = dL/dy - exp(y) Σ dL/dy

    Exact for any x: subtracting the maximum first does not change y, and keeps exp from overflowing.
    """

    @silent
    def value(self, x: Array) -> Array:
        depths = lowered(x, self.axis)
        return (depths - np.log(self.total(np.exp(depths), rounded=False))).astype(x.dtype)

    def pull(self, grad: Array, y: Array) -> Array:
        return grad - np.exp(y) * self.total(grad)
