"""Makes text from outside safe to show: names, messages, and what a student's code prints."""

from __future__ import annotations

import re

# What spreadsheets take for the beginning of a formula, at a cell's beginning or after what separates cells elsewhere.
FORMULA = re.compile("(^[ '\"]*|[;,|][ '\"]*)([=+\\-@\uff1d\uff0b\uff0d\uff20])")


def printable(text: str) -> str:
    """The text without what a terminal would obey or can't show: its escapes instead. Line ends and tabs stay."""
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)


def one_line(text: str) -> str:
    """The same on one line: a name that holds a line end must not begin a line of its own."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def spreadsheet_cell(text: str) -> str:
    """The same for a cell of a CSV file: no part of it, however a spreadsheet splits the line, is a formula."""
    return FORMULA.sub(r"\1'\2", one_line(text))
