"""Finds the package in what a student handed in, wherever it lies, and takes its Python files within limits."""

from __future__ import annotations

import contextlib
import re
import unicodedata
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from grader.source.package import PACKAGE

from .archives import OF_A_STUDENT, OTHER_ARCHIVES, SUFFIXES, opened, spooled
from .ids import RESERVED
from .places import FILE, FOLDER, Item, Place, join, read
from .submission import LARGEST_FILE, LARGEST_TOTAL, MOST_FILES, TooLargeError, UnusableError, shown

DEEPEST = 4  # levels at which a package is looked for, such as homework/repository-main/starter/neural_framework
DEEPEST_FILE = 20  # folders in the package
LONGEST_NAME = 100  # of a file or a folder in it
LONGEST_PATH = 1_000  # bytes; a system's limit is 4,096
MOST_LISTED = 50_000  # files and folders that are looked at in one submission
MOST_ARCHIVES = 10  # that are opened in one submission, the last by their names
ENVIRONMENT = "pyvenv.cfg"  # is in the folder of a virtual environment
NOT_SEARCHED = {"site-packages", "node_modules"}
PACKED = (*SUFFIXES, *OTHER_ARCHIVES)  # what the others are is said when they are opened
PREFERRED = "starter"  # where the course has the students' package; a clone holds others, too


@dataclass
class Found:
    """What a search met: the paths of packages and archives, and of other files, to tell about."""

    packages: list[str] = field(default_factory=list)
    archives: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    listed: int = 0


def take(place: Place, paths: Sequence[tuple[str, str]]) -> tuple[dict[str, bytes], list[str]]:
    """The package's files, and notes, from what a student handed in: paths, and what lies there (Item.kind).

    UnusableError where that holds no package, neither as it lies there nor in an archive.
    """
    found = search(place, paths)
    if found.packages:
        return _from_packages(place, found)
    usable, reasons = [], []
    for path in sorted(found.archives, key=natural)[-MOST_ARCHIVES:]:
        try:
            usable.append((path, *_from_archive(place, path)))
        except UnusableError as error:
            reasons.append(f"{shown(path.rpartition('/')[2])}: {error}")
    if not usable:
        raise UnusableError("; ".join(reasons[:3]) or _nothing(found))
    path, files, notes = usable[-1]
    if len(usable) > 1:
        notes.append(f"{len(usable)} archives hold a package: taken from the last by its name, {shown(path)}")
    return files, notes + reasons


def natural(text: str) -> list[tuple[int, str]]:
    """What names are sorted by, so that attempt 10 comes after attempt 9, and work-1.zip after work.zip."""
    stem = re.sub(r"(\.tar)?\.[A-Za-z0-9]+$", "", text)
    return [(int(part) if part.isascii() and part.isdigit() else -1, part) for part in re.split(r"([0-9]{1,18})", stem)]


def search(place: Place, paths: Iterable[tuple[str, str]]) -> Found:
    """Look for packages and archives at the paths, and in the folders there."""
    found = Found()
    waiting = deque((path, kind, 0) for path, kind in paths)
    while waiting:
        path, kind, depth = waiting.popleft()
        name = path.rpartition("/")[2]
        if kind == FILE:
            (found.archives if name.lower().endswith(PACKED) else found.others).append(path)
        elif kind != FOLDER:
            found.left_out.append(f"{shown(name)} is {kind}")
        else:
            items = _listed(place, path, found)
            names = {one.name for one in items if one.kind == FOLDER}
            if ENVIRONMENT in {one.name for one in items}:
                continue
            if name == PACKAGE and (PACKAGE not in names or any(one.name.endswith(".py") for one in items)):
                found.packages.append(path)
            elif depth < DEEPEST:
                searched = [one for one in items if not one.hidden and one.name not in NOT_SEARCHED]
                waiting += [(join(path, one.name), one.kind, depth + 1) for one in searched]
    return found


def _listed(place: Place, path: str, found: Found) -> list[Item]:
    try:
        items = place.items(path)
    except OSError as error:
        found.left_out.append(f"{shown(path) or 'the folder'} can't be read ({error.strerror})")
        return []
    found.listed += len(items)
    if found.listed > MOST_LISTED:
        raise UnusableError(f"it has more than {MOST_LISTED:,} files and folders")
    return items


def _nothing(found: Found) -> str:
    """Why there is nothing to grade, with what there is instead."""
    names = [shown(path.rpartition("/")[2]) for path in found.others[:3]]
    more = f" and {len(found.others) - 3} more" if len(found.others) > 3 else ""
    there = [f"found {', '.join(names)}{more}"] if names else []
    if not names and not found.left_out:
        return f"it is empty: no folder {PACKAGE}/, and no other file"
    return "; ".join([f"no folder {PACKAGE}/ with Python files", *there, *found.left_out[:3]])


