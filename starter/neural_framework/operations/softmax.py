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
        # TODO 1.7: see `nox -s hint -- 1.7`
        raise NotImplementedError("1.7: LogSoftmax.forward is not written yet")

    def backward(self, grad):
        # TODO 2.10: see `nox -s hint -- 2.10`
        raise NotImplementedError("2.10: LogSoftmax.backward is not written yet")
