"""`nox -s company`: three, four and five mistakes of one task at once; are all named among the suggestions?"""

from __future__ import annotations

import argparse
import os
import random
import sys

from grader.course.milestones import course
from grader.course.mistakes import Mistake, load_mistakes
from grader.source.graft import GraftError
from proofs.explained import Case, explain_all
from proofs.figures import record
from proofs.runner import command

SIZES = (3, 4, 5)
SETS, SHARED = 7, 2  # of each size and task: each mistake in a function of its own; several in one, where there are few
LEAST = 0.9  # of the sets of the first kind, in which all must be named


def main() -> int:
    """Try the sets; 1 where too many hide a mistake."""
    parser = argparse.ArgumentParser(prog="nox -s company --", description=__doc__)
    parser.add_argument("--task", help="only this one")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="how many at a time")
    options = parser.parse_args()
    sets = {name: chosen for name, chosen in drawn_sets().items() if options.task in (None, chosen[0].task)}
    found = explain_all(
        {name: Case(changes_of(chosen), (chosen[0].task.milestone,)) for name, chosen in sets.items()}, options.jobs
    )
    hidden = {}
    for name, chosen in sets.items():
        named = {each for each, _ in found[name].named}
        missing = [mistake.id for mistake in chosen if mistake.id not in named]
        if missing:
            hidden[name] = missing
            print(f"{name}: not named: {', '.join(missing)}")
    own = [name for name, chosen in sets.items() if len({mistake.function for mistake in chosen}) == len(chosen)]
    shared = [name for name in sets if name not in own]
    figures = [
        f"{len(names)} sets of {SIZES[0]} to {SIZES[-1]} mistakes of one task, {how}: "
        f"all named in {len(names) - len(hidden.keys() & set(names))}"
        for how, names in (("each in a function of its own", own), ("several in one function", shared))
        if names
    ]
    print("\n".join(figures))
    if options.task is None:
        record("company", figures)
    complete = len(set(own) - hidden.keys())
    return 0 if complete >= LEAST * len(own) else 1


def drawn_sets() -> dict[str, list[Mistake]]:
    """Mistakes of one task that can be made at once; drawn, and always the same ones."""
    sets = {}
    for milestone in course():
        catalogue = load_mistakes(milestone)
        for task in milestone.exercises:
            own = [mistake for mistake in catalogue if mistake.task == task.id]
            rng = random.Random(str(task.id))
            for size in SIZES:
                names = {mistake.function for mistake in own}
                for number in range(SETS if len(names) >= size else SHARED):
                    chosen = compatible(rng.sample(own, len(own)), size)
                    if len(chosen) == size:
                        sets[f"{task.id}, {size} mistakes, set {number + 1}"] = chosen
    return sets


def compatible(shuffled: list[Mistake], size: int) -> list[Mistake]:
    """The first mistakes of a list that can be made in one text, each in a function of its own as far as possible."""
    chosen: list[Mistake] = []
    for once in (True, False):
        for mistake in shuffled:
            taken = mistake in chosen or (once and mistake.function in [each.function for each in chosen])
            if len(chosen) < size and not taken:
                try:
                    changes_of([*chosen, mistake])
                except GraftError:
                    continue
                chosen.append(mistake)
    return chosen


def changes_of(mistakes: list[Mistake]) -> dict[str, str]:
    """The reference with several mistakes; GraftError where they are in one another's way."""
    changes: dict[str, str] = {}
    for mistake in mistakes:
        changes = mistake.changes(changes)
    return changes


if __name__ == "__main__":
    sys.exit(command(main))
