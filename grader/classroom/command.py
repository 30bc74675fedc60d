"""`nox -s class`: reads the options, grades, and says where what was found is."""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import dataclasses
import secrets
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.errors import CourseError, UsageError
from grader.run.sandbox import LEVELS, best_level, obstacle, require
from grader.source.reference import reference
from grader.text import one_line

from . import alone
from .intake import entries
from .options import SEEDS, Options, chosen_milestones, course_version, without_reference
from .private import read_private
from .run import Entry, about, local_executor, run_class, write_json
from .store import Store
from .submission import Submission

LEAST_SECONDS, TIMES_THE_REFERENCE = 60.0, 10.0
REFERENCE = ".reference"  # no submission's id begins so


def grade_class(given: argparse.Namespace) -> int:
    """Grade a class; exit code 0 when every submission has its row."""
    waiting = entries(given.submissions, given.roster, [one for one in (given.out, given.private) if one is not None])
    unknown = sorted(set(given.only) - {entry.id for entry in waiting})
    if unknown:
        raise UsageError(f"there is no submission {', '.join(unknown)}: ids are in the first column of gradebook.csv")
    students = [entry for entry in waiting if entry.on_roster]
    if students and not any(entry.handed_in for entry in students):
        print(
            f"note: nothing in {given.submissions} is of a student on the roster {given.roster}: name the export "
            "itself, such as moodle.zip, or correct the roster's ids and names",
            file=sys.stderr,
        )
    store = Store(given.out)
    with store.alone():
        _refuse_unlike_rows(given, store)
        return _graded(given, waiting, store)


def _refuse_unlike_rows(given: argparse.Namespace, store: Store) -> None:
    """UsageError where --only would put a row among others that were graded in another way, or have other columns."""
    last, asked = store.about(), list(chosen_milestones(given.milestones, given.electives))
    if not given.only or not last:
        return
    if last.get("milestones", asked) != asked:
        before, now = (", ".join(map(str, numbers)) for numbers in (last["milestones"], asked))
        differs = f"was of milestones {before}, and this one would be of {now}"
    else:
        asked = {"--on-reference": given.on_reference, "--private": given.private is not None}
        had = {"--on-reference": last.get("on_reference"), "--private": last.get("private")}
        other = [name for name in asked if had[name] is not None and bool(had[name]) != asked[name]]
        seed = last.get("seed", given.seed)
        if other:
            before, now = ("without", "with") if asked[other[0]] else ("with", "without")
            differs = f"was {before} {other[0]}, and this one would be {now} it"
        elif given.private and had["--private"] and _names_in(given.private) != had["--private"]:
            differs = f"was with --private of {', '.join(had['--private'])}, and this one would be with other files"
        elif given.seed not in (None, seed):
            differs = f"had the seed {seed}, and this one would have {given.seed}"
        else:
            return
    raise UsageError(f"--only: the last run into {given.out} {differs}: give the same options, or name another --out")


def _names_in(private: Path) -> list[str]:
    return sorted(path.name for path in private.glob("*.py"))


def _graded(given: argparse.Namespace, waiting: Sequence[Entry], store: Store) -> int:
    try:
        options = options_of(given, store)
        write_json(store, "run.json", about((), options))  # the seed, should this be interrupted
        with _executor(given, options) as (executor, at_once):
            rows = run_class(waiting, options, store, executor, at_once, given.again, given.only)
    except KeyboardInterrupt:
        print(f"interrupted: what was graded is kept in {given.out}; the same command goes on", file=sys.stderr)
        return 130
    except OSError as error:  # the disk is full, say
        where = f" {error.filename}" if error.filename else ""
        raise CourseError(
            f"stopped, as something could not be written: {error.strerror or error}{where}; what was graded is kept in "
            f"{given.out}, and once there is room the same command goes on"
        ) from error
    missing = [row for row in rows if row.problem is not None]
    count = "1 student" if len(rows) == 1 else f"{len(rows)} students"
    print(f"{count}, {len(missing)} without a verdict: {given.out / 'gradebook.csv'}, {given.out / 'class.html'}")
    for row in missing[:20]:
        print(f"  {row.id}: {one_line(row.problem)}")
    return 0


@contextlib.contextmanager
def _executor(given: argparse.Namespace, options: Options) -> Iterator[tuple[concurrent.futures.Executor, int]]:
    """What submissions are handed to, and how many at a time: processes here, or a cluster."""
    if given.scheduler:
        from .cluster import cluster_executor

        with cluster_executor(given.scheduler) as executor:
            yield executor
        return
    executor = local_executor(given.workers)
    alone.prepared(options)
    try:
        yield executor, given.workers
    finally:
        alone.STOP.set()
        executor.shutdown(cancel_futures=True)


def options_of(given: argparse.Namespace, store: Store) -> Options:
    """The options of a run: what was asked for, and the rest as in the last run of this folder."""
    require(given.require)
    level, last = best_level(), store.about()
    if level != LEVELS[0]:
        print(f"note: isolation of level {level}: {obstacle(LEVELS[0])}", file=sys.stderr)
    seed = given.seed if given.seed is not None else last.get("seed")
    options = Options(
        milestones=chosen_milestones(given.milestones, given.electives),
        seed=seed if isinstance(seed, int) else secrets.randbelow(SEEDS),
        level=level,
        wall=given.budget or 600.0,
        on_reference=given.on_reference,
        explain=given.explain,
        private=read_private(given.private),
    )
    for note in without_reference(options.milestones) if options.on_reference else ():
        print(f"note: {note}", file=sys.stderr)
    return options if given.budget else _measured(options, store)


def _measured(options: Options, store: Store) -> Options:
    """The options with a budget: ten times what the reference takes here, which must have all points."""
    key = options.digest()
    record = store.record(REFERENCE, key)
    if record is None:
        print("grading the reference first, for the limits of a submission", file=sys.stderr)
        files = {name: text.encode() for name, text in reference().items()}
        own = Submission(REFERENCE, "the reference", files)
        record = alone.grade_alone(own, options, course_version())
        if any(each["score"] != each["max_score"] for each in record["results"]["milestones"]):
            failing = [
                record["private"].get(check["id"]) or f"{check['id']}: {check['message']}"
                for milestone in record["results"]["milestones"]
                for task in milestone["tasks"]
                for check in task["checks"]
                if not check["passed"]
            ]
            why = record["problem"] or "; ".join(", ".join(each.splitlines()) for each in failing[:3])
            why += "; correct your private checks" if record["private"] else ""
            raise CourseError(f"nothing is graded, as the reference itself does not have all points here: {why}")
        store.keep(REFERENCE, key, record)
    return dataclasses.replace(options, wall=max(LEAST_SECONDS, TIMES_THE_REFERENCE * record["seconds"]["all"]))
