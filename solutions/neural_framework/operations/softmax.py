"""The logarithm of the softmax, from which softmax and cross-entropy are built."""

import numpy as np

from .base import Operation, silent


class LogSoftmax(Operation):
    """y = x - log Σ exp(x) along an axis.   dL/dx = dL/dy - exp(y) Σ dL/dy

    Keeps y. Exact for any x: with the maximum subtracted first, which changes nothing, exp cannot overflow.
    """

    def __init__(self, axis=-1):
        self.axis = axis

    @silent
    def forward(self, x):
        # exercise: 1.7
        shifted = x - x.max(axis=self.axis, keepdims=True) if x.size else x  # no numbers, no maximum
        self.y = shifted - np.log(np.exp(shifted).sum(axis=self.axis, keepdims=True))
        return self.y

    def backward(self, grad):
        # exercise: 2.10
        return grad - np.exp(self.y) * grad.sum(axis=self.axis, keepdims=True)
