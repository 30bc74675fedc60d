"""Draws the picture of a report that README.md shows: `python -m tests.report_picture` writes milestones/report.svg.

The student has written milestone 1 and the first tasks of milestone 2, and has forgotten in Multiply.backward that a
stretched operand receives the sum of its gradients.
"""

import io
import tempfile
from pathlib import Path

from rich.console import Console

from grader.course.milestones import load_milestone
from grader.files import MILESTONES, SOLUTIONS, STARTER
from grader.report.screen import print_report
from grader.run.assemble import assemble
from grader.run.supervise import observe
from grader.source.package import read_source, source_files
from grader.source.starter import generate
from grader.verdict.judge import judge, task_order

FORGOTTEN = (
    "dx = unbroadcast_gradient(grad * self.y, self.x.shape) if x.requires_grad else None",
    "dx = grad * self.y",
)


def main() -> None:
    """Grade the student's tree and write the picture."""
    sources = {name: read_source(path) for name, path in source_files(SOLUTIONS).items()}
    arithmetic = "neural_framework/operations/arithmetic.py"
    assert FORGOTTEN[0] in sources[arithmetic]
    sources[arithmetic] = sources[arithmetic].replace(*FORGOTTEN)
    changes = {
        name: generate(source, name, lambda exercise: task_order(exercise.task_id) > (2, 6))
        for name, source in sources.items()
    }
    milestone = load_milestone(2)
    with tempfile.TemporaryDirectory() as scratch:
        assembled = assemble(SOLUTIONS, SOLUTIONS, Path(scratch).resolve(), changes=changes)
        observations = observe(assembled, milestone.checks)
        assembled.tree = STARTER  # as the student would see it
        verdict = judge(milestone, milestone.tasks, assembled, observations)
    screen = Console(record=True, width=112, file=io.StringIO(), force_terminal=True, highlight=False)
    print_report(screen, [verdict], assembled)
    screen.save_svg(str(MILESTONES / "report.svg"), title="nox -s milestone2")


if __name__ == "__main__":
    main()
