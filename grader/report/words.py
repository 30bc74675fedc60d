"""Pieces of text with a meaning, from which a story is made; what draws it chooses colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.text import printable

PLAIN, QUIET, GOOD, BAD, HINT = "plain", "quiet", "good", "bad", "hint"


@dataclass(frozen=True)
class Words:
    """A piece of text, and how it is meant. link: a file that it is about, as a path from the
    repository; one that begins with ./ is next to the page."""

    text: str
    tone: str = PLAIN
    link: str = ""


@dataclass(frozen=True)
class Line:
    """A label, and what it introduces; a text may have several lines. urgent: something has to be repaired."""

    label: str
    words: tuple[Words, ...]
    urgent: bool = False


def plain_line(label: str, text: str, tone: str = PLAIN) -> Line:
    """A line of one tone; the text may come from outside."""
    return Line(label, (Words(printable(text), tone),))


def points(value: float) -> str:
    """Points, with the two decimals that the judge counts, and no needless zeros: `94.75`, `6.5`, `100`."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def listed(what: str, names: Sequence[str]) -> str:
    """`milestone 1`, `milestones 1 and 2`."""
    *first, last = names
    return f"{what}s {', '.join(first)} and {last}" if first else f"{what} {last}"
