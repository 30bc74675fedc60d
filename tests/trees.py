"""Changes trees that the tests made for the purpose."""

from __future__ import annotations

from pathlib import Path

from grader.source.package import PACKAGE, read_source
from grader.source.stubs import Exercise, exercises
from grader.source.syntax import lines_of

ORDERED_BY_LEVEL = """order, level = [], [tensor.grad_fn]
while level:
    order += [each for each in level if each not in order]
    level = [source.grad_fn for each in level for source in each.inputs if source.grad_fn]
return order"""  # of topological_sort: operations that a shorter way leads to come too early


def replace_body(tree: Path, file: str, function: str, body: str) -> int:
    """Give an exercise of the tree another body; the first line of the new one."""
    path = tree / PACKAGE / file
    source = read_source(path)
    path.write_text(with_body(source, function, body), encoding="utf-8", newline="")
    return _exercise(source, function).first_line


def with_body(source: str, function: str, body: str) -> str:
    """A file's text with another body of an exercise."""
    exercise, lines = _exercise(source, function), lines_of(source)
    new = [exercise.indent + line + "\n" for line in body.removesuffix("\n").split("\n")]
    lines[exercise.first_line - 1 : exercise.last_line] = new
    return "".join(lines)


def _exercise(source: str, function: str) -> Exercise:
    return next(exercise for exercise in exercises(source, "a file") if exercise.name == function)
