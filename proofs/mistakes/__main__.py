"""`nox -s mistakes`: proves that the suites catch and name every catalogued mistake, and tries the diagnosis."""

from __future__ import annotations

import argparse
import os
import sys

from rich.console import Console

from grader.course.milestones import course, load_milestone, milestone_numbers
from grader.course.mistakes import Mistake, load_catalogue
from grader.errors import UsageError
from grader.option_types import count
from proofs.figures import record
from proofs.runner import command

from .proof import print_faults, prove, prove_own
from .trials import try_diagnosis


def main() -> int:
    """Run what the command line asks for; 1 where something is not proved, 2 for a wrong call."""
    arguments = command_line()
    console = Console(soft_wrap=True, highlight=False)
    mistakes = chosen_mistakes(arguments)
    whole = not arguments.mistakes
    if arguments.own:
        faults = prove_own(console, mistakes, arguments.jobs)
    else:
        faults = prove(console, mistakes, arguments.jobs, arguments.write, whole)
    proved = not faults
    if whole and arguments.milestone is None and not arguments.own:
        good, figures = try_diagnosis(console, arguments.jobs)
        proved &= good
        if proved and arguments.write:
            record("mistakes", [f"{len(mistakes)} mistakes: all caught by their own tasks, and named", *figures])
    # At the end, where a log that was cut off still shows it.
    print_faults(console, mistakes, faults, named=not arguments.own)
    return 0 if proved else 1


def command_line() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="nox -s mistakes --", description=__doc__)
    parser.add_argument("mistakes", nargs="*", metavar="ID", help="of mistakes or tasks; default: all")
    parser.add_argument("--milestone", type=int, choices=milestone_numbers(), help="only this one")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--write", action="store_true", help="write fingerprints and figures again")
    how.add_argument("--own", action="store_true", help="run each mistake's own task alone, with one seed; name none")
    parser.add_argument("--jobs", type=count, default=os.cpu_count(), metavar="N", help="how many at a time")
    return parser.parse_args()


def chosen_mistakes(arguments: argparse.Namespace) -> list[Mistake]:
    """The part of the catalogue that was asked for."""
    milestones = [load_milestone(arguments.milestone)] if arguments.milestone else course()
    catalogue, asked = load_catalogue(milestones), arguments.mistakes
    unknown = set(asked) - {name for mistake in catalogue for name in (mistake.id, mistake.task)}
    if unknown:
        raise UsageError(f"there is no mistake or task {', '.join(sorted(unknown))} in the catalogue")
    return [mistake for mistake in catalogue if not asked or mistake.id in asked or mistake.task in asked]


if __name__ == "__main__":
    sys.exit(command(main))
