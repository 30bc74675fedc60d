"""Makes text from outside safe to show: names, messages, and what a student's code prints."""

from __future__ import annotations

import re
import unicodedata

MARKS = 4  # above and below a letter: as many as languages write; more would cover the lines around
VIRAMA = 9  # the combining class of signs that take a letter's vowel
JOINERS = "\u200c\u200d"
VARIANTS = "\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"  # how a picture is drawn: in colours, the skin
PARTED = {"ADLAM", "ARABIC", "MANDAIC", "MANICHAEAN", "MONGOLIAN", "NKO", "SYRIAC"}  # scripts whose letters join
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
    for at, c in enumerate(text):
        marks = marks + 1 if unicodedata.category(c) in ("Mn", "Me") else 0
        is_shown = c.isprintable() or c in kept or (c in JOINERS and is_joiner(text, at))
        shown.append(c if is_shown and marks <= MARKS else ascii(c)[1:-1])
    return "".join(shown)


def is_joiner(text: str, at: int) -> bool:
    """Whether a joiner stands where a language writes it: after a virama, as in Hindi, or, where it parts letters that
    would join, between two of one script, as in Persian. So do names of the internet (RFC 5892, appendix A). Or it
    makes one picture of two."""
    before, after = text[max(at - 1, 0) : at], text[at + 1 : at + 2]
    if before and unicodedata.combining(before) == VIRAMA:
        return True
    if text[at] == "\u200d" and after and unicodedata.category(after) == "So":
        pictured = text[max(at - 2, 0) : at].rstrip(VARIANTS)[-1:]
        return bool(pictured) and unicodedata.category(pictured) == "So"
    return text[at] == "\u200c" and _script(before) == _script(after) and _script(after) in PARTED


def _script(letter: str) -> str:
    """What the names of a script's letters begin with; "" for what is not a letter."""
    return unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() else ""


def spreadsheet_cell(text: str) -> str:
    """The same for a cell of a CSV file: no part of it, however a spreadsheet splits the line, is a formula."""
    return FORMULA.sub(r"\1'\2", one_line(text))
