"""The starter's generator: solutions/ with the body of every exercise replaced by a stub that names its task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .package import read_source, source_files
from .stubs import Exercise, exercises
from .syntax import lines_of


def generate(source: str, file: str = "<source>", chosen: Callable[[Exercise], bool] = lambda exercise: True) -> str:
    """`source` with a stub for every exercise that is chosen (all of them), every other byte as it was."""
    lines = lines_of(source)
    for exercise in reversed(exercises(source, file)):
        if not chosen(exercise):
            continue
        newline = "\r\n" if lines[exercise.first_line - 1].endswith("\r\n") else "\n"
        stub = [
            f"# TODO {exercise.task_id}: see `nox -s hint -- {exercise.task_id}`",
            f'raise NotImplementedError("{exercise.task_id}: {exercise.name} is not written yet")',
        ]
        lines[exercise.first_line - 1 : exercise.last_line] = [exercise.indent + line + newline for line in stub]
    return "".join(lines)


def starter_file(solutions: Path, name: str) -> str:
    """One file of the starter, made from the solutions."""
    return generate(read_source(solutions / name), name)


def differences(solutions: Path, starter: Path) -> list[str]:
    """Where the starter is not what the solutions generate, a line a file."""
    expected, present = source_files(solutions), source_files(starter)
    found = [f"{name}: missing in {starter.name}/" for name in expected if name not in present]
    found += [f"{name}: not in {solutions.name}/" for name in present if name not in expected]
    for name in expected.keys() & present.keys():
        wanted, got = starter_file(solutions, name), read_source(present[name])
        if wanted != got:
            line = _first_differing_line(wanted, got)
            found.append(f"{name}:{line}: differs from what {solutions.name}/ generates")
    return sorted(found)


def _first_differing_line(wanted: str, got: str) -> int:
    pairs = zip(wanted.splitlines(keepends=True), got.splitlines(keepends=True), strict=False)
    same = 0
    for wanted_line, got_line in pairs:
        if wanted_line != got_line:
            break
        same += 1
    return same + 1
