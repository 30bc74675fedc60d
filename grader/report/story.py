"""Decides what a student reads, as plain data; screen.py and page.py only draw it."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from grader.command import COMMAND
from grader.course.lessons import when_it_passes
from grader.course.milestones import course, find_task, in_total, milestone_of
from grader.explain.explanation import Explanation
from grader.files import REPOSITORY, SOLUTIONS, shown_path, tree_option
from grader.protocol import Frame
from grader.source.exercises import exercises_by_file, is_given
from grader.source.package import PACKAGE, read_limited, text_of
from grader.source.reference import has_reference
from grader.source.state import BrokenFile, TreeState
from grader.source.syntax import function_at, functions, lines_of, parse
from grader.task_id import TaskId
from grader.text import one_line, printable
from grader.verdict.judge import BLOCKED, DONE, IN_PROGRESS, CheckVerdict, MilestoneVerdict, TaskVerdict

from . import why
from .learnt import Learnt, learnt, needed
from .since import Passed, since
from .words import BAD, GOOD, HINT, QUIET, Line, Words, listed, plain_line, points

PRINTED_LINES = 12
SOURCE_LINES = 16
LINES_BEFORE, LONGEST_LINE = 3, 200  # of a file that does not parse
NO_MODULE = re.compile(r"^ModuleNotFoundError: No module named '(\w{1,100})'$")
BLANKS_IN_ARRAY = re.compile(r",\n\n+(?= *\[)")  # NumPy's between the blocks of an array, whose brackets show them too


@dataclass(frozen=True)
class Row:
    """A task in the table of its milestone. says: how it stands, where no block says it. lesson: its section."""

    id: str
    title: str
    state: str
    blocked_by: str
    checks: str
    points: str
    says: str
    lesson: Words


@dataclass(frozen=True)
class Table:
    """A milestone, task by task."""

    title: str
    rows: tuple[Row, ...]
    total: str


@dataclass(frozen=True)
class SourceLine:
    """A line of a check; marked where it went wrong."""

    number: int
    text: str
    marked: bool


@dataclass(frozen=True)
class Block:
    """A failing task: the check to look at first, where the fault is and what is sure of it, what came back, and where
    to read on. task: its id, or nothing for a file that can't be used. waits: it stops at what is not written yet."""

    task: str
    title: str
    state: str
    where: str
    claim: str  # what must hold
    head: tuple[Line, ...]
    source: tuple[SourceLine, ...]
    lines: tuple[Line, ...]
    waits: bool = False


@dataclass(frozen=True)
class Story:
    """Everything that a run has to say. since: what has changed since the last run. next: the one thing to do now."""

    tree: str
    tables: tuple[Table, ...]
    from_reference: str  # what does not come from the tree
    blocks: tuple[Block, ...]
    learnt: tuple[Learnt, ...]
    notes: tuple[Line, ...]  # what could not be used, what is blocked, and what to do next
    total: str
    complete: bool
    since: tuple[Line, ...] = ()
    next: Line | None = None


def story(
    verdicts: Sequence[MilestoneVerdict],
    state: TreeState,
    explanations: Mapping[TaskId, Explanation] = MappingProxyType({}),
    tree: str | None = None,
    before: Passed = MappingProxyType({}),
    explored: Mapping[TaskId, Line] = MappingProxyType({}),
) -> Story:
    """The story of some milestones of a tree. explanations: of tasks that fail. tree: what the tree is called, where
    its reader has it in another place. before: what the last run gave. explored: where tasks have explorer pages."""
    tree = shown_path(state.tree) if tree is None else tree
    complete = all(verdict.score == verdict.max_score for verdict in verdicts)
    tasks = [task for verdict in verdicts for task in verdict.tasks]
    blocks = (
        *(_unusable(broken, tasks, state, tree) for broken in state.broken if broken.needs is None),
        *(
            _block(task, tasks, state, tree, explanation, explored.get(task.task.id))
            for task in tasks
            if task.state == IN_PROGRESS
            and not task.broken
            and not ((explanation := explanations.get(task.task.id)) is not None and explanation.consequence)
        ),
    )
    notes = (
        *why.consequences(explanations, tree),
        *_notes(verdicts, state, tree, explanations),
        *(_next_steps(verdicts, tasks, state, tree) if complete else ()),
    )
    return Story(
        tree=tree,
        tables=tuple(_table(verdict, explanations, tree) for verdict in verdicts),
        from_reference=_from_reference(state),
        blocks=blocks,
        learnt=tuple(learnt(tasks)),
        notes=notes,
        since=tuple(since(before, tasks)),
        next=_first(blocks, notes),
        total=_total(verdicts),
        complete=complete,
    )


