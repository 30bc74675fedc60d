"""Ids of tasks: `2.5` is a task of milestone 2, `extra.1` an exercise beyond the course."""

from __future__ import annotations

import re

PATTERN = r"(?:\d+|extra)\.\d+"


class TaskId(str):
    """A task's id. It is its text, and sorts by its numbers: 1.10 comes after 1.9, and extras come last."""

    __slots__ = ()

    @property
    def is_extra(self) -> bool:
        """Whether this is an exercise beyond the course, without checks and points."""
        return self.startswith("extra.")

    @property
    def milestone(self) -> int | None:
        """The number of the milestone; None for an extra, which only its tasks.toml knows."""
        return None if self.is_extra else int(self.split(".")[0])

    @property
    def number(self) -> int:
        """The number within the milestone."""
        return int(self.split(".")[1])

    @property
    def order(self) -> tuple[bool, int, int]:
        """What ids are compared by."""
        return self.is_extra, self.milestone or 0, self.number

    def __lt__(self, other: str) -> bool:
        return self.order < TaskId(other).order

    def __le__(self, other: str) -> bool:
        return self.order <= TaskId(other).order

    def __gt__(self, other: str) -> bool:
        return self.order > TaskId(other).order

    def __ge__(self, other: str) -> bool:
        return self.order >= TaskId(other).order


def is_task_id(text: str) -> bool:
    """Whether a text spells an id."""
    return re.fullmatch(PATTERN, text) is not None
