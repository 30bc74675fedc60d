"""`nox -s handout`: writes the students' repository, without what would give answers away."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import numpy as np

from grader.answer_key import answer_key, as_kept, digest_of_checks
from grader.course.milestones import Task, course
from grader.errors import CourseError, UsageError
from grader.files import REPOSITORY, read_toml
from grader.sealed import FILE, Sealed, sealed, table, write_sealed
from grader.source.reference import reference, starter

from .github import FEEDBACK, feedback

AS_THEY_ARE = ["LICENSE", ".editorconfig", ".gitignore", "datasets/*", "milestones/pytest.ini", "milestones/report.svg"]
AS_THEY_ARE += ["docs/figures/*.svg", "docs/site/*.*", "examples/*.*"]
AS_THEY_ARE += [f"milestones/milestone*/{name}" for name in ("tasks.toml", "hints.md", "test_*.py")]
AS_THEY_ARE += ["grader/*.py", "grader/*/*.py"]
ROOM = "classroom"  # of the grader, which stays here
PAGES = ["README.md", "AGENTS.md", "docs/contract.md", "docs/electives.md"]
PAGES += ["docs/diagnosis.md", "docs/glossary.md", "docs/pytorch.md", "milestones/milestone*/README.md"]
SECTIONS = ("For instructors", "For maintainers")  # of README.md, which stay here
SEALED_TABLES = ("mistakes.toml", "fingerprints.json", "cases.toml", "predictions.toml")  # of each milestone
MUTATION = ("old", "new")  # the fields of a mistake that quote the reference
MARK = "# What follows is for those who keep the course"  # in noxfile.py
GROUPS = ("grading", "watch", "docs")  # the environments that students need
LINK = re.compile(r"\[(?P<text>[^\]\[]+)\]\((?P<target>[^)#:\s]+)(?P<session>)(?:#[^)\s]*)?\)")
LISTED = re.compile(r"    (?:nox|python3 noxfile\.py) -s (?P<session>\w+)(?P<target>)")
COMMAND = re.compile(r"`nox -s (?P<session>\w+)(?P<target>)")
ATTRIBUTES = f"{FILE.relative_to(REPOSITORY).as_posix()} binary\n"


def write_handout(destination: Path, with_reference: bool) -> int:
    """Write the students' repository into a new folder; the number of its files."""
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise UsageError(f"{destination} is not empty: name a new folder with --to")
    if sealed() is not None:
        raise CourseError("this repository was itself handed out: hand out from the course's own")
    files = dict(_files())
    sessions = commands(files["noxfile.py"].decode())
    for name in files:
        if name.endswith(".md"):
            files[name] = students_page(files[name].decode(), name, files.keys(), sessions).encode()
    for name, content in files.items():
        path = destination / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    write_sealed(destination / FILE.relative_to(REPOSITORY), to_seal(with_reference))
    return len(files) + 1


def _files() -> Iterator[tuple[str, bytes]]:
    """What is handed out in plain sight: paths within the repository, and contents."""
    for pattern in [*AS_THEY_ARE, *PAGES]:
        for path in sorted(REPOSITORY.glob(pattern)):
            name = path.relative_to(REPOSITORY).as_posix()
            if path.is_file() and not name.startswith(f"grader/{ROOM}/"):
                yield name, path.read_bytes()
    noxfile, mark, _ = (REPOSITORY / "noxfile.py").read_text(encoding="utf-8").partition(f"\n\n{MARK}")
    if not mark:
        raise CourseError(f"noxfile.py has no line `{MARK} ...`, below which nothing is handed out")
    yield "noxfile.py", noxfile.encode()
    yield "pyproject.toml", students_project(read_toml(REPOSITORY / "pyproject.toml")).encode()
    yield ".gitattributes", ATTRIBUTES.encode()
    yield FEEDBACK, feedback().encode()
    for name, text in starter().items():
        yield f"starter/{name}", text.encode()


def to_seal(with_reference: bool) -> Sealed:
    """What travels out of sight: the fresh starter, the key, the mistakes, and the reference with its mutations."""
    tables = {}
    for milestone in course():
        for name in SEALED_TABLES:
            content = table(milestone.folder / name)
            if name == "mistakes.toml" and not with_reference:
                content = {"mistake": [_without_mutations(each) for each in content.get("mistake", [])]}
            tables[(milestone.folder / name).relative_to(REPOSITORY).as_posix()] = content
    tasks = [task for milestone in course() for task in milestone.tasks]
    key = answer_key([check for task in tasks for check in task.checks])

    def part(task: Task) -> dict:
        return as_kept({check.id: key[check.id] for check in task.checks})

    return Sealed(
        numpy=np.__version__,
        starter=dict(starter()),
        reference=dict(reference()) if with_reference else {},
        tables=tables,
        key={task.id: (digest_of_checks(task), part(task)) for task in tasks},
    )


def _without_mutations(mistake: Mapping) -> dict:
    """An entry of the catalogue that quotes nothing of the reference, in any of its forms."""
    bare = {**mistake, **dict.fromkeys(MUTATION, "")}
    return {**bare, "also": [{**form, **dict.fromkeys(MUTATION, "")} for form in mistake.get("also", ())]}


def commands(noxfile: str) -> set[str]:
    """The names of a noxfile's sessions."""
    numbered = {f"milestone{milestone.number}" for milestone in course()}
    return numbered | set(re.findall(r"^@command\ndef (\w+)", noxfile, re.MULTILINE))


def students_project(table: Mapping) -> str:
    """pyproject.toml with the groups that students need."""
    project = table["project"]
    fields = [f"{name} = {json.dumps(project[name])}" for name in ("name", "version", "description", "requires-python")]
    groups = [f"{name} = {json.dumps(list(_packages(table, name)))}" for name in GROUPS]
    return "\n".join(["[project]", *fields, "", "[dependency-groups]", *groups, ""])


def _packages(table: Mapping, group: str) -> Iterator[str]:
    """The packages of a group, and of those that it includes."""
    for each in table["dependency-groups"][group]:
        yield from [each] if isinstance(each, str) else _packages(table, each["include-group"])


def students_page(text: str, name: str, files: Collection[str], sessions: Collection[str]) -> str:
    """A page without what students do not have: sections for others, lines of listings that call other commands, and
    paragraphs that begin with such a command, or with a link to what is not there. Other such links become text."""
    there = {parent.as_posix() for file in files for parent in [Path(file), *Path(file).parents]}

    def lacks(found: re.Match | None) -> bool:
        if found is None:
            return False
        if found["session"]:
            return found["session"] not in sessions
        return posixpath.normpath(posixpath.join(posixpath.dirname(name), found["target"])) not in there

    def kept(paragraph: str) -> str:
        if lacks(COMMAND.match(paragraph.lstrip("\n"))) or lacks(LINK.match(paragraph.lstrip("\n"))):
            return ""
        lines = [line for line in paragraph.splitlines(keepends=True) if not lacks(LISTED.match(line))]
        return LINK.sub(lambda found: found["text"] if lacks(found) else found[0], "".join(lines))

    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    own = "".join(part for part in parts if not part.startswith(tuple(f"## {title}\n" for title in SECTIONS)))
    return "".join(map(kept, re.split(r"(?<=\n)(?=\n)", own)))