def _from_reference(state: TreeState) -> str:
    """The milestones whose rooms come from the reference, and the rooms."""
    rooms = state.reference_rooms
    numbers = [str(milestone.number) for milestone in course() if rooms and set(milestone.rooms) <= set(rooms)]
    return f"{listed('milestone', numbers)} ({', '.join(rooms)})" if rooms else ""


def _total(verdicts: Sequence[MilestoneVerdict]) -> str:
    """The points of what counts, and next to them those of each elective."""
    numbers = in_total(verdict.milestone for verdict in verdicts)
    counted = [verdict for verdict in verdicts if verdict.milestone.number in numbers]
    score, most = sum(verdict.score for verdict in counted), sum(verdict.max_score for verdict in counted)
    uncounted = [verdict for verdict in verdicts if verdict.milestone.number not in numbers]
    return f"{points(score)} of {points(most)} points for {_scope(counted)}" + "".join(
        f"; next to them {points(verdict.score)} of {points(verdict.max_score)} for "
        f"milestone {verdict.milestone.number}, an elective"
        for verdict in uncounted
    )


def _scope(verdicts: Sequence[MilestoneVerdict]) -> str:
    tasks = [task for verdict in verdicts for task in verdict.tasks]
    if len(tasks) == 1:
        return f"task {tasks[0].task.id}"
    return f"milestone {verdicts[0].milestone.number}" if len(verdicts) == 1 else "all milestones"


def _first(blocks: Sequence[Block], notes: Sequence[Line]) -> Line | None:
    """The one thing to do now: to repair the first function or file of which a block tells, else what a note says."""
    for block in (block for block in blocks if not block.waits):
        at_fault = [line.words[0] for line in block.head if line.label == "at fault" and line.words[0].tone == HINT]
        what = at_fault[0].text if at_fault else "see its failing check" if block.task else block.where
        return Line("Repair", (Words(block.title), Words(f": {what}")))
    labels = {note.label.strip(): note for note in reversed(notes)}
    order = ("missing", "follows", "Next TODO", "blocked", "Next", "Done")
    return next((labels[label] for label in order if label in labels), None)


def _table(verdict: MilestoneVerdict, explanations: Mapping[TaskId, Explanation], tree: str) -> Table:
    rows = [
        Row(
            task.task.id,
            task.task.title,
            task.state,
            ", ".join([*(broken.origin.rpartition("/")[2] for broken in task.broken), *task.blocked_by])
            if task.state == BLOCKED
            else "",
            f"{task.passed}/{len(task.checks)} checks",
            f"{points(task.score)} / {points(task.task.points)}",
            _says(task, explanations.get(task.task.id), tree),
            _section(task.task.id),
        )
        for task in verdict.tasks
    ]
    title = f"Milestone {verdict.milestone.number} · {verdict.milestone.title}"
    title += " (elective)" if verdict.milestone.elective else ""
    return Table(title, tuple(rows), f"{points(verdict.score)} / {points(verdict.max_score)}")


def _says(task: TaskVerdict, explanation: Explanation | None, tree: str) -> str:
    """How a task stands that has no block."""
    if task.broken:
        return f"can't be tried before {listed('file', sorted({each.origin for each in task.broken}))} can be used"
    if task.state == DONE:
        return "all its checks pass"
    if task.state == BLOCKED:
        return f"stops at what is not written yet: write {', '.join(task.blocked_by)} first"
    if explanation is not None and explanation.consequence:
        return f"follows from {why.origins(explanation, tree)}"
    return "is not written yet" if task.state != IN_PROGRESS else ""


