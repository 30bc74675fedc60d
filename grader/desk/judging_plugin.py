"""A pytest plugin for plain pytest, `-p grader.desk.judging_plugin`: each fact is judged at once, by what it states."""

from __future__ import annotations

import pytest

from grader.inside.fixtures import rng, see, see_key, seed  # noqa: F401 (the fixtures, for pytest)
from grader.inside.see import See
from grader.protocol import Expectation
from grader.verdict.compare import disagreement


def pytest_configure(config) -> None:
    """Give the checks a `see` that fails them."""
    config.stash[see_key] = See(judge_at_once)


def judge_at_once(fact: dict) -> None:
    """Fail the running check where the fact does not hold."""
    __tracebackhide__ = True  # the debugger opens in the check
    expectation = Expectation(**{name: value for name, value in fact.items() if name != "observed"})
    words = disagreement(expectation, fact["observed"])
    if words is not None:
        got, expected = words
        pytest.fail(f"{expectation.what + ': ' if expectation.what else ''}got {got}\nexpected {expected}")
