"""`nox -s second_bodies`: the suites give all points to second bodies, alone and together, and to whole trees."""

from __future__ import annotations

import sys

from rich.console import Console

from grader.course.milestones import checks_of, course, load_milestone
from proofs.figures import record
from proofs.runner import Job, command, run_all

from . import all_second_bodies, functions_to_write, swapped, units, whole_trees


def main() -> int:
    """Try all; 1 if a check fails."""
    everything = checks_of(task for milestone in course() for task in milestone.tasks)
    jobs = {"all together": Job(all_second_bodies(), everything)}
    jobs |= {f"tree {name}": Job(changes, everything) for name, changes in whole_trees().items()}
    for name, functions in units().items():
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
    total = f"{count} second bodies, each alone and all together, and {trees} whole trees: "
    if not failing:
        record("second_bodies", [f"{total}all points"])
    print(f"{total}{len(failing)} of {len(jobs)} trees fail" if failing else f"{total}all points")
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(command(main))
