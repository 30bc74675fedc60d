"""Makes the scratch copy that is graded: a fresh starter, over it the tree, over it what the run asks for."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from grader.course.milestones import ROOMS
from grader.source.package import read_source, source_files
from grader.source.starter import starter_file
from grader.source.stubs import Stub, exercises, stubs, stubs_in_text
from grader.source.syntax import definitions


@dataclass(frozen=True)
class BrokenFile:
    """A file of the tree that can't be used, and was replaced by the starter's."""

    file: str
    line: int
    message: str


@dataclass(frozen=True)
class MissingName:
    """A function or class that other files import from one that does not have it: the starter's stands in.

    line: where the file has a name that looks like it, `similar`, otherwise its last line. end: the file's last line;
    what the starter lends stands behind it in the scratch copy.
    """

    file: str
    name: str
    line: int
    similar: str | None
    end: int


@dataclass
class Assembled:
    """A tree that is ready to be graded."""

    tree: Path
    solutions: Path
    scratch: Path
    broken: list[BrokenFile] = field(default_factory=list)
    missing: list[MissingName] = field(default_factory=list)
    stubs: list[Stub] = field(default_factory=list)
    reference_rooms: tuple[str, ...] = ()

    def replace_broken(self, broken: BrokenFile) -> bool:
        """Put the starter's file in the place of a broken one; False where that was done before, or can't help."""
        if any(known.file == broken.file for known in self.broken):
            return False
        if broken.file not in source_files(self.tree):
            return False
        lacking = [known for known in self.missing if known.file == broken.file]
        if lacking:  # what was lent for one name did not work without another
            self.missing = [known for known in self.missing if known.file != broken.file]
            names = ", ".join(known.name for known in lacking)
            broken = BrokenFile(broken.file, lacking[0].end, f"other files import what it does not have: {names}")
        self.broken.append(broken)
        text = (self.tree / broken.file).read_bytes().decode("utf-8", errors="replace")
        self.stubs = [stub for stub in self.stubs if stub.file != broken.file] + stubs_in_text(text, broken.file)
        target = self.scratch / broken.file
        if (self.solutions / broken.file).exists():
            _write(target, starter_file(self.solutions, broken.file))
        else:
            target.unlink(missing_ok=True)
        return True

    def add_missing(self, file: str, name: str) -> bool:
        """Put the starter's definition of a name into a file that lacks it; False where that can't be done."""
        if (file, name) in [(known.file, known.name) for known in self.missing] or file not in source_files(self.tree):
            return False
        lent = definitions(starter_file(self.solutions, file)) if (self.solutions / file).exists() else {}
        if name not in lent:
            return False
        try:
            text = _parsed(self.tree / file)
        except (SyntaxError, ValueError):
            return False
        end = max(1, text.count("\n") + (text[-1:] != "\n"))
        own = {other: definition for other, definition in definitions(text).items() if other not in lent}
        similar = next(iter(difflib.get_close_matches(name, own, 1)), None)
        line = own[similar].first if similar else end
        with (self.scratch / file).open("a", encoding="utf-8", newline="") as scratch:
            scratch.write(f"\n\n{lent[name].text}")
        self.missing.append(MissingName(file, name, line, similar, end))
        self.stubs += [dataclasses.replace(stub, line=line) for stub in stubs(lent[name].text, file)]
        return True

    def in_reference(self, file: str, line: int) -> bool:
        """Whether the reference's file has this line of the tree's file, too."""
        own, reference = self.tree / file, self.solutions / file
        if not (own.exists() and reference.exists()):
            return False
        lines = own.read_bytes().splitlines()[line - 1 : line]
        return bool(lines) and lines[0] in reference.read_bytes().splitlines()

    def broken_by_task(self) -> dict[str, BrokenFile]:
        """The tasks whose functions the starter has in a broken file, with that file."""
        tasks = {}
        for broken in self.broken:
            path = self.solutions / broken.file
            if path.exists():
                for exercise in exercises(read_source(path), broken.file):
                    tasks.setdefault(exercise.task_id, broken)
        return tasks


def assemble(
    tree: Path,
    solutions: Path,
    scratch: Path,
    reference_rooms: tuple[str, ...] = (),
    changes: Mapping[str, str] = MappingProxyType({}),
) -> Assembled:
    """Fill `scratch` with a copy of the tree in which every file exists and compiles.

    reference_rooms: rooms (files or folders of the package) that come whole from the solutions.
    changes: the text of files to put over everything else (a stub, a mutation).
    """
    assembled = Assembled(tree, solutions, scratch, reference_rooms=reference_rooms)
    own = {name: path for name, path in source_files(tree).items() if not _in_rooms(name, reference_rooms)}
    reference = source_files(solutions)
    for name, path in reference.items():
        if _in_rooms(name, reference_rooms):
            _write(scratch / name, read_source(path))
        elif name not in own and not _stands_elsewhere(name, own):
            text = starter_file(solutions, name)
            _write(scratch / name, text)
            assembled.stubs += stubs(text, name)
    for name, path in own.items():
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, scratch / name)
        try:
            assembled.stubs += stubs(_parsed(path), name)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None) or 1
            message = getattr(error, "msg", None) or str(error)
            assembled.replace_broken(BrokenFile(name, line, f"{type(error).__name__}: {message}"))
    for name, text in changes.items():
        _write(scratch / name, text)
        assembled.stubs = [stub for stub in assembled.stubs if stub.file != name] + stubs(text, name)
    return assembled


def rooms_before(number: int) -> tuple[str, ...]:
    """The rooms that earlier milestones fill."""
    own = ROOMS[number]
    return tuple(dict.fromkeys(room for earlier in range(1, number) for room in ROOMS[earlier] if room not in own))


def _parsed(path: Path) -> str:
    """The file's text, which parses; SyntaxError or ValueError otherwise."""
    source = path.read_bytes()
    ast.parse(source)
    return source.decode("utf-8-sig", errors="replace")


def _stands_elsewhere(name: str, own: Mapping[str, Path]) -> bool:
    """Whether the tree has a module in the place of this file's package, or a package in the place of this module."""
    folder, stem = name.rpartition("/")[0], name.removesuffix(".py")
    return f"{folder}.py" in own or f"{stem}/__init__.py" in own


def _in_rooms(name: str, rooms: tuple[str, ...]) -> bool:
    return len(name.split("/")) > 1 and name.split("/")[1] in rooms


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
