"""`nox -s wrong_bodies`: how many wrong bodies are caught, located and rightly named."""

from __future__ import annotations

import argparse
import fnmatch
import os
import sys
from collections.abc import Sequence

from grader.course.milestones import course, in_total
from grader.errors import UsageError
from grader.option_types import count
from grader.report.why import CERTAIN
from proofs.explained import Case, Found, explain_all
from proofs.figures import record
from proofs.runner import command

from . import WrongBody, wrong_bodies

LEAST_LOCATED, LEAST_SURE = 0.97, 0.95  # shares of a part


def main() -> int:
    """Try all, print the figures of each part; 1 where too few faults are located, or too much is wrong for sure."""
    parser = argparse.ArgumentParser(prog="nox -s wrong_bodies --", description=__doc__)
    parser.add_argument("bodies", nargs="*", metavar="ID", help="such as milestone1.12 or 'aside/*5.*'; default: all")
    parser.add_argument("--part", choices=["known", "aside"], help="only one of the two")
    parser.add_argument("--list", action="store_true", help="also what became of each")
    parser.add_argument("--jobs", type=count, default=os.cpu_count(), metavar="N", help="how many at a time")
    options = parser.parse_args()
    bodies = wrong_bodies()
    for pattern in options.bodies:
        if not fnmatch.filter((body.id for body in bodies), pattern):
            raise UsageError(f"no wrong body is called {pattern}; names are such as milestone1.12, aside/milestone1.12")
    chosen = [body for body in bodies if any(fnmatch.fnmatch(body.id, each) for each in options.bodies or ["*"])]
    chosen = [body for body in chosen if options.part is None or body.aside == (options.part == "aside")]
    counted = sorted(in_total(course()))
    cases = {body.id: Case(body.changes(), _milestones(body, counted)) for body in chosen}
    found = explain_all(cases, options.jobs)
    if options.list or options.bodies:
        for body in chosen:
            print(_line(body, found[body.id]))
    lines, good = [], True
    for name, aside in (("known", False), ("aside", True)):
        bodies = [body for body in chosen if body.aside == aside and not body.unfit]
        if bodies:
            figures = Figures(bodies, found)
            lines.append(f"{name}: {figures}")
            good &= figures.good
    print("\n".join(lines))
    if not options.bodies and options.part is None:
        record("wrong_bodies", lines)
    return 0 if good else 1


def _milestones(body: WrongBody, counted: Sequence[int]) -> tuple[int, ...]:
    """The milestones that may take points off: its own, and the later ones that count; no elective of others."""
    own = body.task.milestone
    return (own, *(number for number in counted if number > own))


def _line(body: WrongBody, found: Found) -> str:
    if found.milestone is None:
        return f"{body.id}  {body.function}  NOT CAUGHT  {body.thought}  {body.unfit}"
    place = "" if found.located == [body.function] else f"  LOCATED {found.located} left {found.left}"
    right = "" if {name for name, _ in found.named[:1]} <= set(body.labels) else "  WRONG"
    missed = "  UNNAMED" if body.labels and not found.named else ""
    return f"{body.id}  {body.function}{place}{right}{missed}  {body.thought}  {found.named} labels {list(body.labels)}"


class Figures:
    """What became of some wrong bodies, in numbers."""

    def __init__(self, bodies: Sequence[WrongBody], found: dict[str, Found]):
        self.found = found
        self.bodies = bodies
        self.caught = [body for body in bodies if found[body.id].milestone is not None]
        self.own = [body for body in self.caught if body.task in found[body.id].failing]
        self.located = [body for body in self.caught if found[body.id].located == [body.function]]
        named = [body for body in self.caught if found[body.id].named]
        self.sure = [body for body in named if found[body.id].named[0][1] >= CERTAIN]
        self.perhaps = [body for body in named if body not in self.sure]
        self.known = [body for body in self.caught if body.labels]

    def right(self, some: Sequence[WrongBody]) -> int:
        """Of how many what is named first is what their authors had in mind."""
        return sum(self.found[body.id].named[0][0] in body.labels for body in some if self.found[body.id].named)

    @property
    def good(self) -> bool:
        """Whether faults are located, and sureness is right, often enough."""
        located = len(self.located) >= LEAST_LOCATED * len(self.caught)
        return located and self.right(self.sure) >= LEAST_SURE * len(self.sure)

    def __str__(self) -> str:
        return (
            f"{len(self.bodies)} bodies, {len(self.caught)} caught, {len(self.own)} by their own tasks; "
            f"{len(self.located)} located exactly; "
            f"almost certainly: {self.right(self.sure)} of {len(self.sure)} right; "
            f"perhaps: {self.right(self.perhaps)} of {len(self.perhaps)} right; "
            f"of the {len(self.known)} whose thought the catalogue has, {self.right(self.known)} named first and right"
        )


if __name__ == "__main__":
    sys.exit(command(main))
