"""`nox -s seeds`: the reference passes with 200 other seeds of every seeded check, and each check passes alone."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console

from grader.course.milestones import checks_of, course
from grader.option_types import count
from proofs.figures import record
from proofs.runner import Job, command, run_all

DEFAULT = 200


def main() -> int:
    """Try the seeds; 1 if any check failed with any of them, or alone."""
    parser = argparse.ArgumentParser(prog="nox -s seeds --", description=__doc__)
    parser.add_argument("--seeds", type=count, default=DEFAULT, metavar="N", help=f"of shifts; default: {DEFAULT}")
    seeds = parser.parse_args().seeds
    checks = checks_of(task for milestone in course() for task in milestone.exercises)
    seeded = [check for check in checks if check.seeded]
    jobs = {f"seeds shifted by {shift}": Job({}, seeded, shifts=(shift,)) for shift in range(1, seeds + 1)}
    jobs |= {f"alone: {check.id}": Job({}, [check]) for check in checks}
    with Console(stderr=True).status("") as status:
        results = run_all(jobs, progress=status.update)
    failing = [
        f"{name}: {check}: {message}" for name, result in results.items() for check, message in result.messages.items()
    ]
    figure = f"{len(seeded)} seeded checks with {seeds} seeds, {len(checks)} checks alone: {len(failing)} failures"
    if not failing and seeds >= DEFAULT:
        record("seeds", [figure])
    print("\n".join([*failing, figure]))
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(command(main))
