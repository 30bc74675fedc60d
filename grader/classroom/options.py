"""What is the same for all submissions of a run, and the version of what grades them."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.course.milestones import Milestone, Task, course, load_milestone
from grader.errors import UsageError
from grader.files import MILESTONES, REPOSITORY
from grader.source.reference import reference

# What grades nothing: a corrected sentence in a lesson, or a page drawn otherwise, does not grade a class again.
PROSE = (".md", ".svg", ".html")
OTHERS = ("desk", "classroom", "__main__.py", "bootstrap.py", "environments.py", "hiding.py")
GRADING = ("grading", "integrity", "nearby", "probe_checks", "probes", "reading", "words")  # of this room
SEEDS = 2**31


@dataclass(frozen=True)
class Options:
    """What a run was asked to do, as plain data that can travel to another machine.

    level: of isolation. wall: the seconds that one submission may take. private: names and texts of the files in which
    further checks are. explain: whether functions at fault are searched. tasks: only these; all where there are none.
    """

    milestones: tuple[int, ...]
    seed: int
    level: str
    wall: float
    on_reference: bool = False
    explain: bool = False
    private: tuple[tuple[str, str], ...] = ()
    tasks: tuple[str, ...] = ()

    def chosen(self) -> list[tuple[Milestone, list[Task]]]:
        """The milestones and tasks to grade, in order."""
        found = []
        for milestone in map(load_milestone, self.milestones):
            found.append((milestone, [task for task in milestone.tasks if not self.tasks or task.id in self.tasks]))
        return [(milestone, tasks) for milestone, tasks in found if tasks]

    def digest(self) -> str:
        """A name for all that a verdict depends on besides the submission."""
        own = dataclasses.asdict(dataclasses.replace(self, wall=0.0))  # measured, and not what a verdict says
        return hashlib.sha256(json.dumps([own, course_version()]).encode()).hexdigest()


def chosen_milestones(asked: str, electives: bool) -> tuple[int, ...]:
    """Those that were asked for, such as 1,2, or else all that count; and the electives where they are asked for."""
    try:
        numbers = {int(number) for number in asked.split(",")} if asked else None
    except ValueError:
        raise UsageError(f"--milestones takes numbers, such as 1,2, not {asked!r}") from None
    known = {load_milestone(number).number for number in numbers or ()}
    found = [one for one in course() if one.number in known or (numbers is None and not one.elective)]
    found += [one for one in course() if electives and one.elective]
    return tuple(sorted({one.number for one in found}))


def without_reference(milestones: Iterable[int]) -> list[str]:
    """Of these milestones, those to which --on-reference does not apply, each with the reason."""
    found = map(load_milestone, milestones)
    return [
        f"--on-reference does not apply to milestone {one.number}: {one.not_on_reference}"
        for one in found
        if one.not_on_reference is not None
    ]


@functools.cache
def course_version() -> str:
    """A digest of what grades: suites, reference, grader, data, Python and NumPy."""
    digest = hashlib.sha256(f"{sys.version} {platform.machine()} {np.__version__}".encode())
    grader = REPOSITORY / "grader"
    own = [path for path in grader.rglob("*.py") if path.relative_to(grader).parts[0] not in OTHERS]
    own += [grader / "classroom" / f"{name}.py" for name in GRADING]
    paths = [*own, *MILESTONES.rglob("*"), *(REPOSITORY / "datasets").rglob("*")]
    files = {path.relative_to(REPOSITORY).as_posix(): path for path in paths if _grades(path)}
    contents = {name: path.read_bytes() for name, path in files.items()}
    contents |= {f"reference/{name}": text.encode() for name, text in reference().items()}
    for name, content in sorted(contents.items()):
        digest.update(f"{name} {len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def _grades(path: Path) -> bool:
    return path.is_file() and path.suffix not in PROSE and "__pycache__" not in path.parts
