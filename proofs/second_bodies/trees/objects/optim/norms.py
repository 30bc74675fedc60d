"""Norms whose squares do not overflow."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np


def norm(array: np.ndarray) -> float:
    """sqrt(Σ x²), relative to the largest |x|."""
    values = np.abs(array.astype(np.float64, copy=False)).ravel()
    largest = float(np.max(values, initial=0.0))
    if largest == 0.0 or not math.isfinite(largest):
        return largest
    return largest * math.sqrt(float(np.sum(np.square(values / largest))))


def joint_norm(arrays: Iterable[np.ndarray]) -> float:
    """The norm of all arrays as one."""
    norms = [norm(array) for array in arrays]
    return math.nan if any(math.isnan(value) for value in norms) else math.hypot(*norms)
