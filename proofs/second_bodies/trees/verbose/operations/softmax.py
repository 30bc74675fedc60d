"""The logarithm of the softmax: softmax and cross-entropy are built from it."""

import numpy as np

from .accumulation import accumulate
from .base import Operation, silent
from .small_steps.arrays import own_array
from .small_steps.axes import checked_axes
from .small_steps.cards import OneArrayCard
from .small_steps.stable import stable_log_softmax


class LogSoftmax(Operation):
    """y = x - log Σ exp(x) along an axis.   dL/dx = dL/dy - exp(y) Σ dL/dy

    Keeps y. Exact for any x: subtracting the maximum first does not change y, and keeps exp from overflowing.
    """

    def __init__(self, axis=-1):
        self.axis = axis

    @silent
    def forward(self, x):
        result = stable_log_softmax(x, self.axis)
        self.card = OneArrayCard(values=own_array(result))
        return result

    def backward(self, grad):
        logarithms = self.card.values
        if logarithms.size == 0:
            return np.zeros_like(logarithms)
        axes = checked_axes(self.axis, logarithms.ndim)
        total = accumulate(np.asarray(grad), axes, keepdims=True)
        probabilities = np.exp(logarithms)
        return np.asarray(grad - probabilities * total)
