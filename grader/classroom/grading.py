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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.answer_key import answer_key, moved_checks
from grader.course.milestones import Check, Milestone, Task, checks_of, in_total, is_private
from grader.desk.on_reference import rooms_on_reference
from grader.explain.explain import explain
from grader.explain.explanation import Explanation
from grader.files import REPOSITORY, temporary_folder
from grader.grade import Grading, grade
from grader.protocol import Cause, Note
from grader.report.results import results
from grader.report.story import Story, story
from grader.run.assemble import write_checks
from grader.run.budget import Budget
from grader.run.image import let_others_read, make_image
from grader.run.sandbox import Sandbox
from grader.source.package import PACKAGE
from grader.task_id import TaskId
from grader.verdict.judge import NOT_STARTED, CheckVerdict, MilestoneVerdict

from .integrity import Mark, marks, marks_of_run, together
from .options import Options
from .private import private_checks, private_failures, public, with_private_counts, without_private
from .probes import PROBES, probe_marks
from .submission import Submission, shown

SHOWN = "starter"  # where a student works, and the tree of every report
CHECKS = "checks"  # the folder of an image that has the checks' files
MESSAGES = 500_000  # characters of a submission's messages, before they are cut; half-finished work has a tenth of it
BRIEF = 300  # of each message beyond these
PROBED = 2  # the milestone whose gradients the probes ask for
Box = Callable[[], Sandbox]  # makes one for this submission


@dataclass(frozen=True)
class Run:
    """A submission graded once."""

    grading: Grading
    verdicts: list[MilestoneVerdict]


def grade_submission(submission: Submission, options: Options, image: Path) -> dict[str, Any]:
    """Grade a submission in this process; the record of what came of it. image: of make_shared.

    problem: why nothing was graded, or None. unusable: the files that can't be used, and why. stopped: what ran until
    its time was over, or crashed. unprobed: which probes could not run. private: what private checks that fail say, for
    the instructor alone. results: as results.json has them. stories: as plain data, what a student reads, a story for
    each run. marks: of integrity. seconds: what it took, and of that the checks themselves.
    """
    started = time.monotonic()
    if submission.problem is not None:
        return ungraded(submission, options, submission.problem)
    # The folder `scratch` is open to the sandbox.
    with temporary_folder() as tree, temporary_folder() as scratch, private_checks(options.private), _in_repository():
        write_files(tree, submission.files)
        box = functools.partial(Sandbox, options.level, scratch, Budget(options.wall, options.wall), image)
        runs, marks, unprobed = _verdicts(tree, submission, options, box, image)
        content, stories = _told(runs, options, box)
    seconds = sum(each.seconds for run in runs for each in run.grading.verdicts.values())
    verdicts = [each for run in runs for each in run.verdicts]
    return {
        "id": submission.id,
        "problem": None,
        "unusable": without_places(_unusable(runs)),
        "stopped": stopped(verdicts),
        "unprobed": without_places(unprobed),
        "private": without_places(private_failures(verdicts)),
        "results": without_places(content),
        "stories": [without_places(dataclasses.asdict(each)) for each in stories],
        "marks": [without_places(dataclasses.asdict(each)) for each in marks],
        "level": options.level,
        "seconds": {"all": round(time.monotonic() - started, 3), "checks": round(seconds, 3)},
    }


def _verdicts(
    tree: Path, submission: Submission, options: Options, box: Box, image: Path
) -> tuple[list[Run], list[Mark], list[str]]:
    """What the tree is worth, what a person should look at, and which probes could not run."""
    noted: list[Note] = []
    unprobed: list[str] = []
    with box() as sandbox:
        found = marks(submission.files)  # while the sandbox starts
        calls = {"launch": sandbox.launch, "scratch": sandbox.folder, "written": image / CHECKS}
        calls |= {"seed_shift": options.seed}
        runs = _runs(tree, options, functools.partial(grade, **calls, apart=True, notes=noted))
        if PROBED in options.milestones and runs:
            seen, unprobed = probe_marks(runs[-1].grading.assembled, sandbox.launch)
            found += seen
    verdicts = [each for run in runs for each in run.grading.verdicts.values()]
    return runs, together(found, marks_of_run(noted, verdicts)), unprobed


def _unusable(runs: Sequence[Run]) -> list[str]:
    """The files in whose place the starter's were graded, as with a syntax error, each with the reason."""
    broken = dict.fromkeys(one for run in runs for one in run.grading.state.broken if one.needs is None)
    return [f"{shown(one.place)} can't be used: {shown(one.message)}" for one in broken]


def stopped(verdicts: Sequence[MilestoneVerdict]) -> list[str]:
    """The tasks with checks that ran until their time was over or ended Python, and what ended all checks early."""
    checks = [(task.task.id, each) for verdict in verdicts for task in verdict.tasks for each in task.checks]
    ends: dict[str, dict[TaskId, None]] = {}
    for task, each in checks:
        if _too_slow(each):
            ends.setdefault(f"stopped after {each.check.seconds:g} s", {})[task] = None
        elif each.loss is not None and each.loss.cause is Cause.DEATH:
            ends.setdefault(each.loss.message, {})[task] = None
    losses = [each.loss for _, each in checks if each.loss is not None and each.loss.cause is Cause.BUDGET]
    found = [f"{', '.join(tasks)}: {end}" for end, tasks in ends.items()]
    return found + list(dict.fromkeys(loss.message for loss in losses))


def _too_slow(check: CheckVerdict) -> bool:
    if check.failure is not None:
        return check.failure.timeout
    return check.loss is not None and check.loss.cause is Cause.TIME


