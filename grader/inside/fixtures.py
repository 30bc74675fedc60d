"""The fixtures of the suites: a pytest plugin that, alone, judges each fact at once."""

from __future__ import annotations

import os
import zlib

import numpy as np
import pytest

from grader.inside.see import See
from grader.verdict.compare import disagreement

record_key = pytest.StashKey()  # where the worker puts its own way of recording a fact


@pytest.fixture
def see(request) -> See:
    """The helper through which a check states its facts."""
    return See(request.config.stash.get(record_key, judge_at_once))


@pytest.fixture
def seed(request) -> int:
    """A seed of the check's own, the same in every run; COURSE_SEED_SHIFT shifts them all."""
    shift = int(os.environ.get("COURSE_SEED_SHIFT", "0"))
    return (zlib.crc32(request.node.name.encode()) + shift) % 2**31  # what every generator takes


@pytest.fixture
def rng(seed) -> np.random.Generator:
    """NumPy's random generator, seeded with the check's own seed."""
    return np.random.default_rng(seed)


def judge_at_once(fact: dict) -> None:
    """Fail the running check where the fact does not hold."""
    __tracebackhide__ = True  # the debugger opens in the check
    difference = disagreement(fact)
    if difference is not None:
        got, expected = difference
        what = f"{fact['what']}: " if fact["what"] else ""
        pytest.fail(f"{what}got {got}\nexpected {expected}")
