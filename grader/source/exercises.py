"""The exercises of the course, as the solutions mark them."""

from __future__ import annotations

import functools

from .reference import has_reference, reference, starter
from .stubs import Exercise, exercises, stubs
from .syntax import functions, parse


@functools.cache
def exercises_by_file() -> dict[str, tuple[Exercise, ...]]:
    """The exercises in each file of the package, in order; their lines are those of the reference if it is there,
    otherwise those of the starter's stubs."""
    if has_reference():
        return {file: exercises(source, file) for file, source in reference().items()}
    return {
        file: tuple(Exercise(stub.task_id, stub.name, stub.line, stub.line, "") for stub in stubs(source, file))
        for file, source in starter().items()
    }


def is_given(file: str, name: str) -> bool:
    """Whether the starter has a function in a file, and not as an exercise."""
    return name in function_names(file) - {exercise.name for exercise in exercises_by_file().get(file, ())}


@functools.cache
def function_names(file: str) -> frozenset[str]:
    """The functions that the starter has in a file."""
    source = starter().get(file)
    return frozenset(dict(functions(parse(source)))) if source is not None else frozenset()
