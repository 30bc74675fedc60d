"""What the last run of each task named as its mistake, for the hints: `.course/named/`, a file for each tree."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from .files import STATE, file_of_tree, write_whole
from .source.package import read_limited, source_files

FOLDER = STATE / "named"


@dataclass(frozen=True)
class Cause:
    """A mistake that a run named for a task.

    mistake, task: its id, and the task that it belongs to. certainty: in the words of the report. file, digest: where
    the mistake is, and what was in that file. code, yours, right: the smallest case, where one was found.
    """

    mistake: str
    task: str
    certainty: str
    file: str
    digest: str
    code: tuple[str, ...] = ()
    yours: str = ""
    right: str = ""

    def is_of(self, tree: Path) -> bool:
        """Whether the file is still as it was."""
        return _digest(tree / self.file) == self.digest


def digests(tree: Path) -> dict[str, str]:
    """What is in each file of a tree, before it runs."""
    return {name: _digest(path) for name, path in source_files(tree).items()}


def remember(causes: Mapping[str, Cause | None], tree: Path, folder: Path | None = None) -> None:
    """Keep what a run named for its tasks, also for the task of a mistake that is not among them; what is known of
    others stays."""
    path = _path(tree, folder)
    kept = {**_read(path), **{cause.task: cause for cause in causes.values() if cause is not None}, **causes}
    with contextlib.suppress(OSError):  # what can't be written is not remembered
        write_whole(path, json.dumps({task: asdict(cause) for task, cause in kept.items() if cause is not None}))


def cause_of(task_id: str, tree: Path, folder: Path | None = None) -> Cause | None:
    """What the last run of a task named; None where it named nothing, or where nothing is known of a run."""
    return _read(_path(tree, folder)).get(task_id)


def _path(tree: Path, folder: Path | None) -> Path:
    return (FOLDER if folder is None else folder) / file_of_tree(tree)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(read_limited(path)).hexdigest()[:16]
    except (OSError, ValueError):
        return ""


def _read(path: Path) -> dict[str, Cause]:
    """What is remembered, by task; nothing where the file is missing or was damaged."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        causes = {task: Cause(**{**entry, "code": tuple(entry["code"])}) for task, entry in kept.items()}
    except (OSError, ValueError, AttributeError, TypeError, KeyError, RecursionError):
        return {}
    texts = [text for each in causes.values() for text in (*each.code, *asdict(replace(each, code=())).values())]
    return causes if all(isinstance(text, str) or text == () for text in texts) else {}
