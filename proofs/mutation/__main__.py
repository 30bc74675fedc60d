"""`nox -s mutation`: tries the milestone suites on every mutant of the reference, and prints what they catch."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from grader.course.milestones import milestone_numbers
from grader.option_types import count
from grader.source.package import PACKAGE
from proofs.figures import record
from proofs.runner import command

from .mutants import Mutant
from .run import run
from .survivors import Entry, all_mutants, listed

LEAST_SHARE = 0.99  # of the mutants that behave differently, at least so many must be caught


def main() -> int:
    """Run, report; 1 if a survivor lacks a reason, a listed one no longer survives, or too few are caught."""
    arguments = command_line()
    console = Console(soft_wrap=True)
    mutants = [mutant for mutant in all_mutants() if chosen(mutant, arguments)]
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("mutants", total=len(mutants))
        caught_by = run(mutants, arguments.jobs, lambda: progress.advance(bar))
    entries = {entry.key: entry for entry in listed()}
    survivors = [mutant for mutant, check in zip(mutants, caught_by, strict=True) if check is None]
    unexplained = [mutant for mutant in survivors if mutant.key not in entries]
    for mutant in unexplained:
        describe(console, mutant)
    whole = len(mutants) == len(all_mutants())
    stale = stale_entries(entries, survivors, mutants, whole)
    for entry in stale:
        console.print(f"no longer survives: {entry.where}: {entry.change}", markup=False)
    figures = {number: Figures.of(number, mutants, survivors, entries) for number in milestone_numbers()}
    console.print(table(figures))
    total = Figures.sum(figures.values())
    console.print(total.sentence())
    too_few = whole and total.share < LEAST_SHARE
    if too_few:
        console.print(f"too few: at least {percent(LEAST_SHARE)} of those that behave differently must be caught")
    if whole and not (unexplained or stale or too_few):
        record("mutation", [total.sentence()])
    return int(bool(unexplained or stale or too_few))


def command_line() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="nox -s mutation --", description="Generic mutation of the reference.")
    numbers = milestone_numbers()
    add = parser.add_argument
    add("-m", "--milestones", nargs="+", type=int, choices=numbers, default=[], metavar="N", help="only these")
    add("-t", "--tasks", nargs="+", default=[], metavar="ID", help="only these, such as 2.5")
    add("-o", "--operators", nargs="+", default=[], metavar="NAME", help='only these, such as "in place"')
    add("-j", "--jobs", type=count, default=os.cpu_count() or 1, metavar="N", help="mutants tried at a time")
    return parser.parse_args()


def chosen(mutant: Mutant, arguments: argparse.Namespace) -> bool:
    """Whether the command line asks for the mutant."""
    if arguments.operators and mutant.operator not in arguments.operators:
        return False
    if arguments.tasks:
        return mutant.task_id in arguments.tasks
    return not arguments.milestones or mutant.task_id.milestone in arguments.milestones


def stale_entries(entries: dict, survivors: list[Mutant], mutants: list[Mutant], whole: bool) -> list[Entry]:
    """The listed survivors that did not survive; in a partial run, of those that were tried."""
    surviving = {mutant.key for mutant in survivors}
    tried = {mutant.key for mutant in mutants}
    gone = [entry for key, entry in entries.items() if key not in surviving]
    return [entry for entry in gone if whole or entry.key in tried]


@dataclass(frozen=True)
class Figures:
    """How many mutants there were, and what happened to them."""

    mutants: int
    same: int  # compute the same as the reference
    unspecified: int  # survive, and differ only where the contract is silent
    unexplained: int  # survive without a reason

    @staticmethod
    def of(number: int, mutants: Sequence[Mutant], survivors: Sequence[Mutant], entries: Mapping) -> Figures:
        """Those of one milestone."""
        total = [mutant for mutant in mutants if mutant.task_id.milestone == number]
        kinds = [entries.get(mutant.key) for mutant in survivors if mutant.task_id.milestone == number]
        unspecified = sum(entry is not None and entry.unspecified for entry in kinds)
        unexplained = kinds.count(None)
        return Figures(len(total), len(kinds) - unspecified - unexplained, unspecified, unexplained)

    @staticmethod
    def sum(parts: Iterable[Figures]) -> Figures:
        """Those of all milestones."""
        return Figures(*map(sum, zip(*map(astuple, parts), strict=True)))

    @property
    def different(self) -> int:
        """The mutants that behave differently."""
        return self.mutants - self.same

    @property
    def caught(self) -> int:
        """The mutants that a check caught."""
        return self.different - self.unspecified - self.unexplained

    @property
    def share(self) -> float:
        """Of the mutants that behave differently, the share that is caught."""
        return self.caught / self.different if self.different else 1.0

    def sentence(self) -> str:
        """All of it."""
        return (
            f"{self.mutants:,} mutants: {self.same} compute the same; of the {self.different:,} that behave "
            f"differently {self.caught:,} are caught ({percent(self.share)}), {self.unspecified} differ only where the "
            f"contract is silent, and {self.unexplained} are left without a reason"
        )


def table(figures: Mapping[int, Figures]) -> Table:
    """A line a milestone."""
    result = Table("milestone", "mutants", "the same", "differ", "caught", "open", "no reason", "share")
    for number, one in figures.items():
        if one.mutants:
            counts = (number, one.mutants, one.same, one.different, one.caught, one.unspecified, one.unexplained)
            result.add_row(*map(str, counts), percent(one.share))
    return result


def percent(share: float) -> str:
    """A share in percent, rounded down, so that 100 % means all."""
    return f"{int(1000 * share) / 10} %"


def describe(console: Console, mutant: Mutant) -> None:
    """A survivor: where and what, and the line by which survivors.toml names it."""
    row = [f"{mutant.file.removeprefix(f'{PACKAGE}/')}:{mutant.function}", mutant.change]
    where = f"{mutant.task_id} {mutant.function}, line {mutant.line}: {mutant.operator}"
    text = f"\nsurvives: {where}\n    {mutant.old}\n    {mutant.new}\n{json.dumps(row, ensure_ascii=False)},"
    console.print(text, markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(command(main))
