"""Grades a class: hands submissions to an executor, keeps what comes back, and writes what an instructor reads."""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import math
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from grader.errors import CourseError
from grader.report.words import points
from grader.text import one_line

from . import alone
from .autograder import gradescope_results
from .class_page import class_page
from .gradebook import Row, columns, gradebook, row_of
from .grading import blank_results, ungraded
from .options import Options, course_version
from .store import Store
from .student_page import student_page
from .submission import Submission

NOT_YET = "not graded yet: it was left out of this run"
ATTEMPTS = 3  # where a machine of a cluster is lost


class Entry(Protocol):
    """A submission that is not in memory yet."""

    id: str
    name: str

    def load(self) -> Submission:
        """All of it."""


@dataclass
class Progress:
    """Says how far a run is: on a terminal in one line that changes, and a line for each submission in a log."""

    total: int
    log: Any
    started: float = field(default_factory=time.monotonic)
    ended: int = 0
    graded: int = 0

    def say(self, name: str, record: dict[str, Any], known: bool) -> None:
        """A submission has its record."""
        self.ended += 1
        self.graded += not known
        score, most = (points(record["results"][each]) for each in ("score", "max_score"))
        took = "as before" if known else f"{record['seconds']['all']:.1f} s"
        line = f"{name}: {one_line(record['problem'] or f'{score} of {most}')} ({took})"
        self.log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {line}\n")
        self.log.flush()
        if sys.stderr.isatty():
            print(f"\r\x1b[K{self._how_far()}  {line[:60]}", end="", file=sys.stderr, flush=True)
        elif not known:
            print(f"{self.ended} of {self.total}  {line}", file=sys.stderr, flush=True)

    def _how_far(self) -> str:
        left = self.total - self.ended
        if not self.graded or not left:
            return f"{self.ended} of {self.total}"
        seconds = (time.monotonic() - self.started) / self.graded * left
        return f"{self.ended} of {self.total}, about {_duration(seconds)} left"

    def close(self) -> None:
        """Leave the line."""
        if sys.stderr.isatty():
            print(file=sys.stderr)


def _duration(seconds: float) -> str:
    return f"{math.ceil(seconds)} s" if seconds < 90 else f"{math.ceil(seconds / 60)} min"


def run_class(
    entries: Sequence[Entry],
    options: Options,
    store: Store,
    executor: concurrent.futures.Executor,
    at_once: int,
    again: bool = False,
    only: Sequence[str] = (),
) -> list[Row]:
    """Grade what is new or has changed, and write everything; the rows, by id. at_once: how many at a time.

    only: the ids of those to grade; the others keep their rows. again: also what is unchanged.
    """
    same, rows, times, own_columns = options.digest(), {}, {}, columns(blank_results(options))
    with (store.folder / "log.txt").open("a", encoding="utf-8") as log:
        progress = Progress(len(entries), log)

        def ended(submission: Submission, record: dict[str, Any], known: bool = False) -> None:
            rows[submission.id] = row_of(submission.name, record, submission.notes)
            times[submission.id] = record["seconds"]
            write_student(store, submission, record)
            progress.say(submission.id, record, known)

        def waiting() -> Iterable[tuple[Submission, str]]:
            for entry in entries:
                submission = entry.load()
                key = hashlib.sha256(f"{submission.digest} {same}".encode()).hexdigest()
                left_out = bool(only) and submission.id not in only
                known = None if again and not left_out else store.record(submission.id, None if left_out else key)
                if known is not None and columns(known["results"]) != own_columns:
                    raise CourseError(
                        f"{submission.id} was graded on other milestones or tasks than this run's, and a gradebook has "
                        "the columns of one set: leave out --only, or name another --out"
                    )
                if known is None and (left_out or submission.problem is not None):
                    known = ungraded(submission, options, submission.problem or NOT_YET)
                if known is not None:
                    ended(submission, known, known=True)
                else:
                    yield submission, key

        try:
            for submission, key, record in _graded(waiting(), options, executor, at_once):
                if record["problem"] is None:  # what kept it from being graded may be gone next time
                    store.keep(submission.id, key, record)
                ended(submission, record)
        finally:
            progress.close()
    ordered = [rows[name] for name in sorted(rows, key=lambda name: (name.casefold(), name))]
    write_class(store, ordered, options, times)
    return ordered


