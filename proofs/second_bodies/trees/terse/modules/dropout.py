"""Dropout: random zeros in training, against overfitting."""

import numpy as np

from ..tensor import random_generator
from .module import Module
from .settings import real


class Dropout(Module):
    """In training y = x * kept / (1 - p), in eval mode y = x   (inverted dropout; Srivastava et al. 2014).

    `kept` is 0 with probability p and otherwise 1, independently for each element; the division preserves the mean.
    ValueError unless 0 <= p < 1.
    """

    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    @property
    def p(self):
        """The probability of a zero; it may be changed during training, and is checked then as well."""
        return self._p

    @p.setter
    def p(self, p):
        p = real("Dropout", "p", p)
        if not 0 <= p < 1:
            raise ValueError(f"Dropout: the probability p must be at least 0 and less than 1, got {p}")
        self._p = p

    def forward(self, x):
        """Floating x of any shape -> the same shape and dtype.

        Draws new numbers from `random_generator()`, a numpy.random.Generator, at each call.
        """
        if not self.training or self.p == 0:
            return x
        kept = np.asarray(random_generator().random(x.shape) >= self.p)
        return x * (kept / (1 - self.p)).astype(x.dtype if x.dtype.kind == "f" else float)

    def extra_repr(self):
        return f"p={self.p}"
