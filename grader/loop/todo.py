"""`nox -s todo`: the functions that are not written yet, where they are, and the task of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.command import COMMAND
from grader.course.milestones import find_task, load_milestone, milestone_of, taken
from grader.errors import UsageError
from grader.files import shown_path
from grader.source.package import read_limited, source_files, text_of
from grader.source.state import TreeState
from grader.source.stubs import Stub, stubs, stubs_in_text
from grader.task_id import TaskId
from grader.text import one_line


def show_todo(tree: Path, which: str | None) -> int:
    """Print a line for each, as editors and terminals link them: file:line, task and function."""
    found = open_stubs(tree)
    titles = titles_of(which, TreeState(tree, frozenset(), stubs=found))
    rows = [
        (one_line(f"{shown_path(tree)}/{stub.file}:{stub.line}"), f"{stub.task_id} {titles[stub.task_id]}", stub.name)
        for stub in found
        if stub.task_id in titles
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    for place, task, name in rows:
        print(f"{place:{widths[0]}}  {task:{widths[1]}}  {name}")
    where = f"{shown_path(tree)}/" if which is None else f"{shown_path(tree)}/ for {which}"
    print(f"{len(rows) or 'no'} open TODO{'s' * (len(rows) != 1)} in {where}")
    return 0


def open_stubs(tree: Path) -> list[Stub]:
    """The stubs of a tree, in the order of the tasks."""
    found = [stub for name, path in source_files(tree).items() for stub in _stubs_of(name, path)]
    return sorted(found, key=lambda stub: (stub.task_id, stub.file, stub.line))


def titles_of(which: str | None, state: TreeState) -> dict[TaskId, str]:
    """The titles of the tasks and extras that are asked for: of a milestone, such as 2, a task, such as 2.6, or all but
    those of electives that are not begun."""
    if which is None:
        return {task: title for milestone in taken(state) for task, title in _titles(milestone.number).items()}
    try:
        if which.isascii() and which.isdigit():
            return _titles(int(which))
        milestone = milestone_of(which)
        return {TaskId(which): milestone.extras.get(TaskId(which)) or find_task(which).title}
    except UsageError as error:
        raise UsageError(f"{error}. Try: {COMMAND} -s todo, or: {COMMAND} -s todo -- 2") from None


def _titles(number: int) -> dict[TaskId, str]:
    milestone = load_milestone(number)
    return {task.id: task.title for task in milestone.tasks} | milestone.extras


def _stubs_of(name: str, path: Path) -> Iterator[Stub]:
    """The stubs of a file, which need not parse."""
    try:
        source = read_limited(path)
    except OSError:
        return
    try:
        yield from stubs(text_of(source), name)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield from stubs_in_text(source.decode("utf-8", errors="replace"), name)
