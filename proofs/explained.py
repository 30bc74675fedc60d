"""Grades changed copies of the reference and has them explained, in parallel; keeps each result while it holds."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import functools
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console

from grader.course.milestones import checks_of, load_milestone
from grader.explain.explain import explain
from grader.files import MILESTONES, REPOSITORY, SOLUTIONS, write_whole
from grader.grade import grade
from grader.run.fork_server import forked
from proofs.runner import CACHE, surroundings

TABLES = ("mistakes.toml", "fingerprints.json", "cases.toml")  # of each milestone: what the search for a mistake reads


@dataclass(frozen=True)
class Case:
    """A changed reference, and the milestones to grade it in, one after the other, until one takes points off."""

    changes: Mapping[str, str]
    milestones: tuple[int, ...]

    @property
    def digest(self) -> str:
        """A name for everything that the result depends on."""
        case = json.dumps([sorted(self.changes.items()), self.milestones])
        return hashlib.sha256(_explainer() + case.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Found:
    """What became of a case.

    milestone: the one that took points off; None where none did. failing: its tasks that lost points. located: the
    functions said to be at fault. left: how many failing checks no function explains. named: ids of mistakes with their
    confidence, in the order of the functions, the surest of each first.
    """

    milestone: int | None
    failing: list[str]
    located: list[str]
    left: int
    named: list[tuple[str, float]]


def explain_all(cases: Mapping[str, Case], workers: int | None = None) -> dict[str, Found]:
    """What became of the cases, by their names."""
    found, pool = {}, concurrent.futures.ThreadPoolExecutor(workers or os.cpu_count())
    with Console(stderr=True).status("") as status:
        try:
            waiting = {pool.submit(_kept, case): name for name, case in cases.items()}
            for future in concurrent.futures.as_completed(waiting):
                found[waiting[future]] = future.result()
                status.update(f"{len(found)} of {len(cases)}")
        finally:
            pool.shutdown(cancel_futures=True)
    return found


def _kept(case: Case) -> Found:
    """What became of a case, as it was kept or found now."""
    path = CACHE / f"{case.digest}.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Found(**{**content, "named": [tuple(each) for each in content["named"]]})
    except (OSError, ValueError, TypeError, KeyError):
        found, whole = _find(case)
        if whole:
            write_whole(path, json.dumps(dataclasses.asdict(found)))
        return found


def _find(case: Case) -> tuple[Found, bool]:
    """What becomes of a case, and whether there was time for all of it: on a busy machine a search may end early."""
    for number in case.milestones:
        checks = checks_of(load_milestone(number).exercises)
        grading = grade(SOLUTIONS, checks, changes=case.changes, launch=forked)
        verdicts = grading.finish()
        failing = [task.task.id for task in verdicts[0].tasks if task.passed < len(task.checks)]
        if failing:
            explanations = explain(grading, verdicts, forked).values()
            faults = [fault for explanation in explanations for fault in explanation.faults]
            found = Found(
                milestone=number,
                failing=failing,
                located=[fault.unit.function for fault in faults],
                left=sum(len(explanation.left) for explanation in explanations),
                named=[(each.mistake.id, each.confidence) for fault in faults for each in fault.named or ()],
            )
            return found, all(each.whole and not each.slow for each in explanations)
    return Found(None, [], [], 0, []), True


@functools.cache
def _explainer() -> bytes:
    """A digest of all that is the same for every case."""
    digest = hashlib.sha256(surroundings())
    tables = [path for name in TABLES for path in sorted(MILESTONES.glob(f"*/{name}"))]
    for path in [*sorted((REPOSITORY / "grader/explain").glob("*.py")), *tables]:
        digest.update(path.read_bytes())
    return digest.digest()
