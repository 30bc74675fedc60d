"""Makes text from outside safe to show: names, messages, and what a student's code prints."""

from __future__ import annotations

import re
import unicodedata

MARKS = 4  # above and below a letter: as many as languages write; more would cover the lines around
# What spreadsheets take for the beginning of a formula, at a cell's beginning or after what separates cells elsewhere.
FORMULA = re.compile("(^[ '\"]*|[;,|][ '\"]*)([=+\\-@\uff1d\uff0b\uff0d\uff20])")


def printable(text: str) -> str:
    """The text without what a terminal would obey or can't show: its escapes instead. Line ends and tabs stay."""
    return _escaped(text, kept="\n\t")


def one_line(text: str) -> str:
    """The same on one line: a name that holds a line end must not begin a line of its own."""
    return _escaped(text)


def _escaped(text: str, kept: str = "") -> str:
    if text.isascii():
        return "".join(c if c.isprintable() or c in kept else ascii(c)[1:-1] for c in text)
    shown, marks = [], 0
    for c in text:
        marks = marks + 1 if unicodedata.category(c) in ("Mn", "Me") else 0
        shown.append(c if (c.isprintable() or c in kept) and marks <= MARKS else ascii(c)[1:-1])
    return "".join(shown)


def spreadsheet_cell(text: str) -> str:
    """The same for a cell of a CSV file: no part of it, however a spreadsheet splits the line, is a formula."""
    return FORMULA.sub(r"\1'\2", one_line(text))
