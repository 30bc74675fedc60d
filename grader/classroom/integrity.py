"""Integrity marks: what a person should look at in a submission. They take no points and accuse no one.

`marks` reads the files; `marks_of_run` says what was noted while they ran. What the starter has on the same line is not
marked.
"""

from __future__ import annotations

import ast
import functools
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.protocol import Cause, Note
from grader.source.package import text_of
from grader.source.reference import starter
from grader.text import JOINERS, is_joiner, one_line
from grader.verdict.judge import OTHER_FACTS, CheckVerdict

from .reading import Finding, findings
from .words import AUTOGRAD, EVENTS, WHY

LARGEST = 150_000  # bytes of a file that is read in full; the reference's largest has a fifth of it
LARGEST_TOTAL = 1_500_000
MOST = 60  # marks of a submission
MOST_OF_A_KIND = 5  # in a file
HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True, order=True)
class Mark:
    """Something to look at: where, of what kind, what it is, and why it matters. file and line: "" and 0 where nothing
    in the files shows it."""

    file: str
    line: int
    kind: str
    what: str
    why: str


def marks(files: Mapping[str, bytes]) -> list[Mark]:
    """What the files of a submission contain, in their order."""
    found, left = [], LARGEST_TOTAL
    for name in sorted(files):
        source = files[name]
        if name in starter() and source == starter()[name].encode():
            continue
        parsed = len(source) <= min(LARGEST, left)
        left -= len(source) if parsed else 0
        found += _few(_mark(finding, name) for finding in _of_file(name, source, parsed))
    return _most(found)


def marks_of_run(notes: Iterable[Note], verdicts: Iterable[CheckVerdict]) -> list[Mark]:
    """What was noted while a submission ran. All of it are claims of the process that ran it."""
    found = {}
    for note in notes:
        kind, words = EVENTS.get(note.event.partition(".")[0], ("interpreter", "it did something unusual ({event})"))
        if note.event == "import" and note.detail.partition(".")[0] in AUTOGRAD:
            kind = "autograd"
        what = words.format(note.detail, event=note.event).strip()
        found[_mark(Finding(kind, note.line, what), note.file)] = None
    for verdict in verdicts:
        if verdict.loss is not None and verdict.loss.cause is Cause.PIPE:
            found[_mark(Finding("messages", 0, verdict.loss.message), "")] = None
        elif verdict.reason == OTHER_FACTS:
            found[_mark(Finding("messages", 0, "a check reported other facts than it states"), "")] = None
    return _most(_few(sorted(found)))


def together(*found: Iterable[Mark]) -> list[Mark]:
    """Marks from several sources, of each place and kind the first."""
    once = {}
    for mark in (mark for some in found for mark in some):
        once.setdefault((mark.file, mark.line, mark.kind, mark.what if not mark.line else ""), mark)
    return _most(sorted(once.values()))


def _most(found: Sequence[Mark]) -> list[Mark]:
    """Not too many marks, and of each kind as many as of any other: a hundred of one kind do not hide another."""
    counts: dict[str, int] = {}
    turns = []
    for mark in found:
        counts[mark.kind] = counts.get(mark.kind, 0) + 1
        turns.append((counts[mark.kind], mark))
    return sorted(mark for _, mark in sorted(turns)[:MOST])


def _of_file(name: str, source: bytes, parsed: bool) -> Iterable[Finding]:
    vendored = AUTOGRAD & set(name.removesuffix(".py").split("/")[1:])
    if vendored:
        yield Finding("autograd", 1, f"a file of {min(vendored)}")
    if not parsed:
        yield Finding("size", 1, f"{len(source):,} bytes, of which none were read for these marks")
        return
    try:
        text = text_of(source)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a student's text
            module = ast.parse(text)
        found = list(findings(module, len(source)))
    except (SyntaxError, ValueError):
        return  # it does not run either: the starter's file takes its place
    except (RecursionError, MemoryError):
        yield Finding("size", 1, "it is nested deeper than Python can read")
        return
    lines = text.split("\n")
    for number, line in enumerate(lines if HIDDEN.search(text) else (), start=1):
        hidden = (match.start() for match in HIDDEN.finditer(line))
        if not all(line[at] in JOINERS and is_joiner(line, at) for at in hidden):  # comments may be Persian, or Hindi
            yield Finding("obfuscation", number, "characters that no editor shows")
    given = _on_lines(starter().get(name, "")) if found else ()
    for one, place in zip(found, _places(found, lines), strict=True):
        if one.whole or place not in given:
            yield one


@functools.lru_cache(maxsize=100)
def _on_lines(text: str) -> frozenset[tuple[str, str, str]]:
    """What there is to find in a text of the starter, and on which lines."""
    found = list(findings(ast.parse(text), len(text)))
    return frozenset(_places(found, text.split("\n")))


def _places(found: Iterable[Finding], lines: Sequence[str]) -> list[tuple[str, str, str]]:
    """Of each finding, kind, what it is, and the line's text: the line alone may be the beginning of anything."""
    return [(one.kind, one.what, lines[one.line - 1].strip() if one.line <= len(lines) else "") for one in found]


def _mark(finding: Finding, file: str) -> Mark:
    return Mark(one_line(file), finding.line, finding.kind, one_line(finding.what), WHY[finding.kind])


def _few(found: Iterable[Mark]) -> list[Mark]:
    """One for each line and kind, and not too many of a kind in a file."""
    kept: dict[tuple, Mark] = {}
    counts: dict[tuple, int] = {}
    for mark in found:
        group = (mark.file, mark.kind)
        key = (*group, mark.line, mark.what if not mark.line else "")
        if key not in kept and counts.get(group, 0) < MOST_OF_A_KIND:
            kept[key] = mark
            counts[group] = counts.get(group, 0) + 1
    return sorted(kept.values())