def _from_archive(place: Place, path: str) -> tuple[dict[str, bytes], list[str]]:
    with contextlib.closing(spooled(place, path, OF_A_STUDENT)) as file:
        archive = opened(file, OF_A_STUDENT)
        found = search(archive, [("", FOLDER)])
        if found.packages:
            files, notes = _from_packages(archive, found)
            return files, notes + archive.notes
        if found.archives:
            raise UnusableError(f"it holds another archive, {shown(found.archives[0])}: pack the folder itself")
        raise UnusableError("; ".join([_nothing(found), *dict.fromkeys(archive.notes[:3])]))


def _from_packages(place: Place, found: Found) -> tuple[dict[str, bytes], list[str]]:
    """The files of the package that counts: the one in starter/, else the least deep one, else the first by name."""
    order = sorted(found.packages, key=lambda path: (path.split("/")[-2:-1] != [PREFERRED], path.count("/"), path))
    chosen, reasons = None, []
    for path in order:
        files, notes = _files(place, path)
        if files:
            chosen = path
            break
        reasons += notes
    if chosen is None:
        raise UnusableError("; ".join([f"no Python file in {PACKAGE}/", *reasons[:3]]))
    others = [shown(path) for path in order if path != chosen]
    if others:
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        notes = [f"taken from {shown(chosen)}, not from {', '.join(others[:3])}{more}", *notes]
    return files, notes


def _files(place: Place, package: str) -> tuple[dict[str, bytes], list[str]]:
    """A package's Python files, those that grader.source.package.source_files finds in a tree, and notes."""
    found, names, notes = Found(), {}, []
    waiting = deque([(package, PACKAGE)])
    while waiting:
        path, inner = waiting.popleft()
        items = _listed(place, path, found)
        if ENVIRONMENT in {one.name for one in items}:
            continue
        for one in items:
            name = join(inner, one.name)
            is_folder = one.kind == FOLDER
            if one.hidden or (is_folder and "." in one.name) or not (is_folder or _may_be_source(one)):
                continue
            if one.kind not in (FILE, FOLDER):
                notes.append(f"left out: {shown(name)} ({one.kind})")
            elif not _is_safe(one.name) or name.count("/") > DEEPEST_FILE or len(name.encode()) > LONGEST_PATH:
                notes.append(f"left out: {shown(name)} (not a name that every system can write)")
            elif is_folder:
                waiting.append((join(path, one.name), name))
            else:
                names[name] = join(path, one.name)
    notes += [f"left out: {one}" for one in found.left_out]
    names, doubled = _without_doubles(names)
    notes += doubled
    if len(names) > MOST_FILES:
        raise UnusableError(f"{PACKAGE}/ has {len(names):,} Python files; at most {MOST_FILES} are taken")
    files, total = {}, 0
    for name, path in sorted(names.items()):
        try:
            files[name] = _content(place, path)
        except TooLargeError:
            notes.append(f"left out: {name} (more than {LARGEST_FILE:,} bytes)")
        except OSError as error:
            notes.append(f"left out: {name} (it can't be read: {error.strerror or shown(str(error))})")
        total += len(files.get(name, b""))
        if total > LARGEST_TOTAL:
            raise UnusableError(f"{PACKAGE}/ has more than {LARGEST_TOTAL:,} bytes of Python files")
    return files, notes


def _may_be_source(one: Item) -> bool:
    """Whether an item that is not a folder is a Python file, or a link or the like where one could be."""
    return one.name.endswith(".py") or (one.kind != FILE and "." not in one.name)


def _content(place: Place, path: str) -> bytes:
    try:
        return read(place, path, LARGEST_FILE)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError):
        raise UnusableError(f"it is broken: {shown(path)} can't be read") from None


def _is_safe(name: str) -> bool:
    """Whether every system can write a file of this name, and a list of names can show it."""
    return (
        name.isprintable()
        and len(name) <= LONGEST_NAME
        and len(name.encode()) <= 2 * LONGEST_NAME  # a system's limit is 255, and compiled files have longer names
        and not set(name) & set('<>:"|?*\\')
        and name[-1] not in ". "
        and name.split(".")[0].rstrip().lower() not in RESERVED
    )


def _without_doubles(names: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Of names that some systems take for the same file, the one in lower case, as the course has it; and notes."""
    kept: dict[str, str] = {}
    notes = []
    for name in sorted(names, reverse=True):  # lower case comes after upper case
        other = kept.setdefault(unicodedata.normalize("NFKC", name).casefold(), name)
        if other != name:
            notes.append(f"left out: {name} (on some systems the same file as {other})")
    return {name: names[name] for name in kept.values()}, notes
