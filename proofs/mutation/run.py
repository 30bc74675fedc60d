"""Runs milestone suites on mutants until a check fails, and remembers the outcome for as long as it holds."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.util
import json
import queue
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from grader.course.milestones import Check, load_milestone, milestone_numbers, milestone_of
from grader.files import MILESTONES, REPOSITORY, SOLUTIONS, STATE, write_whole
from grader.run.assemble import Assembled, assemble
from grader.run.fork_server import launch
from grader.run.supervise import TOO_SLOW, Observation, Worker
from grader.source.package import read_source, source_files
from grader.verdict.judge import judge_check

from .mutants import Mutant

CACHE = STATE / "mutation" / "outcomes.json"
# What an outcome depends on, besides the tree and the suites.
GRADER = ("source", "course", "inside", "run", "verdict")
IMPORT = "the import"  # stands for a check where the package can't even be imported


class Caught(Exception):  # noqa: N818 (it ends a run, and is no error)
    """A check failed: the others need not run."""


class Suites:
    """The checks that a mutant is tried on, without the convergence tasks, and the digests of their files."""

    def __init__(self):
        milestones = [load_milestone(number) for number in milestone_numbers()]
        tasks = [task for milestone in milestones for task in milestone.tasks if not task.needs]
        self.checks = [check for task in tasks for check in task.checks]
        self.files = {path.stem: digest(path) for path in {check.path for check in self.checks}}
        self.all_files = digest(*sorted(self.files.values()))

    def stages(self, task_id: str) -> list[list[Check]]:
        """The task's checks, the others of its milestone, those of later milestones, which use its code, the rest."""
        number = milestone_of(task_id)

        def stage(check: Check) -> int:
            if check.task_id == task_id:
                return 0
            other = milestone_of(check.task_id)
            return 1 if other == number else 2 if other > number else 3

        stages = [[check for check in self.checks if stage(check) == wanted] for wanted in range(4)]
        return [checks for checks in stages if checks]


class Outcomes:
    """Which check caught a mutant, on disk: of use while the tree, the grader and that check's file stay."""

    def __init__(self, suites: Suites):
        self.suites = suites
        try:
            self.known = json.loads(CACHE.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # there is none yet, or it was cut off
            self.known = {}
        self._lock = threading.Lock()

    def get(self, mutant: Mutant) -> dict | None:
        """The remembered outcome, if it still holds."""
        outcome = self.known.get(self._name(mutant))
        return outcome if outcome is not None and outcome["suite"] == self._suite(outcome["check"]) else None

    def put(self, mutant: Mutant, check_id: str | None) -> dict:
        """Remember which check caught a mutant; None: all passed."""
        outcome = {"check": check_id, "suite": self._suite(check_id)}
        with self._lock:
            self.known[self._name(mutant)] = outcome
        return outcome

    def save(self) -> None:
        """Write all to disk."""
        with self._lock:
            write_whole(CACHE, json.dumps(self.known))

    def _suite(self, check_id: str | None) -> str | None:
        """The digest of the checks that an outcome rests on: those of one file, or all where none failed."""
        if check_id is None:
            return self.suites.all_files
        return IMPORT if check_id == IMPORT else self.suites.files.get(check_id.partition("::")[0])

    def _name(self, mutant: Mutant) -> str:
        return digest(*surroundings(), mutant.file, mutant.text)


@functools.cache
def surroundings() -> tuple[str, ...]:
    """All that stays the same from mutant to mutant: the versions, the grader, and the reference."""
    grader = [path for room in GRADER for path in sorted((REPOSITORY / "grader" / room).glob("*.py"))]
    files = [*grader, MILESTONES / "pytest.ini", *source_files(SOLUTIONS).values()]
    return sys.version, np.__version__, *map(digest, files)


def digest(*parts: str | Path) -> str:
    """A short name of texts, or of files' contents."""
    contents = [part.read_bytes() if isinstance(part, Path) else part.encode() for part in parts]
    return hashlib.sha256(b"\0".join(contents)).hexdigest()[:24]


class Bench:
    """A scratch copy of the reference in which one file at a time is a mutant's."""

    def __init__(self, scratch: Path):
        self.assembled = assemble(SOLUTIONS, SOLUTIONS, scratch)

    @contextlib.contextmanager
    def holding(self, mutant: Mutant) -> Iterator[Assembled]:
        """The tree with the mutant in place."""
        path = self.assembled.scratch / mutant.file
        original = read_source(path)
        self._write(path, mutant.text)
        try:
            yield self.assembled
        finally:
            self._write(path, original)

    def _write(self, path: Path, text: str) -> None:
        # Python takes bytecode for current by the second and the size alone, which two mutants may share.
        Path(importlib.util.cache_from_source(path)).unlink(missing_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def first_failure(assembled: Assembled, checks: Sequence[Check], again: bool = True) -> str | None:
    """The check that fails first, None where all pass. As grader.supervise.observe, but it ends with the failure.

    again: where the worker died, try once more: a busy machine may have killed it, and a mutant does so each time.
    """
    observations: dict[str, Observation] = {}
    ended: list[Check] = []

    def stop_at_a_failure(check: Check) -> None:
        if ended and not judge_check(ended[-1], observations[ended[-1].id], {}).passed:
            raise Caught
        ended.append(check)

    failure = None
    with contextlib.suppress(Caught):
        worker = Worker(launch(assembled.scratch), assembled, checks, hurried=False)
        failure = worker.run(observations, stop_at_a_failure)
    if failure is not None:
        return IMPORT
    for check in checks:
        observation = observations.get(check.id, Observation())
        if not judge_check(check, observation, {}).passed:
            if again and observation.lost not in (None, TOO_SLOW):
                return first_failure(assembled, checks, again=False)
            return check.id
    return None


def run(mutants: Sequence[Mutant], jobs: int, progress=lambda: None) -> list[str | None]:
    """The check that catches each mutant, None where none does."""
    suites = Suites()
    outcomes = Outcomes(suites)
    with tempfile.TemporaryDirectory(prefix="mutation-") as scratch:
        benches: queue.Queue[Bench] = queue.Queue()
        for number in range(jobs):
            benches.put(Bench(Path(scratch) / str(number)))
        if any(outcomes.get(mutant) is None for mutant in mutants):
            failing = first_failure(benches.queue[0].assembled, suites.checks)
            if failing is not None:
                raise RuntimeError(f"the reference itself fails {failing}")

        def outcome_of(mutant: Mutant) -> str | None:
            outcome = outcomes.get(mutant)
            if outcome is None:
                bench = benches.get()
                try:
                    with bench.holding(mutant) as assembled:
                        verdicts = (first_failure(assembled, checks) for checks in suites.stages(mutant.task_id))
                        check_id = next(filter(None, verdicts), None)
                finally:
                    benches.put(bench)  # else the other threads would wait for it for ever
                outcome = outcomes.put(mutant, check_id)
                if len(outcomes.known) % 100 == 0:
                    outcomes.save()
            progress()
            return outcome["check"]

        try:
            with ThreadPoolExecutor(jobs) as threads:
                return list(threads.map(outcome_of, mutants))
        finally:
            outcomes.save()
