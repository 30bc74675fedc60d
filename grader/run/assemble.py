"""Makes the scratch copy that is graded: a fresh starter, over it the tree, over it what the run asks for."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import functools
import importlib.util
import marshal
import os
import sys
import warnings
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from grader.course.acting import acting_part
from grader.course.milestones import Check, course
from grader.files import temporary_folder
from grader.source.exercises import exercises_by_file
from grader.source.package import PACKAGE, read_limited, source_files, text_of, unreadable_folders
from grader.source.reference import has_reference, reference, starter
from grader.source.state import BrokenFile, MissingName, TreeState
from grader.source.stubs import Stub, stubs, stubs_in_text
from grader.source.syntax import definitions, parse

INIT = f"{PACKAGE}/__init__.py"
CONFLICT = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")  # the lines that Git writes around the sides of a conflict


@dataclass
class Assembled:
    """A tree that is ready to be graded, in a scratch folder with what else a worker needs."""

    state: TreeState
    scratch: Path
    written: Path | None = None  # a folder in which the acting parts of checks are already, for all trees of a run

    @property
    def folder(self) -> Path:
        """The copy of the tree."""
        return self.scratch / "tree"

    def write_checks(self, checks: Iterable[Check], whole: bool, shows: bool = False) -> dict[str, str]:
        """The files that checks are in, by the checks' ids: their acting parts, or `whole` as they stand. shows: with
        what they show of what was learnt."""
        return write_checks(self.written or self.scratch / "checks", checks, whole, shows)

    def put(self, name: str, source: bytes) -> None:
        """Write a file of the copy, compiled; SyntaxError or ValueError where it does not compile."""
        write_module(self.folder / name, source)

    def replace_broken(self, broken: BrokenFile) -> bool:
        """Put the starter's file in the place of a broken one; False where that was done before, or can't help."""
        state = self.state
        if broken.file not in state.files or any(known.file == broken.file for known in state.broken):
            return False
        missing = [known for known in state.missing if known.file == broken.file]
        if missing:  # the starter's definition of one name did not work without another
            state.missing = [known for known in state.missing if known.file != broken.file]
            names = ", ".join(known.name for known in missing)
            broken = BrokenFile(broken.file, missing[0].end, f"other files import names that it does not have: {names}")
        state.broken.append(broken)
        try:
            text = read_limited(state.tree / broken.file).decode("utf-8", errors="replace")
        except (OSError, ValueError):
            text = ""
        state.stubs = [stub for stub in state.stubs if stub.file != broken.file] + stubs_in_text(text, broken.file)
        if broken.file in starter():
            self.put(broken.file, starter()[broken.file].encode())
        else:
            (self.folder / broken.file).unlink(missing_ok=True)
        return True

    def looked_for(self, message: str) -> BrokenFile | None:
        """The broken file of the student's own that an import did not find, as nothing takes its place."""
        for broken in self.state.broken:
            module = broken.file.removesuffix(".py").replace("/", ".")
            package, _, name = module.rpartition(".")
            partly = "partially initialized module "
            said = [f"cannot import name {name!r} from {kind}{package!r}" for kind in ("", partly)]
            said.append(f"No module named {module!r}")
            if broken.file not in starter() and any(text in message for text in said):
                return broken
        return None

    def add_missing(self, file: str, name: str) -> bool:
        """Put the starter's definition of a name into a file that lacks it; False where that can't be done."""
        state = self.state
        if file not in state.files or file not in starter():
            return False
        ours = definitions(starter()[file])
        if any(known.file == file for known in state.broken):
            return False
        if name not in ours or (file, name) in [(known.file, known.name) for known in state.missing]:
            return False
        text = text_of((state.tree / file).read_bytes())
        end = max(1, text.count("\n") + (text[-1:] != "\n"))
        own = {other: definition for other, definition in definitions(text).items() if other not in ours}
        similar = next(iter(difflib.get_close_matches(name, own, 1)), None)
        line = own[similar].first if similar else end
        self.put(file, f"{text_of((self.folder / file).read_bytes())}\n\n{ours[name].text}".encode())
        state.missing.append(MissingName(file, name, line, similar, end))
        state.stubs += [dataclasses.replace(stub, line=line) for stub in stubs(ours[name].text, file)]
        return True

    def in_reference(self, file: str, line: int) -> bool:
        """Whether the reference's file, or the starter's, also has this line of the tree's file."""
        own, theirs = self.state.tree / file, (reference() if has_reference() else starter()).get(file)
        if theirs is None or not own.exists():
            return False
        lines = own.read_bytes().splitlines()[line - 1 : line]
        return bool(lines) and lines[0] in theirs.encode().splitlines()


