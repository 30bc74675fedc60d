"""Do all systems compute the same, how long does each take, and how much memory?"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .workloads import Workload

FLOOR = "floor"
CHECKED_STEPS = 10
TOLERANCE = 1e-3  # relative, float32: on ten steps of training, rounding stays far below, a wrong gradient far above
TIMED_LR = 1e-12  # with a real one, units die and Adam's moments become subnormal, and arithmetic on those is slow
BLOCK_SECONDS = 0.03  # a system's share of a round, at least


@dataclass(frozen=True)
class System:
    """A name, and for W1 to W9 (or some) a function of arrays and learning rate that gives a step().

    memory: whether its memory is measured; that of PyTorch cannot be seen.
    """

    name: str
    steps: dict[str, Callable]
    memory: bool = True


@dataclass
class Row:
    """What was measured of one workload: each system's seconds a step, round by round, or why there are none."""

    workload: Workload
    seconds: dict[str, list[float]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def ratios(self, system: str, base: str = FLOOR) -> np.ndarray | None:
        """Multiples of the base's time, a number a round, so that what slows a round down falls out."""
        if system not in self.seconds or base not in self.seconds:
            return None
        return np.array(self.seconds[system]) / np.array(self.seconds[base])


def outcome(make: Callable, workload: Workload) -> np.ndarray:
    """All numbers that a system's first steps give, at a real learning rate."""
    step = make(workload.make_arrays(), workload.lr)
    count = CHECKED_STEPS if workload.trains else 1
    parts = []
    for _ in range(count):
        result = step()
        parts += [np.ravel(part) for part in (result if isinstance(result, tuple) else [result])]
    return np.concatenate(parts)


def disagreement(outcome: np.ndarray, expected: np.ndarray) -> str | None:
    """What differs, or None if two systems computed the same."""
    if outcome.shape != expected.shape:
        return f"gave {outcome.size} numbers, the floor {expected.size}"
    error = np.abs(outcome - expected)
    wrong = ~(error <= TOLERANCE * np.abs(expected) + 1e-6)  # written so that nan is wrong
    if not wrong.any():
        return None
    first = int(np.argmax(wrong))
    return f"number {first} of {outcome.size} is {outcome[first]:.6g}, the floor's {expected[first]:.6g}"


def measure(workload: Workload, systems: list[System], rounds: int) -> Row:
    """Check every system that has the workload, then time those that agree with the first, the floor."""
    row = Row(workload)
    makers = {system.name: system.steps[workload.kind] for system in systems if workload.kind in system.steps}
    expected = outcome(makers[FLOOR], workload)
    for system, make in makers.items():
        try:
            failure = disagreement(outcome(make, workload), expected)
        except Exception as error:  # a tree may be unfinished
            failure = f"{type(error).__name__}: {error}".splitlines()[0]
        if failure is not None:
            row.failures[system] = failure
    steps = {
        system: make(workload.make_arrays(), TIMED_LR) for system, make in makers.items() if system not in row.failures
    }
    row.seconds = interleaved(steps, rounds)
    return row


def interleaved(steps: dict[str, Callable], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of a step, a number a round; in each round every system has its turn, in changing order."""
    gc.collect()
    gc.freeze()  # what one library has imported is not to slow down the collector in another's turn
    counts = {system: repetitions(step) for system, step in steps.items()}
    seconds = {system: [] for system in steps}
    order = list(steps)
    for _ in range(rounds):
        for system in order:
            gc.collect()
            seconds[system].append(cpu_seconds(steps[system], counts[system]))
        order.append(order.pop(0))
    gc.unfreeze()
    return seconds


def cpu_seconds(step: Callable, count: int) -> float:
    """The mean CPU time of `count` steps."""
    start = time.process_time()
    for _ in range(count):
        step()
    return (time.process_time() - start) / count


def repetitions(step: Callable) -> int:
    """How many steps fill a block; the caches are warm afterwards."""
    count = 1
    while (taken := cpu_seconds(step, count) * count) < BLOCK_SECONDS / 4:
        count *= 2
    return max(1, round(count * BLOCK_SECONDS / taken))


def memory_peak(make: Callable, workload: Workload) -> int:
    """The bytes that making a step and taking it three times hold at most, as tracemalloc sees them: NumPy's too."""
    arrays = workload.make_arrays()
    gc.collect()
    tracemalloc.start()
    try:
        step = make(arrays, TIMED_LR)
        for _ in range(3):
            step()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def memory_growth(make: Callable, workload: Workload, steps: int = 1000) -> int:
    """By how many bytes the arrays are more after 1,000 steps than after a few, with the collector off.

    Of arrays alone: free lists of small Python objects fill up to a limit, and would look like growth.
    """
    step = make(workload.make_arrays(), TIMED_LR)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(3):
            step()
        before = array_bytes()
        for _ in range(steps):
            step()
        return array_bytes() - before
    finally:
        tracemalloc.stop()
        gc.enable()


def array_bytes() -> int:
    """The memory of all arrays made since tracemalloc started."""
    arrays_alone = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
    traces = tracemalloc.take_snapshot().filter_traces([arrays_alone]).traces
    return sum(trace.size for trace in traces)


def geometric_mean(values) -> float:
    """The mean of ratios."""
    return float(np.exp(np.mean(np.log(list(values)))))
