"""Where submissions lie: a folder on disk, read without following a link; an archive looks the same (archives.py)."""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from .submission import TooLargeError, UnusableError, shown

FOLDER, FILE = "a folder", "a file"


@dataclass(frozen=True)
class Item:
    """What lies in a folder: its name, and what it is. All that is neither FOLDER nor FILE is never opened."""

    name: str
    kind: str
    hidden: bool = False  # whether the name begins with a dot, or is one of those that systems leave


class Place(Protocol):
    """A folder, or an archive. Paths within it have forward slashes; "" is the place itself."""

    def items(self, path: str) -> list[Item]:
        """What lies in one of its folders, sorted by name."""

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """A file, to be read once from its beginning."""


LEFT_BY_SYSTEMS = {"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini", "Icon\r"}


def item(name: str, kind: str) -> Item:
    """An item, with what its name says."""
    return Item(name, kind, name.startswith(".") or name in LEFT_BY_SYSTEMS)


def join(folder: str, name: str) -> str:
    """The path of what lies in a folder of a place."""
    return f"{folder}/{name}" if folder else name


def read(place: Place, path: str, most: int) -> bytes:
    """A file's bytes, counted as they come; TooLargeError where there are more than `most`."""
    pieces, left = [], most + 1
    with place.open(path) as file:
        while left > 0 and (piece := file.read(min(left, 1 << 20))):
            pieces.append(piece)
            left -= len(piece)
    if left <= 0:
        raise TooLargeError(f"{shown(path)} has more than {most:,} bytes")
    return b"".join(pieces)


MOST_ITEMS = 200_000  # in one folder on disk


class Folder:
    """A folder on disk, `without` some of its folders. Links are not followed, and pipes and devices not opened."""

    def __init__(self, root: Path, without: Collection[Path] = ()):
        self.root = root
        self.without = {path.resolve() for path in without}

    def items(self, path: str) -> list[Item]:
        """What lies in one of its folders, sorted by name."""
        folder = self.root / path
        inner = {one.name for one in self.without if one.parent == folder.resolve()} if self.without else ()
        with os.scandir(folder) as found:
            items = [item(one.name, _kind(one)) for one in itertools.islice(found, MOST_ITEMS) if one.name not in inner]
            if next(found, None) is not None:
                raise UnusableError(f"it has more than {MOST_ITEMS:,} files in one folder")
        return sorted(items, key=lambda one: one.name)

    def open(self, path: str) -> BinaryIO:
        """A regular file with no other name; UnusableError for anything else that took its place meanwhile."""
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(self.root / path, flags)  # without O_NONBLOCK, a pipe would wait for its other end
        kind = _kind_of(os.fstat(descriptor))
        if kind != FILE:
            os.close(descriptor)
            raise UnusableError(f"{shown(path)} is {kind}")
        return os.fdopen(descriptor, "rb")


def _kind(entry: os.DirEntry) -> str:
    try:
        return _kind_of(entry.stat(follow_symlinks=False))
    except OSError as error:
        return f"unreadable ({error.strerror})"


def _kind_of(status: os.stat_result) -> str:
    mode = status.st_mode
    if stat.S_ISLNK(mode) or getattr(status, "st_reparse_tag", 0) == 0xA0000003:  # a junction of Windows
        return "a link"
    if stat.S_ISDIR(mode):
        return FOLDER
    if not stat.S_ISREG(mode):
        return "a pipe, socket or device"
    return FILE if status.st_nlink <= 1 else "a hard link (a file with two names)"
