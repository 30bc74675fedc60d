"""Waits for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS = 90.0  # on a busy machine


def until(
    holds: Callable[[], object], why: Callable[[], str] = lambda: "it does not come to hold", seconds: float = SECONDS
) -> None:
    """Wait until something holds; the test fails where it does not in this time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, why()
        time.sleep(0.05)
