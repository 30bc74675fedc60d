"""`nox -s milestone2`, `nox -s grade`: grades a tree, shows the report and writes results.json."""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.text import Text

from grader.course.milestones import Milestone, Task, checks_of
from grader.explain.explain import explain
from grader.explain.explanation import Explanation
from grader.files import shown_path, write_whole
from grader.grade import grade
from grader.history import record
from grader.last_run import Cause, digests, remember
from grader.report import why
from grader.report.page import report_page
from grader.report.results import read_passed, write_results
from grader.report.screen import console, show_blocks, show_tables
from grader.report.story import story
from grader.run.launch import Launch
from grader.source.package import PACKAGE
from grader.source.reference import has_reference
from grader.task_id import TaskId
from grader.text import one_line
from grader.verdict.judge import IN_PROGRESS, TaskVerdict

from .explored import explored, remove_pages
from .memory import with_memory
from .on_reference import rooms_on_reference


def grade_and_show(
    tree: Path,
    tasks: Sequence[Task],
    on: Milestone | None,
    out: Path,
    launch: Launch,
    fast: bool = False,
    shows: bool = False,
    html: bool = False,
    uncounted: Sequence[Task] = (),
) -> int:
    """Grade tasks; exit code 0 only at full points, 2 where results.json or the page could not be written.

    on: the milestone whose earlier rooms come from the reference. fast: to leave out the search for the faults. shows:
    to show what was learnt. html: to write the report as a page as well. uncounted: further tasks, on which the exit
    code does not depend.
    """
    screen, before = console(), digests(tree)
    with screen.status(Text(f"{shown_path(tree)}/"), spinner="dots") as status:
        rooms = rooms_on_reference(tree, on, functools.partial(grade, launch=launch)) if on is not None else ()
        grading = grade(tree, checks_of([*tasks, *uncounted]), rooms=rooms, launch=launch, shows=shows)
        for count, verdict in enumerate(grading, 1):
            check = verdict.check
            status.update(Text(f"{count} of {len(grading.checks)}  {check.task_id}  {check.sentence}"))
    verdicts = grading.finish()
    record(tree, {task.task.id: (task.passed, len(task.checks)) for verdict in verdicts for task in verdict.tasks})
    told = story(verdicts, grading.state)
    show_tables(screen, told)
    explanations, fault = {}, None
    if not fast:
        with screen.status(Text("looking for the functions at fault"), spinner="dots"):
            try:
                explanations = with_memory(explain(grading, verdicts, launch), tree)
            except Exception as error:  # the verdict stands: it is shown and written, whatever befalls its explanation
                fault = error
    show_blocks(screen, story(verdicts, grading.state, explanations) if explanations else told)
    if not fast and not told.complete and not has_reference():
        print("(the functions at fault were not looked for: this course was handed out without the reference)")
    if fault is not None:
        print(f"(the search for the functions at fault failed: {type(fault).__name__}: {one_line(str(fault))})")
    remember({task.task.id: cause_named(task, explanations, before) for one in verdicts for task in one.tasks}, tree)
    passed, written = read_passed(out, tree), "results.json"
    try:
        write_results(out, verdicts, tree, explanations)
        if html:
            written = "report.html"
            remove_pages((task.task.id for one in verdicts for task in one.tasks), out)
            with screen.status(Text("exploring what fails"), spinner="dots"):
                pages = explored(explanations, grading.assembled.folder, out)
            told = story(verdicts, grading.state, explanations, before=passed, explored=pages)
            write_whole(out / written, report_page(told, out))
            print(f"report     {shown_path(out / written)}")
    except OSError as error:
        print(f"error: {written} was not written: {error}; name another folder with --out", file=sys.stderr)
        return 2
    asked = {task.id for task in tasks}
    judged = [task for verdict in verdicts for task in verdict.tasks if task.task.id in asked]
    return 0 if all(task.passed == len(task.checks) for task in judged) else 1


def cause_named(
    task: TaskVerdict, explanations: Mapping[TaskId, Explanation], digests: Mapping[str, str]
) -> Cause | None:
    """What the report names as a task's mistake, for the hints."""
    found = why.surest(task, explanations.get(task.task.id)) if task.state == IN_PROGRESS else None
    if found is None:
        return None
    mistake, certainty, case = found
    file = f"{PACKAGE}/{mistake.function.partition(':')[0]}"
    shown = (case.code, why.shortened(case.yours), why.shortened(case.right)) if case is not None else ()
    return Cause(mistake.id, mistake.task, certainty, file, digests.get(file, ""), *shown)
