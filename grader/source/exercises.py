"""The exercises of the course, as the solutions mark them."""

from __future__ import annotations

import functools

from grader.files import SOLUTIONS

from .package import sources
from .stubs import Exercise, exercises
from .syntax import first_line, functions, parse


@functools.cache
def exercises_by_file() -> dict[str, tuple[Exercise, ...]]:
    """The exercises in each file of the solutions, in order."""
    return {file: exercises(source, file) for file, source in sources(SOLUTIONS).items()}


def is_in_an_exercise(file: str, text: str, line: int) -> bool:
    """Whether a line of a tree's file lies in a function that students write; also where it is not the reference's."""
    names = {exercise.name for exercise in exercises_by_file().get(file, ())}
    try:
        found = functions(parse(text))
    except (SyntaxError, ValueError):
        return False
    return any(name in names and first_line(node) <= line <= node.end_lineno for name, node in found)
