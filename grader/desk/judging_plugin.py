"""A pytest plugin for plain pytest: each fact is judged at once.

What must hold is what the check states; the tolerance is that of the answer key, so that the verdict is the report's.
"""

from __future__ import annotations

import pytest

from grader.answer_key import answer_key
from grader.course.milestones import checks_of, course
from grader.inside.see import See
from grader.protocol import Expectation
from grader.verdict.compare import disagreement

from .fixtures import repeatable, rng, see, see_key, seed  # noqa: F401 (for pytest)


def pytest_configure(config) -> None:
    """Give the checks a `see` that fails them."""
    judge = Judge()
    config.pluginmanager.register(judge)
    config.stash[see_key] = See(judge.judge_at_once)


class Judge:
    """Knows which check runs, and which of its facts comes next."""

    def __init__(self):
        tasks = [task for milestone in course() for task in milestone.tasks]
        self.checks = {check.id: check for check in checks_of(tasks)}
        self.tolerances: list[float | None] = []

    def pytest_runtest_setup(self, item) -> None:
        """Look up the tolerances of a check."""
        check = self.checks.get(f"{item.path.stem}::{item.name}")
        key = answer_key([check]) if check is not None else {}
        self.tolerances = [expectation.tolerance for expectation in key[check.id]] if check is not None else []

    def judge_at_once(self, fact: dict) -> None:
        """Fail the running check where the fact does not hold."""
        __tracebackhide__ = True  # the debugger opens in the check
        stated = {name: value for name, value in fact.items() if name != "observed"}
        tolerance = self.tolerances.pop(0) if self.tolerances else None
        expectation = Expectation(**{**stated, "tolerance": tolerance or stated["tolerance"]})
        words = disagreement(expectation, fact["observed"])
        if words is not None:
            got, expected = words
            pytest.fail(f"{expectation.what + ': ' if expectation.what else ''}got {got}\nexpected {expected}")
