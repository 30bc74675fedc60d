"""The logarithm of the softmax: softmax and cross-entropy are built from it."""

import numpy as np

from .accumulation import accumulate
from .base import Operation, silent


class LogSoftmax(Operation):
    """y = x - log Σ exp(x) along an axis.   dL/dx = dL/dy - exp(y) Σ dL/dy

    Keeps y. Exact for any x: subtracting the maximum first does not change y, and keeps exp from overflowing.
    """

    def __init__(self, axis=-1):
        self.axis = axis

    @silent
    def forward(self, x):
        # exercise: 1.7
        shifted = x - x.max(axis=self.axis, keepdims=True) if x.size else x  # an empty x has no maximum
        powers = np.exp(shifted)
        total = accumulate(powers, self.axis, keepdims=True, rounded=False)
        self.y = shifted - np.log(total).astype(powers.dtype)
        return self.y

    def backward(self, grad):
        # exercise: 2.10
        return grad - np.exp(self.y) * accumulate(grad, self.axis, keepdims=True)
