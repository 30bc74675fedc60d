"""`nox -s bench -- --class`: what grading one submission costs, and what of it is the checks' own computing.

Processor time, which other work on the machine changes less than seconds. The checks' own is that of the same
functions, called one after the other in a process that does nothing else with what they observe.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from grader.classroom import alone
from grader.classroom.grading import grade_submission, make_key, write_files
from grader.classroom.options import Options, chosen_milestones
from grader.classroom.submission import Submission
from grader.course.milestones import Check
from grader.files import temporary_folder
from grader.inside import checks as inside
from grader.inside.see import See
from grader.option_types import count
from grader.run.assemble import assemble
from grader.run.budget import Budget
from grader.run.sandbox import Sandbox, best_level
from grader.source.package import PACKAGE
from grader.source.reference import reference, starter

WRITTEN = ("operations", "autodiff", "tensor")  # the rooms of who has done milestones 1 and 2
GOAL_SECONDS, GOAL_SHARE = 0.5, 0.10


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="nox -s bench -- --class", description=__doc__)
    parser.add_argument("--rounds", type=count, default=3, help="of which the median counts; default: 3")
    parser.add_argument("--milestones", default="", help="such as 1,2; default: all that count")
    given = parser.parse_args()
    numbers = chosen_milestones(given.milestones, electives=False)
    options = Options(numbers, seed=7, level=best_level(), wall=600.0)
    image, checks = alone.prepared(options), make_key(options)
    from grader.classroom import preloaded  # noqa: F401 (what the process of a submission is forked off has)

    gc.freeze()
    table = Table(title=f"Seconds of processor time a submission, {len(checks)} checks, {options.level}")
    for heading in ("submission", "in all", "the checks' own", "the rest", "its share", "of it outside", "a sandbox"):
        table.add_column(heading, justify="left" if heading == "submission" else "right")
    reached = True
    for name, files in submissions().items():
        outside, within = medians(lambda files=files: graded(files, options, image), given.rounds)
        own = medians(lambda files=files: called(files, checks, options.seed), given.rounds)[0]
        start = sum(medians(lambda: started(options, image), given.rounds))
        rest = outside + within - own
        reached &= rest <= GOAL_SECONDS and rest <= GOAL_SHARE * (outside + within)
        figures = [f"{each:.2f}" for each in (outside + within, own, rest, outside, start)]
        table.add_row(name, *figures[:3], f"{rest / (outside + within):.0%}", *figures[3:])
    console = Console(width=100)
    console.print(table)
    word = "reached" if reached else "not reached"
    console.print(f"at most {GOAL_SECONDS} s and {GOAL_SHARE:.0%} next to the checks: {word}", highlight=False)
    return 0


def submissions() -> dict[str, dict[str, bytes]]:
    """The files of a blank, a half-finished and a finished submission."""
    blank, done = starter(), reference()
    half = {name: done[name] if name.split("/")[1] in WRITTEN else text for name, text in blank.items()}
    texts = {"blank": blank, "milestones 1 and 2 done": half, "the reference": done}
    return {name: {file: text.encode() for file, text in own.items()} for name, own in texts.items()}


def medians(measure: Callable[[], Sequence[float]], rounds: int) -> list[float]:
    """Of each figure that a process of its own measures."""
    return [statistics.median(each) for each in zip(*(in_a_child(measure) for _ in range(rounds)), strict=True)]


def in_a_child(measure: Callable[[], Sequence[float]]) -> list[float]:
    """What a forked process measures."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(theirs, json.dumps(measure()).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as told:
        text = told.read()
    os.waitpid(child, 0)
    return json.loads(text)


def used() -> tuple[float, float]:
    """The processor time of this process, and of those that it started and that have ended."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return tuple(each.ru_utime + each.ru_stime for each in both)


def since(before: Sequence[float]) -> list[float]:
    """What was used from then on."""
    return [now - then for now, then in zip(used(), before, strict=True)]


def graded(files: dict[str, bytes], options: Options, image: Path) -> list[float]:
    """Grade a submission: the grader's own time, and that of the sandbox."""
    before = used()
    record = grade_submission(Submission("one", "One", files), options, image)
    assert record["problem"] is None
    return since(before)


def started(options: Options, image: Path) -> list[float]:
    """Start a sandbox and end it."""
    before = used()
    with temporary_folder() as folder, Sandbox(options.level, folder, Budget(), image) as sandbox:
        sandbox.wait()
    return since(before)


def called(files: dict[str, bytes], checks: Sequence[Check], seed: int) -> list[float]:
    """Call the checks one after the other."""
    with temporary_folder() as folder:
        (folder / "scratch").mkdir()
        write_files(folder / "tree", files)
        assembled = assemble(folder / "tree", folder / "scratch")
        places = assembled.write_checks(checks, whole=False)
        for module in [module for module in sys.modules if module.partition(".")[0] == PACKAGE]:
            del sys.modules[module]
        sys.path.insert(0, str(assembled.folder))
        modules = {file: inside.load(file) for file in dict.fromkeys(places.values())}
        see, seconds = See(lambda fact: None, expectations=False, seed_shift=seed), 0.0
        with open(os.devnull, "w", encoding="utf-8") as nothing, contextlib.redirect_stdout(nothing):
            for check in checks:
                function, before = getattr(modules[places[check.id]], check.name), time.process_time()
                with contextlib.suppress(Exception, SystemExit), inside.unsaid():
                    inside.call(function, see, seed)
                seconds += time.process_time() - before
        return [seconds]


if __name__ == "__main__":
    sys.exit(main())
