"""Runs the suites on mutants until a check fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.course.milestones import Check, checks_of, course, milestone_of
from grader.errors import CourseError
from grader.task_id import TaskId
from proofs.runner import Job, run_all

from .mutants import Mutant


def run(mutants: Sequence[Mutant], workers: int, progress: Callable[[], None] = lambda: None) -> list[str | None]:
    """The check that catches each mutant, None where none does."""
    reference = run_all({"reference": Job({}, suite())}, workers)["reference"]
    for check, message in reference.messages.items():
        raise CourseError(f"the reference itself fails {check}: {message}")
    jobs = {
        str(number): Job({mutant.file: mutant.text}, in_order(mutant.task_id), first_failure=True)
        for number, mutant in enumerate(mutants)
    }
    results = run_all(jobs, workers, lambda name: progress())
    return [next(iter(results[name].messages), None) for name in jobs]


def suite() -> tuple[Check, ...]:
    """The checks that mutants are tried on: all but those of convergence."""
    return checks_of(task for milestone in course() for task in milestone.exercises)


def in_order(task_id: TaskId) -> list[Check]:
    """The suite: the task's own checks first, the rest of its milestone's, the later ones', which use its code."""
    number = milestone_of(task_id).number

    def stage(check: Check) -> int:
        other = check.task_id.milestone
        return 0 if check.task_id == task_id else 1 if other == number else 2 if other > number else 3

    return sorted(suite(), key=stage)
