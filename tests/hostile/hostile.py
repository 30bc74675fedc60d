"""What a hostile submission is, in the corpus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from grader.source.package import PACKAGE

ARITHMETIC, BROADCASTING = f"{PACKAGE}/operations/arithmetic.py", f"{PACKAGE}/operations/broadcasting.py"

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Hostile:
    """A submission that wants more than its work is worth: what it tries, what becomes of it, and what marks it leaves.

    code: comes at the end of the package's __init__.py. body: takes the place of broadcast_shapes. change: makes its
    files from those of a tree with honest mistakes. marks: kinds, of which at least one is there; none where the trick
    shows in no file and does nothing that can be noted. right: its answers are right, and only the way to them is not.
    unusable: a file of it does not run, by the trick's own nature; else the trick would not have been tried.
    on_reference: tasks of later milestones that are graded with it, with the reference's work below them.
    """

    tries: str
    gets: str
    marks: tuple[str, ...] = ()
    code: str = ""
    body: str = ""
    right: bool = False
    unusable: bool = False
    on_reference: tuple[str, ...] = ()
    change: Callable[[Files], Files] | None = field(default=None, repr=False)


def appended(file: str, text: str) -> Callable[[Files], Files]:
    """A change: more text at the end of a file of the package."""
    return lambda files: {**files, f"{PACKAGE}/{file}": files.get(f"{PACKAGE}/{file}", b"") + text.encode()}


def replaced(file: str, old: str, new: str) -> Callable[[Files], Files]:
    """A change: another text in the place of one that a file of the package has."""

    def change(files: Files) -> Files:
        text = files[f"{PACKAGE}/{file}"].decode()
        assert old in text
        return {**files, f"{PACKAGE}/{file}": text.replace(old, new).encode()}

    return change
