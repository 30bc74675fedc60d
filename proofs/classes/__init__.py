"""A made class, graded in every way that must not matter."""

from __future__ import annotations

import contextlib
from pathlib import Path

SAME = ("gradebook.csv", "class.html", "students/*/results.json")


def outcome(folder: Path) -> dict[str, bytes]:
    """What a run has left that must not depend on how the class was run."""
    paths = [path for pattern in SAME for path in folder.glob(pattern)]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def processes_of(session: int) -> list[str]:
    """The processes of a session that are not zombies."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = path.read_text().rpartition(")")
            state, _, _, own = rest.split()[:4]
            found += [name] if int(own) == session and state != "Z" else []
    return found
