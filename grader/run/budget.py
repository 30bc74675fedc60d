"""What one submission may use in all, and what is said where it used more."""

from __future__ import annotations

from dataclasses import dataclass

from grader.protocol import Cause, Loss


@dataclass(frozen=True)
class Budget:
    """For all processes of a sandbox together; seconds, bytes, numbers."""

    wall: float = 600.0
    cpu: float = 600.0
    ahead: float = 5.0  # of the processor beyond the time that went by: checks compute in one process at a time
    memory: int = 3 * 2**30
    processes: int = 64
    disk: int = 2**28
    files: int = 20_000
    messages: int = 16_000_000  # the reference's of all milestones take a fraction
    prints: int = 100_000_000


def used_up(what: str, most: float) -> Loss:
    """The loss of the checks that come after."""
    amount = f"{most / 1e6:,.0f} MB"
    text = {
        "wall": f"all checks together took longer than {most:,.0f} s",
        "cpu": f"all checks together used more than {most:,.0f} s of the processor",
        "ahead": "several of its processes computed at the same time",
        "processes": f"it had more than {most:,.0f} processes at once",
        "files": f"it wrote more than {most:,.0f} files",
        "memory": f"its processes together took more than {amount} of memory",
        "disk": f"it wrote more than {amount}",
        "messages": f"all that it observed takes more than {amount}",
        "prints": f"it printed more than {amount} in all",
    }[what]
    return Loss(Cause.BUDGET, f"{text}, and was stopped")