def _told(runs: Sequence[Run], options: Options, box: Box) -> tuple[dict[str, Any], list[Story]]:
    """The content of results.json, and the stories."""
    stories, verdicts, explanations = [], [], {}
    for run in runs:
        shown = public(run.verdicts, run.grading.state) if options.private else run.verdicts
        why = _explained(run.grading, shown, options, box)
        told = story(shown, run.grading.state, why, SHOWN)
        if options.private:
            whole = story(run.verdicts, run.grading.state, why, SHOWN)
            told = with_private_counts(told, whole, run.verdicts)
        stories.append(told)
        verdicts += run.verdicts
        explanations |= why
    verdicts.sort(key=lambda verdict: verdict.milestone.number)
    content = results(verdicts, Path(SHOWN), explanations)
    return {**with_bounded_messages(without_private(content, verdicts)), "tree": SHOWN}, stories


def with_bounded_messages(content: dict[str, Any]) -> dict[str, Any]:
    """results.json, with the messages of its last checks cut short where all of them are long."""
    left = MESSAGES

    def bounded(check: dict[str, Any]) -> dict[str, Any]:
        nonlocal left
        message = check["message"]
        left -= len(message)
        return check if left >= 0 or len(message) <= BRIEF else {**check, "message": f"{message[:BRIEF]}..."}

    def with_checks(task: dict[str, Any]) -> dict[str, Any]:
        return {**task, "checks": [bounded(check) for check in task["checks"]]}

    milestones = [{**one, "tasks": [with_checks(task) for task in one["tasks"]]} for one in content["milestones"]]
    return {**content, "milestones": milestones}


def _runs(tree: Path, options: Options, call: Callable[..., Grading]) -> list[Run]:
    """One of all milestones, but one of its own for each that earlier rooms of the reference are put under.

    That of all comes first, though it stands last: the trees of the others, with what the reference has in the place of
    this one's work, are in the sandbox from then on.
    """
    apart = [one for one in options.chosen() if options.on_reference and _can_be_put_on_reference(one[0])]
    together = [task for one in options.chosen() if one not in apart for task in one[1]]
    runs = [_run(call(tree, _checks(together, options)))] if together else []
    for milestone, tasks in apart:
        rooms = rooms_on_reference(tree, milestone, call)
        runs.insert(len(runs) - bool(together), _run(call(tree, _checks(tasks, options), rooms=rooms)))
    return runs


def _can_be_put_on_reference(milestone: Milestone) -> bool:
    return milestone.not_on_reference is None and bool(milestone.earlier_rooms)


def _run(grading: Grading) -> Run:
    return Run(grading, grading.finish())


def _checks(tasks: Sequence[Task], options: Options) -> list[Check]:
    """The checks of this run, with numbers of its own."""
    return list(_moved(tuple(tasks), options.seed))


@functools.lru_cache(maxsize=10)  # the process that submissions are forked off fills it
def _moved(tasks: tuple[Task, ...], seed: int) -> list[Check]:
    return moved_checks(checks_of(tasks), seed)


def make_key(options: Options) -> list[Check]:
    """Make the answer key, which is kept, before the time of a submission is measured; the checks that it is for."""
    with with_key(options) as checks:
        return checks


@contextlib.contextmanager
def with_key(options: Options) -> Iterator[list[Check]]:
    """The same; the files of private checks are there for as long as the context is open."""
    with private_checks(options.private):
        checks = _checks([task for _, tasks in options.chosen() for task in tasks], options)
        answer_key(checks, options.seed)
        yield checks


def make_shared(folder: Path, options: Options) -> Path:
    """Fill a new folder with what the sandboxes of all submissions hold, the acting parts of the checks with it."""
    make_image(folder)
    with with_key(options) as checks:
        shared = [check for check in checks if not is_private(check)]  # the others are written when their turn comes
        write_checks(folder / CHECKS, [*shared, *PROBES], whole=False)
    let_others_read(folder / CHECKS)
    return folder


def _explained(
    grading: Grading, verdicts: Sequence[MilestoneVerdict], options: Options, box: Box
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
    return {
        "id": submission.id,
        "problem": without_places(problem),
        "unusable": [],
        "stopped": [],
        "unprobed": [],
        "private": {},
        "results": blank_results(options),
        "stories": [],
        "marks": [],
        "level": options.level,
        "seconds": {"all": 0.0, "checks": 0.0},
    }


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
    chosen = options.chosen()
    numbers = in_total(milestone for milestone, _ in chosen)
    for milestone, tasks in chosen:
        empty = {"state": NOT_STARTED, "score": 0.0, "checks": [], "faults": [], "follows_from": [], "mistakes": []}
        rows = [{"id": task.id, "title": task.title, "max_score": task.points, **empty} for task in tasks]
        most = sum(task.points for task in tasks)
        about = {"number": milestone.number, "title": milestone.title}
        about |= {"elective": True} if milestone.elective else {}
        milestones.append({**about, "score": 0.0, "max_score": most, "tasks": rows})
    most = sum(each["max_score"] for each in milestones if each["number"] in numbers)
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
    (re.compile(rf"(?:{_TEMPORARY})/course-run-\w+/image-\w+"), "course"),
    (re.compile(rf"(?:{_TEMPORARY})(?:/course-[\w-]+|/desk-\w+)+(?:/tree)?"), SHOWN),
    (re.compile(r"\b0x[0-9a-f]{6,16}\b"), "0x..."),
    (re.compile(r"(was stopped in [^\n,]{1,200}, [^\n:]{1,200}):\d+"), r"\1"),
]


@contextlib.contextmanager
def _in_repository() -> Iterator[None]:
    """Paths in a report are as a student in the course's folder types them."""
    before = Path.cwd()
    os.chdir(REPOSITORY)
    try:
        yield
    finally:
        os.chdir(before)
