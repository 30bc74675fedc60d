"""Checks that an instructor keeps private: they count like the others, and of them a student learns how many pass."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.course.milestones import Check, expecting_python, find_task, is_private, with_private_checks
from grader.errors import CourseError, UsageError
from grader.files import MILESTONES, temporary_folder, write_text
from grader.report.story import Story
from grader.report.words import plain_line
from grader.source.state import TreeState
from grader.source.syntax import parse
from grader.task_id import TaskId
from grader.verdict.judge import CheckVerdict, MilestoneVerdict, judge_milestone

NAME = re.compile(r"test_(\d+)_(\d\d)_\w+\.py")


def read_private(folder: Path | None) -> tuple[tuple[str, str], ...]:
    """The names and texts of the files in a folder of private checks; UsageError where one is none."""
    if folder is None:
        return ()
    if not folder.is_dir():
        raise UsageError(f"--private {folder}: there is no such folder")
    found = []
    for path in sorted(folder.glob("*.py")):
        match = NAME.fullmatch(path.name)
        if match is None:
            raise UsageError(f"{path}: a file of private checks is named like test_2_05_private.py, by its task")
        find_task(f"{match[1]}.{int(match[2])}")
        if any(MILESTONES.glob(f"*/{path.name}")):
            raise UsageError(f"{path}: the course has a file of this name")
        with expecting_python(path, "correct it, and save it as UTF-8"):
            text = path.read_text(encoding="utf-8-sig")
            parse(text)
        found.append((path.name, text))
    if not found:
        raise UsageError(f"--private {folder}: there is no file like test_2_05_private.py in it")
    with private_checks(found):
        names = {name for name, _ in found}
        empty = names - {check.path.name for name in names for check in _task(name).checks}
        if empty:
            raise CourseError(f"no check is in {', '.join(sorted(empty))}: functions named test_... are")
    return tuple(found)


def _task(name: str):
    match = NAME.fullmatch(name)
    return find_task(f"{match[1]}.{int(match[2])}")


@contextlib.contextmanager
def private_checks(files: Sequence[tuple[str, str]]) -> Iterator[None]:
    """The tasks also have these checks, for as long as the context is open."""
    if not files:
        yield
        return
    with temporary_folder() as folder:
        for name, text in files:
            write_text(folder / name, text)
        with with_private_checks(folder):
            yield


def public(verdicts: Sequence[MilestoneVerdict], state: TreeState) -> list[MilestoneVerdict]:
    """The verdicts as they were without the private checks."""
    found = []
    for verdict in verdicts:
        tasks = [_without_private(task.task.checks, task.task) for task in verdict.tasks]
        checks = {each.check.id: each for task in verdict.tasks for each in task.checks}
        found.append(judge_milestone(verdict.milestone, tasks, checks, state))
    return found


def _without_private(checks: Sequence[Check], task):
    return dataclasses.replace(task, checks=tuple(check for check in checks if not is_private(check)))


def with_private_counts(told: Story, whole: Story, verdicts: Sequence[MilestoneVerdict]) -> Story:
    """A story told of the public checks, with the points of all, and how many private ones fail."""
    notes = []
    for task in (task for verdict in verdicts for task in verdict.tasks):
        failing = sum(not each.passed for each in task.checks if is_private(each.check))
        if failing and any(each.passed for each in task.checks):
            text = f"{failing} of the checks of task {task.task.id} that your instructor keeps private"
            notes.append(plain_line("also fail", text))
    first = notes[0] if notes and told.complete else told.next
    notes = (*told.notes, *notes) if not whole.complete else whole.notes
    told = dataclasses.replace(told, tables=whole.tables, notes=notes, total=whole.total, complete=whole.complete)
    return dataclasses.replace(told, next=first)


def private_failures(verdicts: Sequence[MilestoneVerdict]) -> dict[str, str]:
    """What private checks that fail say, for the instructor alone, by the names that without_private gives them."""
    tasks = [task for verdict in verdicts for task in verdict.tasks]
    return {
        name: f"{each.check.path.name}, {each.check.name}: {each.message}"
        for task in tasks
        for name, each in _hidden(task.task.id, task.checks)
        if not each.passed
    }


def _hidden(task: TaskId, checks: Sequence[CheckVerdict]) -> Iterator[tuple[str, CheckVerdict]]:
    """The private checks of a task, each with the name under which it is shown."""
    for number, each in enumerate([each for each in checks if is_private(each.check)], 1):
        yield f"{task} private {number}", each


def without_private(content: dict[str, Any], verdicts: Sequence[MilestoneVerdict]) -> dict[str, Any]:
    """results.json, of whose private checks only a number and whether they passed are left."""
    by_task: Mapping[TaskId, Sequence[CheckVerdict]] = {
        task.task.id: task.checks for verdict in verdicts for task in verdict.tasks
    }
    hidden = {
        each.check.id: {"id": name, "passed": each.passed, "message": ""}
        for task, checks in by_task.items()
        for name, each in _hidden(task, checks)
    }
    for task in (task for milestone in content["milestones"] for task in milestone["tasks"]):
        task["checks"] = [hidden.get(check["id"], check) for check in task["checks"]]
        for fault in (*task["faults"], *task["follows_from"]):
            fault["checks"] = [hidden[name]["id"] if name in hidden else name for name in fault["checks"]]
    return content
