"""The roster: a table of the students, and which of the submissions is whose."""

from __future__ import annotations

import csv
import fnmatch
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import CourseError

from .ids import plain, safe_id
from .layouts import Handed, stem
from .submission import NOTHING, shown

LARGEST = 20_000_000  # bytes
COLUMNS = ("id", "name", "submission", "pattern")
EXPECTED = 'expected a CSV file with the columns "id" and "name", and optionally "submission" or "pattern"'
MOST_WORDS = 12  # of a name that are compared
SHORTEST_ID_IN_A_NAME = 3  # letters; a shorter one may stand in a name by chance


@dataclass(frozen=True)
class Row:
    """A student. submission: what it is called in the export; pattern: the same with * and ?."""

    line: int
    id: str
    name: str
    submission: str = ""
    pattern: str = ""


def read_roster(path: Path) -> list[Row]:
    """The students on a roster, in its order; CourseError says where it is not as expected."""
    header, lines = _table(path, _text(path))
    rows: list[Row] = []
    seen: dict[str, Row] = {}
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header) and any(cells[len(header) :]):
            raise CourseError(
                f"{path.name}, line {number}: {len(cells)} cells, but {len(header)} columns; "
                "put a cell that contains the separator in double quotes"
            )
        values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        row = Row(number, values.get("id", ""), *(values.get(column, "") for column in COLUMNS[1:]))
        if not row.id:
            raise CourseError(f"{path.name}, line {number}: the id is empty; give each student one")
        same = seen.setdefault(safe_id(row.id).casefold(), row)
        if same is not row:
            alike = "" if same.id == row.id else f" as {same.id!r}, which would be the same file's name"
            raise CourseError(
                f"{path.name}, line {number}: the id {row.id!r} is also in line {same.line}{alike}; "
                "give each student an id of their own"
            )
        rows.append(row)
    if not rows:
        raise CourseError(f"{path.name}: no students; {EXPECTED}")
    return rows


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise CourseError(f"the roster {path} can't be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise CourseError(f"the roster {path} has more than {LARGEST:,} bytes; {EXPECTED}")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return re.sub("\r\n?", "\n", data.decode(encoding))  # Excel for macOS ends lines with \r
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CourseError(
            f'{path.name}, line {line}: not UTF-8; save it again as "CSV UTF-8" (in Excel), or with encoding UTF-8'
        ) from None


def _table(path: Path, text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The columns' names in lower case, and the lines below with their numbers. The separator is the header's."""
    first, _, rest = text.partition("\n")
    skipped = 0
    if re.fullmatch(r"\s*sep=.\s*", first):  # Excel writes this for itself
        text, skipped = rest, 1
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        lines = [(reader.line_num + skipped, cells) for cells in reader]
    except csv.Error as error:
        raise CourseError(f"{path.name}, line {reader.line_num + skipped}: {error}; {EXPECTED}") from None
    header = [cell.strip().lower() for cell in lines[0][1]] if lines else []
    for column in ("id", "name"):
        if header.count(column) != 1:
            there = ", ".join(repr(cell) for cell in header[:10]) or "none"
            many = "no column" if column not in header else "two columns"
            raise CourseError(f'{path.name}: {many} "{column}"; its columns are: {there}; {EXPECTED}')
    return header, lines[1:]


@dataclass(frozen=True)
class Matched:
    """A student with a submission; a student without one, and the problem; or a submission of no one on the roster."""

    row: Row | None
    handed: Handed | None
    problem: str | None = None


def match(rows: Sequence[Row], handed: Sequence[Handed]) -> list[Matched]:
    """The students in the roster's order, then what was handed in by others.

    What a row names counts first. Otherwise an id decides, then an id within a name, then a person's name. Each decides
    only where it fits one student and one submission alone. What a student calls a file decides nothing: it could be a
    neighbour's name.
    """
    found: dict[int, int] = {}  # positions of rows, and of what was handed in
    unclear: dict[int, list[int]] = {}
    called: dict[str, set[int]] = {}
    heads: dict[str, set[int]] = {}
    for number, one in enumerate(handed):
        for label in (one.label, *one.labels, *one.keys):
            for name in (label, stem(label)):
                called.setdefault(_composed(name), set()).add(number)
        for name in (_head(one), *one.keys):
            heads.setdefault(_composed(name), set()).add(number)
    for position, row in enumerate(rows):
        if row.submission or row.pattern:
            wanted = _composed(row.submission)
            fitting = called.get(wanted, set()) | called.get(stem(wanted), set())
            if not row.submission:
                fitting = _fitting(row.pattern, heads) or _fitting(row.pattern, called)
            if len(fitting) == 1:
                found[position] = min(fitting)
            unclear[position] = sorted(fitting)
    for of_row, of_handed in ((_ids, _keys), (_ids_within, _heads), (_names, _names_handed), (_signs, _labels)):
        taken = set(found.values())
        owners: dict[str, set[int]] = {}
        for number, one in enumerate(handed):
            for sign in of_handed(one) if number not in taken else ():
                owners.setdefault(sign, set()).add(number)
        pairs = {
            position: sorted(set().union(*(owners.get(sign, ()) for sign in of_row(row))))
            for position, row in enumerate(rows)
            if position not in found and not (row.submission or row.pattern)
        }
        times = Counter(number for numbers in pairs.values() for number in numbers)
        for position, numbers in pairs.items():
            if len(numbers) == 1 and times[numbers[0]] == 1 and of_handed is not _labels:
                found[position] = numbers[0]
            elif numbers:
                unclear.setdefault(position, numbers)
    taken = set(found.values())
    matched = []
    for position, row in enumerate(rows):
        if position in found:
            matched.append(Matched(row, handed[found[position]]))
        else:
            possible = [handed[number].label for number in unclear.get(position, []) if number not in taken]
            matched.append(Matched(row, None, _problem(row, possible)))
    return matched + [Matched(None, one) for number, one in enumerate(handed) if number not in taken]


def _composed(name: str) -> str:
    """The name as most systems write it: in archives of macOS, letters and their accents stand apart."""
    return unicodedata.normalize("NFC", name)


def _fitting(pattern: str, called: Mapping[str, set[int]]) -> set[int]:
    pattern = _composed(pattern).casefold().replace("[", "[[]")  # a bracket is one, as in "[late] ada"
    names = [name for name in called if fnmatch.fnmatchcase(name.casefold(), pattern)]
    return set().union(*(called[name] for name in names))


def _problem(row: Row, possible: list[str]) -> str:
    """Why a student has no submission."""
    if possible:
        labels = ", ".join(shown(label) for label in possible[:3])
        return f'it is unclear whose is {labels}; name the submission in the column "submission" of the roster'
    wanted = row.submission or row.pattern
    return f"{NOTHING}: there is no submission {shown(wanted)}" if wanted else NOTHING


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", plain(text).casefold()) if word]


def _spans(text: str) -> list[list[str]]:
    """All that stands in a name of some words: each word, each two that follow each other, and so on."""
    words = _words(text)[:MOST_WORDS]
    return [words[i:j] for i in range(len(words)) for j in range(i + 1, len(words) + 1)]


def _ids(row: Row) -> set[str]:
    return {row.id.casefold(), row.id.casefold().partition("@")[0]}


def _keys(one: Handed) -> set[str]:
    return {key.casefold() for key in one.keys}


def _ids_within(row: Row) -> set[str]:
    joined = " ".join(_words(row.id))
    return {joined} if len(joined) >= SHORTEST_ID_IN_A_NAME else set()


def _head(one: Handed) -> str:
    return one.head or stem(one.label)


def _heads(one: Handed) -> set[str]:
    return {" ".join(span) for span in _spans(_head(one))}


def _names(row: Row) -> set[str]:
    """A person's name with its words in any order, and written as one word with another one first."""
    words = _words(row.name)
    return {" ".join(sorted(words)), *("".join(words[i:] + words[:i]) for i in range(len(words)))} - {""}


def _names_handed(one: Handed) -> set[str]:
    whole = {"".join(_words(one.name)), " ".join(sorted(_words(one.name)))}
    return whole | {" ".join(sorted(span)) for span in _spans(_head(one)) if len(span) > 1}


def _signs(row: Row) -> set[str]:
    return _ids_within(row) | _names(row)


def _labels(one: Handed) -> set[str]:
    """What the student's own words add, which may be a hint for a person."""
    spans = _spans(stem(one.label)) if one.head else []
    return {" ".join(words) for span in spans for words in (span, sorted(span))}
