"""The hint ladder: a task's hints, each more telling than the one before, and how many of them were seen."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from grader.errors import CourseError
from grader.files import STATE, write_whole
from grader.task_id import TaskId

from .milestones import milestone_of, task_sections
from .parsons import Parsons, parsons

PROGRESS = STATE / "hints.json"


@dataclass(frozen=True)
class Hint:
    """A rung of the ladder: a text, and the problem that may come with it."""

    text: str
    problem: Parsons | None = None


def hints_of(task_id: TaskId) -> list[Hint]:
    """The hints of a task; CourseError where the course has none."""
    document = milestone_of(task_id).folder / "hints.md"
    found = hints(document)
    if task_id not in found:
        raise CourseError(f"{_name(document)} has no section `## {task_id}`")
    return found[task_id]


def hints(document: Path) -> dict[TaskId, list[Hint]]:
    """The numbered hints of every task in a hints.md; CourseError where it can't be read as such."""
    name = _name(document)
    return {task_id: _ladder(text, f"{name}, {task_id}") for task_id, text in task_sections(document).items()}


def _ladder(section: str, where: str) -> list[Hint]:
    before, *parts = re.split(r"^(\d+)\. ", section, flags=re.MULTILINE)
    numbers, texts = parts[::2], parts[1::2]
    if before.strip() or not texts or numbers != [str(number) for number in range(1, len(texts) + 1)]:
        found = ", ".join(numbers) or "no number"
        raise CourseError(f"{where}: a section has hints alone, numbered 1, 2, 3, and this one has {found}")
    return [_hint(text, f"{where}, hint {number}") for number, text in enumerate(texts, 1)]


def _hint(text: str, where: str) -> Hint:
    """A hint. Its list, if it has one, states a Parsons problem."""
    words, *items = (" ".join(part.split()) for part in re.split(r"^ *- ", text, flags=re.MULTILINE))
    if not words:
        raise CourseError(f"{where}: a hint begins with a sentence")
    try:
        return Hint(words, parsons(items) if items else None)
    except ValueError as error:
        raise CourseError(f"{where}: {error}") from None


def _name(document: Path) -> str:
    return f"{document.parent.name}/{document.name}"


def seen(task_id: TaskId, progress: Path = PROGRESS) -> int:
    """How many hints of a task were seen."""
    return max(0, _read(progress).get(task_id, 0))


def remember(task_id: TaskId, count: int, progress: Path = PROGRESS) -> None:
    """Keep how many hints of a task were seen."""
    write_whole(progress, json.dumps({**_read(progress), task_id: count}))


def _read(progress: Path) -> dict[str, int]:
    """How many hints of each task were seen; none where the file is missing or was damaged."""
    try:
        return {str(task): int(count) for task, count in json.loads(progress.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError, TypeError, OverflowError, RecursionError):
        return {}
