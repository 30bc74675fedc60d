"""The judge: holds the checks that it expects, compares what they observed, and counts points. Never imports a tree."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.course.milestones import Check, Milestone, Task
from grader.files import SOLUTIONS
from grader.run.assemble import Assembled, BrokenFile
from grader.run.supervise import TOO_SLOW, Observation
from grader.source.package import read_source, source_files
from grader.source.stubs import exercises
from grader.verdict.compare import disagreement
from grader.verdict.diagnosis import Diagnosis, diagnose_run

NOT_STARTED, BLOCKED, DONE, IN_PROGRESS = "not started", "blocked", "done", "in progress"


@dataclass(frozen=True)
class CheckVerdict:
    """Whether a check passed, and if not, why."""

    check: Check
    passed: bool
    reason: str = ""  # in a few words: what went wrong
    what: str = ""  # which of several things was compared
    got: str = ""
    expected: str | None = None
    line: int | None = None  # of the check, where it went wrong
    frames: Sequence[dict] = ()
    stub: str | None = None  # the task whose stub it stopped at
    printed: str = ""

    @property
    def message(self) -> str:
        """All of it in one text, for results.json."""
        parts = [self.reason]
        if self.expected is not None:
            parts += [f"{self.what + ': ' if self.what else ''}got {self.got}", f"expected {self.expected}"]
        return "\n".join(part for part in parts if part)


@dataclass(frozen=True)
class TaskVerdict:
    """A task's state, points and checks."""

    task: Task
    state: str
    checks: tuple[CheckVerdict, ...]
    blocked_by: tuple[str, ...] = ()
    broken: BrokenFile | None = None
    diagnosis: Diagnosis | None = None  # of a task in progress, unless all its failing checks stop at stubs

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return sum(verdict.passed for verdict in self.checks)

    @property
    def score(self) -> float:
        """The points, shared evenly by the checks."""
        return round(self.task.points * self.passed / len(self.checks), 2) if self.checks else 0.0

    @property
    def first_failure(self) -> CheckVerdict | None:
        """The failing check to look at first: one that the likeliest mistake explains, or that ran into no stub."""
        failing = [verdict for verdict in self.checks if not verdict.passed]
        for suspicion in self.diagnosis.suspicions[:1] if self.diagnosis else ():
            explained = [verdict for verdict in failing if verdict.check.id in suspicion.checks]
            failing = explained or failing
        return next((verdict for verdict in failing if verdict.stub is None), failing[0] if failing else None)


@dataclass(frozen=True)
class MilestoneVerdict:
    """The verdicts of a milestone's tasks (or of the one asked for)."""

    milestone: Milestone
    tasks: tuple[TaskVerdict, ...]

    @property
    def score(self) -> float:
        """The points reached."""
        return round(sum(task.score for task in self.tasks), 2)

    @property
    def max_score(self) -> float:
        """The points that could be reached."""
        return sum(task.task.points for task in self.tasks)


@functools.cache
def stub_counts() -> dict[str, int]:
    """How many stubs of each task a blank starter holds."""
    counts: dict[str, int] = {}
    for name, path in source_files(SOLUTIONS).items():
        for exercise in exercises(read_source(path), name):
            counts[exercise.task_id] = counts.get(exercise.task_id, 0) + 1
    return counts


def judge(
    milestone: Milestone, tasks: Sequence[Task], assembled: Assembled, observations: Mapping[str, Observation]
) -> MilestoneVerdict:
    """The verdict on some tasks of a milestone; a check that did not report has not passed."""
    broken = assembled.broken_by_task()
    counts = stub_counts()
    left: dict[str, int] = {}
    for stub in assembled.stubs:
        left[stub.task_id] = left.get(stub.task_id, 0) + 1

    def untouched(task_id: str) -> bool:
        return 0 < counts.get(task_id, 0) <= left.get(task_id, 0)

    verdicts = []
    diagnoses = diagnose_run(milestone, tasks, observations)
    for task in tasks:
        checks = tuple(judge_check(check, observations.get(check.id, Observation()), broken) for check in task.checks)
        begun = not any(untouched(task_id) for task_id in ([task.id] if task.id in counts else task.needs))
        verdict = _judge_task(task, checks, begun, broken.get(task.id))
        if verdict.state == IN_PROGRESS and verdict.broken is None:
            verdict = dataclasses.replace(verdict, diagnosis=diagnoses.get(task.id))
        verdicts.append(verdict)
    return MilestoneVerdict(milestone, tuple(verdicts))


def _judge_task(task: Task, checks: tuple[CheckVerdict, ...], begun: bool, broken: BrokenFile | None) -> TaskVerdict:
    failing = [verdict for verdict in checks if not verdict.passed]
    if checks and not failing:
        return TaskVerdict(task, DONE, checks)
    if not begun and len(failing) == len(checks):
        return TaskVerdict(task, NOT_STARTED, checks)
    blockers = {verdict.stub for verdict in failing}
    if broken is None and None not in blockers and task.id not in blockers:
        return TaskVerdict(task, BLOCKED, checks, tuple(sorted(blockers, key=task_order)))
    return TaskVerdict(task, IN_PROGRESS, checks, broken=broken)


def task_order(task_id: str) -> tuple[int, ...]:
    """Sorts 1.10 behind 1.9."""
    return tuple(int(part) for part in task_id.replace("extra", "99").split("."))


def judge_check(check: Check, observation: Observation, broken: Mapping[str, BrokenFile]) -> CheckVerdict:
    """Compare a check's facts in order; the first that does not hold is the verdict."""
    for fact in observation.facts:
        difference = disagreement(fact)
        if difference is not None:
            got, expected = difference
            return CheckVerdict(
                check, False, "", fact["what"], got, expected, fact["line"], printed=observation.printed
            )
    if observation.error is not None:
        return _stopped(check, observation, broken)
    if observation.lost is not None:
        return CheckVerdict(check, False, observation.lost, printed=observation.printed)
    if not observation.ended or not observation.facts:
        return CheckVerdict(check, False, "the check did not report", printed=observation.printed)
    return CheckVerdict(check, True)


def _stopped(check: Check, observation: Observation, broken: Mapping[str, BrokenFile]) -> CheckVerdict:
    """The verdict on a check that an exception stopped."""
    error, stub = observation.error, observation.error["stub"]
    frames = error["frames"]
    if stub in broken:
        frames = ()  # they lead into the starter's file, which stands in for the broken one
        file = broken[stub]
        reason = f"{file.file}:{file.line} can't be used: {file.message}"
        stub = stub if stub != check.task_id else None
    elif stub is not None:
        reason = error["message"]
    elif error["timeout"]:
        reason = TOO_SLOW
    else:
        reason = f"{error['type']}: {error['message']}"
    return CheckVerdict(check, False, reason, line=error["line"], frames=frames, stub=stub, printed=observation.printed)
