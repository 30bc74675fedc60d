"""A class of six, with one task to grade, and what must be the same however it is graded."""

from dataclasses import dataclass

from grader.classroom.options import Options
from grader.classroom.submission import Submission
from grader.files import SOLUTIONS
from grader.run.sandbox import best_level
from grader.source.package import sources
from tests.trees import with_body

OPTIONS = Options(milestones=(1,), tasks=("1.2",), seed=5, level=best_level(), wall=60.0)
EVIL = "=cmd|' /C calc'!A0<script>alert(1)</script>\x1b[31m\u202eevil\n+1"


@dataclass(frozen=True)
class Given:
    """A submission that is there already."""

    submission: Submission

    @property
    def id(self):
        return self.submission.id

    @property
    def name(self):
        return self.submission.name

    def load(self):
        return self.submission


def handed_in(body):
    """The reference with another body of broadcast_shapes."""
    texts, broadcasting = sources(SOLUTIONS), "neural_framework/operations/broadcasting.py"
    texts[broadcasting] = with_body(texts[broadcasting], "broadcast_shapes", body)
    return {file: text.encode() for file, text in texts.items()}


def small_class():
    """Right, wrong, hanging, crashing, empty, and nothing."""
    right = {file: text.encode() for file, text in sources(SOLUTIONS).items()}
    found = [
        Submission("ada", "Ada", right),
        Submission("ben", "Ben", handed_in("return shape1"), notes=("two packages",)),
        Submission("cy", "Cy", handed_in("while True: pass")),
        Submission("di", EVIL, handed_in(f"raise ValueError({EVIL!r})")),
        Submission("ed", "Ed", {}),
        Submission("flo", "Flo", problem="nothing handed in"),
    ]
    return [Given(each) for each in found]
