"""Draws the picture of a report that README.md shows: `nox -s picture` writes milestones/report.svg.

The student has written milestone 1 and the first tasks of milestone 2, and has forgotten in Multiply.backward that a
stretched operand gets the sum of its gradients.
"""

import dataclasses
import io
import os
import re

os.environ["COURSE_COMMAND"] = "nox"  # which the report takes from there; before grader.command is imported

from rich.console import Console

from grader.course.milestones import load_milestone
from grader.explain.explain import explain
from grader.files import MILESTONES, SOLUTIONS, STARTER, write_whole
from grader.grade import grade
from grader.report.screen import show
from grader.report.story import story
from grader.run.launch import fresh
from grader.source.package import sources
from grader.source.starter import generate
from grader.source.stubs import Exercise
from grader.source.transplant import transplanted

FORGOTTEN = """
class Multiply:
    def backward(self, grad):  # grad is dL/dz, shaped like z
        dx = grad * self.y
        dy = unbroadcast_gradient(grad * self.x, self.y.shape)
        return dx, dy
"""
FILE = "neural_framework/operations/arithmetic.py"
LAST_TASK = "2.6"  # later ones are still stubs


def is_later(exercise: Exercise) -> bool:
    """Whether the student has not come to it yet."""
    return exercise.task_id > LAST_TASK


def drawn() -> str:
    """The picture of what the student reads."""
    milestone = load_milestone(2)
    texts = sources(SOLUTIONS)
    texts[FILE] = transplanted(texts[FILE], FORGOTTEN)
    changes = {name: generate(text, name, is_later) for name, text in texts.items()}
    grading = grade(SOLUTIONS, milestone.checks, changes=changes)
    verdicts = grading.finish()
    state = dataclasses.replace(grading.state, tree=STARTER)  # as the student would see it
    screen = Console(record=True, width=112, file=io.StringIO(), force_terminal=True, highlight=False)
    show(screen, story(verdicts, state, explain(grading, verdicts, fresh)))
    # A reader's own fonts do: the picture asks for nothing elsewhere.
    return re.sub(r"@font-face \{.*?\}\s*", "", screen.export_svg(title="nox -s milestone2"), flags=re.DOTALL)


if __name__ == "__main__":
    write_whole(MILESTONES / "report.svg", drawn())
