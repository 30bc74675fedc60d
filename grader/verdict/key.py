"""The answer key: what each fact of each check must be, as the checks state it when they run on the reference."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence

from grader.protocol import Expectation, Fact

from .compare import disagreement, tolerance_of

LOOSE = 1e-4  # a stated tolerance above it is part of what a check says
LAWS = {"raises", "at_least", "at_most", "most_agree"}  # kinds of facts that hold for any numbers

Key = Mapping[str, tuple[Expectation, ...]]  # by the checks' ids, in the order of the facts


def expectations_of(facts: Iterable[Fact], expectations: Iterable[Expectation]) -> tuple[Expectation, ...]:
    """A check's part of the key, from a run on the reference.

    A tolerance that the check does not state is that of the reference's dtype, never that of what a tree returns.
    """
    return tuple(
        dataclasses.replace(expectation, tolerance=expectation.tolerance or tolerance_of(fact.observed))
        if expectation.kind == "close"
        else expectation
        for fact, expectation in zip(facts, expectations, strict=True)
    )


def settled(
    facts: Sequence[Fact], stated: Sequence[Expectation], written: Mapping[tuple, Sequence[object]]
) -> tuple[Expectation, ...] | None:
    """A check's part of the key when its numbers were moved, from a run on the reference; None where the check now
    says something else.

    Where what the moved text expects does not hold, the reference's answer takes its place, if it is of the kind that
    it was with the numbers as written. written: what the reference answered to those, as by_place gives it.
    """
    if by_place(facts, stated).keys() != written.keys():
        return None
    key = []
    for fact, own, one in zip(facts, stated, expectations_of(facts, stated), strict=True):
        if disagreement(one, fact.observed) is not None:
            law = own.kind in LAWS or own.upstream or (own.tolerance or 0) > LOOSE
            if law or not any(_of_a_kind(fact.observed, before) for before in written[_place(own)]):
                return None
            one = dataclasses.replace(one, expected=fact.observed)
        key.append(one)
    return tuple(key)


def by_place(facts: Sequence[Fact], stated: Sequence[Expectation]) -> dict[tuple, list[object]]:
    """What was observed, by the kind and what was compared; not by line, as facts may come in another order."""
    found: dict[tuple, list[object]] = {}
    for fact, one in zip(facts, stated, strict=True):
        found.setdefault(_place(one), []).append(fact.observed)
    return found


def _place(expectation: Expectation) -> tuple:
    return expectation.kind, expectation.what


def _of_a_kind(one: object, other: object) -> bool:
    """Whether two observations differ in numbers only: the same types, the same dtype and number of axes, inf and nan
    in the same places, or anywhere if the sizes differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.get("array") is not None and other.get("array") is not None:
            if one["dtype"] != other["dtype"] or len(one["shape"]) != len(other["shape"]):
                return False
            if one["dtype"] == "bool":
                return one == other
            same = one["shape"] == other["shape"]
            marks, others = ([_mark(number) for number in each["array"]] for each in (one, other))
            return marks == others if same else set(marks) == set(others)
        return one.keys() == other.keys() and all(_of_a_kind(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_of_a_kind, one, other))
    if isinstance(one, bool | str) or type(one) is not type(other):
        return one == other
    return one is None or _mark(one) == _mark(other)


def _mark(number: float) -> str:
    return str(number) if isinstance(number, float) and not math.isfinite(number) else ""
