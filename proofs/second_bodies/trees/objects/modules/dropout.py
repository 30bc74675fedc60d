"""Dropout: random zeros in training, against overfitting."""

from __future__ import annotations

import numpy as np

from ..tensor import Tensor, as_tensor, from_numpy, random_generator
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

    def forward(self, x: Tensor) -> Tensor:
        """Floating x of any shape -> the same shape and dtype.

        Draws new numbers from `random_generator()`, a numpy.random.Generator, at each call.
        """
        x = as_tensor(x)
        if not self.training:
            return x
        kept = np.asarray(random_generator().random(x.shape) >= self.p)
        dtype = x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)
        return x * from_numpy(np.asarray(kept.astype(dtype) / dtype.type(1 - self.p)))

    def extra_repr(self):
        return f"p={self.p}"