def assemble(
    tree: Path,
    scratch: Path,
    reference_rooms: tuple[str, ...] = (),
    changes: Mapping[str, str] = MappingProxyType({}),
) -> Assembled:
    """Fill `scratch` with a copy of the tree in which every file exists and compiles.

    reference_rooms: rooms (files or folders of the package) that come whole from the reference.
    changes: texts of files that replace those of the tree (a stub, a mutation).
    """
    files = source_files(tree)
    state = TreeState(tree, frozenset(files), reference_rooms)
    for name, why in unreadable_folders(tree):
        if "/" not in name or not _in_rooms(name, reference_rooms):
            state.broken.append(BrokenFile(name, None, f"it can't be read: {why}"))
    assembled = Assembled(state, scratch)
    own = {name: path for name, path in files.items() if not _in_rooms(name, reference_rooms)}
    for name, text in starter().items():
        if _in_rooms(name, reference_rooms):
            assembled.put(name, reference()[name].encode())
        elif name not in own and not _elsewhere(name, own):
            assembled.put(name, text.encode())
            if os.path.lexists(tree / name):
                what = "it is a folder, not a file" if (tree / name).is_dir() else "it is not a file"
                state.broken.append(BrokenFile(name, None, what))
            elif not any(broken.holds(name) for broken in state.broken):
                state.stubs += stubs(text, name)
    for name, path in own.items():
        try:
            source = read_limited(path)
            assembled.put(name, _with_electives(source, own, state) if name == INIT else source)
            state.stubs += stubs(text_of(source), name)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OSError) as error:
            assembled.replace_broken(BrokenFile(name, getattr(error, "lineno", None) or None, _why(error)))
    for name, text in changes.items():
        assembled.put(name, text.encode())
        state.stubs = [stub for stub in state.stubs if stub.file != name] + stubs(text, name)
    state.stubs = [stub for stub in state.stubs if not _is_a_copy(stub, state.files)]
    return assembled


def write_checks(folder: Path, checks: Iterable[Check], whole: bool, shows: bool = False) -> dict[str, str]:
    """Write the files that checks are in, where they are not there yet; their places, by the checks' ids."""
    files, places = {}, {}
    for check in checks:
        source = check.path.name, check.moved and check.text  # a file has several texts
        if source not in places:
            place = "" if check.moved is None else f"{zlib.crc32(check.text.encode()):08x}"
            places[source] = path = folder / place / check.path.name
            if not path.exists():
                write_module(path, source_of(check, whole, shows))
        files[check.id] = str(places[source])
    return files


def state_of(tree: Path) -> TreeState:
    """What is written in a tree."""
    with temporary_folder() as scratch:
        return assemble(tree, scratch).state


def source_of(check: Check, whole: bool, shows: bool) -> bytes:
    """The file that a check is in, as a worker gets it."""
    return (check.text if whole else acting_part(check.text, name_of(check), shows)).encode()


def write_module(path: Path, source: bytes) -> None:
    """Write a file of Python, compiled; SyntaxError or ValueError where it does not compile."""
    # Where Python looks without PYTHONPYCACHEPREFIX, which no worker has.
    compiled = path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
    compiled.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(source)
    bytecode = bytecode_of(source)  # the worker, which is still starting, need not compile it again
    compiled.parent.mkdir(exist_ok=True)
    compiled.write_bytes(bytecode)


def name_of(check: Check) -> str:
    """What a check's file is called in an error."""
    return f"{check.path.parent.name}/{check.path.name}"


def _with_electives(source: bytes, own: Collection[str], state: TreeState) -> bytes:
    """A tree's __init__.py, which may be older than the electives that the tree has: with the starter's imports from
    those of which it has none."""
    electives = [room for milestone in course() if milestone.elective for room in milestone.rooms]
    present = [room for room in electives if any(_in_rooms(name, (room,)) for name in own)]
    if not present:
        return source
    known = {_room_of(node) for node in ast.walk(parse(text_of(source)))}
    state.unexported = [room for room in present if room not in known]
    new = [node for node in parse(starter()[INIT]).body if _room_of(node) in state.unexported]
    return b"\n".join([source, *(ast.unparse(node).encode() for node in new)])


def _room_of(node: ast.AST) -> str | None:
    """The room that the package's __init__.py imports from by this statement."""
    return node.module.split(".")[0] if isinstance(node, ast.ImportFrom) and node.level and node.module else None


def _why(error: Exception) -> str:
    """Why a file can't be used."""
    if isinstance(error, OSError):
        return f"it can't be read: {error.strerror}"
    if isinstance(error, MemoryError):
        return "it is nested too deeply, or takes too much memory, to be compiled"
    kind = "SyntaxError" if isinstance(error, ValueError) else type(error).__name__  # a null byte, before Python 3.12
    repair = "; save the file as UTF-8" if "'utf-8' codec" in str(error) or "null bytes" in str(error) else ""
    if (getattr(error, "text", None) or "").lstrip().startswith(CONFLICT):
        repair = "; Git left both sides of a conflict here: keep one, without the lines <<<<<<<, ======= and >>>>>>>"
    return f"{kind}: {getattr(error, 'msg', None) or error}{repair}"


def _is_a_copy(stub: Stub, files: Collection[str]) -> bool:
    """Whether a stub is in a file of the student's own making, while the file that it belongs to is there."""
    homes = [file for file, found in exercises_by_file().items() if any(one.name == stub.name for one in found)]
    return stub.file not in exercises_by_file() and any(home in files for home in homes)


@functools.lru_cache(maxsize=1_000)
def bytecode_of(source: bytes) -> bytes:
    """A module as Python keeps it in __pycache__, to be used without a look at its source's time (PEP 552)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a student's text: they are for the student's own run
        code = compile(source, "<tree>", "exec", dont_inherit=True)
    header = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + importlib.util.source_hash(source)
    return header + marshal.dumps(code)


def _elsewhere(name: str, own: Mapping[str, Path]) -> bool:
    """Whether the tree has a module in the place of this file's package, or a package in the place of this module."""
    folder, stem = name.rpartition("/")[0], name.removesuffix(".py")
    return f"{folder}.py" in own or f"{stem}/__init__.py" in own


def _in_rooms(name: str, rooms: tuple[str, ...]) -> bool:
    """Whether a file of the package belongs to one of the rooms, which are its folders and its modules."""
    return name.split("/")[1].removesuffix(".py") in rooms
