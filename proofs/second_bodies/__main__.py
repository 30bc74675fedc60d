"""`nox -s second_bodies`: the suites give all points to second bodies, alone and together, and to whole trees."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection

from rich.console import Console

from grader.course.milestones import checks_of, course, in_total, load_milestone
from proofs.figures import record
from proofs.runner import Job, command, run_all

from . import all_second_bodies, functions_to_write, swapped, units, whole_trees

TOGETHER = "all together"


def main() -> int:
    """Try all; 1 if a check fails."""
    parser = argparse.ArgumentParser(prog="nox -s second_bodies --", description=__doc__)
    parser.add_argument("--together", action="store_true", help="all at once, and none alone")
    together = parser.parse_args().together
    right = {TOGETHER: all_second_bodies(), **{f"tree {name}": files for name, files in whole_trees().items()}}
    later_first = sorted(course(), key=lambda milestone: -milestone.number)  # their tasks train longest
    counted = in_total(course())
    jobs = {}
    for milestone in later_first:
        for name, changes in right.items():
            if milestone.number in milestones_written_in(changes):
                # What electives train takes minutes: once, with the second bodies, and not in CI.
                trains = milestone.number in counted or (name == TOGETHER and not together)
                checks = checks_of(milestone.tasks if trains else milestone.exercises)
                jobs[f"{name}, milestone {milestone.number}"] = Job(changes, checks)
    for name, functions in units().items() if not together else ():
        numbers = sorted({functions_to_write()[function].milestone for function in functions})
        checks = checks_of(task for number in numbers for task in load_milestone(number).exercises)
        jobs[name] = Job(swapped(functions), checks)
    with Console(stderr=True).status("") as status:
        results = run_all(jobs, progress=status.update)
    failing = {name: result.messages for name, result in results.items() if result.messages}
    for name, messages in failing.items():
        for check, message in messages.items():
            print(f"{name}: {check}: {message}")
    count, trees = len(functions_to_write()), len(whole_trees())
    how = "all together" if together else "each alone and all together"
    total = f"{count} second bodies, {how}, and {trees} whole trees: "
    if not failing and not together:
        record("second_bodies", [f"{total}all points"])
    print(f"{total}{len(failing)} of {len(jobs)} gradings fail" if failing else f"{total}all points")
    return 1 if failing else 0


def milestones_written_in(changes: Collection[str]) -> set[int]:
    """The numbers of the milestones for which these files have exercises: not every tree has the electives."""
    return {task_id.milestone for (file, _), task_id in functions_to_write().items() if file in changes}


if __name__ == "__main__":
    sys.exit(command(main))
