"""Means over batches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Weighed(NamedTuple):
    """A loss and the number of samples that it is the mean of."""

    loss: float
    samples: int


def weighed_mean(parts: Iterable[Weighed]) -> float | None:
    """Σ loss * samples / Σ samples; None without samples. A batch without samples does not count."""
    total, samples = 0.0, 0
    for part in parts:
        if part.samples:
            total += float(part.loss) * part.samples
            samples += part.samples
    return total / samples if samples else None
