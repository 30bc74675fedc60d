"""`nox -s mistakes`: every catalogued mistake is caught by its own task with every seed, and named."""

from __future__ import annotations

import argparse
import json
import os
import sys

from rich.console import Console
from rich.table import Table

from grader.course import UsageError, load_milestone, milestone_numbers
from grader.diagnosis import Fingerprint, alike, diagnose, fingerprint_file, load_fingerprints
from grader.graft import GraftError
from grader.mistakes import Mistake, load_catalogue

from .runs import Result, Run, run_all

SEEDS = (0, 1, 2)


def main() -> int:
    """Run what the command line asks for; 1 where a mistake is not caught and named, 2 for a wrong call."""
    arguments = command_line()
    try:
        mistakes = chosen_mistakes(arguments)
        return prove(mistakes, arguments)
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def command_line() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="nox -s mistakes --", description=__doc__)
    parser.add_argument("mistakes", nargs="*", metavar="ID", help="of mistakes or tasks; default: all")
    parser.add_argument("--milestone", type=int, choices=milestone_numbers(), help="only this one")
    parser.add_argument("--write", action="store_true", help="write the fingerprints anew")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="how many at a time")
    return parser.parse_args()


def chosen_mistakes(arguments: argparse.Namespace) -> list[Mistake]:
    """The part of the catalogue that was asked for."""
    numbers = [arguments.milestone] if arguments.milestone else milestone_numbers()
    catalogue, asked = load_catalogue(numbers), arguments.mistakes
    unknown = set(asked) - {name for mistake in catalogue for name in (mistake.id, mistake.task)}
    if unknown:
        raise UsageError(f"there is no mistake or task {', '.join(sorted(unknown))} in the catalogue")
    return [mistake for mistake in catalogue if not asked or mistake.id in asked or mistake.task in asked]


def prove(mistakes: list[Mistake], arguments: argparse.Namespace) -> int:
    """Run every mistake, write or compare the fingerprints, print the table."""
    console, faults, runs = Console(soft_wrap=True), {}, []
    for mistake in mistakes:
        try:
            runs.append(Run(mistake.id, mistake.milestone, mistake.changes(), mistake.task, SEEDS))
        except GraftError as error:
            faults[mistake.id] = f"no longer applies: {error}"
    with Console(stderr=True).status("") as status:
        results = run_all(runs, arguments.jobs, lambda name: status.update(name))
    fingerprints = {number: dict(load_fingerprints(number)) for number in milestone_numbers()}
    for mistake in mistakes:
        if mistake.id in results:
            fault = uncaught(mistake, results[mistake.id])
            committed = fingerprints[mistake.milestone].get(mistake.id)
            if fault is None and not arguments.write and not same(committed, results[mistake.id].fingerprint):
                fault = "fingerprint out of step: nox -s mistakes -- --write"
            fingerprints[mistake.milestone][mistake.id] = results[mistake.id].fingerprint
            if fault is None:
                fault = misnamed(mistake, fingerprints[mistake.milestone])
            if fault is not None:
                faults[mistake.id] = fault
    if arguments.write:
        for number in {mistake.milestone for mistake in mistakes}:
            write_fingerprints(number, fingerprints[number])
    elif not arguments.mistakes:
        for number in {mistake.milestone for mistake in mistakes}:
            known = {mistake.id for mistake in mistakes if mistake.milestone == number}
            for left_over in load_fingerprints(number).keys() - known:
                faults[left_over] = "a fingerprint without a mistake: nox -s mistakes -- --write"
    print_table(console, mistakes, results, faults)
    return 1 if faults else 0


def uncaught(mistake: Mistake, result: Result) -> str | None:
    """Why the mistake counts as not caught; None where a check of its own task fails with each of the seeds."""
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
    """Write a milestone's fingerprints in the catalogue's order, a line a check, beside and renamed."""
    blocks = []
    for mistake in load_catalogue([number]):
        if mistake.id in fingerprints:
            found = fingerprints[mistake.id]
            lines = [f"  {json.dumps(check)}: {json.dumps(found[check])}" for check in sorted(found)]
            blocks.append(f" {json.dumps(mistake.id)}: {{\n" + ",\n".join(lines) + "\n }")
    path = fingerprint_file(number)
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    beside.write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="utf-8")
    os.replace(beside, path)


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


if __name__ == "__main__":
    sys.exit(main())