def _unusable(broken: BrokenFile, tasks: Sequence[TaskVerdict], state: TreeState, tree: str) -> Block:
    """A file that can't be used, and the tasks that it costs, which say nothing until it is repaired."""
    costs = [task.task.id for task in tasks if broken.file in {each.origin for each in task.broken}]
    return Block(
        task="",
        title=one_line(f"{tree}/{broken.place}"),
        state=IN_PROGRESS,
        where=one_line(broken.message),
        claim="This can't be used: it is left out until it is repaired.",
        head=(),
        source=tuple(_lines_before(state.tree / broken.file, broken.line)),
        lines=(plain_line("costs", f"points of {listed('task', costs)}: repair it first"),) if costs else (),
    )


def _lines_before(path: Path, line: int | None) -> Iterator[SourceLine]:
    """A line of a student's file that need not parse, after those before it."""
    try:
        text = read_limited(path).decode("utf-8", errors="replace") if line is not None else ""
    except OSError:
        return
    lines = lines_of(text)
    for number in range(max(1, (line or 0) - LINES_BEFORE), min(line or 0, len(lines)) + 1):
        yield SourceLine(number, one_line(lines[number - 1].rstrip()[:LONGEST_LINE]), number == line)


def _block(
    task: TaskVerdict,
    tasks: Sequence[TaskVerdict],
    state: TreeState,
    tree: str,
    explanation: Explanation | None,
    explored: Line | None,
) -> Block:
    failure = why.plainest(task, explanation)
    failing = len(task.checks) - task.passed
    where = shown_path(failure.check.path) + (f":{failure.line}" if failure.line else "")
    where += ", with the numbers of this run" if failure.check.moved is not None else ""
    sure, perhaps = why.causes(task, failure, explanation)
    head = [*(why.where(task, explanation, tree) if explanation is not None else ())]
    return Block(
        task=str(task.task.id),
        title=f"{task.task.id} {task.task.title}",
        state=task.state,
        where=f"one of {failing} failing checks, {where}" if failing > 1 else where,
        claim=failure.check.description,
        head=(*needed(task, tasks), *head, *([Line("cause", sure)] if sure else [])),
        source=tuple(_source(failure)),
        lines=(
            *_came_back(task, failure, state, tree, explanation),
            *([explored] if explored is not None else []),
            *([Line("cause", perhaps)] if perhaps else []),
            *_further(task, failure, state, tree, explanation),
        ),
        waits=failure.stub is not None,
    )


def _source(failure: CheckVerdict) -> Iterator[SourceLine]:
    """The check's source up to the line where it went wrong."""
    numbered = failure.check.source(failure.line)[-SOURCE_LINES:]
    text = textwrap.dedent("\n".join(line for _, line in numbered)).splitlines()
    for (number, _), line in zip(numbered, text, strict=True):
        yield SourceLine(number, line, number == failure.line)


def _came_back(
    task: TaskVerdict, failure: CheckVerdict, state: TreeState, tree: str, explanation: Explanation | None
) -> Iterator[Line]:
    """What came back, what was expected, the student's own line and prints, and the smallest case."""
    turn, turns = failure.turn
    if turns > 1 and failure.line is not None:
        at = failure.check.turn(failure.line, turn, turns)
        yield plain_line("turn", f"{turn} of {turns}{f': {one_line(at)}' if at is not None else ''}")
    if failure.reason:
        yield plain_line("stopped" if failure.frames or failure.stub else "failed", failure.reason, BAD)
    if failure.expected is not None:
        what = f"{failure.what}: " if failure.what else ""
        got, expected = (BLANKS_IN_ARRAY.sub(",\n", text) for text in (failure.got, failure.expected))
        yield plain_line("got", what + got, BAD)
        yield plain_line("expected", expected, GOOD)
        if failure.upstream:
            yield plain_line("upstream", failure.upstream, QUIET)
    yield from _frames(task, failure, state, tree, explanation)
    if failure.printed:
        printed = failure.printed.splitlines()
        cut = ["..."] if len(printed) > PRINTED_LINES else []
        yield plain_line("printed", "\n".join(cut + printed[-PRINTED_LINES:]))
    if explanation is not None:
        yield from why.smallest(explanation, failure)


