"""Where the course's files are, and how the grader reads and writes files of its own."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from .errors import CourseError
from .text import one_line

REPOSITORY = Path(__file__).resolve().parent.parent
SOLUTIONS = REPOSITORY / "solutions"
STARTER = REPOSITORY / "starter"
MILESTONES = REPOSITORY / "milestones"
DOCS = REPOSITORY / "docs"
STATE = REPOSITORY / ".course"  # what the commands keep between two calls
SITE = STATE / "site"  # the pages of `nox -s docs`


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A new folder, for as long as the context is open."""
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()


def shown_path(path: Path) -> str:
    """A path as the student would type it, with forward slashes."""
    path, here = path.resolve(), Path.cwd()
    if path.is_relative_to(here):
        return one_line(path.relative_to(here).as_posix())
    if path.is_relative_to(REPOSITORY) and path.drive == here.drive:
        return one_line(Path(os.path.relpath(path, here)).as_posix())
    return one_line(path.as_posix())


def tree_option(shown: str) -> list[str]:
    """What names a tree in a command; nothing for the student's own. shown: the tree, as `shown_path` gives it."""
    if shown.startswith("-"):
        shown = f"./{shown}"  # argparse would take it for an option
    return [] if shown == shown_path(STARTER) else ["--tree", shlex.quote(shown)]


def file_of_tree(tree: Path) -> str:
    """The name of a file that keeps what is known of a tree, which may lie in a folder of any name."""
    return f"{hashlib.sha256(os.fsencode(tree.resolve())).hexdigest()[:16]}.json"


def read_toml(path: Path) -> dict:
    """The table in a TOML file; CourseError where the file is not valid TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path.parent.name}/{path.name}: {error}") from None


def write_text(path: Path, text: str) -> None:
    """Write a file that no other process reads yet, with its line ends as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


def write_whole(path: Path, text: str) -> None:
    """Write a file atomically: to a temporary file in its folder, which then takes the file's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with temporary.open("x", encoding="utf-8", newline="") as file:  # "x" never follows a link that waits there
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def append_line(path: Path, entry: Mapping) -> None:
    """Add an entry to a file of JSON lines, in one write. It begins a line of its own, also where an earlier one was
    cut off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, f"\n{json.dumps(entry)}\n".encode())
    finally:
        os.close(descriptor)


def read_lines(path: Path) -> Iterator[dict]:
    """The entries of a file of JSON lines, in order; a damaged line is skipped, and a missing file has none."""
    try:
        lines = path.read_bytes().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        with contextlib.suppress(ValueError, RecursionError):
            entry = json.loads(line)
            if isinstance(entry, dict):
                yield entry
