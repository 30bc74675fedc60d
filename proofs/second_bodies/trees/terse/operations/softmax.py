"""The logarithm of the softmax: softmax and cross-entropy are built from it."""

import numpy as np

from .accumulation import accumulate
from .base import Pullback, silent


class LogSoftmax(Pullback):
    """y = x - log Σ exp(x) along an axis.   dL/dx = dL/dy - exp(y) Σ dL/dy

    Exact for any x: subtracting the maximum first does not change y, and keeps exp from overflowing.
    """

    def __init__(self, axis=-1):
        self.axis = axis

    @silent
    def forward(self, x):
        r, axis = shifted(x, self.axis), self.axis
        y = r - np.log(accumulate(np.exp(r), axis, True))
        self.D = {0: lambda g: g - np.exp(y) * accumulate(g, axis, True)}
        return y


class Softmax(Pullback):
    """y = exp(x) / Σ exp(x) along an axis.   dL/dx = y (dL/dy - Σ y dL/dy)"""

    def __init__(self, axis=-1):
        self.axis = axis

    @silent
    def forward(self, x):
        e, axis = np.exp(shifted(x, self.axis)), self.axis
        y = e / accumulate(e, axis, True)
        self.D = {0: lambda g: y * (g - accumulate(g * y, axis, True))}
        return y


def shifted(x, axis):
    """x minus its maximum along the axis; x itself if it is empty."""
    return x - np.maximum.reduce(x, axis=axis, keepdims=True) if x.size else x
