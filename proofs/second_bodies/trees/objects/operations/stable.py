"""Functions of exp that neither overflow nor cancel, for any number."""

import numpy as np
from numpy.typing import NDArray

from .base import silent

Array = NDArray[np.floating]


@silent
def logistic(x: Array) -> Array:
    """1 / (1 + exp(-x)): exp sees only numbers up to 0, so it ends in 0 and never in inf."""
    shrunk = np.exp(-np.abs(x))
    numerator = np.where(np.signbit(x), shrunk, np.ones_like(shrunk))
    return numerator / (1 + shrunk)


@silent
def softplus(x: Array) -> Array:
    """log(1 + exp(x)) > 0."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def weighted(weight: Array, value: Array) -> Array:
    """weight * value, where a weight of 0 wins over inf."""
    return np.where(weight == 0, np.zeros_like(value), weight * value)
