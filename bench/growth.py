"""How time and memory grow: larger batches, longer sequences, longer chains, more steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .measure import Row, System, measure, memory_growth, memory_peak
from .workloads import W3, W4, W5, WORKLOADS

SIZES = [(W3, (16, 64, 256, 1024)), (W4, (8, 32, 256, 2_048)), (W5, (1_000, 10_000, 100_000))]


@dataclass
class Memory:
    """Bytes: at most at once, the same of the floor, and what 1,000 steps add."""

    workload: str
    system: str
    peak: int
    floor_peak: int
    growth: int


@dataclass
class Growth:
    """All that `--growth` measures."""

    rows: list[Row]
    memory: list[Memory]


def measure_growth(systems: list[System], kinds: set[str], rounds: int, announce: Callable[[str], None]) -> Growth:
    """Times of W3, W4 and W5 at several sizes, and the memory of all; `kinds` chooses among the workloads."""
    rows = []
    for workload, sizes in SIZES:
        for size in sizes if workload.kind in kinds else ():
            announce(f"{workload.kind}, {size:,}")
            few = max(3, rounds // 5)  # the largest takes seconds a step
            rows.append(measure(replace(workload, size=size), systems, few if size == sizes[-1] else rounds))
    memory = []
    for workload in WORKLOADS:
        if workload.kind in kinds and workload.goal:
            announce(f"memory of {workload.name}")
            memory += measure_memory(workload, systems)
    return Growth(rows, memory)


def measure_memory(workload, systems: list[System]) -> list[Memory]:
    """Of every system but the first, the floor, whose memory can be seen and that can do the workload."""
    floor, *others = systems
    floor_peak = memory_peak(floor.steps[workload.kind], workload)
    found = []
    for system in others:
        if not system.memory or workload.kind not in system.steps:
            continue
        make = system.steps[workload.kind]
        try:
            peak, growth = memory_peak(make, workload), memory_growth(make, workload)
        except Exception:  # a tree may be unfinished: the table of times says why
            continue
        found.append(Memory(workload.name, system.name, peak, floor_peak, growth))
    return found
