"""Grades one submission: from its files to a record of plain data, which is the same on every machine."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.course.milestones import checks_of, is_private
from grader.desk.on_reference import rooms_on_reference
from grader.explain.explain import explain
from grader.explain.explanation import Explanation
from grader.files import REPOSITORY
from grader.grade import Grading, grade
from grader.report.results import results
from grader.report.story import story
from grader.run.budget import Budget
from grader.run.sandbox import Sandbox
from grader.source.package import PACKAGE
from grader.task_id import TaskId
from grader.verdict.judge import NOT_STARTED, MilestoneVerdict

from .options import Options
from .private import private_checks, public, with_private_counts, without_private
from .submission import Submission

SHOWN = "starter"  # where a student works, and the tree of every report
Grade = Callable[..., Grading]  # grade(), with what is the same for all runs of a submission


def grade_submission(submission: Submission, options: Options, image: Path) -> dict[str, Any]:
    """Grade a submission in this process; the record of what came of it. image: of run/image.py.

    problem: why nothing was graded, or None. results: as results.json has them. stories: as plain data, what a student
    reads, a story for each run. seconds: what it took, and of that the checks themselves.
    """
    started = time.monotonic()
    if submission.problem is not None:
        return ungraded(submission, options, submission.problem)
    # The folder `scratch` is open to the sandbox.
    with temporary_folder() as tree, temporary_folder() as scratch, private_checks(options.private):
        write_files(tree, submission.files)
        verdicts, stories, explanations = [], [], {}
        with _in_repository():
            box = functools.partial(Sandbox, options.level, scratch, Budget(options.wall, options.wall), image)
            with box() as sandbox:
                calls = {"launch": sandbox.launch, "scratch": sandbox.folder, "seed_shift": options.seed}
                runs = list(_graded(tree, options, functools.partial(grade, **calls, apart=True)))
            for grading, found in runs:
                shown = public(found, grading.state) if options.private else found
                why = _explained(grading, shown, options, box)
                explanations |= why
                told = story(shown, grading.state, why, SHOWN)
                if options.private:
                    told = with_private_counts(told, story(found, grading.state, why, SHOWN), found)
                stories.append(told)
                verdicts += found
            content = results(sorted(verdicts, key=lambda one: one.milestone.number), tree, explanations)
            content = without_private(content, verdicts)
        content["tree"] = SHOWN
        content, told = without_places(content), [without_places(dataclasses.asdict(each)) for each in stories]
    seconds = sum(each.seconds for grading, _ in runs for each in grading.verdicts.values())
    return _record(submission, options, content, told, time.monotonic() - started, seconds)


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A new folder, for as long as the context is open."""
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()


def _graded(tree: Path, options: Options, call: Grade) -> Iterator[tuple[Grading, list[MilestoneVerdict]]]:
    """The runs: one of all milestones, and one for each that earlier rooms of the reference are put under.

    Private checks come last: what a tree learns from them, it can say in no other check's message.
    """
    together = []
    for milestone, tasks in options.chosen():
        if options.on_reference and milestone.not_on_reference is None and milestone.earlier_rooms:
            rooms = rooms_on_reference(tree, milestone, call)
            grading = call(tree, sorted(checks_of(tasks), key=is_private), rooms=rooms)
            yield grading, grading.finish()
        else:
            together += checks_of(tasks)
    if together:
        grading = call(tree, sorted(together, key=is_private))
        yield grading, grading.finish()


def _explained(
    grading: Grading, verdicts: Sequence[MilestoneVerdict], options: Options, box: Callable[[], Sandbox]
) -> dict[TaskId, Explanation]:
    """The functions at fault, in a sandbox of their own; the verdict stands, whatever becomes of them."""
    if not options.explain:
        return {}
    try:
        with box() as sandbox:
            return explain(grading, verdicts, sandbox.launch)
    except Exception as error:
        print(f"no explanation: {type(error).__name__}: {error}", file=sys.stderr)
        return {}


def ungraded(submission: Submission, options: Options, problem: str) -> dict[str, Any]:
    """The record of a submission on which no verdict is possible."""
    given = dataclasses.replace(submission, problem=submission.problem or without_places(problem))
    return _record(given, options, blank_results(options), [], 0.0, 0.0)


def write_files(tree: Path, files: Mapping[str, bytes]) -> None:
    """Write a submission's files into a new folder, which has the package even where nothing was handed in."""
    (tree / PACKAGE).mkdir(parents=True)
    for name, content in files.items():
        path = tree / name
        if not path.resolve().is_relative_to(tree / PACKAGE):
            raise ValueError(f"{name} is not a file of {PACKAGE}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def blank_results(options: Options) -> dict[str, Any]:
    """results.json of who gets no points."""
    milestones = []
    for milestone, tasks in options.chosen():
        empty = {"state": NOT_STARTED, "score": 0.0, "checks": [], "faults": [], "follows_from": [], "mistakes": []}
        rows = [{"id": task.id, "title": task.title, "max_score": task.points, **empty} for task in tasks]
        most = sum(task.points for task in tasks)
        about = {"number": milestone.number, "title": milestone.title, "score": 0.0, "max_score": most}
        milestones.append({**about, "tasks": rows})
    most = sum(each["max_score"] for each in milestones)
    return {"tree": SHOWN, "score": 0.0, "max_score": most, "milestones": milestones}


def without_places(value: Any) -> Any:
    """Plain data in which no text depends on where and when it was made: scratch folders, addresses, the line of an
    endless loop that happened to run."""
    if isinstance(value, str):
        for pattern, replacement in PLACES:
            value = pattern.sub(replacement, value)
        return value
    if isinstance(value, Mapping):
        return {key: without_places(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_places(each) for each in value]
    return value


_TEMPORARY = "|".join(sorted({re.escape(os.path.realpath(tempfile.gettempdir())), "/tmp"}))
PLACES = [
    (re.compile(rf"(?:{_TEMPORARY})(?:/course-\w+|/desk-\w+)+(?:/tree)?"), SHOWN),
    (re.compile(r"\b0x[0-9a-f]{6,16}\b"), "0x..."),
    (re.compile(r"(was stopped in [^\n,]{1,200}, [^\n:]{1,200}):\d+"), r"\1"),
]


def _record(submission: Submission, options: Options, content, stories, seconds: float, checks: float) -> dict:
    return {
        "id": submission.id,
        "problem": submission.problem,
        "results": content,
        "stories": stories,
        "marks": [],
        "level": options.level,
        "seconds": {"all": round(seconds, 3), "checks": round(checks, 3)},
    }


@contextlib.contextmanager
def _in_repository() -> Iterator[None]:
    """Paths in a report are as a student in the course's folder types them."""
    before = Path.cwd()
    os.chdir(REPOSITORY)
    try:
        yield
    finally:
        os.chdir(before)
