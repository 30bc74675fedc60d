"""The softmax as one operation of its own."""

import numpy as np

from .accumulation import accumulate
from .base import Operation, silent
from .small_steps.axes import checked_axes
from .small_steps.cards import OneArrayCard
from .small_steps.stable import stable_softmax


class Softmax(Operation):
    """y = exp(x) / sum of exp(x) along an axis.   dL/dx = y (dL/dy - sum of dL/dy y)"""

    def __init__(self, axis=-1):
        self.axis = axis

    @silent
    def forward(self, x):
        result = stable_softmax(x, self.axis)
        self.card = OneArrayCard(values=result.copy())
        return result

    def backward(self, grad):
        result = self.card.values
        if result.size == 0:
            return np.zeros_like(result)
        axes = checked_axes(self.axis, result.ndim)
        weighted = np.asarray(grad * result)
        total = accumulate(weighted, axes, keepdims=True)
        difference = grad - total
        return np.asarray(result * difference)
