"""The answer key: what each fact of each check must be, as the checks state it when they run on the reference."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from grader.protocol import Expectation, Fact

from .compare import tolerance_of

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
