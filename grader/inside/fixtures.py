"""The fixtures of the suites, a pytest plugin."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import zlib

import numpy as np
import pytest

from grader.source.package import PACKAGE

from .see import See

see_key = pytest.StashKey[See]()  # where whoever runs the checks puts the `see` that they get


@pytest.fixture
def see(request) -> See:
    """The helper through which a check states its facts."""
    return request.config.stash[see_key]


@pytest.fixture(autouse=True)
def repeatable(request) -> None:
    """What a check draws without a seed of its own also repeats itself."""
    seed_all(seed_of(request.node.name, 0))


@pytest.fixture
def seed(request) -> int:
    """A seed of the check's own, the same in every run; COURSE_SEED_SHIFT shifts them all."""
    shift = int(os.environ.get("COURSE_SEED_SHIFT", "0"))
    return seed_of(request.node.name, shift)


@pytest.fixture
def rng(seed) -> np.random.Generator:
    """NumPy's random generator, seeded with the check's own seed."""
    return np.random.default_rng(seed)


def seed_of(name: str, shift: int) -> int:
    """The seed of a check by its name, small enough for every generator."""
    return (zlib.crc32(name.encode()) + shift) % 2**31


def seed_all(seed: int) -> None:
    """Seed the generators of the tree, of NumPy and of Python, as far as the tree can."""
    random.seed(seed)
    np.random.seed(seed)
    with contextlib.suppress(Exception, SystemExit):
        sys.modules[PACKAGE].manual_seed(seed)
