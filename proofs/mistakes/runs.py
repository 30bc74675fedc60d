"""Runs the suites on changed copies of the reference, in parallel, and keeps what has not changed."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.course.milestones import Check, load_milestone
from grader.files import MILESTONES, REPOSITORY, SOLUTIONS, STATE, write_whole
from grader.run.assemble import assemble
from grader.run.fork_server import launch
from grader.run.supervise import Observation, observe
from grader.source.package import source_files
from grader.verdict.outcomes import Outcome, outcomes, says_nothing

LOST = {"error": "lost"}
GRADER = ("source", "course", "inside", "run", "verdict")
CACHE = STATE / "mistakes"


@dataclass(frozen=True)
class Run:
    """The reference with some files changed, and the checks of one milestone to run on it.

    seeds: shifts; all of the milestone's checks run with the first of them, those of `again` with the others, too,
    unless one of these failed that draws no numbers: then it fails with every seed.
    """

    name: str
    milestone: int
    changes: Mapping[str, str]
    again: str = ""  # the id of a task
    seeds: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Result:
    """What failed: per seed shift the outcomes of the failing checks, and how long all of it took.

    silent: the checks that say nothing, with the seeds that students have.
    """

    outcomes: dict[int, dict[str, Outcome]]
    silent: list[str]
    seconds: float

    @property
    def fingerprint(self) -> dict[str, Outcome]:
        """The outcomes with the seeds that students have."""
        return self.outcomes[0]


def run_all(
    runs: Sequence[Run], jobs: int | None = None, progress: Callable[[str], None] = lambda name: None
) -> dict[str, Result]:
    """The results by the runs' names; those that are known from an earlier time are not run again."""
    common = _common_hash()
    results: dict[str, Result] = {}
    waiting = {}
    for run in runs:
        path = CACHE / f"{_hash([common, run.name, repr(run)])}.json"
        known = _read(path)
        if known is not None:
            results[run.name] = known
        else:
            waiting[run.name] = run, path
    with concurrent.futures.ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        futures = {pool.submit(execute, run): path for run, path in waiting.values()}
        names = dict(zip(futures, waiting, strict=True))
        for future in concurrent.futures.as_completed(futures):
            results[names[future]] = future.result()
            if not any(LOST in found.values() for found in future.result().outcomes.values()):  # it may come through
                _write(futures[future], future.result())
            progress(names[future])
    return {run.name: results[run.name] for run in runs}


def execute(run: Run) -> Result:
    """Run one, now."""
    started = time.perf_counter()
    found, silent = {}, []
    for position, shift in enumerate(run.seeds):
        chosen = [check for check in checks_of(run.milestone) if position == 0 or check.task_id == run.again]
        observations = observed(run.changes, chosen, shift)
        found[shift] = outcomes(observations)
        if position == 0:
            silent = [check for check, observation in observations.items() if says_nothing(observation)]
        if any(check.task_id == run.again and check.id in found[shift] and not check.seeded for check in chosen):
            break
    return Result(found, silent, time.perf_counter() - started)


def observed(changes: Mapping[str, str], checks: Sequence[Check], shift: int = 0) -> dict[str, Observation]:
    """What the checks observe on the reference with some files changed."""
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as scratch:
        assembled = assemble(SOLUTIONS, SOLUTIONS, Path(scratch).resolve(), changes=changes)
        return observe(assembled, checks, seed_shift=shift, process=launch(assembled.scratch, shift))


def checks_of(number: int) -> list[Check]:
    """A milestone's checks without those of convergence tasks."""
    return [check for task in load_milestone(number).tasks if not task.needs for check in task.checks]


def _common_hash() -> str:
    """Of everything that every run depends on: reference, suites, and what runs and compares them."""
    files: Iterable[Path] = [
        *source_files(SOLUTIONS).values(),
        *sorted((MILESTONES).rglob("*.py")),
        *sorted((MILESTONES).rglob("tasks.toml")),
        MILESTONES / "pytest.ini",
        *(path for room in GRADER for path in sorted((REPOSITORY / "grader" / room).glob("*.py"))),
        Path(__file__),
    ]
    return _hash([sys.version, np.__version__, *(path.read_text(encoding="utf-8") for path in files)])


def _hash(texts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()[:32]


def _read(path: Path) -> Result | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    found = {int(shift): outcomes for shift, outcomes in content["outcomes"].items()}
    return Result(found, content["silent"], content["seconds"])


def _write(path: Path, result: Result) -> None:
    write_whole(path, json.dumps(dataclasses.asdict(result)))
