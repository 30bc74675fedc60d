"""What the networks of a convergence task have learnt, and which of the tasks that it needs are not done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.protocol import Shown
from grader.verdict.judge import DONE, IN_PROGRESS, TaskVerdict

from .words import BAD, QUIET, Line, plain_line


@dataclass(frozen=True)
class Learnt:
    """What the checks of a task show. failing: the task's checks do not all pass."""

    title: str
    failing: bool
    shown: tuple[Shown, ...]


def learnt(tasks: Sequence[TaskVerdict]) -> Iterator[Learnt]:
    """What was learnt, task by task."""
    for task in tasks:
        shown = [each for check in task.checks for each in check.shown]
        if shown:
            yield Learnt(f"{task.task.id} {task.task.title}", task.state != DONE, tuple(together(shown)))


def together(shown: Sequence[Shown]) -> list[Shown]:
    """The same, where tables of several checks with one title and the same columns are one."""
    found: list[Shown] = []
    for each in shown:
        known = next((place for place, one in enumerate(found) if _alike(one, each)), None)
        if known is None:
            found.append(each)
        else:
            before = found[known].data
            rows = {name: [*before[name], *each.data[name]] for name in ("rows", "values")}
            found[known] = Shown("table", each.title, {**before, **rows})
    return found


def _alike(one: Shown, other: Shown) -> bool:
    """Whether two are tables that can be one."""
    same = one.kind == other.kind == "table" and one.title == other.title
    return same and all(one.data[name] == other.data[name] for name in ("columns", "percent"))


def needed(task: TaskVerdict, tasks: Sequence[TaskVerdict]) -> Iterator[Line]:
    """Of the tasks that a convergence task needs, those that this run has graded and that are not done."""
    graded = [each for each in tasks if each.task.id in task.task.needs]
    undone = [each for each in graded if each.state != DONE]
    for position, each in enumerate(undone):
        count = len(each.checks) - each.passed
        failing = f" ({count} {'check fails' if count == 1 else 'checks fail'})" if each.state == IN_PROGRESS else ""
        text = f"{each.task.id} {each.task.title}{failing}"
        yield plain_line("" if position else "not done", f"{text}: see to it first" if not position else text, BAD)
    if graded and not undone and len(graded) == len(task.task.needs):
        yield plain_line("needs", "the tasks that this one needs are all done", QUIET)
