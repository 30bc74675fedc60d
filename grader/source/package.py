"""The package that students write: its name, and its files in a tree."""

from __future__ import annotations

import errno
import importlib.util
import os
from pathlib import Path

PACKAGE = "neural_framework"
LARGEST_SOURCE = 1_000_000  # bytes; the largest file of the reference has a thirtieth of it


def source_files(tree: Path) -> dict[str, Path]:
    """The package's Python files: their path within the tree, with forward slashes, and where they are.

    As Python sees them: folders that are links belong to it. Folders with a dot in their name (what editors and
    notebooks leave), __pycache__ and virtual environments do not.
    """
    found: dict[str, Path] = {}
    entered: set[str] = set()  # a link may lead back to a folder above it
    for name, folders, files in os.walk(tree / PACKAGE, followlinks=True):
        real = os.path.realpath(name)
        if real in entered or "pyvenv.cfg" in files:
            folders.clear()
            continue
        entered.add(real)
        folders[:] = sorted(one for one in folders if "." not in one and one != "__pycache__")
        paths = [Path(name, file) for file in sorted(files) if file.endswith(".py") and file[0] != "."]
        found |= {path.relative_to(tree).as_posix(): path for path in paths if path.is_file()}
    return dict(sorted(found.items()))


def unreadable_folders(tree: Path) -> list[tuple[str, str]]:
    """The folders of the package that can't be read, with the system's reason."""
    errors: list[OSError] = []
    for _ in os.walk(tree / PACKAGE, onerror=errors.append, followlinks=False):
        pass
    return [(Path(error.filename).relative_to(tree).as_posix(), error.strerror or str(error)) for error in errors]


def text_of(source: bytes) -> str:
    """A module's text, in the encoding that it declares, and with line ends as Python has them; SyntaxError or
    ValueError where it is not text."""
    try:
        return importlib.util.decode_source(source)
    except LookupError as error:  # a codec that makes no text, such as rot13: Python reports it like an unknown one
        raise SyntaxError(str(error)) from None


def read_limited(path: Path) -> bytes:
    """A file's bytes; OSError where it is too large to be a student's."""
    with path.open("rb") as file:
        source = file.read(LARGEST_SOURCE + 1)
    if len(source) > LARGEST_SOURCE:
        raise OSError(errno.EFBIG, f"it is larger than {LARGEST_SOURCE // 1_000:,} kB")
    return source


def read_source(path: Path) -> str:
    """A file's text with its line ends kept."""
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def sources(tree: Path) -> dict[str, str]:
    """The texts of a tree's files, by their names."""
    return {name: read_source(path) for name, path in source_files(tree).items()}
