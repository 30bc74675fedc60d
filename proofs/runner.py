"""Runs suites on changed copies of the reference, in parallel, and keeps each result for as long as it holds."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from grader.course.milestones import Check
from grader.errors import CourseError
from grader.files import MILESTONES, REPOSITORY, SOLUTIONS, STATE, write_whole
from grader.grade import grade
from grader.protocol import Cause
from grader.run.fork_server import forked
from grader.verdict.outcomes import Outcome

CACHE = STATE / "proofs"
KEPT_SECONDS = 14 * 24 * 3_600  # since a result was last used
# What grades, without what draws the report and what proves.
GRADER = ("source", "course", "inside", "run", "verdict")


@dataclass(frozen=True)
class Job:
    """Checks to run on the reference with some files changed.

    again: checks that run with each of the other seed shifts as well, unless one of them that draws no numbers failed:
    it fails with every seed. first_failure: to end there.
    """

    changes: Mapping[str, str]
    checks: Sequence[Check]
    again: Sequence[Check] = ()
    shifts: tuple[int, ...] = (0,)
    first_failure: bool = False

    @property
    def digest(self) -> str:
        """A name for everything that the result depends on."""
        digest = hashlib.sha256(surroundings())
        checks = [[check.id for check in chosen] for chosen in (self.checks, self.again)]
        digest.update(json.dumps([sorted(self.changes.items()), checks, self.shifts, self.first_failure]).encode())
        return digest.hexdigest()[:32]


@dataclass(frozen=True)
class Result:
    """What failed.

    failed: by seed shift, the checks with how each first went wrong. messages: of the first shift. silent: those of
    the first shift that say nothing of a mistake. whole: no worker died on the way, so that a repetition gives the
    same.
    """

    failed: dict[int, dict[str, Outcome]]
    messages: dict[str, str]
    silent: list[str]
    seconds: float
    whole: bool

    @property
    def fingerprint(self) -> dict[str, Outcome]:
        """How the checks fail, without those that say nothing, with the seeds that students have."""
        first = next(iter(self.failed.values()))
        return {check: outcome for check, outcome in first.items() if check not in self.silent}


def run_all(
    jobs: Mapping[str, Job], workers: int | None = None, progress: Callable[[str], None] = lambda name: None
) -> dict[str, Result]:
    """The results by the jobs' names; those that are known are not run again."""
    _prune()
    results = {name: _read(job) for name, job in jobs.items()}
    pool = concurrent.futures.ThreadPoolExecutor(workers or os.cpu_count())
    try:
        waiting = {pool.submit(run, jobs[name]): name for name, known in results.items() if known is None}
        for future in concurrent.futures.as_completed(waiting):
            name = waiting[future]
            results[name] = future.result()
            progress(name)
    finally:
        pool.shutdown(cancel_futures=True)  # Ctrl-C: what has begun ends, the rest does not begin
    return results


def command(main: Callable[[], int]) -> int:
    """Run a proof's command: one line for what it can't do, and for an interruption."""
    try:
        return main()
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted: what has ended is kept", file=sys.stderr)
        return 130


def _prune() -> None:
    """Remove results that were not used for two weeks."""
    for path in CACHE.glob("*.json"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                path.unlink()


def run(job: Job) -> Result:
    """Run one, now, and keep the result; once more if a worker died: a busy machine may have killed it."""
    result = _execute(job)
    if not result.whole:
        result = _execute(job)
    write_whole(_file(job), json.dumps(asdict(result)))
    return result


def _execute(job: Job) -> Result:
    started = time.perf_counter()
    failed, messages, silent, whole = {}, {}, [], True
    for position, shift in enumerate(job.shifts):
        checks, found = job.again if position else job.checks, {}
        grading = grade(SOLUTIONS, checks, changes=job.changes, seed_shift=shift, launch=forked)
        with contextlib.closing(iter(grading)) as verdicts:  # its workers end with it, not when Python ends
            for verdict in verdicts:
                if verdict.passed:
                    continue
                found[verdict.check.id] = verdict.outcome
                whole &= verdict.loss is None or verdict.loss.cause is not Cause.DEATH
                if position == 0:
                    messages[verdict.check.id] = verdict.message
                    silent += [verdict.check.id] if verdict.says_nothing else []
                if job.first_failure:
                    break
        failed[shift] = found
        if any(check.id in found and not check.seeded for check in job.again):
            break
    return Result(failed, messages, silent, time.perf_counter() - started, whole)


@functools.cache
def surroundings() -> bytes:
    """A digest of all that is the same for every job: reference, suites, data, and what runs and judges them."""
    digest = hashlib.sha256(f"{sys.version} {np.__version__}".encode())
    grader = [path for room in GRADER for path in sorted((REPOSITORY / "grader" / room).glob("*.py"))]
    suites = [path for pattern in ("*.py", "tasks.toml", "pytest.ini") for path in sorted(MILESTONES.rglob(pattern))]
    for path in [
        *grader,
        *sorted((REPOSITORY / "grader").glob("*.py")),
        *suites,
        *sorted(SOLUTIONS.rglob("*.py")),
        *sorted((REPOSITORY / "datasets").iterdir()),
        Path(__file__),
    ]:
        if path.is_file():
            digest.update(path.read_bytes() + b"\0")
    return digest.digest()


def _file(job: Job) -> Path:
    return CACHE / f"{job.digest}.json"


def _read(job: Job) -> Result | None:
    try:
        content = json.loads(_file(job).read_text(encoding="utf-8"))
        os.utime(_file(job))
        failed = {int(shift): outcomes for shift, outcomes in content.pop("failed").items()}
        return Result(failed=failed, **content)
    except (OSError, ValueError, TypeError, KeyError):
        return None