def _graded(waiting, options: Options, executor: concurrent.futures.Executor, at_once: int):
    """Each submission with its key and record, as they end; never more of them in memory than are in work."""
    running, version = {}, course_version()

    def start(submission: Submission, key: str, attempt: int) -> None:
        future = executor.submit(alone.grade_alone, submission, options, version)
        running[future] = submission, key, attempt

    def next_ended():
        done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
        for future in done:
            submission, key, attempt = running.pop(future)
            try:
                yield submission, key, future.result()
            except (CourseError, alone.StoppedError):
                raise
            except Exception as error:  # of the executor: a machine was lost
                if attempt == ATTEMPTS:
                    raise CourseError(f"{submission.id}: its worker was lost {ATTEMPTS} times: {error}") from error
                start(submission, key, attempt + 1)

    for submission, key in waiting:
        start(submission, key, 1)
        while len(running) >= at_once:
            yield from next_ended()
    while running:
        yield from next_ended()


def write_student(store: Store, submission: Submission, record: dict[str, Any]) -> None:
    """The files of one student."""
    folder = f"students/{submission.id}"
    content = {"id": submission.id, "problem": record["problem"], **record["results"]}
    write_json(store, f"{folder}/results.json", content)
    write_json(store, f"{folder}/gradescope.json", gradescope_results(record, submission.notes))
    store.write(f"{folder}/report.html", student_page(record, submission.name, submission.notes))
    store.write(f"{folder}/log.txt", student_log(record, submission))


def student_log(record: dict[str, Any], submission: Submission) -> str:
    """For the instructor: what was taken in, what was noted, and each check."""
    lines = [f"{submission.name} ({submission.id}): {len(submission.files)} files"]
    lines += [f"note: {note}" for note in submission.notes]
    lines += [f"not graded: {record['problem']}"] if record["problem"] else []
    lines += [one for kind in ("unusable", "stopped", "unprobed") for one in record.get(kind, ())]
    lines += [f"mark: {mark['kind']} {mark['file']}:{mark['line']} {mark['what']}" for mark in record["marks"]]
    for task in (task for milestone in record["results"]["milestones"] for task in milestone["tasks"]):
        lines.append(f"{task['id']} {task['title']}: {task['state']}, {points(task['score'])}")
        for check in task["checks"]:
            lines.append(f"  {'pass' if check['passed'] else 'FAIL'} {check['id']}")
            lines += [f"       {line}" for line in check["message"].splitlines()]
    return "".join(f"{one_line(line)}\n" for line in lines)


def write_class(store: Store, rows: Sequence[Row], options: Options, times: dict[str, dict[str, float]]) -> None:
    """The files of the run."""
    store.write("gradebook.csv", gradebook(rows))
    lines = [f"{name},{each['all']},{each['checks']}" for name, each in sorted(times.items())]
    store.write("times.csv", "\n".join(["id,seconds,of which checks", *lines]) + "\n")
    summary = about(rows, options)
    store.write("class.html", class_page(rows, summary))
    write_json(store, "run.json", summary)


def write_json(store: Store, name: str, content: Any) -> None:
    """Write a file of data."""
    store.write(name, json.dumps(content, indent=1) + "\n")


def about(rows: Sequence[Row], options: Options) -> dict[str, Any]:
    """The content of run.json."""
    return {
        "seed": options.seed,
        "course": course_version(),
        "isolation": options.level,
        "milestones": options.milestones,
        "on_reference": options.on_reference,
        "explain": options.explain,
        "private": [name for name, _ in options.private],
        "budget_seconds": options.wall,
        "submissions": len(rows),
        "without_a_verdict": sum(row.problem is not None for row in rows),
        "with_marks": sum(bool(row.marks) for row in rows),
    }


def local_executor(workers: int) -> concurrent.futures.Executor:
    """An executor on this machine: each of its threads waits for the process of a submission."""
    return concurrent.futures.ThreadPoolExecutor(workers, thread_name_prefix="submission")