def _further(
    task: TaskVerdict, failure: CheckVerdict, state: TreeState, tree: str, explanation: Explanation | None
) -> Iterator[Line]:
    """The other failing checks, where to read on, and the command for the debugger."""
    yield from why.others(task, failure)
    task_id = task.task.id
    elsewhere = {fault.unit.task for fault in explanation.faults} if explanation is not None else set()
    earlier = sorted(one for one in elsewhere - {None, task_id} if not one.is_extra)
    for position, one in enumerate([*earlier, task_id]):
        hint = " ".join([f"{COMMAND} -s hint -- {one}", *tree_option(tree)])
        yield Line("" if position else "read on", (_section(one), Words(f"   or: {hint}")))
    if failure.stub is None:
        unit = explanation.faults[0].unit if explanation is not None and explanation.faults else None
        stops = unit is not None and unit.body is not None
        debugger = ["--stop", f"{unit.file}:{unit.body}"] if stops else ["--pdb"]
        options = [*_options(state, tree), "--raw", *debugger, "-k", failure.check.name]
        yield plain_line("debug", f"{COMMAND} -s milestone{task_id.milestone} -- {' '.join(options)}", QUIET)


def _frames(
    task: TaskVerdict, failure: CheckVerdict, state: TreeState, tree: str, explanation: Explanation | None
) -> Iterator[Line]:
    """Of the places in the tree that an error passed through, the one to look at, and the last. None of a file that was
    replaced; on the way to a stub nothing went wrong but at its end."""
    frames = [] if failure.broken else failure.frames[-1:] if failure.stub else failure.frames
    ends = {missing.file: missing.end for missing in state.missing}
    frames = [frame for frame in frames if frame.line <= ends.get(frame.file, frame.line)]  # then the starter's begins
    if not frames:
        return
    names = {frame: _function_at(frame, state) for frame in frames}
    faults = {(fault.unit.file, fault.unit.name) for fault in (explanation.faults if explanation is not None else ())}
    exercises = {(file, one.name): one.task_id for file, found in exercises_by_file().items() for one in found}
    own = [frame for frame in frames if (name := names[frame]) is not None and not is_given(frame.file, name)]
    at_fault = [frame for frame in frames if (frame.file, names[frame]) in faults]
    of_task = [frame for frame in own if exercises.get((frame.file, names[frame])) == task.task.id]
    shown = (at_fault or of_task or own or frames)[-1]
    for frame in dict.fromkeys([shown, frames[-1]]):
        place = one_line(f"{_home(frame.file, state, tree)}/{frame.file}:{frame.line}")
        if frame == shown or frame in own:
            yield Line("in", (Words(place), Words(printable(f"  {frame.source}"), QUIET)))
        else:
            yield plain_line("inside", f"code that was given: {place}", QUIET)


def _function_at(frame: Frame, state: TreeState) -> str | None:
    """The function of the tree's own file in which a place is; "" where it is outside of all, None in other files."""
    if _home(frame.file, state, "") != "":
        return None
    try:
        return function_at(functions(parse(text_of((state.tree / frame.file).read_bytes()))), frame.line) or ""
    except (OSError, ValueError, SyntaxError, RecursionError):
        return None


def _section(task_id: TaskId) -> Words:
    """Where the lesson explains a task."""
    lesson = milestone_of(task_id).folder / "README.md"
    anchor = re.sub(r"[^\w -]", "", f"{task_id} {find_task(task_id).title}".lower()).replace(" ", "-")
    link = f"{lesson.relative_to(REPOSITORY).as_posix()}#{anchor}"
    return Words(printable(f"{shown_path(lesson)}, section {task_id}"), link=link)


