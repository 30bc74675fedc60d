"""What a student's commands have found so far: `.course/history.jsonl`, which stays on the student's own disk.

A line a run: its time, and of each task that was graded how many of its checks passed.
"""

from __future__ import annotations

import contextlib
import datetime
import itertools
import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .files import STARTER, STATE, append_line, read_lines
from .task_id import TaskId, is_task_id

FILE = STATE / "history.jsonl"
VARIABLE = "COURSE_HISTORY"  # "off": nothing is recorded
PAUSE = 30 * 60.0  # seconds between two runs; after a longer time, the student has done something else
LEAST = 3 * 60.0  # seconds of a task that are worth a figure

Passed = tuple[int, int]  # of a task's checks: those that pass, and all


@dataclass(frozen=True)
class Run:
    """What one run found."""

    time: float
    tasks: Mapping[TaskId, Passed]

    @property
    def open(self) -> TaskId:
        """The task at which it leaves the student: the first that is begun and not done, or else not done."""
        begun = [task for task, (passed, checks) in self.tasks.items() if 0 < passed < checks]
        undone = [task for task, (passed, checks) in self.tasks.items() if passed < checks]
        return min(begun or undone or self.tasks)


def record(tree: Path, tasks: Mapping[TaskId, Passed], path: Path = FILE) -> None:
    """Add a run on the student's own tree, starter/; not where the variable says so, or nothing can be written."""
    if os.environ.get(VARIABLE, "").lower() != "off" and tasks and tree.resolve() == STARTER.resolve():
        with contextlib.suppress(OSError):
            append_line(path, {"time": round(time.time(), 3), "tasks": tasks})


def runs(path: Path = FILE) -> list[Run]:
    """The runs so far, by their times; what is damaged is skipped."""
    found = []
    for line in read_lines(path):
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError, OverflowError):
            when, tasks = float(line["time"]), {}
            datetime.date.fromtimestamp(when)  # OverflowError or ValueError where there is no such day
            for name, (passed, checks) in line["tasks"].items():
                if is_task_id(name) and 0 <= passed <= checks and checks > 0:
                    tasks[TaskId(name)] = (int(passed), int(checks))
            if math.isfinite(when) and tasks:
                found.append(Run(when, tasks))
    return sorted(found, key=lambda run: run.time)


def way_made(past: Sequence[Run], now: float | None = None) -> list[str]:
    """How far the student has come, and how long it took: a line, and one with the hours of each task."""
    today = datetime.date.fromtimestamp(time.time() if now is None else now)
    done, before = _done(past), _done([run for run in past if _day(run) < today])
    spent = {task: seconds / 3_600 for task, seconds in seconds_of(past).items() if seconds >= LEAST}
    if not done and not spent:
        return []
    days = max(1, (today - _day(past[0])).days + 1)
    new = len(done - before)
    told = f"+{len(done)} task{'s' * (len(done) != 1)} in {days} day{'s' * (days > 1)}"
    told += f", {new} of them today" if new and days > 1 else ""
    if not spent:
        return [told]
    told += f"; {sum(spent.values()):.1f} hours of work, without pauses above {PAUSE / 60:g} minutes"
    return [told, "hours a task: " + ", ".join(f"{task} {hours:.1f}" for task, hours in sorted(spent.items()))]


def seconds_of(past: Sequence[Run]) -> dict[TaskId, float]:
    """The time that each task took. What lies between two runs belongs to the task that the next change is seen in, of
    several the first; before a pause, to the one that was open."""
    spent: dict[TaskId, float] = {}
    known: dict[TaskId, Passed] = {}
    waiting = 0.0  # seconds that belong to no task yet

    def give(task: TaskId) -> float:
        spent[task] = spent.get(task, 0.0) + waiting
        return 0.0

    for before, run in itertools.pairwise([None, *past]):
        pause = before is None or run.time - before.time > PAUSE
        if before is not None:
            waiting = give(before.open) if pause else waiting + run.time - before.time
        changed = [task for task, passed in run.tasks.items() if known.get(task, (0, passed[1])) != passed]
        if changed:
            waiting = give(min(changed))
        known.update(run.tasks)
    if past:
        give(past[-1].open)
    return spent


def _done(past: Sequence[Run]) -> set[TaskId]:
    """The tasks that were done when they were last graded."""
    last = {task: passed for run in past for task, passed in run.tasks.items()}
    return {task for task, (passed, checks) in last.items() if passed == checks}


def _day(run: Run) -> datetime.date:
    return datetime.date.fromtimestamp(run.time)
