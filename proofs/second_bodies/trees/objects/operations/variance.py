"""The variance as one operation."""

from __future__ import annotations

import numpy as np

from .accumulation import accumulate
from .base import silent
from .kinds import Array
from .reductions import Reduction, count_along, kept_shape


class Variance(Reduction):
    """y = Σ (x - mean)² / n.   dy/dx = 2 (x - mean) / n, as the deviations add up to 0

    Keeps the deviations.
    """

    deviations: Array | None = None

    @silent
    def forward(self, x: Array) -> Array:
        """The mean squared deviation; no elements: nan."""
        self.count = count_along(x.shape, self.axis)
        mean = accumulate(x, self.axis, keepdims=True, rounded=False) / self.count
        deviations = np.asarray(x - mean)
        squares = np.asarray(deviations * deviations)
        y = accumulate(squares, self.axis, self.keepdims, rounded=False) / self.count
        exact = x.dtype if x.dtype.kind == "f" else np.float64
        self.deviations = deviations.astype(exact, copy=False)
        return np.asarray(y).astype(exact, copy=False)

    def backward(self, grad: Array) -> Array:
        """The upstream gradient times twice the deviations, divided by n."""
        wide = np.asarray(grad).reshape(kept_shape(self.deviations.shape, self.axis))
        return wide * (2 * self.deviations / self.count)
