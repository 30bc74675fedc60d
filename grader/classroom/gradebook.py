"""gradebook.csv: a row a submission, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.report.words import points
from grader.text import spreadsheet_cell

BOM = "\ufeff"  # without it, Excel does not read UTF-8
MOST_NOTE = 500


@dataclass(frozen=True)
class Row:
    """What the gradebook and the class page keep of a submission.

    results: of results.json what the two need. marks: of integrity, as plain data. note: what to know of it.
    problem: why there is no verdict, or None.
    """

    id: str
    name: str
    results: dict[str, Any]
    marks: Sequence[dict[str, Any]]
    note: str
    problem: str | None


def row_of(name: str, record: dict[str, Any], notes: Sequence[str]) -> Row:
    """The row of a submission, whose record is not kept in memory."""
    milestones = [
        {**milestone, "tasks": [_brief(task) for task in milestone["tasks"]]}
        for milestone in record["results"]["milestones"]
    ]
    kinds = ("unusable", "stopped", "unprobed")
    found = [*filter(None, [record["problem"]]), *(one for kind in kinds for one in record.get(kind, ()))]
    note = "; ".join([*found, *notes])
    return Row(
        record["id"],
        name,
        {**record["results"], "milestones": milestones},
        record["marks"],
        note if len(note) <= MOST_NOTE else f"{note[: MOST_NOTE - 3]}...",
        record["problem"],
    )


def _brief(task: dict[str, Any]) -> dict[str, Any]:
    """A task without its checks; of a large class, the same texts are in memory once."""
    return {
        **{name: sys.intern(str(task[name])) for name in ("id", "title", "state")},
        **{name: task[name] for name in ("score", "max_score")},
        "faults": bool(task["faults"]),
        "mistakes": [{"id": sys.intern(one["id"]), "confidence": one["confidence"]} for one in task["mistakes"]],
    }


def gradebook(rows: Sequence[Row]) -> str:
    """The text of gradebook.csv."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    heads = [
        head
        for milestone in (rows[0].results["milestones"] if rows else [])
        for head in (_head(milestone), *(task["id"] for task in milestone["tasks"]))
    ]
    writer.writerow(["id", "name", "total", *heads, "integrity", "note"])
    for row in rows:
        cells = [each["score"] for milestone in row.results["milestones"] for each in (milestone, *milestone["tasks"])]
        texts = [row.id, row.name, integrity(row), row.note]
        identity, name, marks, note = map(spreadsheet_cell, texts)
        writer.writerow([identity, name, *map(points, (row.results["score"], *cells)), marks, note])
    return BOM + file.getvalue()


def columns(results: dict[str, Any]) -> list[tuple[int, tuple[str, ...]]]:
    """What the columns of a row are for: the number of each milestone, and the ids of its tasks."""
    return [(each["number"], tuple(task["id"] for task in each["tasks"])) for each in results["milestones"]]


def _head(milestone: dict[str, Any]) -> str:
    """The head of a milestone's column; an elective's points are in no total."""
    return f"milestone {milestone['number']}{' (elective)' if milestone.get('elective') else ''}"


def integrity(row: Row) -> str:
    """The kinds of a submission's marks, each with their number."""
    kinds = [mark["kind"] for mark in row.marks]
    return ", ".join(f"{kind} ({kinds.count(kind)})" for kind in dict.fromkeys(kinds))
