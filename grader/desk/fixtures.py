"""What checks ask for by name, as fixtures of plain pytest; a worker gives them the same (inside/checks.py)."""

from __future__ import annotations

import numpy as np
import pytest

from grader.inside.checks import seed_all, seed_of
from grader.inside.see import See

see_key = pytest.StashKey[See]()  # where a runner of checks puts the `see` that they get


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
    """A seed of the check's own, the same in every run."""
    return seed_of(request.node.name, 0)


@pytest.fixture
def rng(seed) -> np.random.Generator:
    """NumPy's random generator, seeded with the check's own seed."""
    return np.random.default_rng(seed)