def _home(file: str, state: TreeState, tree: str) -> str:
    """The folder that a file of the package comes from."""
    room = file.split("/")[1].removesuffix(".py") if "/" in file else ""
    reference = shown_path(SOLUTIONS) if SOLUTIONS.is_dir() else "the reference"
    return reference if room in state.reference_rooms else tree


def _options(state: TreeState, tree: str) -> list[str]:
    """What to add to a command so that it runs what this run did."""
    options = ["--on-reference"] if state.reference_rooms else []
    return [*options, *tree_option(tree)]


def _notes(
    verdicts: Sequence[MilestoneVerdict], state: TreeState, tree: str, explanations: Mapping[TaskId, Explanation]
) -> Iterator[Line]:
    """What could not be used or is missing, where else a cause may be, and the next stub to write."""
    tasks = {task.task.id: task.state for verdict in verdicts for task in verdict.tasks}
    waiting = [stub for stub in state.stubs if tasks.get(stub.task_id, DONE) != DONE]
    for missing in state.missing:
        similar = f"; is {missing.similar} a misspelling of it?" if missing.similar else ""
        where = f"{tree}/{missing.file}:{missing.line}"
        yield _note("missing", f"{where}  no {missing.name}, which other files import{similar}")
    for room in [room for verdict in verdicts for room in verdict.milestone.rooms if room in state.unexported]:
        where = f"{tree}/{PACKAGE}/__init__.py"
        yield _note("missing", f"{where}  no name of {room}/: copy its imports from a fresh starter's")
        yield plain_line("", f"(for a new one: {COMMAND} -s starter -- --to NEW)", QUIET)
    for file in sorted({stub.file for stub in waiting} - state.files):
        yield _note("missing", f"{tree}/{file}  the starter's file is used in its place")
        yield plain_line("", f"(for a new one: {COMMAND} -s starter -- --to NEW)", QUIET)
    errors = _errors(verdicts, state)
    left_behind = _left_behind(errors, state)
    for name in sorted(left_behind):
        yield _note("not graded", f"{tree}/{name}  only the Python files of {PACKAGE}/ are: the rest is not there")
    absent = {name for error in errors for name in NO_MODULE.findall(error)}
    for name in sorted(absent - {Path(file).stem for file in left_behind}):
        own = f"the package's, such as {PACKAGE}.errors"
        yield _note("no module", f"{name}  only NumPy, Python's own modules and {own}, can be imported")
    for verdict in verdicts:
        yield from _blocked(verdict, state, tree)
    earlier = _earlier(verdicts, state, tree, explanations)
    if earlier:
        yield plain_line("Unexplained failures may come from an earlier milestone. Check with:", earlier, QUIET)
    present = [stub for stub in waiting if stub.file in state.files]
    if present:
        stub = min(present, key=lambda stub: (stub.task_id, stub.file, stub.line))
        yield plain_line("Next TODO", f"{tree}/{stub.file}:{stub.line}  {stub.task_id} {stub.name}")


def _earlier(
    verdicts: Sequence[MilestoneVerdict], state: TreeState, tree: str, explanations: Mapping[TaskId, Explanation]
) -> str | None:
    """The command that shows whether an earlier milestone is behind a failure without a known cause."""
    unexplained = [
        verdict.milestone
        for verdict in verdicts
        if any(
            task.diagnosis is not None and not why.explained(task, explanations.get(task.task.id))
            for task in verdict.tasks
        )
    ]
    if not unexplained or state.reference_rooms:
        return None
    milestone = min(unexplained, key=lambda milestone: milestone.number)
    earlier = {one.number for one in milestone.earlier}
    full = {verdict.milestone.number for verdict in verdicts if verdict.score == verdict.max_score}
    if earlier <= full:
        return None
    options = [*(["--on-reference"] if milestone.not_on_reference is None else []), *_options(state, tree)]
    number = milestone.number if milestone.not_on_reference is None else max(earlier)
    return " ".join([f"{COMMAND} -s milestone{number}", *(["--", *options] if options else [])])


