"""What became of a tree's files when it was made ready for grading."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from grader.task_id import TaskId

from .exercises import exercises_by_file
from .stubs import Stub


@dataclass(frozen=True)
class BrokenFile:
    """A file of the tree, or a folder, that can't be used, and was replaced by the starter's.

    needs: the broken file of the student's own that it imports, if that is all that is wrong.
    """

    file: str
    line: int | None
    message: str
    needs: str | None = None

    @property
    def place(self) -> str:
        """Where it is, with the line where that is known."""
        return self.file if self.line is None else f"{self.file}:{self.line}"

    @property
    def origin(self) -> str:
        """The file to repair."""
        return self.needs or self.file

    def holds(self, file: str) -> bool:
        """Whether it is this file, or the folder that this file belongs in."""
        return file == self.file or file.startswith(f"{self.file}/")


@dataclass(frozen=True)
class MissingName:
    """A function or class that other files import from one that does not have it: the starter's definition is used.

    line: where the file has a name that looks like it, `similar`, otherwise its last line. end: the file's last line;
    the starter's definition comes after it in the scratch copy.
    """

    file: str
    name: str
    line: int
    similar: str | None
    end: int


@dataclass
class TreeState:
    """A tree, the package's files in it, what of them could not be used, and the stubs that are left.

    unexported: rooms of electives from which its __init__.py imports nothing; the scratch copy's does.
    """

    tree: Path
    files: frozenset[str]
    reference_rooms: tuple[str, ...] = ()
    broken: list[BrokenFile] = field(default_factory=list)
    missing: list[MissingName] = field(default_factory=list)
    stubs: list[Stub] = field(default_factory=list)
    unexported: list[str] = field(default_factory=list)

    def broken_of(self, task_id: TaskId) -> list[BrokenFile]:
        """The broken files in which the starter has functions of a task."""
        homes = [file for file, found in exercises_by_file().items() if any(one.task_id == task_id for one in found)]
        return [broken for broken in self.broken if any(map(broken.holds, homes))]

    def untouched(self, task_id: TaskId) -> bool:
        """Whether every stub of a task is still there."""
        left = sum(stub.task_id == task_id for stub in self.stubs)
        return 0 < stubs_of(task_id) <= left

    def begun(self, task_ids: Iterable[TaskId]) -> bool:
        """Whether a stub of these tasks was written."""
        return any(stubs_of(task_id) and not self.untouched(task_id) for task_id in task_ids)


@functools.cache
def stubs_of(task_id: TaskId) -> int:
    """How many stubs of a task a blank starter holds."""
    return sum(exercise.task_id == task_id for found in exercises_by_file().values() for exercise in found)
