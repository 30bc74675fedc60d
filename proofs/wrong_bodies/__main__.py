"""`nox -s wrong_bodies`: how many wrong bodies are caught, located and rightly named."""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from grader.course.milestones import checks_of, course
from grader.explain.explain import explain
from grader.files import REPOSITORY, SOLUTIONS, STATE, write_whole
from grader.grade import grade
from grader.report.why import CERTAIN
from grader.run.fork_server import forked
from proofs.figures import record
from proofs.runner import command, surroundings

from . import WrongBody, wrong_bodies

CACHE = STATE / "proofs"


@dataclass(frozen=True)
class Found:
    """What became of a wrong body.

    milestone: the one whose checks caught it; None where none did. own: whether its own task's did. located: the
    functions said to be at fault. left: how many failing checks no function explains. named: ids of mistakes with
    their confidence, the surest first.
    """

    milestone: int | None
    own: bool
    located: list[str]
    left: int
    named: list[tuple[str, float]]


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
    found = _try_all(chosen, options.jobs)
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


def _try_all(bodies: Sequence[WrongBody], jobs: int) -> dict[str, Found]:
    found, pool = {}, concurrent.futures.ThreadPoolExecutor(jobs)
    with Console(stderr=True).status("") as status:
        try:
            waiting = {pool.submit(_kept, body): body for body in bodies}
            for future in concurrent.futures.as_completed(waiting):
                found[waiting[future].id] = future.result()
                status.update(f"{len(found)} of {len(bodies)}")
        finally:
            pool.shutdown(cancel_futures=True)
    return found


def _kept(body: WrongBody) -> Found:
    """What became of a body, as it was kept or found now."""
    digest = hashlib.sha256(surroundings())
    for path in sorted((REPOSITORY / "grader/explain").glob("*.py")) + sorted(REPOSITORY.glob("milestones/*/mist*")):
        digest.update(path.read_bytes())
    digest.update(f"{body.function}\0{body.text}".encode())
    path = CACHE / f"body-{digest.hexdigest()[:32]}.json"
    try:
        return Found(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        found = _try(body)
        write_whole(path, json.dumps(dataclasses.asdict(found)))
        return found


def _try(body: WrongBody) -> Found:
    for milestone in course():
        if milestone.number < body.task.milestone:
            continue
        grading = grade(SOLUTIONS, checks_of(milestone.exercises), changes=body.changes(), launch=forked)
        verdicts = grading.finish()
        if verdicts[0].score == verdicts[0].max_score:
            continue
        own = [task for task in verdicts[0].tasks if task.task.id == body.task and task.passed < len(task.checks)]
        explanations = explain(grading, verdicts, forked).values()
        faults = [fault for explanation in explanations for fault in explanation.faults]
        return Found(
            milestone=milestone.number,
            own=bool(own),
            located=[f"{fault.unit.file.partition('/')[2]}:{fault.unit.name}" for fault in faults],
            left=sum(len(explanation.left) for explanation in explanations),
            named=[(each.mistake.id, each.confidence) for fault in faults for each in fault.named or ()],
        )
    return Found(None, False, [], 0, [])


def _line(body: WrongBody, found: Found) -> str:
    if found.milestone is None:
        return f"{body.id}  {body.function}  NOT CAUGHT  {body.thought}"
    place = "" if found.located == [body.function] else f"  LOCATED {found.located} left {found.left}"
    right = "" if {name for name, _ in found.named[:1]} <= set(body.labels) else "  WRONG"
    missed = "  UNNAMED" if body.labels and not found.named else ""
    return f"{body.id}  {body.function}{place}{right}{missed}  {body.thought}  {found.named} labels {list(body.labels)}"


def _figures(bodies: Sequence[WrongBody], found: dict[str, Found]) -> str:
    caught = [body for body in bodies if found[body.id].milestone is not None]
    located = [body for body in caught if found[body.id].located == [body.function]]
    sure = [body for body in caught if found[body.id].named and found[body.id].named[0][1] >= CERTAIN]
    perhaps = [body for body in caught if found[body.id].named and body not in sure]
    known = [body for body in caught if body.labels]

    def right(some: Sequence[WrongBody]) -> int:
        return sum(found[body.id].named[0][0] in body.labels for body in some if found[body.id].named)

    return (
        f"{len(bodies)} bodies, {len(caught)} caught; of these {len(located)} located exactly; "
        f"almost certainly: {right(sure)} of {len(sure)} right; perhaps: {right(perhaps)} of {len(perhaps)} right; "
        f"of the {len(known)} whose thought the catalogue has, {right(known)} named first and right"
    )


if __name__ == "__main__":
    sys.exit(command(main))
