"""How a check first went wrong, as data small enough to keep and to compare with what it was under a known mistake."""

from __future__ import annotations

import math
from collections.abc import Mapping

from grader.run.supervise import TOO_SLOW, Observation
from grader.verdict.compare import disagreement

NUMBERS_KEPT = 24  # of an array: enough to tell mistakes apart
TOLERANCE = 5e-3

Outcome = Mapping[str, object]
Fingerprint = Mapping[str, Outcome]


def outcome(observation: Observation) -> Outcome | None:
    """How a check first went wrong; None where it passed, and of no use where it `says_nothing`."""
    for position, fact in enumerate(observation.facts):
        if disagreement(fact) is not None:
            return {"fact": position, "observed": _digest_of_fact(fact)}
    if observation.error is not None:
        return {"error": "timeout" if observation.error["timeout"] else observation.error["type"]}
    if observation.lost is not None:
        return {"error": "timeout" if observation.lost == TOO_SLOW else "lost"}
    return None if observation.ended and observation.facts else {"error": "lost"}


def says_nothing(observation: Observation) -> bool:
    """Whether the check ended at a function that is not written yet, or at a name that is misspelt: no mistake of
    thought is behind that."""
    if any(fact["kind"] == "raises" and "NameError" in fact["observed"]["types"] for fact in observation.facts):
        return True
    return observation.error is not None and (observation.error["stub"] is not None or observation.error["misspelt"])


def outcomes(observations: Mapping[str, Observation]) -> dict[str, Outcome]:
    """The outcomes of the checks that failed, those left out that say nothing."""
    found = {
        check: outcome(observation) for check, observation in observations.items() if not says_nothing(observation)
    }
    return {check: one for check, one in found.items() if one is not None}


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
        if isinstance(value, int):
            return value if abs(value) < 10**6 else str(value)[:NUMBERS_KEPT]
        return float(f"{value:.4g}")
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
