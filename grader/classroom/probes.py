"""Runs the probes on a tree: checks outside of points, which unmask gradients that were found without derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.course.milestones import Check
from grader.protocol import Observation
from grader.run.assemble import Assembled
from grader.run.launch import Launch
from grader.run.supervise import observe
from grader.task_id import TaskId

from .integrity import Mark
from .submission import shown
from .words import WHY

FILE = Path(__file__).with_name("probe_checks.py")
SECONDS = 5.0
# What right trees observe, and what the other thing means.
RIGHT = {
    "test_backward_does_not_run_forward_again": (0, "backward runs the forward of an operation again"),
    "test_backward_is_what_the_operation_says": (
        False,
        "the gradient of an operation whose backward is wrong on purpose comes out right, so backward was not asked",
    ),
    "test_no_operation_is_evaluated_at_nearby_values": ([], "while backward runs, forward is tried at nearby values"),
    "test_gradients_are_as_exact_as_derivatives_are": (
        [],
        "gradients are right to a few digits alone, as differences between nearby values are",
    ),
    "test_gradients_do_not_need_values": (
        [],
        "gradients are lost where values are infinite, as they are when values are all that backward looks at",
    ),
    "test_gradients_are_right_however_small": (
        [],
        "gradients near the smallest number are lost, as they are when a step is divided out of them",
    ),
}
TASK = TaskId("2.1")  # any: no points are given
PROBES = [Check(f"{FILE.stem}::{name}", TASK, name, "", FILE, 1, 10_000, SECONDS, False) for name in RIGHT]


@dataclass(frozen=True)
class _Probed:
    """In the place of a verdict."""

    check: Check
    observation: Observation
    passed: bool = True


def probe_marks(assembled: Assembled, launch: Launch) -> tuple[list[Mark], list[str]]:
    """The marks of the probes that worked and observed what no right tree shows, and a note where some did not work,
    though nothing was left to write; claims of the tree's own process."""
    found, lost = [], []
    for probed in observe(assembled, PROBES, _Probed, launch):
        right, what = RIGHT[probed.check.name]
        failure, facts = probed.observation.failure, probed.observation.facts
        if failure is not None and failure.stub is not None:
            continue
        if failure is not None or not probed.observation.ended or len(facts) != 1 or facts[0].kind != "equal":
            lost.append(str(failure or probed.observation.loss or "other facts came back"))
        elif facts[0].observed != right:
            names = facts[0].observed if isinstance(facts[0].observed, list) else []
            listed = ", ".join(name for name in names if isinstance(name, str) and name.isidentifier())[:100]
            found.append(Mark("", 0, "derivative", f"{what}{f': {listed}' if listed else ''}", WHY["derivative"]))
    why = f"{len(lost)} of {len(PROBES)} probes for gradients without derivatives could not run"
    return found, [f"{why}: {shown(lost[0])}"] if lost else []
