"""Notices that a file of a tree was saved, and says which tasks the change is about."""

from __future__ import annotations

import ast
import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from grader.course.milestones import Task
from grader.source.exercises import exercises_by_file
from grader.source.package import PACKAGE, read_limited, source_files, text_of
from grader.source.syntax import functions, parse
from grader.task_id import TaskId

DEBOUNCE = 0.15  # seconds in which several writes are one save
QUIET = 0.05  # seconds without a write, after which it has ended
LOOK = 1.0  # seconds between two looks where the system reports what was written, as it may miss something
POLL = 0.2  # and where it does not


class Watcher(threading.Thread):
    """Calls `saved` when a file of the package may have changed, from a thread of its own, until it is stopped."""

    def __init__(self, tree: Path, saved: Callable[[], None]):
        super().__init__(daemon=True)
        self.tree, self.saved = tree, saved
        self.stop = threading.Event()
        self._seen = _signs(tree)

    def run(self) -> None:
        """Watch by what the system reports, or else by looking again and again."""
        # It may not be installed, there may be no such folder, or the system may watch no more of them.
        with contextlib.suppress(ImportError, OSError, RuntimeError):
            self._listen()
        self._poll()

    def _listen(self) -> None:
        import watchfiles

        times = {"debounce": DEBOUNCE, "step": QUIET, "rust_timeout": LOOK}
        options = {name: int(1_000 * seconds) for name, seconds in times.items()}
        changes = watchfiles.watch(
            self.tree / PACKAGE, stop_event=self.stop, yield_on_timeout=True, raise_interrupt=False, **options
        )
        for _ in changes:
            self._look()

    def _poll(self) -> None:
        while not self.stop.wait(POLL):
            if _signs(self.tree) != self._seen:
                time.sleep(DEBOUNCE)
                self._look()

    def _look(self) -> None:
        now = _signs(self.tree)
        if now != self._seen:
            self._seen = now
            self.saved()


def _signs(tree: Path) -> dict[str, tuple[int, ...]]:
    """By what a write to a file shows."""
    signs = {}
    for name, path in source_files(tree).items():
        try:
            found = path.stat()
            signs[name] = (found.st_mtime_ns, found.st_size, found.st_ino)
        except OSError:  # just removed
            signs[name] = ()
    return signs


def contents(tree: Path) -> dict[str, bytes]:
    """The package's files; one that can't be read is as if it were empty."""
    found = {}
    for name, path in source_files(tree).items():
        try:
            found[name] = read_limited(path)
        except OSError:
            found[name] = b""
    return found


def changed_files(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[str]:
    """The files that are new, gone or different."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def tasks_of_change(
    before: Mapping[str, bytes], after: Mapping[str, bytes], tasks: Sequence[Task]
) -> tuple[list[Task], list[Task]]:
    """The tasks whose functions have changed, and the others that have functions in the same files."""
    own, near = set(), set()
    for file in changed_files(before, after):
        here = exercises_by_file().get(file, ())
        names = _changed_functions(before.get(file), after.get(file))
        near |= {exercise.task_id for exercise in here}
        own |= {exercise.task_id for exercise in here if names is None or exercise.name in names}
    own = own or near  # a helper was changed, or a comment
    return _of(tasks, own), _of(tasks, near - own)


def _of(tasks: Sequence[Task], ids: set[TaskId]) -> list[Task]:
    return [task for task in tasks if task.id in ids]


def _changed_functions(before: bytes | None, after: bytes | None) -> set[str] | None:
    """The names of functions that are not as before, comments aside; None where a text does not parse, or is gone."""
    if before is None or after is None:
        return None
    try:
        old, new = ({name: ast.dump(node) for name, node in functions(parse(text_of(one)))} for one in (before, after))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
