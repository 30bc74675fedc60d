"""The types of options that take a number; argparse names the option before what these say."""

from __future__ import annotations

import argparse
import contextlib
import math
from collections.abc import Callable
from typing import TypeVar

Number = TypeVar("Number", int, float)


def count(text: str) -> int:
    """How many."""
    return _number(int, text, lambda found: found > 0, "a whole number above 0, such as 2")


def seed(text: str) -> int:
    """A seed, as NumPy takes them."""
    return _number(int, text, lambda found: found >= 0, "a whole number from 0 on, such as 7")


def seconds(text: str) -> float:
    """A time."""
    return _number(float, text, lambda found: 0 < found < math.inf, "seconds above 0, such as 120")


def port(text: str) -> int:
    """A port; at 0 the system chooses one."""
    return _number(int, text, lambda found: 0 <= found < 2**16, "a port from 0 to 65535, such as 8786")


def _number(kind: Callable[[str], Number], text: str, fits: Callable[[Number], bool], expected: str) -> Number:
    with contextlib.suppress(ValueError):
        if fits(found := kind(text)):
            return found
    raise argparse.ArgumentTypeError(f"expected {expected}, not {text!r}")
