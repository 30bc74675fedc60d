"""One round of grading, in a thread of its own, that a new save ends at once."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course.milestones import Milestone, Task, check_tree, checks_of
from grader.desk.grading import cause_named
from grader.desk.memory import with_memory
from grader.desk.on_reference import rooms_on_reference
from grader.errors import CourseError
from grader.explain.explain import explain
from grader.explain.explanation import Explanation
from grader.files import REPOSITORY
from grader.grade import Grading, grade
from grader.history import record
from grader.last_run import digests, remember
from grader.run.launch import Process, fresh
from grader.source.state import TreeState
from grader.task_id import TaskId
from grader.text import one_line
from grader.verdict.judge import IN_PROGRESS, MilestoneVerdict, TaskVerdict, judge_milestone


class OverError(Exception):
    """The round is over: there is a newer one."""


@dataclass(frozen=True)
class Judged:
    """A task's verdict. seconds: since the round was asked for."""

    round: Round
    task: TaskVerdict
    state: TreeState
    seconds: float


@dataclass(frozen=True)
class Ended:
    """The milestone's verdict."""

    round: Round
    verdict: MilestoneVerdict
    state: TreeState
    seconds: float


@dataclass(frozen=True)
class Explained:
    """Why tasks fail. last: nothing more comes of this round. problem: why the search for it failed, if it did."""

    round: Round
    explanations: Mapping[TaskId, Explanation]
    last: bool
    problem: str = ""


@dataclass(frozen=True)
class Failed:
    """Why there is no verdict."""

    round: Round
    message: str


class Workers:
    """Starts workers, one of them ahead: while the student types, it imports what it needs."""

    def __init__(self) -> None:
        self._ready: Process | None = None
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Have one ready."""
        with self._lock:
            if self._ready is None:
                self._ready = fresh(REPOSITORY)

    def take(self) -> Process:
        """The one that is ready, if it still lives, or else a new one."""
        with self._lock:
            ready, self._ready = self._ready, None
        return ready if ready is not None and ready.poll() is None else fresh(REPOSITORY)

    def close(self) -> None:
        """End the one that is ready."""
        with self._lock:
            if self._ready is not None:
                self._ready.kill()
                self._ready.wait()
                self._ready = None


@dataclass
class Desk:
    """What all rounds have in common. on_reference: whether earlier rooms come from the reference."""

    tree: Path
    milestone: Milestone
    on_reference: bool
    workers: Workers
    rooms: tuple[str, ...] | None = None  # once the first round knows them


class Round(threading.Thread):
    """Grades the tasks of a milestone in a given order, and explains those that fail: first the first one.

    tell: takes Judged for each task, Ended, Explained; or Failed.
    """

    def __init__(self, desk: Desk, tasks: Sequence[Task], tell: Callable[[object], None]):
        super().__init__(daemon=True)
        self.desk, self.tasks, self.tell = desk, tasks, tell
        self.began = time.monotonic()
        self._texts: dict[str, str] = {}  # digests of the tree's files
        self._passed: dict[TaskId, tuple[int, int]] = {}
        self._known: dict[TaskId, Explanation] = {}
        self._over = False
        self._running: list[Process] = []
        self._lock = threading.Lock()

    def run(self) -> None:
        """Grade, and explain."""
        try:
            self._explain(*self._grade())
        except OverError:
            pass
        except (CourseError, OSError) as error:
            self._say(Failed(self, one_line(str(error))))
        except Exception as error:  # whatever befalls a round, the next save begins another
            self._say(Failed(self, _told(error)))
        finally:
            record(self.desk.tree, self._passed)
            if not self._over:
                self.desk.workers.prepare()

    def cancel(self) -> None:
        """End it, whatever the tree is doing; what its thread is in the middle of, it ends next to the next round."""
        with self._lock:
            self._over = True
            for process in self._running:
                process.kill()

    def _launch(self, scratch: Path) -> Process:
        with self._lock:
            self._go_on()
            self._running.append(self.desk.workers.take())
            if self._passed:  # the next save may come while the functions at fault are looked for
                self.desk.workers.prepare()
            return self._running[-1]

    def _go_on(self) -> None:
        if self._over:
            raise OverError

    def _say(self, event: object) -> None:
        if not self._over:
            self.tell(event)

    def _seconds(self) -> float:
        return time.monotonic() - self.began

    def _grade(self) -> tuple[Grading, MilestoneVerdict]:
        desk, tree = self.desk, check_tree(self.desk.tree)
        if desk.rooms is None:
            grading = functools.partial(grade, launch=self._launch)
            desk.rooms = rooms_on_reference(tree, desk.milestone, grading) if desk.on_reference else ()
        self._texts, left = digests(tree), {task.id: len(task.checks) for task in self.tasks}
        grading = grade(tree, checks_of(self.tasks), rooms=desk.rooms, launch=self._launch)
        first, exercises = None, [task for task in self.tasks if not task.convergence]
        for verdict in grading:
            self._go_on()  # its worker was ended: the verdict is not the tree's
            left[verdict.check.task_id] -= 1
            if left[verdict.check.task_id] == 0:
                (task,) = [each for each in self.tasks if each.id == verdict.check.task_id]
                (judged,) = judge_milestone(desk.milestone, [task], grading.verdicts, grading.state).tasks
                self._passed[task.id] = (judged.passed, len(judged.checks))
                self._say(Judged(self, judged, grading.state, self._seconds()))
                desk.workers.prepare()  # for the next save, which may come before the round has ended
                first = first or judged
                if task == exercises[-1] != self.tasks[-1] and first.state == IN_PROGRESS:
                    self._find(grading, [first], last=False)  # what is left takes its time
        whole = judge_milestone(desk.milestone, desk.milestone.tasks, grading.verdicts, grading.state)
        self._say(Ended(self, whole, grading.state, self._seconds()))
        return grading, whole

    def _explain(self, grading: Grading, whole: MilestoneVerdict) -> None:
        failing = [task for task in whole.tasks if task.state == IN_PROGRESS]
        first = [task for task in failing if task.task == self.tasks[0]]
        if first and len(failing) > 1 and first[0].task.id not in self._known:
            self._find(grading, first, last=False)
        remember({task.task.id: None for task in whole.tasks if task not in failing}, self.desk.tree)
        self._find(grading, [] if {task.task.id for task in failing} <= self._known.keys() else failing, last=True)

    def _find(self, grading: Grading, tasks: Sequence[TaskVerdict], last: bool) -> None:
        """Look for the functions at fault in these tasks, and say what is known then."""
        verdict, problem = MilestoneVerdict(self.desk.milestone, tuple(tasks)), ""
        try:
            found = explain(grading, [verdict], self._launch) if tasks else {}
        except OverError:
            raise
        except Exception as error:  # the verdict stands, whatever befalls its explanation
            found, problem = {}, f"the search for the functions at fault failed: {_told(error)}"
        self._go_on()
        new = {task_id: each for task_id, each in found.items() if task_id not in self._known}
        self._known.update(with_memory(new, self.desk.tree))
        remember({task.task.id: cause_named(task, self._known, self._texts) for task in tasks}, self.desk.tree)
        self._say(Explained(self, dict(self._known), last, problem))


def _told(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}")
