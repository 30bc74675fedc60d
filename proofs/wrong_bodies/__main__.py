"""`nox -s wrong_bodies`: how many wrong bodies are caught, located and rightly named."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from grader.course.milestones import milestone_numbers
from grader.report.why import CERTAIN
from proofs.explained import Case, Found, explain_all
from proofs.figures import record
from proofs.runner import command

from . import WrongBody, wrong_bodies


def main() -> int:
    """Try all, print the figures of each half."""
    parser = argparse.ArgumentParser(prog="nox -s wrong_bodies --", description=__doc__)
    parser.add_argument("bodies", nargs="*", metavar="ID", help="such as milestone1.12; default: all")
    parser.add_argument("--half", choices=["known", "aside"], help="only one half")
    parser.add_argument("--list", action="store_true", help="also what became of each")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="how many at a time")
    options = parser.parse_args()
    chosen = [body for body in wrong_bodies() if not options.bodies or body.id in options.bodies]
    chosen = [body for body in chosen if options.half is None or body.aside == (options.half == "aside")]
    last = max(milestone_numbers())
    cases = {body.id: Case(body.changes(), tuple(range(body.task.milestone, last + 1))) for body in chosen}
    found = explain_all(cases, options.jobs)
    if options.list or options.bodies:
        for body in chosen:
            print(_line(body, found[body.id]))
    lines = []
    for name, half in (("known", False), ("aside", True)):
        bodies = [body for body in chosen if body.aside == half]
        if bodies:
            lines.append(f"{name}: {_figures(bodies, found)}")
    print("\n".join(lines))
    if not options.bodies and options.half is None:
        record("wrong_bodies", lines)
    return 0


def _line(body: WrongBody, found: Found) -> str:
    if found.milestone is None:
        return f"{body.id}  {body.function}  NOT CAUGHT  {body.thought}"
    place = "" if found.located == [body.function] else f"  LOCATED {found.located} left {found.left}"
    right = "" if {name for name, _ in found.named[:1]} <= set(body.labels) else "  WRONG"
    missed = "  UNNAMED" if body.labels and not found.named else ""
    return f"{body.id}  {body.function}{place}{right}{missed}  {body.thought}  {found.named} labels {list(body.labels)}"


def _figures(bodies: Sequence[WrongBody], found: dict[str, Found]) -> str:
    caught = [body for body in bodies if found[body.id].milestone is not None]
    own = [body for body in caught if body.task in found[body.id].failing]
    located = [body for body in caught if found[body.id].located == [body.function]]
    sure = [body for body in caught if found[body.id].named and found[body.id].named[0][1] >= CERTAIN]
    perhaps = [body for body in caught if found[body.id].named and body not in sure]
    known = [body for body in caught if body.labels]

    def right(some: Sequence[WrongBody]) -> int:
        return sum(found[body.id].named[0][0] in body.labels for body in some if found[body.id].named)

    return (
        f"{len(bodies)} bodies, {len(caught)} caught, {len(own)} by their own tasks; {len(located)} located exactly; "
        f"almost certainly: {right(sure)} of {len(sure)} right; perhaps: {right(perhaps)} of {len(perhaps)} right; "
        f"of the {len(known)} whose thought the catalogue has, {right(known)} named first and right"
    )


if __name__ == "__main__":
    sys.exit(command(main))
