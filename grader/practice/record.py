"""What was asked and how it was answered: `.course/practice.jsonl`, which stays on the student's own disk."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.files import STATE, append_line, read_lines

FILE = STATE / "practice.jsonl"
DAY = 86_400.0  # seconds
DAYS = (1, 3, 7, 21)  # until a question comes back, after one, two, ... right answers in a row


@dataclass(frozen=True)
class Entry:
    """One answer."""

    time: float
    id: str
    right: bool


def append(entry: Entry, path: Path = FILE) -> None:
    """Add an answer."""
    append_line(path, {"time": round(entry.time, 3), "id": entry.id, "right": entry.right})


def entries(path: Path = FILE) -> list[Entry]:
    """The answers so far, in order; a damaged line is skipped."""
    found = []
    for line in read_lines(path):
        with contextlib.suppress(ValueError, KeyError, TypeError, OverflowError):
            when = float(line["time"])
            if math.isfinite(when):
                found.append(Entry(when, str(line["id"]), line["right"] is True))
    return found


def due(answers: Sequence[Entry], now: float | None = None) -> list[str]:
    """The questions that come back, the longest overdue first."""
    now = time.time() if now is None else now
    times = {one: when for one, when in comes_back(answers).items() if when <= now}
    return sorted(times, key=times.__getitem__)


def comes_back(answers: Sequence[Entry]) -> dict[str, float]:
    """When each question is asked again. One that was right more often in a row than there are intervals is learnt."""
    streaks: dict[str, int] = {}
    last: dict[str, float] = {}
    for entry in answers:
        streaks[entry.id] = streaks.get(entry.id, 0) + 1 if entry.right else 0
        last[entry.id] = entry.time
    return {one: last[one] + DAY * DAYS[max(streak, 1) - 1] for one, streak in streaks.items() if streak <= len(DAYS)}
