"""`nox -s classes`: grades a made class twice: in one go, and killed again and again, resumed in either order with any
number of workers.

The gradebook, the class page and every results.json must be the same to the byte.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from grader.classroom import alone
from grader.classroom.grading import make_key
from grader.classroom.intake import entries
from grader.classroom.options import Options, chosen_milestones
from grader.classroom.run import local_executor, run_class
from grader.classroom.store import Store
from grader.errors import CourseError
from grader.files import REPOSITORY
from grader.option_types import count, seconds, seed
from grader.run.sandbox import best_level
from proofs.figures import record
from proofs.runner import command

from . import outcome, processes_of
from .made import make_class

WORKERS = 2
RESUMED_WITH = (1, 2, 3)  # workers
READY = "ready"  # for the first submission
MEMORY_LOOKS = 1.0  # seconds between two


@dataclass
class Ran:
    """A run that ended: what it left, its seconds, and the memory of its processes over time, in bytes."""

    seconds: float
    memory: list[int] = field(default_factory=list)


def main() -> int:
    """Run, compare, report; 1 where bytes differ."""
    arguments = command_line()
    if arguments.out is not None:  # one run, in a process of its own
        one_run(arguments)
        return 0
    with tempfile.TemporaryDirectory(prefix="course-") as name:
        folder = Path(name)
        make_class(folder / "class", arguments.count)
        make_key(options_of(arguments))  # it is kept: otherwise the first run alone would take the time for it
        first = ran(arguments, folder, "first", "--workers", str(WORKERS))
        print(f"{arguments.count} submissions in {best_level()}: {times(folder / 'first', first)}", flush=True)
        killed, longest = 0, first.seconds / max(arguments.kills, 1)
        while killed < arguments.kills and ran(arguments, folder, "killed", *any_way(), until=longest) is None:
            killed += 1
        ran(arguments, folder, "killed", "--workers", str(WORKERS), "--reverse")
        resumed = f"resumed in either order with {RESUMED_WITH[0]} to {RESUMED_WITH[-1]} workers"
        graded = f"{arguments.count} submissions to {milestones(arguments)}"
        told = [
            f"{graded}, killed {killed} times and {resumed}: {differing(folder, 'killed')}",
            f"memory of the grader: {flatness(first.memory)}",
        ]
        wrong = [line for line in told if "differ" in line]
    print("\n".join(told))
    if arguments.record and not wrong:
        record("classes", told)
    return 1 if wrong else 0


def one_run(arguments: argparse.Namespace) -> None:
    """Grade the class as `nox -s class` does."""
    found = entries(arguments.submissions)
    options = options_of(arguments)
    executor = local_executor(arguments.workers)
    alone.prepared(options)
    print(READY, flush=True)
    with executor:
        ordered = found[::-1] if arguments.reverse else found
        run_class(ordered, options, Store(arguments.out), executor, arguments.workers)


def milestones(arguments: argparse.Namespace) -> str:
    """Those that are graded, in words."""
    numbers = [str(number) for number in options_of(arguments).milestones]
    return f"milestone {numbers[0]}" if len(numbers) == 1 else f"milestones {', '.join(numbers)}"


def any_way() -> list[str]:
    """An order and a number of workers."""
    return ["--workers", str(random.choice(RESUMED_WITH)), *random.choice([[], ["--reverse"]])]


def options_of(arguments: argparse.Namespace) -> Options:
    """What each run is asked to do."""
    numbers = chosen_milestones(arguments.milestones, electives=False)
    return Options(numbers, seed=arguments.seed, level=best_level(), wall=arguments.budget)


def ran(arguments: argparse.Namespace, folder: Path, name: str, *options: str, until: float = 0.0) -> Ran | None:
    """One run of the class in a process of its own; None where it was killed, at most `until` seconds after it came to
    the first submission."""
    call = [sys.executable, "-m", "proofs.classes", "--submissions", str(folder / "class"), "--out", str(folder / name)]
    call += ["--milestones", arguments.milestones, "--seed", str(arguments.seed), *options]
    process = subprocess.Popen(
        call, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    process.stdout.readline()
    started, memory = time.monotonic(), []
    end = started + random.uniform(0.0, until) if until else float("inf")
    while process.poll() is None:
        time.sleep(0.05 if until else MEMORY_LOOKS)
        memory.append(resident(process.pid))
        if time.monotonic() > end:
            process.kill()
            process.communicate()
            left_alone(process.pid)
            return None
    _, errors = process.communicate()
    if process.returncode:
        raise CourseError(f"the run {name} failed: {errors.decode(errors='replace')[-2_000:]}")
    left_alone(process.pid)
    return Ran(time.monotonic() - started, memory)


def left_alone(session: int) -> None:
    """CourseError where a process of a session is left after some seconds."""
    deadline = time.monotonic() + 30
    while left := processes_of(session):
        if time.monotonic() > deadline:
            raise CourseError(f"processes are left behind: {left}")
        time.sleep(0.2)


def resident(process: int) -> int:
    """The memory of a process, without that of others."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def differing(folder: Path, name: str) -> str:
    """Whether a run left the same bytes as the first."""
    first, other = outcome(folder / "first"), outcome(folder / name)
    different = sorted(file for file in first.keys() | other.keys() if first.get(file) != other.get(file))
    return f"{', '.join(different[:5])} differ" if different else f"the same bytes in {len(first)} files"


def times(folder: Path, run: Ran) -> str:
    """Seconds of the submissions that were graded, and the share that is not the checks' own."""
    rows = [line.split(",") for line in (folder / "times.csv").read_text().splitlines()[1:]]
    all_of = [float(each) for _, each, _ in rows if float(each)]
    own = [float(each) - float(checks) for _, each, checks in rows if float(each)]
    share = sum(own) / sum(all_of)
    return (
        f"{run.seconds:.0f} s with {WORKERS} workers; a submission {statistics.median(all_of):.1f} s in the median, "
        f"{statistics.median(own):.2f} s of them beside the checks, which is {share:.0%} of all"
    )


def flatness(memory: list[int]) -> str:
    """The memory a fifth into a run and at its end."""
    early, late = (max(memory[at : at + 5] or [0]) / 2**20 for at in (len(memory) // 5, len(memory) - 6))
    return f"{early:.0f} MB a fifth into a run, {late:.0f} MB at its end"


def command_line() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="nox -s classes --", description=__doc__)
    parser.add_argument("--count", type=count, default=100, help="of submissions")
    parser.add_argument("--kills", type=int, default=50, help="how often a run is killed")
    parser.add_argument("--milestones", default="", help="such as 1,2 (default: all that count)")
    parser.add_argument("--seed", type=seed, default=7)
    parser.add_argument("--budget", type=seconds, default=600.0, help="seconds a submission may take")
    parser.add_argument("--record", action="store_true", help="keep the figures")
    parser.add_argument("--workers", type=count, default=2, help=argparse.SUPPRESS)
    parser.add_argument("--reverse", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--submissions", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(command(main))
