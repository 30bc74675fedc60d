"""Changes trees that the tests made for the purpose."""

from __future__ import annotations

from pathlib import Path

from grader.source.package import PACKAGE, read_source
from grader.source.stubs import exercises


def replace_body(tree: Path, file: str, function: str, body: str) -> int:
    """Give an exercise of the tree another body; the first line of the new one."""
    path = tree / PACKAGE / file
    source = read_source(path)
    exercise = next(exercise for exercise in exercises(source, file) if exercise.name == function)
    lines = source.splitlines(keepends=True)
    new = [exercise.indent + line + "\n" for line in body.splitlines()]
    lines[exercise.first_line - 1 : exercise.last_line] = new
    path.write_text("".join(lines), encoding="utf-8", newline="")
    return exercise.first_line
