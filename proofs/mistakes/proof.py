"""The catalogue's proof: every mistake is caught by its own task with every seed, and named; the fingerprints."""

from __future__ import annotations

import json

from rich.console import Console
from rich.table import Table

from grader.course.milestones import load_milestone, milestone_numbers
from grader.course.mistakes import Mistake, load_catalogue
from grader.files import write_whole
from grader.source.graft import GraftError
from grader.verdict.diagnosis import diagnose, fingerprint_file, load_fingerprints
from grader.verdict.outcomes import Fingerprint, alike

from .runs import Result, Run, run_all

SEEDS = (0, 1, 2)


def prove(console: Console, mistakes: list[Mistake], jobs: int, write: bool, whole: bool) -> bool:
    """Run every mistake, write or compare the fingerprints, print the table; whether all is well.

    whole: these are all mistakes of their milestones, so that no other fingerprints should be there.
    """
    faults, runs = {}, []
    for mistake in mistakes:
        try:
            runs.append(Run(mistake.id, mistake.milestone, mistake.changes(), mistake.task, SEEDS))
        except GraftError as error:
            faults[mistake.id] = f"no longer applies: {error}"
    with Console(stderr=True).status("") as status:
        results = run_all(runs, jobs, status.update)
    fingerprints = {number: dict(load_fingerprints(number)) for number in milestone_numbers()}
    for mistake in mistakes:
        if mistake.id in results:
            fault = uncaught(mistake, results[mistake.id])
            committed = fingerprints[mistake.milestone].get(mistake.id)
            if fault is None and not write and not same(committed, results[mistake.id].fingerprint):
                fault = "fingerprint out of step: nox -s mistakes -- --write"
            fingerprints[mistake.milestone][mistake.id] = results[mistake.id].fingerprint
            if fault is None:
                fault = misnamed(mistake, fingerprints[mistake.milestone])
            if fault is not None:
                faults[mistake.id] = fault
    if write:
        for number in {mistake.milestone for mistake in mistakes}:
            write_fingerprints(number, fingerprints[number])
    elif whole:
        for number in {mistake.milestone for mistake in mistakes}:
            known = {mistake.id for mistake in mistakes if mistake.milestone == number}
            for left_over in load_fingerprints(number).keys() - known:
                faults[left_over] = "a fingerprint without a mistake: nox -s mistakes -- --write"
    print_table(console, mistakes, results, faults)
    return not faults


def uncaught(mistake: Mistake, result: Result) -> str | None:
    """Why the mistake counts as not caught; None where a check of its own task fails with each of the seeds."""
    if result.silent:
        return f"the mutation uses a name that is not there: {result.silent[0]}"
    for shift, failed in result.outcomes.items():
        if not any(check.task_id == mistake.task for check in failing_checks(mistake, failed)):
            return f"survives its own task with seed shift {shift}"
    return None


def misnamed(mistake: Mistake, fingerprints: dict[str, Fingerprint]) -> str | None:
    """Why the mistake counts as not named; None where a run that has its fingerprint gets its name first."""
    catalogue = load_catalogue([mistake.milestone])
    milestone = load_milestone(mistake.milestone)
    diagnosis = diagnose(milestone.tasks, fingerprints[mistake.id], catalogue, fingerprints)[mistake.task]
    if not diagnosis.suspicions:
        return "nothing is named"
    first = diagnosis.suspicions[0].mistake
    return None if first.id == mistake.id else f"{first.id} is named"


def same(committed: Fingerprint | None, found: Fingerprint) -> bool:
    """Whether a committed fingerprint is that of today."""
    return committed is not None and alike(committed, found)


def failing_checks(mistake: Mistake, failed: Fingerprint) -> list:
    """The milestone's checks that fail, in order."""
    return [check for check in load_milestone(mistake.milestone).checks if check.id in failed]


def write_fingerprints(number: int, fingerprints: dict[str, Fingerprint]) -> None:
    """Write a milestone's fingerprints in the catalogue's order, a line a check."""
    blocks = []
    for mistake in load_catalogue([number]):
        if mistake.id in fingerprints:
            found = fingerprints[mistake.id]
            lines = [f"  {json.dumps(check)}: {json.dumps(found[check])}" for check in sorted(found)]
            blocks.append(f" {json.dumps(mistake.id)}: {{\n" + ",\n".join(lines) + "\n }")
    write_whole(fingerprint_file(number), "{\n" + ",\n".join(blocks) + "\n}\n")


def print_table(console: Console, mistakes: list[Mistake], results: dict[str, Result], faults: dict[str, str]) -> None:
    """Mistake, caught by, how many checks, time; then what is wrong."""
    table = Table("task", "mistake", "caught by", "own checks", "all checks", "seconds", box=None)
    for mistake in mistakes:
        if mistake.id not in results:
            continue
        result = results[mistake.id]
        failing = failing_checks(mistake, result.fingerprint)
        own = [check for check in failing if check.task_id == mistake.task]
        caught_by = own[0].name.replace("_", " ").removeprefix("test ") if own else "-"
        table.add_row(mistake.task, mistake.id, caught_by, str(len(own)), str(len(failing)), f"{result.seconds:.1f}")
    console.print(table)
    for name, fault in faults.items():
        console.print(f"{name}: {fault}", style="red", markup=False)
    caught = len(mistakes) - len(faults.keys() & {mistake.id for mistake in mistakes})
    console.print(
        f"{caught} of {len(mistakes)} mistakes are caught by their own task with {len(SEEDS)} seeds, and named"
    )
