"""What the operations of losses note in forward, and the dtype in which they calculate."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(eq=False)
class ProbabilityCard:
    """Probabilities, targets and both bounded logarithms."""

    probabilities: Any
    targets: Any
    logarithms: Any
    opposite_logarithms: Any


@dataclass(eq=False)
class LogitCard:
    """Logits, targets, and the sigmoids of the logits and of their negatives."""

    logits: Any
    targets: Any
    sigmoids: Any
    opposite_sigmoids: Any


@dataclass(eq=False)
class LogSoftmaxCard:
    """The logarithms of the softmax."""

    logarithms: Any


def wide_copy(values):
    """A copy of floats, of float16 as float64."""
    if values.dtype == np.float16:
        return values.astype(np.float64)
    return np.array(values, copy=True)
