"""What one student handed in, as plain data: the package's files, or why there is nothing to grade."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.source.package import LARGEST_SOURCE
from grader.text import one_line

MOST_FILES = 500  # the reference has about 80
LARGEST_FILE = LARGEST_SOURCE
LARGEST_TOTAL = 10_000_000  # bytes; the reference has a thirtieth of it
MOST_NOTES = 8
LONGEST_TEXT = 200

NOTHING = "nothing handed in"


class UnusableError(Exception):
    """Nothing of a submission, or of a file, can be taken; the message says why."""


class TooLargeError(UnusableError):
    """A file has more bytes than are read."""


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    id: safe as a file's name, and no other submission's. name: as it was given, for people.
    files: the package's Python files, by their path within the tree ("neural_framework/..."), with forward slashes.
    notes: what an instructor should know about how it was taken in. problem: why nothing can be graded, or None.
    """

    id: str
    name: str
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def digest(self) -> str:
        """A name for all of this: it changes when anything does that a report could show."""
        hashed = hashlib.sha256()
        head = [self.id, self.name, self.problem or "", *self.notes]
        content = [part for name in sorted(self.files) for part in (name.encode(), self.files[name])]
        for part in [str(len(head)).encode(), *(text.encode() for text in head), *content]:
            hashed.update(len(part).to_bytes(8, "big") + part)
        return hashed.hexdigest()


def shown(text: str) -> str:
    """A name from a submission within a note: on one line, and of a bounded length."""
    safe = one_line(text)
    return safe if len(safe) <= LONGEST_TEXT else f"{safe[: LONGEST_TEXT - 3]}..."


def storable(text: str) -> str:
    """A name as it was given, but bounded, and without what UTF-8 can't express (bytes of a name in no encoding)."""
    return text[:LONGEST_TEXT].encode("utf-8", "backslashreplace").decode("utf-8")


def bounded(notes: list[str]) -> tuple[str, ...]:
    """The first few of many notes, each once."""
    once = list(dict.fromkeys(notes))
    more = len(once) - MOST_NOTES
    return (*once[:MOST_NOTES], *([f"and {more} more notes of this kind"] if more > 0 else []))
