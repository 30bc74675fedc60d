"""`nox -s company`: three, four and five mistakes of one task at once; are all named among the suggestions?

Where some are not, those that are named are mended and the rest is graded again, as long as that names more.
"""

from __future__ import annotations

import argparse
import ast
import functools
import os
import random
import sys
from collections.abc import Collection, Mapping, Sequence

from grader.course.milestones import course
from grader.course.mistakes import Mistake, load_mistakes
from grader.errors import UsageError
from grader.option_types import count
from grader.source.graft import GraftError
from proofs.explained import Case, Found, explain_all
from proofs.figures import record
from proofs.runner import command

SIZES = (3, 4, 5)
SETS, SHARED = 4, 2  # of each size and task: each mistake in a function of its own; several in one, where there are few
LEAST = 0.9  # of the sets of the first kind, in which all must be named

Sets = Mapping[str, list[Mistake]]


def main() -> int:
    """Try the sets; 1 where too many hide a mistake."""
    parser = argparse.ArgumentParser(prog="nox -s company --", description=__doc__.partition("\n")[0])
    parser.add_argument("--task", nargs="+", default=[], metavar="ID", help="only these")
    parser.add_argument("--sets", type=count, default=SETS, metavar="N", help="of each size and task, at most so many")
    parser.add_argument("--jobs", type=count, default=os.cpu_count(), metavar="N", help="how many at a time")
    options = parser.parse_args()
    sets = drawn_sets(options.task, options.sets)
    hidden, stuck = named_in_rounds(sets, options.jobs)
    own = [name for name, chosen in sets.items() if len({mistake.function for mistake in chosen}) == len(chosen)]
    shared = [name for name in sets if name not in own]
    figures = [
        f"{len(names)} sets of {SIZES[0]} to {SIZES[-1]} mistakes of one task, {how}: all are named at once in "
        f"{len(names) - len(hidden & set(names))}, and one after the other in {len(names) - len(stuck & set(names))}"
        for how, names in (("each in a function of its own", own), ("several in one function", shared))
        if names
    ]
    print("\n".join(figures))
    if not options.task and options.sets >= SETS:
        record("company", figures)
    return 0 if len(set(own) - hidden) >= LEAST * len(own) else 1


def named_in_rounds(sets: Sets, workers: int) -> tuple[set[str], set[str]]:
    """The sets of which not all mistakes are named at once, and those in which some never are; says which these are."""
    hidden: set[str] = set()
    stuck: set[str] = set()
    left, number = dict(sets), 1
    while left:
        found = explain_all(
            {name: Case(changes_of(chosen), (chosen[0].task.milestone,)) for name, chosen in left.items()}, workers
        )
        rest: dict[str, list[Mistake]] = {}
        for name, chosen in left.items():
            missing = [each for each in chosen if each.id not in {mistake for mistake, _ in found[name].named}]
            if missing:
                print(f"{name}, round {number}: {'; '.join(missed(each, found[name]) for each in missing)}")
                hidden.add(name)
                if len(missing) < len(chosen):
                    rest[name] = missing
                else:
                    stuck.add(name)
        left, number = rest, number + 1
    return hidden, stuck


def missed(mistake: Mistake, found: Found) -> str:
    """A mistake that is not named, and what the search knew of its function."""
    located = mistake.function in found.located
    return f"{mistake.id} is not named, its function {'is' if located else 'is not said to be'} at fault"


def drawn_sets(tasks: Collection[str], most: int) -> dict[str, list[Mistake]]:
    """Mistakes of one task that can be made at once; drawn, and always the same ones."""
    exercises = [(task, load_mistakes(milestone)) for milestone in course() for task in milestone.exercises]
    unknown = set(tasks) - {task.id for task, _ in exercises}
    if unknown:
        raise UsageError(f"there is no task {', '.join(sorted(unknown))} with exercises")
    sets = {}
    for task, catalogue in exercises:
        if tasks and task.id not in tasks:
            continue
        own = [mistake for mistake in catalogue if mistake.task == task.id]
        rng = random.Random(str(task.id))
        for size in SIZES:
            names = {mistake.function for mistake in own}
            for number in range(SETS if len(names) >= size else SHARED):
                shuffled = rng.sample(own, len(own))
                chosen = compatible(shuffled, size) if number < most else []
                if len(chosen) == size:
                    sets[f"{task.id}, {size} mistakes, set {number + 1}"] = chosen
    return sets


def compatible(shuffled: list[Mistake], size: int) -> list[Mistake]:
    """The first mistakes of a list that can be made in one text, each in a function of its own as far as possible."""
    chosen: list[Mistake] = []
    for once in (True, False):
        for mistake in shuffled:
            taken = mistake in chosen or (once and mistake.function in [each.function for each in chosen])
            if len(chosen) < size and not taken and made([*chosen, mistake]):
                chosen.append(mistake)
    return chosen


def made(mistakes: Sequence[Mistake]) -> bool:
    """Whether none of the mistakes is in another's way, or stands where another has returned already."""
    near = [each for each in mistakes if each.function == mistakes[-1].function]
    try:
        whole = running(changes_of(mistakes))
        return all(running(changes_of([one for one in mistakes if one is not each])) != whole for each in near)
    except GraftError:
        return False


def running(changes: Mapping[str, str]) -> list[str]:
    """What is changed, as far as it can run: without the statements that follow a `return`."""
    trees = [ast.parse(text) for text in changes.values()]
    for node in (each for tree in trees for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)):
        ends = [number for number, statement in enumerate(node.body) if isinstance(statement, ast.Return)]
        del node.body[min(ends, default=len(node.body)) + 1 :]
    return list(map(ast.dump, trees))


def changes_of(mistakes: Sequence[Mistake]) -> dict[str, str]:
    """The reference with several mistakes; GraftError where they are in one another's way."""
    return _changes_of(tuple(mistakes))


@functools.lru_cache(maxsize=1_000)  # many draws begin alike
def _changes_of(mistakes: tuple[Mistake, ...]) -> dict[str, str]:
    return mistakes[-1].changes(_changes_of(mistakes[:-1])) if mistakes else {}


if __name__ == "__main__":
    sys.exit(command(main))
