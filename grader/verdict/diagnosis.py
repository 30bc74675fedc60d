"""Names the likely mistake behind failing checks, by what each check observed: docs/diagnosis.md, "By likeness".

So mistakes are named where there was no search for the functions at fault, and ordered where there was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course.milestones import Milestone, Task
from grader.course.mistakes import Mistake
from grader.sealed import table

from .outcomes import Fingerprint, Outcome, alike

NEAR, FAR = 0.5, 0.25
LEAST, CONFIDENT = 0.33, 0.7
DOUBT = 0.5


@dataclass(frozen=True)
class Suspicion:
    """A mistake that may be behind a task's failing checks, how well it fits (0 to 1), and the checks it explains."""

    mistake: Mistake
    confidence: float
    checks: frozenset[str]


@dataclass(frozen=True)
class Diagnosis:
    """What may be behind a task's failing checks, the likeliest first; at most three.

    follows_from: what was named first for earlier tasks, and together explains every failing check of this one.
    behind: the first task whose failure is not confidently explained, if it comes before this one.
    """

    suspicions: tuple[Suspicion, ...] = ()
    follows_from: tuple[Suspicion, ...] = ()
    behind: str | None = None

    @property
    def explained(self) -> bool:
        """Whether a known mistake, or an earlier task, is behind it."""
        return bool(self.follows_from or self.behind or (self.suspicions and self.suspicions[0].checks))


def diagnose(
    tasks: Sequence[Task],
    failed: Fingerprint,
    mistakes: Sequence[Mistake],
    fingerprints: Mapping[str, Fingerprint],
    silent: Collection[str] = (),
) -> dict[str, Diagnosis]:
    """For each of the tasks whose checks fail, what may be behind it; checks that are `silent` say nothing."""
    checks = {task.id: {check.id for check in task.checks} for task in tasks}
    failing = {task.id for task in tasks if checks[task.id] & failed.keys()}
    explained: dict[str, Suspicion] = {}  # a check, by what was named first for an earlier task
    behind, diagnoses = None, {}
    for task_id in (task.id for task in tasks if task.id in failing):
        evidence = checks[task_id] & failed.keys()
        if evidence <= explained.keys():
            origins = {explained[check].mistake.id: explained[check] for check in sorted(evidence)}
            diagnoses[task_id] = Diagnosis(follows_from=tuple(origins.values()))
            continue
        suspicions = []
        for mistake in mistakes:
            fingerprint = fingerprints.get(mistake.id, {})
            if mistake.task not in failing or not fingerprint.keys() & (evidence - explained.keys()):
                continue
            scope = (checks[task_id] | checks[mistake.task]).difference(silent)
            scope -= explained.keys() - fingerprint.keys()
            fits = fit(failed, fingerprint, scope)
            if fits >= (LEAST if behind is None else CONFIDENT):
                confidence = round(fits if behind is None else DOUBT * fits, 2)
                suspicions.append(Suspicion(mistake, confidence, same(failed, fingerprint)))
        suspicions.sort(key=lambda one: (one.confidence, one.mistake.task == task_id), reverse=True)
        diagnoses[task_id] = Diagnosis(tuple(suspicions[:3]), behind=behind)
        for suspicion in suspicions[:1]:
            explained = {**dict.fromkeys(suspicion.checks, suspicion), **explained}
        if behind is None and not (suspicions and suspicions[0].confidence >= CONFIDENT):
            behind = task_id
    return diagnoses


def same(failed: Fingerprint, fingerprint: Fingerprint) -> frozenset[str]:
    """The checks whose outcomes are alike."""
    return frozenset(check for check in failed.keys() & fingerprint.keys() if alike(failed[check], fingerprint[check]))


def fit(failed: Fingerprint, fingerprint: Fingerprint, scope: Iterable[str]) -> float:
    """How well the outcomes of a run agree with a fingerprint, over the checks in scope that fail on either side."""
    total = count = 0.0
    for check in scope:
        mine, theirs = failed.get(check), fingerprint.get(check)
        if mine is None and theirs is None:
            continue
        count += 1
        if mine is not None and theirs is not None:
            total += likeness(mine, theirs)
    return total / count if count else 0.0


def likeness(one: Outcome, other: Outcome) -> float:
    """1 for outcomes that are alike, NEAR for two errors or two values of one fact, FAR for an error and a value."""
    if alike(one, other):
        return 1.0
    return NEAR if one.keys() == other.keys() and one.get("fact") == other.get("fact") else FAR


def fingerprint_file(milestone: Milestone) -> Path:
    """Where the fingerprints of a milestone's mistakes are kept."""
    return milestone.folder / "fingerprints.json"


def load_fingerprints(milestone: Milestone) -> dict[str, Fingerprint]:
    """The committed fingerprints, by the mistake's id."""
    return table(fingerprint_file(milestone))
