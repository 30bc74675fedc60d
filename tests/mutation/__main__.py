"""`nox -s mutation`: tries the milestone suites on every mutant of the reference, and prints what they catch."""

from __future__ import annotations

import argparse
import json
import os
import sys

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from grader.course import milestone_numbers, milestone_of
from grader.starter import PACKAGE

from .mutants import Mutant
from .run import run
from .survivors import FIGURE, Entry, all_mutants, listed


def main() -> int:
    """Run, report; 1 if a survivor lacks a reason or a listed one no longer survives."""
    arguments = command_line()
    console = Console(soft_wrap=True)
    mutants = [mutant for mutant in all_mutants() if chosen(mutant, arguments)]
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("mutants", total=len(mutants))
        caught_by = run(mutants, arguments.jobs, lambda: progress.advance(bar))
    entries = {entry.key: entry for entry in listed()}
    survivors = [mutant for mutant, check in zip(mutants, caught_by, strict=True) if check is None]
    excused = [mutant for mutant in survivors if mutant.key in entries]
    left = [mutant for mutant in survivors if mutant.key not in entries]
    console.print(table(mutants, excused, left))
    for mutant in left:
        describe(console, mutant)
    stale = stale_entries(entries, survivors, mutants, whole=not (arguments.tasks or arguments.milestones))
    for entry in stale:
        console.print(f"no longer survives: {entry.file} {entry.function}: {entry.old}  ->  {entry.new}", markup=False)
    sentence = summary(mutants, excused, left)
    console.print(sentence)
    if len(mutants) == len(all_mutants()) and not (left or stale):
        FIGURE.write_text(sentence + "\n", encoding="utf-8")
    return int(bool(left or stale))


def command_line() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="nox -s mutation --", description="Generic mutation of the reference.")
    numbers = milestone_numbers()
    add = parser.add_argument
    add("-m", "--milestones", nargs="+", type=int, choices=numbers, default=[], metavar="N", help="only these")
    add("-t", "--tasks", nargs="+", default=[], metavar="ID", help="only these, such as 2.5")
    add("-j", "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="mutants tried at a time")
    return parser.parse_args()


def chosen(mutant: Mutant, arguments: argparse.Namespace) -> bool:
    """Whether the command line asks for the mutant."""
    if arguments.tasks:
        return mutant.task_id in arguments.tasks
    return not arguments.milestones or milestone_of(mutant.task_id) in arguments.milestones


def stale_entries(entries: dict, survivors: list[Mutant], mutants: list[Mutant], whole: bool) -> list[Entry]:
    """The listed survivors that did not survive; in a partial run, of the functions that were tried."""
    surviving = {mutant.key for mutant in survivors}
    tried = {(mutant.file, mutant.function) for mutant in mutants}
    gone = [entry for key, entry in entries.items() if key not in surviving]
    return [entry for entry in gone if whole or (entry.file, entry.function) in tried]


def table(mutants: list[Mutant], excused: list[Mutant], left: list[Mutant]) -> Table:
    """A line a milestone."""
    result = Table("milestone", "mutants", "listed", "others", "caught", "surviving", "share")
    for number in sorted({milestone_of(mutant.task_id) for mutant in mutants}):
        parts = [
            [mutant for mutant in part if milestone_of(mutant.task_id) == number] for part in (mutants, excused, left)
        ]
        total, equivalent, surviving = map(len, parts)
        changing, caught = total - equivalent, total - equivalent - surviving
        figures = (number, total, equivalent, changing, caught, surviving)
        result.add_row(*map(str, figures), share(caught, changing))
    return result


def summary(mutants: list[Mutant], excused: list[Mutant], left: list[Mutant]) -> str:
    """The whole result in a sentence."""
    changing = len(mutants) - len(excused)
    caught = changing - len(left)
    figures = f"{caught:,} of {changing:,} that change what the contract states are caught ({share(caught, changing)})"
    return f"{len(mutants):,} mutants, {len(excused):,} of them listed with a reason; {figures}"


def share(part: int, whole: int) -> str:
    """A percentage, rounded down, so that 100 % means all."""
    return f"{int(1000 * part / whole) / 10 if whole else 100.0} %"


def describe(console: Console, mutant: Mutant) -> None:
    """A survivor: where and what, and the line by which survivors.toml names it."""
    row = [mutant.file.removeprefix(f"{PACKAGE}/"), mutant.function, mutant.old, mutant.new]
    where = f"{mutant.task_id} {mutant.function}, line {mutant.line}: {mutant.operator}"
    text = f"\nsurvives: {where}\n    {mutant.old}\n    {mutant.new}\n{json.dumps(row, ensure_ascii=False)},"
    console.print(text, markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
