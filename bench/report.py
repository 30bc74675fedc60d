"""What was measured, as tables in the terminal, as JSON, and as a plot."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from .ablations import Bought
from .growth import Growth
from .measure import FLOOR, Row, geometric_mean
from .workloads import W5, W5_LONG

REFERENCE, PYTORCH = "reference", "PyTorch"
GOALS = {FLOOR: 2.25, PYTORCH: 0.5}  # for the reference's geometric mean over W1 to W6
CHAIN_GOAL = 1.3  # an operation in a long chain, against one in a short chain


def quartiles(values) -> tuple[float, float, float]:
    """Median, lower and upper quartile."""
    low, median, high = np.percentile(values, [25, 50, 75])
    return float(median), float(low), float(high)


def three_digits(value: float) -> str:
    """0.92, 4.12, 17.3, 118"""
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def median_ratio(row: Row, system: str, base: str = FLOOR) -> float | None:
    """The median over the rounds, or None where there is no figure."""
    ratios = row.ratios(system, base)
    return None if ratios is None else float(np.median(ratios))


def mean_ratio(rows: list[Row], system: str, base: str) -> float | None:
    """The geometric mean over W1 to W6, or None unless both systems have a figure for each."""
    ratios = [median_ratio(row, system, base) for row in rows if row.workload.goal]
    return geometric_mean(ratios) if len(ratios) == 6 and None not in ratios else None


def chain_growth(rows: list[Row], system: str) -> float | None:
    """How much longer an operation takes in a chain of 20,000 than in one of 1,000."""
    each = {
        row.workload: np.median(row.seconds[system]) / row.workload.size
        for row in rows
        if system in row.seconds and row.workload in (W5, W5_LONG)
    }
    return float(each[W5_LONG] / each[W5]) if {W5, W5_LONG} <= each.keys() else None


def names(rows: list[Row]) -> list[str]:
    """The systems other than the floor that have anything to show, in their order."""
    found = dict.fromkeys(system for row in rows for system in (*row.seconds, *row.failures))
    return [system for system in found if system != FLOOR]


def print_ratios(console: Console, rows: list[Row]) -> None:
    """The main table: time of a step as a multiple of the floor's, its spread (half the quartiles' distance), goals."""
    systems = names(rows)
    table = Table(title="CPU time of a step / the floor's: median ± half the quartiles' distance", title_justify="left")
    table.add_column("workload")
    table.add_column("goal", justify="right")
    for system in systems:
        table.add_column(system, justify="right", overflow="fold")
    for row in rows:
        cells = []
        for system in systems:
            ratios = row.ratios(system)
            if ratios is None:
                cells.append("fails" if system in row.failures else "")
                continue
            median, low, high = quartiles(ratios)
            missed = system == REFERENCE and row.workload.goal and median > row.workload.goal
            colour = "red" if missed else "bold"
            cells.append(f"[{colour}]{three_digits(median)}[/] [dim]±{three_digits((high - low) / 2)}[/]")
        goal = three_digits(row.workload.goal) if row.workload.goal else ""
        table.add_row(f"{row.workload.kind}  {row.workload.title}", goal, *cells)
    table.add_section()
    growths = [chain_growth(rows, system) for system in systems]
    if any(growth is not None for growth in growths):
        cells = ["" if growth is None else three_digits(growth) for growth in growths]
        table.add_row("W5  one of 20,000 / of 1,000", three_digits(CHAIN_GOAL), *cells)
    for base, goal in GOALS.items():
        means = [mean_ratio(rows, system, base) for system in systems]
        if any(mean is not None for mean in means):
            cells = ["" if mean is None else three_digits(mean) for mean in means]
            table.add_row(f"geometric mean / {base}", three_digits(goal), *cells)
    console.print(table)
    for row in rows:
        for system, reason in row.failures.items():
            console.print(f"{row.workload.name}, {system}: {reason}", style="red", markup=False)


def print_times(console: Console, rows: list[Row]) -> None:
    """The same as times, for those who want to know what the floor is."""
    systems = [FLOOR, *names(rows)]
    table = Table(title="CPU time of a step, microseconds: median", title_justify="left")
    table.add_column("workload")
    for system in systems:
        table.add_column(system, justify="right", overflow="fold")
    for row in rows:
        times = [np.median(row.seconds[system]) * 1e6 if system in row.seconds else None for system in systems]
        table.add_row(row.workload.name, *("" if time is None else f"{time:,.0f}" for time in times))
    console.print(table)


def print_growth(console: Console, growth: Growth) -> None:
    """How time and memory grow with the size of a workload."""
    systems = names(growth.rows)
    table = Table(title="How cost grows: microseconds for one of size (/ the floor's)", title_justify="left")
    table.add_column("workload, size")
    for system in [FLOOR, *systems]:
        table.add_column(system, justify="right", overflow="fold")
    for row in growth.rows:
        cells = []
        for system in [FLOOR, *systems]:
            if system not in row.seconds:
                cells.append("fails" if system in row.failures else "")
                continue
            unit = np.median(row.seconds[system]) * 1e6 / row.workload.size
            cells.append(f"{three_digits(unit)} ({three_digits(median_ratio(row, system))})")
        table.add_row(f"{row.workload.kind}, {row.workload.size:,}", *cells)
    console.print(table)

    table = Table(title="Memory, as tracemalloc sees it", title_justify="left")
    for heading in ("workload", "system", "peak, KiB", "/ floor's", "arrays after 1,000 more steps, bytes"):
        table.add_column(heading, justify="left" if heading in ("workload", "system") else "right")
    for memory in growth.memory:
        ratio = three_digits(memory.peak / memory.floor_peak)
        table.add_row(memory.workload, memory.system, f"{memory.peak / 1024:,.0f}", ratio, f"{memory.growth:+,}")
    console.print(table)


def print_ablations(console: Console, bought: list[Bought]) -> None:
    """What each optimisation buys, on each workload where it matters, and where it stands."""
    table = Table(title="CPU time of a step / the floor's, without and with each optimisation", title_justify="left")
    for heading in ("optimisation", "file", "lines", "workload", "without", "with", "buys"):
        table.add_column(heading, justify="left" if heading in ("optimisation", "file", "workload") else "right")
    shown = None
    for one in bought:
        saved = described_bought(one)["buys"]
        first = [] if one.ablation is shown else [one.ablation.title, one.ablation.file, str(one.ablation.lines())]
        medians = [three_digits(float(np.median(ratios))) for ratios in (one.without, one.with_it)]
        table.add_row(*(first or ["", "", ""]), one.workload, *medians, f"{saved:.0%}")
        shown = one.ablation
    console.print(table)


def described_bought(one: Bought) -> dict:
    """An optimisation on one workload; buys: the share of the time of a step that it saves."""
    without, with_it = float(np.median(one.without)), float(np.median(one.with_it))
    return {
        "optimisation": one.ablation.title,
        "file": one.ablation.file,
        "lines": one.ablation.lines(),
        "workload": one.workload,
        "buys": 1 - with_it / without,
        "without": without,
        "with": with_it,
        "rounds_without": one.without.tolist(),
        "rounds_with": one.with_it.tolist(),
    }


def as_json(rows: list[Row], growth: Growth | None, bought: list[Bought] | None = None) -> dict:
    """Everything that was measured, the rounds one by one."""
    described = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "processor": platform.machine(),
        "workloads": [described_row(row) for row in rows],
        "geometric_means": {system: {base: mean_ratio(rows, system, base) for base in GOALS} for system in names(rows)},
    }
    if growth is not None:
        described["growth"] = [described_row(row) for row in growth.rows]
        described["memory"] = [vars(memory) for memory in growth.memory]
    if bought is not None:
        described["ablations"] = [described_bought(one) for one in bought]
    return described


def described_row(row: Row) -> dict:
    """One workload."""
    systems = {}
    for system, seconds in row.seconds.items():
        median, low, high = quartiles(row.ratios(system))
        systems[system] = {
            "ratio": median,
            "quartiles": [low, high],
            "median_seconds": float(np.median(seconds)),
            "seconds": seconds,
        }
    workload = {name: getattr(row.workload, name) for name in ("name", "title", "goal", "size")}
    return {**workload, "systems": systems, "failures": row.failures}


def write_json(path: Path, rows: list[Row], growth: Growth | None, bought: list[Bought] | None = None) -> None:
    """Write `as_json` to a file."""
    path.write_text(json.dumps(as_json(rows, growth, bought), indent=1) + "\n", encoding="utf-8")


def write_plot(path: Path, rows: list[Row], growth: Growth | None) -> None:
    """Draw the ratios as bars with the goals as lines and, where it was measured, the growth."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    kinds = sorted({row.workload.kind for row in growth.rows}) if growth else []
    figure = pyplot.figure(figsize=(11, 8 if kinds else 4.5), layout="constrained")
    grid = figure.add_gridspec(2 if kinds else 1, max(1, len(kinds)))
    draw_ratios(figure.add_subplot(grid[0, :]), rows)
    for column, kind in enumerate(kinds):
        draw_growth(figure.add_subplot(grid[1, column]), [row for row in growth.rows if row.workload.kind == kind])
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def draw_ratios(axes, rows: list[Row]) -> None:
    """A group of bars for each workload, logarithmic; whiskers are quartiles, black lines the goals."""
    systems = names(rows)
    width = 0.8 / max(1, len(systems))
    for number, system in enumerate(systems):
        shown = [(index, quartiles(row.ratios(system))) for index, row in enumerate(rows) if system in row.seconds]
        if not shown:
            continue
        positions = [index + (number - (len(systems) - 1) / 2) * width for index, _ in shown]
        medians = [median for _, (median, _, _) in shown]
        spread = [[m - low for _, (m, low, _) in shown], [high - m for _, (m, _, high) in shown]]
        axes.bar(
            positions, medians, width, yerr=spread, error_kw={"linewidth": 0.8}, color=f"C{number + 1}", label=system
        )
    for index, row in enumerate(rows):
        if row.workload.goal:
            axes.hlines(row.workload.goal, index - 0.45, index + 0.45, color="black", linewidth=1.2)
    axes.hlines([], 0, 0, color="black", label="goal of the reference")
    axes.set_yscale("log")
    axes.set_ylabel("CPU time of a step / the floor's")
    axes.set_xticks(range(len(rows)), [row.workload.name for row in rows])
    axes.legend(ncols=len(systems) + 1, fontsize="small")


def draw_growth(axes, rows: list[Row]) -> None:
    """Time of a step over the size, both logarithmic: a straight line at 45 degrees is linear growth."""
    for system in [FLOOR, *names(rows)]:
        shown = [row for row in rows if system in row.seconds]
        times = [np.median(row.seconds[system]) * 1e3 for row in shown]
        axes.loglog([row.workload.size for row in shown], times, "o-", markersize=3, label=system)
    axes.set_title(rows[0].workload.kind)
    axes.set_xlabel({"W3": "batch", "W4": "time steps", "W5": "operations"}[rows[0].workload.kind])
    axes.set_ylabel("milliseconds")
    axes.legend(fontsize="x-small")
