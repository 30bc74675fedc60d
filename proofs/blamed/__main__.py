"""`nox -s blamed`: the share of the catalogued mistakes in operations that the explorer marks; and no false alarm."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from grader.course.milestones import load_milestone
from grader.course.mistakes import Mistake, load_mistakes
from grader.files import temporary_folder, write_text
from grader.run.launch import tree_environment
from grader.source.reference import reference
from proofs.figures import record
from proofs.runner import command
from proofs.second_bodies import all_second_bodies, whole_trees

GRAPHS = Path(__file__).with_name("graphs.py")
ROOM = "operations/"
HEIRS = {"Max": ("Min",)}  # operations that share another's backward
LEAST = 0.95


def main() -> int:
    """Try all; 1 where too few mistakes are marked, or right work is."""
    parser = argparse.ArgumentParser(prog="nox -s blamed --", description=__doc__)
    parser.add_argument("ids", nargs="*", help="only these mistakes")
    options = parser.parse_args()
    catalogue = [mistake for mistake in load_mistakes(load_milestone(2)) if mistake.function.startswith(ROOM)]
    chosen = [mistake for mistake in catalogue if not options.ids or mistake.id in options.ids]
    reference = explored({})
    missed = [mistake for mistake in chosen if not is_marked(mistake, reference)]
    for mistake in missed:
        print(f"not marked: {mistake.id} ({mistake.function})")
    if options.ids:
        return 1 if missed else 0
    right = {"the reference": reference, "the second bodies": explored(all_second_bodies())}
    right |= {f"the tree {name}": explored(changes) for name, changes in whole_trees().items()}
    alarms = [name for name, found in right.items() for _ in alarms_of(name, found)]
    figures = [
        f"{len(chosen)} catalogued mistakes in operations: {len(chosen) - len(missed)} are marked where they are made",
        f"{len(right)} right trees, {len(reference)} graphs each: {len(alarms)} graphs with a false alarm",
    ]
    print("\n".join(figures))
    record("blamed", figures)
    return 1 if alarms or len(chosen) - len(missed) < LEAST * len(chosen) else 0


def is_marked(mistake: Mistake, reference: Mapping[str, dict]) -> bool:
    """Whether the operation in which a mistake was made is marked in some graph."""
    name = mistake.function.rpartition(":")[2]
    owner = name.partition(".")[0] if "." in name else None  # None: a function that several operations call
    owners = {owner, *HEIRS.get(owner, ())}
    numbers = [number for number, found in reference.items() if owner is None or owners & set(found["all"])]
    found = explored(mistake.changes(), numbers)
    marked = {op for each in found.values() if each for op in each["ops"]}
    return bool(marked if owner is None else marked & owners)


def alarms_of(name: str, found: Mapping[str, dict]) -> Iterator[str]:
    """The graphs of right work in which something is marked, or that cannot be explored."""
    for number, each in found.items():
        if each is None or each["ops"] or each["sums"]:
            print(f"{name}: graph {number}: {each}")
            yield number


def explored(changes: Mapping[str, str], numbers: Collection[str] = ()) -> dict[str, dict]:
    """What is marked in the graphs with these numbers, or in all of them, by the reference with some files changed."""
    with temporary_folder() as folder:
        for file, text in {**reference(), **changes}.items():
            write_text(folder / file, text)
        called = [sys.executable, str(GRAPHS), *numbers]
        done = subprocess.run(
            called, env=tree_environment(folder), capture_output=True, text=True, timeout=300, check=False
        )
        if done.returncode:
            print(done.stderr[-500:], file=sys.stderr)
            return {}
        return json.loads(done.stdout)


if __name__ == "__main__":
    sys.exit(command(main))
