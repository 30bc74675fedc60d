"""What the course asks: milestones, their tasks with points, and the checks of each task, read without running any."""

from __future__ import annotations

import ast
import contextlib
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import CourseError, UsageError
from grader.files import MILESTONES, read_toml
from grader.source.package import PACKAGE
from grader.source.state import TreeState
from grader.source.syntax import parse
from grader.task_id import PATTERN, TaskId, is_task_id

from .acting import acting_part

DEFAULT_SECONDS = 10.0


@dataclass(frozen=True)
class Moved:
    """A check file with other numbers (moved.py): its text, and the mode and the seed that made it."""

    text: str
    mode: str
    seed: int


@dataclass(frozen=True)
class Check:
    """A function of a milestone's suite: one fact, or a few, in a student's words.

    moved: its file with other numbers; None where it is as it is written.
    """

    id: str
    task_id: TaskId
    name: str
    description: str
    path: Path
    first_line: int
    last_line: int
    seconds: float
    seeded: bool  # whether it draws numbers, from a fixture that a seed shift moves
    moved: Moved | None = field(default=None, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The text of its file."""
        return self.path.read_text(encoding="utf-8") if self.moved is None else self.moved.text

    @property
    def sentence(self) -> str:
        """Its name, as words."""
        return self.name.removeprefix("test_").replace("_", " ")

    def covers(self, line: int) -> bool:
        """Whether a line belongs to its body."""
        return self.first_line <= line <= self.last_line

    def source(self, until: int | None = None) -> list[tuple[int, str]]:
        """The numbered lines of the check's body, up to the line `until`; of a moved one without what is expected,
        which is the reference's answer and not what the line says."""
        text = self.text if self.moved is None else acting_part(self.text)
        lines, last = text.split("\n"), self.last_line
        if until is not None:  # to the end of the statement that holds this line
            statements = [node for node in ast.walk(parse(text)) if isinstance(node, ast.stmt)]
            ends = [node.end_lineno for node in statements if node.lineno <= until <= node.end_lineno]
            last = min(ends, default=until)
        return [(number, lines[number - 1]) for number in range(self.first_line, last + 1)]

    def turn(self, line: int, number: int, turns: int) -> str | None:
        """What a loop around a line had in one of its turns, counted from 1: `f = lambda x: x - 2`; None where the loop
        does not go over a list of so many things that is written in it, or just before it under a name."""
        named, found, start = {}, None, 0
        for node in ast.walk(parse(self.text)):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and self.covers(node.lineno):
                named.setdefault(node.targets[0].id, []).append(node.value)
        for node in ast.walk(parse(self.text)):
            if isinstance(node, ast.For) and node.lineno <= line <= node.end_lineno and node.lineno > start:
                lists = named.get(node.iter.id, []) if isinstance(node.iter, ast.Name) else [node.iter]
                if len(lists) == 1 and isinstance(lists[0], ast.List | ast.Tuple) and len(lists[0].elts) == turns:
                    found, start = f"{ast.unparse(node.target)} = {ast.unparse(lists[0].elts[number - 1])}", node.lineno
        return found


@dataclass(frozen=True)
class Task:
    """A piece of work with an id, points and checks. A task without stubs of its own `needs` those of others."""

    id: TaskId
    title: str
    points: float
    needs: tuple[TaskId, ...]
    checks: tuple[Check, ...]

    @property
    def convergence(self) -> bool:
        """Whether it trains networks with what other tasks made: it has no stubs of its own, and takes its time."""
        return bool(self.needs)


@dataclass(frozen=True)
class Milestone:
    """A part of the course.

    rooms: the modules of the package that its students write. elective: it counts next to the course's points, not
    among them. not_on_reference: why earlier rooms can't come from the reference; None where they can. hours: of work.
    works_now: what works once it is done. play: examples that then run. extras: exercises without checks and points,
    id and title.
    """

    number: int
    title: str
    folder: Path
    rooms: tuple[str, ...]
    elective: bool
    not_on_reference: str | None
    hours: float
    works_now: str
    play: tuple[str, ...]
    tasks: tuple[Task, ...]
    extras: dict[TaskId, str]

    @functools.cached_property
    def checks(self) -> tuple[Check, ...]:
        """The checks of all tasks, in order."""
        return checks_of(self.tasks)

    @property
    def exercises(self) -> tuple[Task, ...]:
        """The tasks without those of convergence."""
        return tuple(task for task in self.tasks if not task.convergence)

    @property
    def earlier(self) -> tuple[Milestone, ...]:
        """The milestones before this one, on which it builds. Nothing builds on an elective."""
        return tuple(one for one in course() if one.number < self.number and not one.elective)

    @property
    def earlier_rooms(self) -> tuple[str, ...]:
        """The rooms that earlier milestones fill and this one does not touch."""
        rooms = [room for earlier in self.earlier for room in earlier.rooms]
        return tuple(dict.fromkeys(room for room in rooms if room not in self.rooms))


def checks_of(tasks: Iterable[Task]) -> tuple[Check, ...]:
    """The checks of several tasks, in order."""
    return tuple(check for task in tasks for check in task.checks)


def in_total(milestones: Iterable[Milestone]) -> set[int]:
    """The numbers of those whose points make up the total of all: no electives, unless there is nothing else."""
    milestones = list(milestones)
    return {one.number for one in milestones if not one.elective} or {one.number for one in milestones}


def course() -> list[Milestone]:
    """All milestones, electives included."""
    return [load_milestone(number) for number in milestone_numbers()]


def taken(state: TreeState) -> list[Milestone]:
    """What a student is at: the milestones that count, and the electives of which the tree has a written function."""
    return [one for one in course() if not one.elective or state.begun(task.id for task in one.exercises)]


@functools.cache
def milestone_numbers() -> tuple[int, ...]:
    """The numbers of the milestones there are."""
    found = [re.fullmatch(r"milestone(\d+)_\w+", folder.parent.name) for folder in MILESTONES.glob("*/tasks.toml")]
    return tuple(sorted(int(match[1]) for match in found if match))


@functools.cache
def load_milestone(number: int) -> Milestone:
    """A milestone from its tasks.toml and the text of its check files."""
    folder = milestone_folder(number)
    table = read_toml(folder / "tasks.toml")
    try:
        return Milestone(
            number,
            table["title"],
            folder,
            tuple(table["rooms"]),
            table.get("elective", False),
            table.get("not_on_reference"),
            table["hours"],
            table["works_now"],
            tuple(table.get("play", ())),
            tuple(_load_task(folder, entry) for entry in table["task"]),
            {TaskId(entry["id"]): entry["title"] for entry in table.get("extra", ())},
        )
    except KeyError as error:
        raise CourseError(f"{folder.name}/tasks.toml lacks {error}") from None


@contextlib.contextmanager
def with_private_checks(folder: Path) -> Iterator[None]:
    """For as long as the context is open, tasks also have the checks in this folder's files, named as the course's."""
    _PRIVATE.append(folder)
    load_milestone.cache_clear()
    try:
        yield
    finally:
        _PRIVATE.remove(folder)
        load_milestone.cache_clear()


_PRIVATE: list[Path] = []


def is_private(check: Check) -> bool:
    """Whether a check is not the course's own."""
    return not check.path.is_relative_to(MILESTONES)


def milestone_folder(number: int) -> Path:
    """Where a milestone's lesson, tasks, hints and checks are."""
    folders = sorted(MILESTONES.glob(f"milestone{number}_*"))
    if len(folders) != 1:
        raise UsageError(f"there is no milestone {number}: the course has {', '.join(map(str, milestone_numbers()))}")
    return folders[0]


def milestone_of(task_id: str) -> Milestone:
    """The milestone of a task; UsageError where this is not the id of one."""
    if is_task_id(task_id):
        task_id = TaskId(task_id)
        if task_id.milestone is not None:
            return load_milestone(task_id.milestone)
        for milestone in course():
            if task_id in milestone.extras:
                return milestone
    raise UsageError(f"there is no task {task_id!r}: ids look like 2.3 or extra.1")


def find_task(task_id: str) -> Task:
    """The task of this id; UsageError with the ids there are."""
    milestone = milestone_of(task_id)
    for task in milestone.tasks:
        if task.id == task_id:
            return task
    if task_id in milestone.extras:
        where = f"its section in {milestone.folder.name}/README.md"
        raise UsageError(f"{task_id} earns no points and has no checks: see {where}")
    ids = ", ".join(task.id for task in milestone.tasks)
    raise UsageError(f"there is no task {task_id!r} in milestone {milestone.number}: it has {ids}")


def task_sections(document: Path) -> dict[TaskId, str]:
    """The sections of a lesson or of hints whose heading starts with a task's id: `## 2.5 Arithmetic`."""
    parts = re.split(rf"^## ({PATTERN})\b", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {TaskId(name): text for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def check_tree(tree: Path) -> Path:
    """The folder itself when it holds the package; UsageError with the repair otherwise."""
    if not tree.exists():
        raise UsageError(f"there is no folder {tree}")
    if not tree.is_dir():
        raise UsageError(f"{tree} is not a folder: name the folder that contains {PACKAGE}/")
    if not (tree / PACKAGE).is_dir():
        inside = tree.name == PACKAGE
        repair = f"name the folder around it, {tree.parent}" if inside else f"name a folder that contains {PACKAGE}/"
        raise UsageError(f"{tree} does not contain {PACKAGE}/: {repair}")
    return tree


def _load_task(folder: Path, entry: dict) -> Task:
    task_id = TaskId(entry["id"])
    seconds = float(entry.get("seconds", DEFAULT_SECONDS))
    checks = []
    pattern = f"test_{task_id.milestone}_{task_id.number:02}_*.py"
    for path in [path for where in (folder, *_PRIVATE) for path in sorted(where.glob(pattern))]:
        with expecting_python(path, f"to have the course's own again: git checkout -- {path}"):
            module = parse(path.read_text(encoding="utf-8-sig"))
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                checks.append(_check(node, path, task_id, seconds))
    if not checks:
        raise CourseError(f"the course is incomplete: task {task_id} has no checks in {folder.name}")
    return Task(task_id, entry["title"], entry["points"], tuple(map(TaskId, entry.get("needs", ()))), tuple(checks))


@contextlib.contextmanager
def expecting_python(path: Path, repair: str) -> Iterator[None]:
    """While a file of checks is read and parsed: CourseError, with the repair, where it is not Python."""
    try:
        yield
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CourseError(f"{path}, line {line}: expected UTF-8, got something else; {repair}") from None
    except SyntaxError as error:
        where = f", line {error.lineno}" if error.lineno else ""
        raise CourseError(f"{path}{where}: expected Python, got a syntax error ({error.msg}); {repair}") from None
    except ValueError as error:  # a null byte, before Python 3.12
        raise CourseError(f"{path}: expected Python, got what can't be read ({error}); {repair}") from None


def _check(node: ast.FunctionDef, path: Path, task_id: TaskId, seconds: float) -> Check:
    description = " ".join((ast.get_docstring(node) or node.name.replace("_", " ")).split())
    has_docstring = ast.get_docstring(node) is not None and len(node.body) > 1
    first_line = node.body[0].end_lineno + 1 if has_docstring else node.body[0].lineno
    check_id = f"{path.stem}::{node.name}"
    seeded = any(argument.arg in ("rng", "seed") for argument in node.args.args)
    return Check(check_id, task_id, node.name, description, path, first_line, node.end_lineno, seconds, seeded)
