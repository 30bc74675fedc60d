"""A second body for every exercise, written in another way: proof that the suites accept what the contract allows.

A second body is in bodies/, in the same file, class and function as the first in the package. In trees/ are whole
packages by authors who knew the contract and the starter alone, each in its own style: the files that they changed.
Only `terse` has the electives.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

from grader.files import SOLUTIONS
from grader.source.exercises import exercises_by_file
from grader.source.package import PACKAGE, read_source, sources
from grader.source.transplant import transplanted
from grader.task_id import TaskId

BODIES, TREES = Path(__file__).parent / "bodies", Path(__file__).parent / "trees"
# Two methods of one class, of which the first chooses what it leaves for the second: swapped in together.
PAIRED = {"forward", "backward", "__enter__", "__exit__"}

Function = tuple[str, str]  # a file of the package, and the dotted name


@functools.cache
def bodies() -> dict[str, str]:
    """The texts of the second bodies, by the file of the package that they belong to."""
    return _files_in(BODIES)


@functools.cache
def functions_to_write() -> dict[Function, TaskId]:
    """What students write for points, with its task."""
    return {
        (file, exercise.name): exercise.task_id
        for file, found in exercises_by_file().items()
        for exercise in found
        if not exercise.task_id.is_extra
    }


def units() -> dict[str, list[Function]]:
    """What is swapped in at once, an exercise or the two of a pair, by file and name."""
    found: dict[str, list[Function]] = {}
    for file, name in functions_to_write():
        owner, _, method = name.rpartition(".")
        found.setdefault(f"{file} {owner if method in PAIRED else name}", []).append((file, name))
    return found


def swapped(functions: Iterable[Function]) -> dict[str, str]:
    """The changes to the reference that put second bodies in the place of the first."""
    by_file: dict[str, list[str]] = {}
    for file, name in functions:
        by_file.setdefault(file, []).append(name)
    texts = sources(SOLUTIONS)
    return {file: transplanted(texts[file], bodies()[file], names) for file, names in by_file.items()}


def all_second_bodies() -> dict[str, str]:
    """The changes that put in all of them."""
    return swapped(functions_to_write())


def whole_trees() -> dict[str, dict[str, str]]:
    """The changes that put in the files of each whole tree, by its name."""
    return {folder.name: _files_in(folder) for folder in sorted(TREES.iterdir())}


def _files_in(folder: Path) -> dict[str, str]:
    paths = sorted(folder.rglob("*.py"))
    return {f"{PACKAGE}/{path.relative_to(folder).as_posix()}": read_source(path) for path in paths}
