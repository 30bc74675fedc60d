"""Which rooms come from the reference, so that a mistake of an earlier milestone does not cost points twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grader.command import COMMAND
from grader.course.milestones import Milestone
from grader.errors import UsageError
from grader.grade import Grading
from grader.source.reference import has_reference


def rooms_on_reference(tree: Path, chosen: Milestone, grading: Callable[..., Grading]) -> tuple[str, ...]:
    """The rooms of earlier milestones, without those in which the tree has full points; UsageError where none can.

    grading: grade(), as the run calls it.
    Only a milestone that can itself be graded on the reference can be taken from the tree: the others share rooms.
    """
    refuse(chosen)
    rooms = chosen.earlier_rooms
    for earlier in chosen.earlier:
        if earlier.not_on_reference is not None or not earlier.earlier_rooms:
            continue
        (verdict,) = grading(tree, earlier.checks, rooms=earlier.earlier_rooms).finish()
        if verdict.score == verdict.max_score:
            rooms = tuple(room for room in rooms if room not in earlier.rooms)
    return rooms


def refuse(chosen: Milestone) -> None:
    """UsageError where a milestone can't be graded on the reference."""
    if chosen.not_on_reference is not None:
        earlier = chosen.earlier[-1].number
        way = f"finish milestone {earlier} first: {COMMAND} -s milestone{earlier}"
        raise UsageError(f"--on-reference is not possible here: {chosen.not_on_reference}; {way}")
    if not has_reference():
        raise UsageError("--on-reference is not possible here: this course was handed out without the reference")
    if not chosen.earlier_rooms:
        raise UsageError(f"--on-reference is not possible here: no milestone comes before {chosen.number}")
