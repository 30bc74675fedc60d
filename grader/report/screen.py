"""The report: turns verdicts into a screen and into results.json."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.course.milestones import COMMAND, milestone_folder, milestone_of
from grader.files import REPOSITORY, STARTER, write_whole
from grader.run.assemble import Assembled
from grader.source.package import source_files
from grader.verdict.diagnosis import CONFIDENT, Diagnosis
from grader.verdict.judge import (
    BLOCKED,
    DONE,
    IN_PROGRESS,
    NOT_STARTED,
    CheckVerdict,
    MilestoneVerdict,
    TaskVerdict,
    task_order,
)

STATE_STYLES = {DONE: "green", IN_PROGRESS: "yellow", BLOCKED: "magenta", NOT_STARTED: "dim"}
PLAIN_WIDTH = 160  # in a pipe or a file, where there is no terminal to ask
PRINTED_LINES = 12
SOURCE_LINES = 16
CLOSE = 0.1  # mistakes whose confidences differ by less are named together
FORGOTTEN = re.compile(r"AttributeError: '(\w+)' object has no attribute '(\w+)'")  # often: a forward that forgot it


def console() -> Console:
    """Colour on a terminal, plain text in a pipe or in CI."""
    plain = Console(highlight=False, soft_wrap=False)
    return plain if plain.is_terminal else Console(highlight=False, width=PLAIN_WIDTH, color_system=None)


def print_report(screen: Console, verdicts: Sequence[MilestoneVerdict], assembled: Assembled) -> None:
    """The whole screen: a table a milestone, the first failure of each task that was begun, what to do next."""
    tree = shown_path(assembled.tree)
    for verdict in verdicts:
        screen.print(_task_table(verdict, tree))
    if assembled.reference_rooms:
        rooms = ", ".join(room.removesuffix(".py") for room in assembled.reference_rooms)
        screen.print(Text(f"taken from the reference, not from {tree}/: {rooms}\n", style="dim"))
    for verdict in verdicts:
        for task in verdict.tasks:
            if task.state in (IN_PROGRESS, BLOCKED):
                screen.print(_failure(task, verdict, assembled))
    screen.print(_closing(verdicts, assembled, tree))


def results(verdicts: Sequence[MilestoneVerdict], assembled: Assembled) -> dict:
    """The content of results.json."""
    return {
        "tree": shown_path(assembled.tree),
        "score": round(sum(verdict.score for verdict in verdicts), 2),
        "max_score": sum(verdict.max_score for verdict in verdicts),
        "milestones": [
            {
                "number": verdict.milestone.number,
                "title": verdict.milestone.title,
                "score": verdict.score,
                "max_score": verdict.max_score,
                "tasks": [_task_result(task) for task in verdict.tasks],
            }
            for verdict in verdicts
        ],
    }


def write_results(folder: Path, content: dict) -> None:
    """Write results.json into the folder."""
    write_whole(folder / "results.json", json.dumps(content, indent=1) + "\n")


def shown_path(path: Path) -> str:
    """A path as the student would type it, with forward slashes."""
    path = path.resolve()
    for root in (Path.cwd(), REPOSITORY):
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.as_posix()


def printable(text: str) -> str:
    """A student's text without what a terminal would obey or can't show: its escapes instead."""
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)


def points(value: float) -> str:
    """Points without needless decimals."""
    return f"{value:.1f}".removesuffix(".0")


def _task_result(task: TaskVerdict) -> dict:
    return {
        "id": task.task.id,
        "title": task.task.title,
        "state": task.state,
        "score": task.score,
        "max_score": task.task.points,
        "checks": [
            {"id": verdict.check.id, "passed": verdict.passed, "message": verdict.message} for verdict in task.checks
        ],
        "mistakes": [
            {"id": suspicion.mistake.id, "title": suspicion.mistake.title, "confidence": suspicion.confidence}
            for suspicion in (task.diagnosis.suspicions if task.diagnosis else ())
        ],
    }


def _task_table(verdict: MilestoneVerdict, tree: str) -> Group:
    milestone = verdict.milestone
    title = Text.assemble((f"Milestone {milestone.number} · {milestone.title}", "bold"), (f"   {tree}/", "dim"))
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for justify in ("right", "left", "left", "right", "right"):
        table.add_column(justify=justify, no_wrap=True)
    for task in verdict.tasks:
        state = Text(task.state, style=STATE_STYLES[task.state])
        if task.blocked_by:
            state.append(f" by {', '.join(task.blocked_by)}")
        score = f"{points(task.score)} / {points(task.task.points)}"
        table.add_row(task.task.id, task.task.title, state, f"{task.passed}/{len(task.checks)} checks", score)
    total = f"{points(verdict.score)} / {points(verdict.max_score)}"
    table.add_row("", "", "", "", Text(total, style="bold"))
    return Group(title, Padding(table, (0, 0, 1, 2), expand=False))


def _failure(task: TaskVerdict, verdict: MilestoneVerdict, assembled: Assembled) -> Group:
    """The first failing check of a task: what was done, what came back, what was expected, where to read on."""
    failure, tree = task.first_failure, shown_path(assembled.tree)
    title = Text.assemble((f"{task.task.id} {task.task.title}", f"bold {STATE_STYLES[task.state]}"))
    failing = len(task.checks) - task.passed
    where = shown_path(failure.check.path) + (f":{failure.line}" if failure.line else "")
    title.append(f"   {f'the first of {failing} checks that fail, ' if failing > 1 else ''}{where}", style="dim")
    lines: list[Text | Table] = [Text(failure.check.description, style="italic"), _source(failure)]
    facts = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    if failure.reason:
        what = "stopped" if failure.frames or failure.stub else "failed"
        facts.add_row(what, Text(printable(failure.reason), style="red"))
    if failure.expected is not None:
        what = f"{failure.what}: " if failure.what else ""
        facts.add_row("got", Text(printable(what + failure.got), style="red"))
        facts.add_row("expected", Text(failure.expected, style="green"))
    frames = [] if task.broken else failure.frames[-1:] if failure.stub else failure.frames
    ends = {missing.file: missing.end for missing in assembled.missing}
    for frame in frames:  # none of a file that was replaced; and on the way to a stub nothing went wrong
        if frame["line"] > ends.get(frame["file"], frame["line"]):  # in what the starter lent
            continue
        where = f"{tree}/{frame['file']}:{frame['line']}"
        facts.add_row("in", Text.assemble(where, (printable(f"  {frame['source']}"), "dim")))
    if failure.printed:
        lines_printed = failure.printed.splitlines()
        cut = ["..."] if len(lines_printed) > PRINTED_LINES else []
        facts.add_row("printed", Text(printable("\n".join(cut + lines_printed[-PRINTED_LINES:]))))
    cause = _cause(task.diagnosis, failure) if task.diagnosis is not None else None
    if cause is not None:
        facts.add_row("cause", cause)
    section = failure.stub if task.blocked_by and failure.stub else task.task.id
    lesson = f"{shown_path(milestone_folder(milestone_of(section)))}/README.md"
    facts.add_row("read on", Text(f"{lesson}, section {section}   or: {COMMAND} -s hint -- {section}"))
    lines.append(facts)
    return Group(title, *(Padding(line, (0, 0, 0, 2), expand=False) for line in lines), Text())


def _cause(diagnosis: Diagnosis, failure: CheckVerdict) -> Text | None:
    """The likeliest mistake with its explanation, or where else to look; None where the error itself says it all."""
    if diagnosis.follows_from:
        origins = [
            origin.mistake.task + (f": {origin.mistake.title}" if origin.confidence >= CONFIDENT else "")
            for origin in diagnosis.follows_from
        ]
        return Text(f"follows from {'; '.join(origins)}", style="yellow")
    first, *others = diagnosis.suspicions or (None,)
    text = _told_by_itself(failure) if first is None or not first.checks else Text()
    if diagnosis.behind is not None and not text:
        text.append(f"see to {diagnosis.behind} first, which fails, too: this may follow from it", style="yellow")
    elif not text and not failure.reason and (first is None or not first.checks):
        near = f"; the nearest: {first.mistake.title}" if first is not None else ""
        text.append(f"none of this milestone's known mistakes fits{near}", style="dim")
    if first is not None and first.checks:
        close = [other for other in others if other.confidence > first.confidence - CLOSE]
        certain = certainty(min(first.confidence, CONFIDENT) if close else first.confidence)
        text.append(f"{chr(10) if text else ''}{certain}: {first.mistake.title}\n", style="yellow")
        text.append(" ".join(first.mistake.explanation.split()))
        for other in close:
            text.append(f"\nor: {other.mistake.title}", style="dim")
    return text or None


def _told_by_itself(failure: CheckVerdict) -> Text:
    """What a failure tells without any catalogue: something was not returned, or not kept."""
    text, forgotten = Text(), FORGOTTEN.match(failure.reason)
    if failure.got == "None" or "NoneType" in failure.reason + failure.got:
        text.append("something is None: is a `return` missing, or was nothing stored?", style="yellow")
    elif forgotten and failure.frames and f"self.{forgotten[2]}" in failure.frames[-1]["source"]:
        text.append(f"{forgotten[1]} keeps nothing as self.{forgotten[2]}: is that left to do?", style="yellow")
    return text


def certainty(confidence: float) -> str:
    """A confidence between 0 and 1 in words."""
    return "almost certainly" if confidence >= 0.9 else "probably" if confidence >= CONFIDENT else "perhaps"


def _source(failure: CheckVerdict) -> Text:
    """The check's source up to the line where it went wrong."""
    numbered = failure.check.source(failure.line)[-SOURCE_LINES:]
    text = textwrap.dedent("\n".join(line for _, line in numbered)).splitlines()
    shown = Text()
    for (number, _), line in zip(numbered, text, strict=True):
        marked = number == failure.line
        shown.append(f"{'>' if marked else ' '} {number:4} ", style="red" if marked else "dim")
        shown.append(line + "\n", style="bold" if marked else "")
    shown.rstrip()
    return shown


