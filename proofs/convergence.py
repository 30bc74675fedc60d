"""`nox -s convergence`: how many seeds reach each threshold of the convergence tasks, with the reference.

Runs the checks themselves, each with three seeds at a time, and counts what they show to `see`. A correct
implementation should miss a threshold less than once in 200 seeds.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor

from grader.option_types import count
from grader.run.launch import BLAS_THREADS

os.environ.update(dict.fromkeys(BLAS_THREADS, "1"))  # read when NumPy is first imported

import importlib.util

import numpy as np

from grader.course.milestones import Check, checks_of, course
from grader.files import SOLUTIONS
from proofs.figures import record
from proofs.runner import command

sys.path.insert(0, str(SOLUTIONS))
ALLOWED = 1 / 200  # of the seeds, a correct implementation may miss a threshold
DEFAULT = 1_000


class Counter:
    """Takes the place of `see`: keeps (threshold, values) of each fact, one value a seed."""

    def __init__(self):
        self.facts = []

    def most_agree(self, labels, expected, share):
        """Note each seed's share of right labels, and whether it is large enough."""
        shares = [float(np.mean(own == right)) for own, right in zip(labels, expected, strict=True)]
        self.facts.append((f"at least {share}", [(value, value >= share) for value in shares]))

    def close(self, observed, expected, tolerance):
        """Note each seed's largest distance, and whether it is within the tolerance."""
        distances = np.abs(np.subtract(observed, expected)).max(axis=1)
        self.facts.append((f"within {tolerance}", [(value, value <= tolerance) for value in distances]))

    def at_least(self, value, bound):
        """Note a number that the three seeds have together."""
        self.facts.append((f"at least {bound}", [(value, value >= bound)]))

    def at_most(self, value, bound):
        """Note a number that the three seeds have together."""
        self.facts.append((f"at most {bound:.4g}", [(value, value <= bound)]))

    def shows(self, kind, title, make):
        """Pictures are not counted."""


def facts_of(job: tuple[Check, int]) -> list:
    """What a check shows with the seeds `seed`, `seed + 1` and `seed + 2`."""
    check, seed = job
    spec = importlib.util.spec_from_file_location(check.path.stem, check.path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    counter = Counter()
    getattr(module, check.name)(counter, seed)
    return counter.facts


def main() -> int:
    """Measure, and print a line for each fact of each check; 1 if a threshold is missed too often."""
    parser = argparse.ArgumentParser(prog="nox -s convergence --", description=__doc__)
    parser.add_argument("--seeds", type=count, default=DEFAULT, metavar="N", help=f"default: {DEFAULT}")
    parser.add_argument("--jobs", type=count, default=os.cpu_count(), metavar="N", help="how many at a time")
    parser.add_argument("--check", default="", help="only checks whose name contains this")
    options = parser.parse_args()
    tasks = [task for milestone in course() for task in milestone.tasks if task.convergence]
    good, lines = True, []
    with ProcessPoolExecutor(options.jobs) as pool:
        for check in checks_of(tasks):
            if options.check not in check.name:
                continue
            runs = pool.map(facts_of, [(check, seed) for seed in range(0, options.seeds, 3)])
            for facts in zip(*runs, strict=True):  # the same fact of every run
                outcomes = [outcome for _, outcomes in facts for outcome in outcomes][: options.seeds]
                values = sorted(value for value, _ in outcomes)
                reached = sum(holds for _, holds in outcomes)
                good &= reached >= (1 - ALLOWED) * len(outcomes)
                spread = f"lowest {values[0]:.4g}, median {values[len(values) // 2]:.4g}, highest {values[-1]:.4g}"
                lines.append(f"{check.sentence}: {reached:,} of {len(values):,} {facts[0][0]}; {spread}")
                print(lines[-1], flush=True)
    if good and options.seeds >= DEFAULT and not options.check:
        record("convergence", lines)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(command(main))
