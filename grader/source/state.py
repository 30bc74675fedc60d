"""What became of a tree's files when it was made ready for grading."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from grader.task_id import TaskId

from .exercises import exercises_by_file
from .stubs import Stub


@dataclass(frozen=True)
class BrokenFile:
    """A file of the tree that can't be used, and was replaced by the starter's."""

    file: str
    line: int
    message: str


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
    """A tree, the package's files in it, what of them could not be used, and the stubs that are left."""

    tree: Path
    files: frozenset[str]
    reference_rooms: tuple[str, ...] = ()
    unreadable: list[tuple[str, str]] = field(default_factory=list)  # folders, with the reason
    broken: list[BrokenFile] = field(default_factory=list)
    missing: list[MissingName] = field(default_factory=list)
    stubs: list[Stub] = field(default_factory=list)

    def broken_by_task(self) -> dict[TaskId, BrokenFile]:
        """The tasks whose functions the starter has in a broken file, with that file."""
        tasks: dict[TaskId, BrokenFile] = {}
        for broken in self.broken:
            for exercise in exercises_by_file().get(broken.file, ()):
                tasks.setdefault(exercise.task_id, broken)
        return tasks

    def untouched(self, task_id: TaskId) -> bool:
        """Whether every stub of a task is still there."""
        left = sum(stub.task_id == task_id for stub in self.stubs)
        return 0 < stubs_of(task_id) <= left


def stubs_of(task_id: TaskId) -> int:
    """How many stubs of a task a blank starter holds."""
    return sum(exercise.task_id == task_id for found in exercises_by_file().values() for exercise in found)
