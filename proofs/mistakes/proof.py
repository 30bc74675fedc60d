"""The catalogue's proof: every mistake is caught by its own task with every seed, and named; the fingerprints."""

from __future__ import annotations

import json

from rich.console import Console
from rich.table import Table

from grader.course.milestones import Check, Milestone, checks_of, find_task, milestone_of
from grader.course.mistakes import Mistake, load_catalogue, load_mistakes
from grader.files import write_whole
from grader.source.graft import GraftError
from grader.verdict.diagnosis import diagnose, fingerprint_file, load_fingerprints
from grader.verdict.outcomes import Fingerprint, alike
from proofs.runner import Job, Result, run_all

SEEDS = (0, 1, 2)
OUT_OF_STEP = "fingerprint out of step: nox -s mistakes -- --write"


def prove(console: Console, mistakes: list[Mistake], workers: int, write: bool, whole: bool) -> dict[str, str]:
    """Run every mistake, write or compare the fingerprints, print the table; what is wrong, by the mistakes' ids.

    whole: these are all mistakes of their milestones, so that no other fingerprints should be there.
    """
    faults: dict[str, str] = {}
    results = run_mistakes(mistakes, workers, faults)
    milestones = {milestone.number: milestone for milestone in map(milestone_of, (each.task for each in mistakes))}
    for milestone in milestones.values():
        own = [mistake for mistake in mistakes if mistake.task.milestone == milestone.number]
        prove_milestone(milestone, [each for each in own if each.id in results], results, write, faults)
        if whole and not write:
            for name in load_fingerprints(milestone).keys() - {mistake.id for mistake in own}:
                faults[name] = "a fingerprint without a mistake: nox -s mistakes -- --write"
    print_table(console, mistakes, results)
    return faults


def prove_own(console: Console, mistakes: list[Mistake], workers: int) -> dict[str, str]:
    """Run every mistake on its own task's checks alone, and compare them with its fingerprint; what is wrong."""
    faults: dict[str, str] = {}
    results = run_mistakes(mistakes, workers, faults, own_alone=True)
    for mistake in mistakes:
        own = {check.id for check in find_task(mistake.task).checks}
        committed = load_fingerprints(milestone_of(mistake.task)).get(mistake.id, {})
        expected = {check: outcome for check, outcome in committed.items() if check in own}
        if mistake.id in results and not same(expected, results[mistake.id].fingerprint):
            faults.setdefault(mistake.id, OUT_OF_STEP)
    print_table(console, mistakes, results)
    return faults


def run_mistakes(
    mistakes: list[Mistake], workers: int, faults: dict[str, str], own_alone: bool = False
) -> dict[str, Result]:
    """What fails under each mistake; a form that no longer applies, or that its task does not catch, is a fault.

    own_alone: only the checks of each mistake's own task run, with one seed.
    """
    jobs, forms = {}, {}
    for mistake in mistakes:
        own = find_task(mistake.task).checks
        everything = own if own_alone else checks_of(milestone_of(mistake.task).exercises)
        for number, form in enumerate(mistake.forms()):
            name = f"{mistake.id}, form {number}" if number else mistake.id
            try:
                jobs[name] = Job(form.changes(), own if number else everything, own, SEEDS[:1] if own_alone else SEEDS)
            except GraftError as error:
                faults[mistake.id] = f"{form.function}: no longer applies: {error}"
            else:
                forms[name] = form
    with Console(stderr=True).status("") as status:
        results = run_all(jobs, workers, status.update)
    for name, form in forms.items():
        fault = uncaught(form, results[name])
        if fault is not None:
            faults[form.id] = f"{form.function}: {fault}"
    return results


def prove_milestone(
    milestone: Milestone, mistakes: list[Mistake], results: dict[str, Result], write: bool, faults: dict[str, str]
) -> None:
    """Compare with the milestone's fingerprints, or write them; what is wrong goes to the faults."""
    committed = load_fingerprints(milestone)
    fingerprints = {**committed, **{mistake.id: results[mistake.id].fingerprint for mistake in mistakes}}
    for mistake in mistakes:
        fault = misnamed(milestone, mistake, fingerprints)
        if not write and not same(committed.get(mistake.id), fingerprints[mistake.id]):
            fault = OUT_OF_STEP
        if fault is not None:
            faults.setdefault(mistake.id, fault)
    if write:
        write_fingerprints(milestone, fingerprints)


def uncaught(mistake: Mistake, result: Result) -> str | None:
    """Why the mistake counts as not caught; None where a check of its own task fails with each of the seeds."""
    if result.silent:
        return f"the mutation uses a name that does not exist: {result.silent[0]}"
    for shift, failed in result.failed.items():
        if not any(check.task_id == mistake.task for check in failing_checks(mistake, failed)):
            return f"survives its own task with seed shift {shift}"
    return None


def misnamed(milestone: Milestone, mistake: Mistake, fingerprints: dict[str, Fingerprint]) -> str | None:
    """Why the mistake counts as not named; None where a run that has its fingerprint gets its name first."""
    catalogue = load_mistakes(milestone)
    diagnosis = diagnose(milestone.tasks, fingerprints[mistake.id], catalogue, fingerprints).get(mistake.task)
    if diagnosis is None or not diagnosis.suspicions:
        return "nothing is named"
    first = diagnosis.suspicions[0].mistake
    return None if first.id == mistake.id else f"{first.id} is named"


def same(committed: Fingerprint | None, found: Fingerprint) -> bool:
    """Whether a committed fingerprint is that of today."""
    return committed is not None and alike(committed, found)


def failing_checks(mistake: Mistake, failed: Fingerprint) -> list[Check]:
    """The milestone's checks that fail, in order."""
    return [check for check in milestone_of(mistake.task).checks if check.id in failed]


def write_fingerprints(milestone: Milestone, fingerprints: dict[str, Fingerprint]) -> None:
    """Write a milestone's fingerprints in the catalogue's order, a line a check."""
    blocks = []
    for mistake in load_catalogue([milestone]):
        if mistake.id in fingerprints:
            found = fingerprints[mistake.id]
            lines = [f"  {json.dumps(check)}: {json.dumps(found[check])}" for check in sorted(found)]
            blocks.append(f" {json.dumps(mistake.id)}: {{\n" + ",\n".join(lines) + "\n }")
    write_whole(fingerprint_file(milestone), "{\n" + ",\n".join(blocks) + "\n}\n")


def print_table(console: Console, mistakes: list[Mistake], results: dict[str, Result]) -> None:
    """Mistake, caught by, how many checks, time."""
    table = Table("task", "mistake", "caught by", "own checks", "all checks", "seconds", box=None)
    for mistake in mistakes:
        if mistake.id not in results:
            continue
        result = results[mistake.id]
        failing = failing_checks(mistake, result.fingerprint)
        own = [check for check in failing if check.task_id == mistake.task]
        caught_by = own[0].sentence if own else "-"
        table.add_row(mistake.task, mistake.id, caught_by, str(len(own)), str(len(failing)), f"{result.seconds:.1f}")
    console.print(table)


def print_faults(console: Console, mistakes: list[Mistake], faults: dict[str, str], named: bool) -> None:
    """What is wrong, and the sum."""
    for name, fault in faults.items():
        console.print(f"{name}: {fault}", style="red", markup=False)
    caught = len(mistakes) - len(faults.keys() & {mistake.id for mistake in mistakes})
    how = f" with {len(SEEDS)} seeds, and named" if named else ""
    console.print(f"{caught} of {len(mistakes)} mistakes are caught by their own task{how}")
