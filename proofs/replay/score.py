"""What a recording of right answers is worth: those to the numbers of one run, judged by the key of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from grader.answer_key import answer_key, stated
from grader.course.milestones import Check, Milestone
from grader.protocol import Observation
from grader.run.fork_server import forked
from grader.verdict.judge import judge_check


def answers(
    checks: Sequence[Check], seed: int, changes: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Observation]:
    """What the acting parts of moved checks observe on the reference with some files changed."""
    return stated(checks, changes, seed, forked, expectations=False)


def passed(checks: Sequence[Check], seed: int, recorded: Mapping[str, Observation]) -> set[str]:
    """The checks of a run that these answers pass."""
    key = answer_key(checks, seed)
    return {check.id for check in checks if judge_check(check, recorded[check.id], key[check.id]).passed}


def score(milestone: Milestone, passing: set[str]) -> float:
    """The points of 100 that these checks earn."""
    shares = [(task.points, [check.id in passing for check in task.checks]) for task in milestone.tasks]
    return sum(points * sum(own) / len(own) for points, own in shares)