def _blocked(verdict: MilestoneVerdict, state: TreeState, tree: str) -> Iterator[Line]:
    """The tasks that stop at stubs of others, a line for those that stop at the same ones, and the way out."""
    number, groups = verdict.milestone.number, {}
    for task in verdict.tasks:
        if task.blocked_by:
            earlier = all(blocker.milestone in range(number) for blocker in task.blocked_by)  # an extra's is None
            groups.setdefault("earlier" if earlier else task.blocked_by, []).append(task)
    for kind, tasks in groups.items():
        blockers = sorted({blocker for task in tasks for blocker in task.blocked_by})
        verb = "stop" if len(tasks) > 1 else "stops"
        text = f"{listed('task', [task.task.id for task in tasks])} {verb} at what is not written yet: "
        text += f"write {', '.join(blockers)} first"
        possible = verdict.milestone.not_on_reference is None and not state.reference_rooms and has_reference()
        if kind == "earlier" and possible:
            text += f", or: {COMMAND} -s milestone{number} -- {' '.join(['--on-reference', *_options(state, tree)])}"
        yield plain_line("blocked", text)


def _errors(verdicts: Sequence[MilestoneVerdict], state: TreeState) -> set[str]:
    """What went wrong in files that can't be used, and in checks."""
    errors = {broken.message for broken in state.broken}
    for verdict in verdicts:
        for check in (check for task in verdict.tasks for check in task.checks):
            errors.add(str(check.failure) if check.failure is not None else check.reason)
    return errors


def _left_behind(errors: Iterable[str], state: TreeState) -> set[str]:
    """Files of the tree that its code looked for in vain, as only the package's Python files are graded."""
    found = set()
    for message in errors:
        if "FileNotFoundError" in message or "ModuleNotFoundError" in message:
            for name in re.findall(r"'([^'\n]{1,200})'", message):
                last = name.replace("\\", "/").rstrip("/").split("/")[-1]
                for path in (last, f"{last}.py", f"{PACKAGE}/{last}", name[max(0, name.find(f"{PACKAGE}/")) :]):
                    if last and path not in state.files and (state.tree / path).exists():
                        found.add(path)
    return found


def _next_steps(
    verdicts: Sequence[MilestoneVerdict], tasks: Sequence[TaskVerdict], state: TreeState, tree: str
) -> Iterator[Line]:
    """At full points: what was decided, what works now, what to play with, and what comes next."""
    milestone = verdicts[-1].milestone
    if len(tasks) < sum(len(verdict.milestone.tasks) for verdict in verdicts):
        if len(tasks) == 1 and (text := when_it_passes(tasks[0].task.id)) is not None:
            yield plain_line("Why", text)
        within = [one for one in course() if one.number == milestone.number or not one.elective]
        following = [task for one in within for task in one.tasks if task.id > tasks[-1].task.id]
        for task in following[:1]:
            options = _options(state, tree) if task.id.milestone == milestone.number else tree_option(tree)
            command = " ".join([f"{COMMAND} -s milestone{task.id.milestone} -- {task.id}", *options])
            yield Line("Next", (Words(f"{task.id} {task.title}: "), _section(task.id), Words(f"   then: {command}")))
        return
    yield plain_line("Done", milestone.works_now)
    for example in milestone.play:
        script = shlex.quote(shown_path(REPOSITORY / example))
        yield plain_line("Play", f"{COMMAND} -s python -- {' '.join([*_options(state, tree), script])}")
    later = [one for one in course() if one.number > milestone.number]
    for following in [one for one in later if not one.elective][:1] or later:
        lesson, kind = following.folder / "README.md", " (elective)" if following.elective else ""
        shown = Words(printable(shown_path(lesson)), link=lesson.relative_to(REPOSITORY).as_posix())
        yield Line("Next", (Words(f"milestone {following.number}, {following.title}{kind}: "), shown))


def _note(label: str, text: str) -> Line:
    """A line about something to repair."""
    return Line(f"{label:13}", (Words(printable(text)),), urgent=True)
