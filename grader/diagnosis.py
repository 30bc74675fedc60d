"""Names the likely mistake behind failing checks, by what each check observed.

A check's *outcome* is how it first went wrong: which of its facts did not hold and what was observed there, or the
type of the error that stopped it. The outcomes of all checks that fail under a catalogued mistake are the mistake's
*fingerprint*. To diagnose a task, the student's outcomes are laid beside each fingerprint, over the checks of that
task and of the mistake's own task: of the checks that fail on either side, a check counts 1 where the outcomes are
alike (numbers within tolerance), NEAR where they are two errors or two values of the same fact, FAR where they are
otherwise, and 0 where only one side fails. The mean is the confidence; below LEAST nothing is named. Checks that
stopped at a stub say nothing and are left out, so that unfinished work resembles no mistake; a mistake whose own task
is done is out of the question. Tasks go in order, and what a mistake named earlier explains is no longer evidence: so
two mistakes in different tasks are both named.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .compare import disagreement
from .course import Milestone, Task, milestone_folder
from .mistakes import Mistake, load_mistakes
from .supervise import TOO_SLOW, Observation

NEAR, FAR = 0.5, 0.25
LEAST = 0.33
NUMBERS_KEPT = 24  # of an array: enough to tell mistakes apart
TOLERANCE = 5e-3

Outcome = Mapping[str, object]
Fingerprint = Mapping[str, Outcome]


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


def outcome(observation: Observation) -> Outcome | None:
    """How a check first went wrong; None where it passed or stopped at a stub (see `stopped_at_stub`)."""
    for position, fact in enumerate(observation.facts):
        if disagreement(fact) is not None:
            return {"fact": position, "observed": _digest_of_fact(fact)}
    if observation.error is not None:
        return {"error": "timeout" if observation.error["timeout"] else observation.error["type"]}
    if observation.lost is not None:
        return {"error": "timeout" if observation.lost == TOO_SLOW else "lost"}
    return None if observation.ended and observation.facts else {"error": "lost"}


def stopped_at_stub(observation: Observation) -> bool:
    """Whether the check ended at a function that is not written yet."""
    return observation.error is not None and observation.error["stub"] is not None


def outcomes(observations: Mapping[str, Observation]) -> dict[str, Outcome]:
    """The outcomes of the checks that failed, stubs left out."""
    found = {
        check: outcome(observation) for check, observation in observations.items() if not stopped_at_stub(observation)
    }
    return {check: one for check, one in found.items() if one is not None}


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
            confidence = fit(failed, fingerprint, scope)
            suspicions.append((confidence, mistake.task == task.id, Suspicion(mistake, round(confidence, 2))))
        suspicions.sort(key=lambda entry: entry[:2], reverse=True)
        named = tuple(suspicion for confidence, _, suspicion in suspicions[:3] if confidence >= LEAST)
        diagnoses[task.id] = Diagnosis(named)
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


def alike(one: object, other: object) -> bool:
    """Whether two digests are the same, numbers within tolerance."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if _is_number(one) and _is_number(other):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=1e-6)
    return one == other


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


def _digest_of_fact(fact: dict) -> object:
    """What a fact observed, small enough to keep: bounds depend on the machine, and only tell that they were missed."""
    observed = fact["observed"]
    if fact["kind"] in ("at_least", "at_most", "most_at_least"):
        return "missed"
    if fact["what"] == "warnings":  # their wording and number depend on how the code is written
        return "warned"
    if fact["kind"] == "raises":
        return observed["types"][0] if observed["types"] else "no error"
    return _digest(observed)


def _digest(value: object) -> object:
    """Plain data with few and rounded numbers and short texts."""
    if _is_number(value):
        return value if isinstance(value, int) and abs(value) < 10**6 else float(f"{value:.4g}")
    if isinstance(value, str):
        return value[:80]
    if isinstance(value, list):
        return [_digest(item) for item in value[:NUMBERS_KEPT]]
    if isinstance(value, dict) and "array" in value:
        values = None if value["array"] is None else [_digest(number) for number in _flat(value["array"])]
        return {"shape": value["shape"], "values": values}
    if isinstance(value, dict):
        return {key: _digest(item) for key, item in value.items()}
    return value


def _flat(nested: object) -> list:
    """The first numbers of nested lists."""
    if not isinstance(nested, list):
        return [nested]
    numbers: list = []
    for item in nested:
        numbers += _flat(item)
        if len(numbers) >= NUMBERS_KEPT:
            break
    return numbers[:NUMBERS_KEPT]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
