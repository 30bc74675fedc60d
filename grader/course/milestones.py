"""What the course asks: milestones, their tasks with points, and the checks of each task, read without running any."""

from __future__ import annotations

import ast
import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.files import MILESTONES, read_toml
from grader.source.package import PACKAGE
from grader.source.stubs import TASK_ID

# The rooms of neural_framework that a milestone's students write; the earlier ones can come from the reference.
ROOMS = {
    1: ("errors.py", "operations", "autodiff", "tensor"),
    2: ("errors.py", "operations", "autodiff", "tensor"),
    3: ("modules",),
    4: ("optim", "training"),
}
DEFAULT_SECONDS = 10.0

# What a student types before `-s`: noxfile.py sets it where it stands in for nox.
COMMAND = os.environ.get("COURSE_COMMAND", "nox")


@dataclass(frozen=True)
class Check:
    """A function of a milestone's suite: one fact, or a few, in a student's words."""

    id: str
    task_id: str
    name: str
    description: str
    path: Path
    first_line: int
    last_line: int
    seconds: float
    seeded: bool  # whether it draws numbers, from a fixture that COURSE_SEED_SHIFT shifts

    def source(self, until: int | None = None) -> list[tuple[int, str]]:
        """The numbered lines of the check's body, up to the line `until`."""
        text = self.path.read_text(encoding="utf-8")
        lines, last = text.split("\n"), self.last_line
        if until is not None:  # to the end of the statement that holds this line
            statements = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
            ends = [node.end_lineno for node in statements if node.lineno <= until <= node.end_lineno]
            last = min(ends, default=until)
        return [(number, lines[number - 1]) for number in range(self.first_line, last + 1)]


@dataclass(frozen=True)
class Task:
    """A piece of work with an id, points and checks. A task without stubs of its own `needs` those of others."""

    id: str
    title: str
    points: float
    needs: tuple[str, ...]
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Milestone:
    """One of the four parts of the course."""

    number: int
    title: str
    folder: Path
    tasks: tuple[Task, ...]
    extras: dict[str, str]  # exercises beyond the course, without checks and points: id and title

    @functools.cached_property
    def checks(self) -> tuple[Check, ...]:
        """The checks of all tasks, in order."""
        return tuple(check for task in self.tasks for check in task.checks)


def milestone_numbers() -> list[int]:
    """The numbers of the milestones there are."""
    return sorted(int(re.match(r"milestone(\d+)_", path.name)[1]) for path in MILESTONES.glob("milestone*_*"))


@functools.cache
def load_milestone(number: int) -> Milestone:
    """A milestone from its tasks.toml and the text of its check files."""
    folder = milestone_folder(number)
    table = read_toml(folder / "tasks.toml")
    tasks = [_load_task(folder, entry) for entry in table["task"]]
    extras = {entry["id"]: entry["title"] for entry in table.get("extra", ())}
    return Milestone(number, table["title"], folder, tuple(tasks), extras)


def milestone_folder(number: int) -> Path:
    """Where a milestone's lesson, tasks, hints and checks are."""
    folders = sorted(MILESTONES.glob(f"milestone{number}_*"))
    if len(folders) != 1:
        raise UsageError(f"there is no milestone {number}: the course has {', '.join(map(str, milestone_numbers()))}")
    return folders[0]


def milestone_of(task_id: str) -> int:
    """The number of a task's milestone; UsageError where this is no task's id."""
    if re.fullmatch(TASK_ID, task_id) and not task_id.startswith("extra"):
        return int(task_id.split(".")[0])
    for number in milestone_numbers():
        if task_id in load_milestone(number).extras:
            return number
    raise UsageError(f"there is no task {task_id!r}: ids look like 2.3 or extra.1")


def find_task(milestone: Milestone, task_id: str) -> Task:
    """The task of this id; UsageError with the ids there are."""
    for task in milestone.tasks:
        if task.id == task_id:
            return task
    if task_id in milestone.extras:
        where = f"its section in {milestone.folder.name}/README.md"
        raise UsageError(f"{task_id} earns no points and has no checks: see {where}")
    ids = ", ".join(task.id for task in milestone.tasks)
    raise UsageError(f"there is no task {task_id!r} in milestone {milestone.number}: it has {ids}")


def task_sections(document: Path) -> dict[str, str]:
    """The sections of a lesson or of hints whose heading starts with a task's id: `## 2.5 Arithmetic`."""
    parts = re.split(rf"^## ({TASK_ID})\b", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def check_tree(tree: Path) -> Path:
    """The folder itself when it holds the package; UsageError with the repair otherwise."""
    if not tree.exists():
        raise UsageError(f"there is no folder {tree}")
    if not tree.is_dir():
        raise UsageError(f"{tree} is no folder: a tree is a folder that holds {PACKAGE}")
    if not (tree / PACKAGE).is_dir():
        inside = tree.name == PACKAGE
        repair = f"name the folder around it, {tree.parent}" if inside else f"a tree holds a folder {PACKAGE}"
        raise UsageError(f"{tree} holds no package {PACKAGE}: {repair}")
    return tree


def _load_task(folder: Path, entry: dict) -> Task:
    task_id = entry["id"]
    milestone, number = task_id.split(".")
    seconds = float(entry.get("seconds", DEFAULT_SECONDS))
    checks = []
    for path in sorted(folder.glob(f"test_{milestone}_{int(number):02}_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                checks.append(_check(node, path, task_id, seconds))
    if not checks:
        raise UsageError(f"the course is incomplete: task {task_id} has no checks in {folder.name}")
    return Task(task_id, entry["title"], entry["points"], tuple(entry.get("needs", ())), tuple(checks))


def _check(node: ast.FunctionDef, path: Path, task_id: str, seconds: float) -> Check:
    description = " ".join((ast.get_docstring(node) or node.name.replace("_", " ")).split())
    has_docstring = ast.get_docstring(node) is not None and len(node.body) > 1
    first_line = node.body[0].end_lineno + 1 if has_docstring else node.body[0].lineno
    check_id = f"{path.stem}::{node.name}"
    seeded = any(argument.arg in ("rng", "seed") for argument in node.args.args)
    return Check(check_id, task_id, node.name, description, path, first_line, node.end_lineno, seconds, seeded)
