"""The reference under many shifted seeds of every seeded check: `python proofs/seeds.py --seeds 200`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from grader.course.milestones import Check, load_milestone, milestone_numbers
from grader.files import SOLUTIONS
from grader.run.assemble import assemble
from grader.run.fork_server import launch
from grader.run.supervise import observe
from grader.verdict.judge import judge_check


def seeded_checks() -> list[Check]:
    """The checks that draw numbers, convergence left out (convergence_rates.py measures it)."""
    tasks = [task for number in milestone_numbers() for task in load_milestone(number).tasks if not task.needs]
    return [check for task in tasks for check in task.checks if check.seeded]


def failures(checks: list[Check], shift: int) -> list[str]:
    """The checks that fail with this shift of their seeds."""
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as folder:
        scratch = Path(folder).resolve()
        assembled = assemble(SOLUTIONS, SOLUTIONS, scratch)
        observations = observe(assembled, checks, seed_shift=shift, process=launch(scratch, shift))
    verdicts = [judge_check(check, observations[check.id], {}) for check in checks]
    return [f"shift {shift}: {verdict.check.id}: {verdict.message}" for verdict in verdicts if not verdict.passed]


def main() -> int:
    """Try the seeds; 1 if any check failed with any of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, metavar="N", help="how many shifts; default: 200")
    seeds = parser.parse_args().seeds
    checks = seeded_checks()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [
            line for lines in pool.map(lambda shift: failures(checks, shift), range(1, seeds + 1)) for line in lines
        ]
    print("\n".join(found))
    print(f"{len(checks)} seeded checks, {seeds} seeds: {len(found)} failures")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
