"""`nox -s bench`: measures, and prints tables; `--json` and `--plot` write files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from grader.option_types import count

from . import floor, report, trees
from .ablations import ABLATIONS, measure_ablations
from .growth import measure_growth
from .measure import FLOOR, System, measure
from .workloads import WORKLOADS

SYSTEMS = ["reference", "autograd", "PyTorch", "nn.LSTM"]  # the floor is always there


def main() -> int:
    """Read the command line, measure, report; 1 if the reference's figures do not count, 2 for a wrong call."""
    arguments = command_line()
    errors, console = Console(stderr=True, soft_wrap=True), Console()
    try:
        systems = chosen_systems(arguments, errors)
    except ImportError as error:
        errors.print(f"error: {error}", style="red", markup=False)
        return 2
    kinds = set(arguments.workloads)
    rows, growth, bought = [], None, None
    with errors.status("") as status:

        def announce(what: str) -> None:
            status.update(f"{what} ...")

        for workload in WORKLOADS:
            if workload.kind in kinds:
                announce(f"{workload.kind}, {workload.title}")
                rows.append(measure(workload, systems, arguments.rounds))
        if arguments.growth:
            growth = measure_growth(systems, kinds, arguments.rounds, announce)
        if arguments.ablations:
            bought = measure_ablations(kinds, arguments.rounds, announce, ABLATIONS)
    report.print_ratios(console, rows)
    report.print_times(console, rows)
    if growth is not None:
        report.print_growth(console, growth)
    if bought is not None:
        report.print_ablations(console, bought)
    if arguments.json:
        report.write_json(arguments.json, rows, growth, bought)
    if arguments.plot:
        report.write_plot(arguments.plot, rows, growth)
    return int(any(report.REFERENCE in row.failures for row in rows))


def command_line() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description="Speed next to hand-written NumPy and others.")
    kinds = sorted({workload.kind for workload in WORKLOADS})
    add = parser.add_argument
    add("-w", "--workloads", nargs="+", choices=kinds, default=kinds, metavar="W", help="W1 to W9; default: all")
    add("--systems", nargs="*", choices=SYSTEMS, default=SYSTEMS, metavar="NAME", help=f"of {', '.join(SYSTEMS)}")
    add("--tree", type=Path, action="append", default=[], metavar="DIR", help="also this folder's neural_framework")
    add("--rounds", type=count, default=25, metavar="N", help="in each round every system has its turn; default: 25")
    add("--growth", action="store_true", help="also larger batches, longer sequences and chains, and memory")
    add("--ablations", action="store_true", help="also the reference without each of its optimisations: what it buys")
    add("--json", type=Path, metavar="FILE", help="write everything that was measured")
    add("--plot", type=Path, metavar="FILE", help="draw it; the ending chooses the format: .png, .svg, .pdf")
    return parser.parse_args()


def chosen_systems(arguments: argparse.Namespace, errors: Console) -> list[System]:
    """The floor, the systems asked for as far as they are there, and the trees."""
    systems = [System(FLOOR, floor.STEPS)]
    if "reference" in arguments.systems:
        systems.append(System("reference", trees.tree_steps(trees.load_tree(trees.SOLUTIONS))))
    for folder in arguments.tree:
        systems.append(System(str(folder), trees.tree_steps(trees.load_tree(folder.resolve()))))
    if "autograd" in arguments.systems:
        from . import hips

        systems.append(System("autograd", hips.STEPS, memory=False))
    try:
        if "PyTorch" in arguments.systems or "nn.LSTM" in arguments.systems:
            from . import pytorch

            both = [
                System("PyTorch", pytorch.STEPS, memory=False),
                System("nn.LSTM", pytorch.FUSED_STEPS, memory=False),
            ]
            systems += [system for system in both if system.name in arguments.systems]
    except ImportError as error:  # not every platform has a build
        errors.print(f"PyTorch is left out: {error}", markup=False)
    return systems


if __name__ == "__main__":
    sys.exit(main())