def _closing(verdicts: Sequence[MilestoneVerdict], assembled: Assembled, tree: str) -> Text:
    """The end of the screen: what can't be used or is missing, what to do next, the total."""
    text = Text()
    numbers = [verdict.milestone.number for verdict in verdicts]
    tasks = {task.task.id: task.state for verdict in verdicts for task in verdict.tasks}
    own = source_files(assembled.tree)
    waiting = [stub for stub in assembled.stubs if tasks.get(stub.task_id, DONE) != DONE]
    for broken in assembled.broken:
        text.append("can't be used  ", style="red bold")
        text.append(f"{tree}/{broken.file}:{broken.line}  {printable(broken.message)}\n")
    for missing in assembled.missing:
        meant = f"; is {missing.similar} meant to be it?" if missing.similar else ""
        text.append("missing        ", style="red bold")
        text.append(f"{tree}/{missing.file}:{missing.line}  no {missing.name}, which other files import{meant}\n")
    for file in sorted({stub.file for stub in waiting} - own.keys()):
        text.append("missing        ", style="red bold")
        text.append(f"{tree}/{file}  the starter's stands in\n")
    text.append(_earlier(verdicts, assembled), style="dim")
    present = [stub for stub in waiting if stub.file in own]
    if present:
        stub = min(present, key=lambda stub: (task_order(stub.task_id), stub.file, stub.line))
        text.append("Next TODO  ", style="dim")
        text.append(f"{tree}/{stub.file}:{stub.line}  {stub.task_id} {stub.name}\n")
    score, most = sum(verdict.score for verdict in verdicts), sum(verdict.max_score for verdict in verdicts)
    of = f"milestone {min(numbers)}" if len(numbers) == 1 else "all milestones"
    if len(tasks) == 1:
        of = f"task {min(tasks)}"
    style = "bold green" if score == most else "bold"
    text.append(f"Total      {points(score)} of {points(most)} points for {of}", style=style)
    return text


def _earlier(verdicts: Sequence[MilestoneVerdict], assembled: Assembled) -> str:
    """Where something has no known cause, how to find out whether an earlier milestone is behind it."""
    unexplained = [
        verdict.milestone.number
        for verdict in verdicts
        if any(task.diagnosis is not None and not task.diagnosis.explained for task in verdict.tasks)
    ]
    number = min(unexplained, default=1)
    full = [verdict.score == verdict.max_score for verdict in verdicts if verdict.milestone.number < number]
    if number == 1 or assembled.reference_rooms or (len(full) == number - 1 and all(full)):
        return ""
    options = [] if number == 2 else ["--on-reference"]
    if assembled.tree.resolve() != STARTER:
        options += ["--tree", shown_path(assembled.tree)]
    command = f"{COMMAND} -s milestone{1 if number == 2 else number}{' -- ' if options else ''}{' '.join(options)}"
    return f"What has no known cause may come from an earlier milestone: {command}\n"
