"""The exercises of the course, as the solutions mark them."""

from __future__ import annotations

import functools

from grader.files import SOLUTIONS

from .package import sources
from .stubs import Exercise, exercises


@functools.cache
def exercises_by_file() -> dict[str, tuple[Exercise, ...]]:
    """The exercises in each file of the solutions, in order."""
    return {file: exercises(source, file) for file, source in sources(SOLUTIONS).items()}
