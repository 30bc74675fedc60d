"""The judge: compares what checks observed with the answer key, and counts points. Never imports a tree."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.course.milestones import Check, Milestone, Task, checks_of
from grader.course.mistakes import load_mistakes
from grader.protocol import Cause, Expectation, Failure, Frame, Loss, Observation, Shown
from grader.source.state import BrokenFile, TreeState, stubs_of
from grader.task_id import TaskId

from .compare import first_disagreement
from .diagnosis import Diagnosis, diagnose, load_fingerprints
from .outcomes import Outcome, outcome, says_nothing

NOT_STARTED, BLOCKED, DONE, IN_PROGRESS = "not started", "blocked", "done", "in progress"
OTHER_FACTS = "the check did not report what it should: was its process interfered with?"


@dataclass(frozen=True)
class CheckVerdict:
    """Whether a check passed, and if not, why."""

    check: Check
    passed: bool
    reason: str = ""  # in a few words: what went wrong
    what: str = ""  # which of several things was compared
    upstream: str = ""  # the upstream gradient that it was computed with
    got: str = ""
    expected: str | None = None
    line: int | None = None  # of the check, where it went wrong
    turn: tuple[int, int] = (1, 1)  # in a loop: the how manieth time, of how many, that this line stated a fact
    frames: Sequence[Frame] = ()
    stub: TaskId | None = None  # the task whose stub it stopped at
    failure: Failure | None = None
    loss: Loss | None = None
    printed: str = ""
    outcome: Outcome | None = None  # how it first went wrong, for the diagnosis
    says_nothing: bool = False  # whether that points to no mistake
    broken: BrokenFile | None = None  # the file that can't be used, and in which it looked for a function
    shown: tuple[Shown, ...] = field(default=(), compare=False)  # of what was learnt
    seconds: float = 0.0

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
    blocked_by: tuple[TaskId, ...] = ()
    broken: tuple[BrokenFile, ...] = ()  # the files that can't be used, and that cost it checks
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


def judge_check(
    check: Check,
    observation: Observation,
    expectations: Sequence[Expectation],
    broken: Sequence[BrokenFile] = (),
) -> CheckVerdict:
    """Compare a check's facts with the key's: the same number, the same kinds, in order. The first that is not as
    expected is the verdict. broken: the files that could not be used.
    """
    wrong = first_disagreement(observation.facts, expectations)
    if wrong is None:
        verdict = _end(check, observation, expectations, broken)
    elif wrong.got is None:
        verdict = CheckVerdict(check, False, OTHER_FACTS)
    else:
        what, line = wrong.expectation.what, wrong.expectation.line
        turns = [position for position, each in enumerate(expectations) if each.line == line and each.what == what]
        turn = (turns.index(wrong.position) + 1, len(turns))
        verdict = CheckVerdict(
            check,
            False,
            what=what,
            upstream=wrong.expectation.upstream,
            got=wrong.got,
            expected=wrong.expected,
            line=line,
            turn=turn,
        )
    return dataclasses.replace(
        verdict,
        printed=observation.printed,
        shown=tuple(observation.shown),
        seconds=observation.seconds,
        outcome=None if verdict.passed else outcome(observation, wrong),
        says_nothing=not verdict.passed and says_nothing(observation),
    )


def judge_task(
    task: Task, checks: Sequence[CheckVerdict], state: TreeState, diagnosis: Diagnosis | None
) -> TaskVerdict:
    """The verdict on a task, from those on its checks."""
    checks = tuple(checks)
    failing = [verdict for verdict in checks if not verdict.passed]
    if checks and not failing:
        return TaskVerdict(task, DONE, checks)
    begun = not any(state.untouched(task_id) for task_id in ([task.id] if stubs_of(task.id) else task.needs))
    if not begun and len(failing) == len(checks):
        return TaskVerdict(task, NOT_STARTED, checks)
    own = state.broken_of(task.id)
    stops = {verdict.stub for verdict in failing}
    if not own and None not in stops and task.id not in stops:
        waiting = {verdict.stub for verdict in failing if verdict.broken is None}
        broken = dict.fromkeys(verdict.broken for verdict in failing if verdict.broken is not None)
        return TaskVerdict(task, BLOCKED, checks, tuple(sorted(waiting)), tuple(broken))
    return TaskVerdict(task, IN_PROGRESS, checks, broken=tuple(own), diagnosis=None if own else diagnosis)


def judge_milestone(
    milestone: Milestone, tasks: Sequence[Task], checks: Mapping[str, CheckVerdict], state: TreeState
) -> MilestoneVerdict:
    """The verdict on some tasks of a milestone, from those on their checks; convergence tasks get no diagnosis."""
    exercises = [task for task in tasks if not task.convergence]
    verdicts = [checks[check.id] for check in checks_of(exercises)]
    failed = {verdict.check.id: verdict.outcome for verdict in verdicts if verdict.outcome and not verdict.says_nothing}
    diagnoses = {}
    if failed:
        silent = {verdict.check.id for verdict in verdicts if verdict.says_nothing}
        diagnoses = diagnose(exercises, failed, load_mistakes(milestone), load_fingerprints(milestone), silent)
    verdicts = []
    for task in tasks:
        own = [checks[check.id] for check in task.checks]
        verdicts.append(judge_task(task, own, state, diagnoses.get(task.id)))
    return MilestoneVerdict(milestone, tuple(verdicts))


def _end(
    check: Check,
    observation: Observation,
    expectations: Sequence[Expectation],
    broken: Sequence[BrokenFile],
) -> CheckVerdict:
    """The verdict on a check of which no fact is wrong, by how it ended."""
    if observation.failure is not None:
        return _stopped(check, observation.failure, broken)
    if observation.loss is not None:
        reason = _lost(observation.loss, check.seconds)
        return CheckVerdict(check, False, reason, loss=observation.loss)
    if not observation.ended or not expectations:
        return CheckVerdict(check, False, "the check did not report")
    if len(observation.facts) != len(expectations):
        return CheckVerdict(check, False, OTHER_FACTS)
    return CheckVerdict(check, True)


def _stopped(check: Check, failure: Failure, broken: Sequence[BrokenFile]) -> CheckVerdict:
    """The verdict on a check that an exception stopped."""
    stub, frames, lost = failure.stub and TaskId(failure.stub), failure.frames, None
    if stub is not None and frames:
        lost = next((file for file in broken if file.holds(frames[-1].file)), None)
    if lost is not None:
        reason = f"{lost.place} can't be used: {lost.message}"
    elif stub is not None:
        reason = failure.message
    elif failure.timeout:
        reason = _too_slow(failure, check.seconds)
    else:
        reason = str(failure)
    return CheckVerdict(check, False, reason, line=failure.line, frames=frames, stub=stub, failure=failure, broken=lost)


def _lost(loss: Loss, seconds: float) -> str:
    return f"it ran longer than {seconds:g} s and was stopped" if loss.cause is Cause.TIME else loss.message


def _too_slow(failure: Failure, seconds: float) -> str:
    """How long a check ran, and where it was, as far as that is known."""
    hang = failure.hang
    if hang is not None and failure.again:
        return f"it was stopped in {hang.function}, which did not end in an earlier check"
    where = f" in {hang.function}, {hang.file}:{hang.line}" if hang is not None else ""
    return f"it ran longer than {seconds:g} s and was stopped{where}"
