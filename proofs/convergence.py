"""How many seeds reach each threshold of the convergence tasks (4.11 and 4.12), with the reference.

    python proofs/convergence.py --seeds 1000 --jobs 2

Runs the checks themselves, each with three seeds at a time, and counts what they show to `see`. A correct
implementation should miss a threshold less than once in 200 seeds.
"""

import argparse
import importlib
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy comes
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "solutions"), str(ROOT / "milestones" / "milestone4_training")]
FILES = ["test_4_11_convergence", "test_4_12_sequences"]


class Counter:
    """Stands in for `see`: keeps (threshold, values) of each fact, one value a seed."""

    def __init__(self):
        self.facts = []

    def most_at_least(self, values, bound):
        self.facts.append((f"at least {bound}", [(value, value >= bound) for value in values]))

    def close(self, observed, expected, tolerance):
        distances = np.abs(np.subtract(observed, expected)).max(axis=1)
        self.facts.append((f"within {tolerance}", [(value, value <= tolerance) for value in distances]))


def run(job):
    """One check with the seeds `seed`, `seed + 1` and `seed + 2` -> its facts."""
    file, name, seed = job
    counter = Counter()
    getattr(importlib.import_module(file), name)(counter, seed)
    return counter.facts


def main() -> None:
    """Measure, and print a line for each fact of each check."""
    parser = argparse.ArgumentParser(description="Success rates of the convergence tasks on the reference.")
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--check", default="", help="only checks whose name contains this")
    options = parser.parse_args()

    checks = [(file, name) for file in FILES for name in vars(importlib.import_module(file))]
    checks = [(file, name) for file, name in checks if name.startswith("test_") and options.check in name]
    with ProcessPoolExecutor(options.jobs) as pool:
        for file, name in checks:
            runs = pool.map(run, [(file, name, seed) for seed in range(0, options.seeds, 3)])
            for facts in zip(*runs, strict=True):  # the same fact of every run
                outcomes = [outcome for _, outcomes in facts for outcome in outcomes][: options.seeds]
                values = sorted(value for value, _ in outcomes)
                reached = sum(holds for _, holds in outcomes)
                print(f"{name}: {reached:,} of {len(values):,} {facts[0][0]}", end="; ")
                print(f"lowest {values[0]:.4g}, median {values[len(values) // 2]:.4g}, highest {values[-1]:.4g}")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
