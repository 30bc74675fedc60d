"""How a check first went wrong, as data small enough to keep and to compare with what it was under a known mistake."""

from __future__ import annotations

import math
from collections.abc import Mapping

from grader.protocol import Expectation, Fact, Observation

from .compare import Disagreement

NUMBERS_KEPT = 24  # of an array: enough to tell mistakes apart
TOLERANCE = 5e-3

Outcome = Mapping[str, object]
Fingerprint = Mapping[str, Outcome]


def outcome(observation: Observation, wrong: Disagreement | None) -> Outcome:
    """How a check that failed first went wrong; of no use where it `says_nothing`."""
    if wrong is not None:
        fact = observation.facts[wrong.position]
        return {"fact": wrong.position, "observed": digest_of_fact(fact, wrong.expectation)}
    if observation.failure is not None:
        return {"error": "timeout" if observation.failure.timeout else observation.failure.type}
    return {"error": "timeout" if observation.too_slow else "lost"}


def says_nothing(observation: Observation) -> bool:
    """Whether the check ended at a function that is not written yet, or at a name that is misspelt: no misconception
    is behind that."""
    if any(fact.kind == "raises" and "NameError" in fact.observed["types"] for fact in observation.facts):
        return True
    failure = observation.failure
    return failure is not None and (failure.stub is not None or failure.misspelt)


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


def digest_of_fact(fact: Fact, expectation: Expectation) -> object:
    """What a fact observed, small enough to keep: bounds depend on the machine, and only show that they were missed."""
    if fact.kind in ("at_least", "at_most", "most_agree"):
        return "missed"
    if expectation.what == "warnings":  # their wording and number depend on how the code is written
        return "warned"
    if fact.kind == "raises":
        return fact.observed["types"][0] if fact.observed["types"] else "no error"
    return _digest(fact.observed)


def _digest(value: object) -> object:
    """Plain data with few and rounded numbers and short texts."""
    if _is_number(value):
        if isinstance(value, int):
            return value if abs(value) < 10**6 else str(value)[:NUMBERS_KEPT]
        return float(f"{value:.4g}")
    if isinstance(value, str):
        return value[:80]
    if isinstance(value, list):
        return [_digest(item) for item in value[:NUMBERS_KEPT]]
    if isinstance(value, dict) and "array" in value:
        values = value["array"] and [_digest(number) for number in value["array"][:NUMBERS_KEPT]]
        return {"shape": value["shape"], "values": values}
    if isinstance(value, dict):
        return {key: _digest(item) for key, item in value.items()}
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
