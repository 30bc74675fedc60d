"""Names the likely mistake behind failing checks, by what each check observed.

A check's *outcome* is how it first went wrong: which of its facts did not hold and what was observed there, or the
type of the error that stopped it. The outcomes of all checks that fail under a catalogued mistake are the mistake's
*fingerprint*. To diagnose a task, the student's outcomes are laid beside each fingerprint, over the checks of that
task and of the mistake's own task: of the checks that fail on either side, a check counts 1 where the outcomes are
alike (numbers within tolerance), NEAR where they are two errors or two values of the same fact, FAR where they are
otherwise, and 0 where only one side fails. The mean is the confidence; below LEAST nothing is named. Checks that
stopped at a stub say nothing and are left out, so that unfinished work resembles no mistake; a mistake whose own task
is done is out of the question. Tasks go in order, and what a mistake named earlier explains is no longer evidence: so
two mistakes in different tasks are both named. Behind a task whose failure is not confidently explained, every
confidence is multiplied by DOUBT, for what fails there may follow from it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .course import Milestone, Task, milestone_folder
from .mistakes import Mistake, load_mistakes
from .outcomes import Fingerprint, Outcome, alike, outcomes, stopped_at_stub
from .supervise import Observation

NEAR, FAR = 0.5, 0.25
LEAST, CONFIDENT = 0.33, 0.7
DOUBT = 0.5


@dataclass(frozen=True)
class Suspicion:
    """A mistake that may be behind a task's failing checks, and how well it fits: from 0 to 1."""

    mistake: Mistake
    confidence: float


@dataclass(frozen=True)
class Diagnosis:
    """What may be behind a task's failing checks, the likeliest first.

    follows_from: the mistake, named for an earlier task, that explains every failing check of this one.
    """

    suspicions: tuple[Suspicion, ...] = ()
    follows_from: Mistake | None = None


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
    explained: dict[str, Mistake] = {}  # by a mistake that was named already
    trust = 1.0
    diagnoses = {}
    for task in tasks:
        evidence = {check: failed[check] for check in checks[task.id] & failed.keys()}
        if not evidence:
            continue
        rest = evidence.keys() - explained.keys()
        if not rest:
            diagnoses[task.id] = Diagnosis(follows_from=explained[min(evidence)])
            continue
        suspicions = []
        for mistake in mistakes:
            fingerprint = fingerprints.get(mistake.id, {})
            if mistake.task not in failing or not fingerprint.keys() & rest:
                continue
            scope = (checks[task.id] | checks[mistake.task]).difference(silent)
            scope -= {check for check in scope & explained.keys() if check not in fingerprint}
            confidence = fit(failed, fingerprint, scope) * trust
            suspicions.append((confidence, mistake.task == task.id, Suspicion(mistake, round(confidence, 2))))
        suspicions.sort(key=lambda entry: entry[:2], reverse=True)
        named = tuple(suspicion for confidence, _, suspicion in suspicions[:3] if confidence >= LEAST)
        diagnoses[task.id] = Diagnosis(named)
        if not named or named[0].confidence < CONFIDENT:
            trust = DOUBT
        if named:
            fingerprint = fingerprints[named[0].mistake.id]
            for check in failed.keys() & fingerprint.keys():
                if alike(fingerprint[check], failed[check]):
                    explained.setdefault(check, named[0].mistake)
    return diagnoses


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


def fingerprint_file(number: int) -> Path:
    """Where the fingerprints of a milestone's mistakes are kept."""
    return milestone_folder(number) / "fingerprints.json"


def load_fingerprints(number: int) -> dict[str, Fingerprint]:
    """The committed fingerprints, by the mistake's id."""
    path = fingerprint_file(number)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def diagnose_run(
    milestone: Milestone, tasks: Sequence[Task], observations: Mapping[str, Observation]
) -> dict[str, Diagnosis]:
    """`diagnose` with the milestone's catalogue and committed fingerprints; convergence tasks have none."""
    tasks = [task for task in tasks if not task.needs]
    failed, number = outcomes(observations), milestone.number
    if not failed:
        return {}
    silent = {check for check, observation in observations.items() if stopped_at_stub(observation)}
    return diagnose(tasks, failed, load_mistakes(number), load_fingerprints(number), silent)
