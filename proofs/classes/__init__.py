"""A made class, graded in every way that must not matter."""

from __future__ import annotations

from pathlib import Path

SAME = ("gradebook.csv", "class.html", "students/*/results.json")


def outcome(folder: Path) -> dict[str, bytes]:
    """What a run has left that must not depend on how the class was run."""
    paths = [path for pattern in SAME for path in folder.glob(pattern)]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
