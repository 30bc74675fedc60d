"""The questions of milestones/*/predictions.toml: predictions, and blanks of derivations."""

from __future__ import annotations

import random
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from grader.course.milestones import Milestone
from grader.errors import CourseError
from grader.sealed import table
from grader.task_id import TaskId

FILE = "predictions.toml"
GAP = "____"


@dataclass(frozen=True)
class Question:
    """A prediction: what does the last line of `code` give?

    vary: for each `$name` in text and code, the values to draw from. wrong: tempting answers that no mistake of the
    catalogue gives, as an expression and why it is wrong.
    """

    id: str
    task: TaskId
    text: str
    code: str
    vary: Mapping[str, Sequence] = field(default_factory=dict)
    wrong: Sequence[Mapping[str, str]] = ()

    def drawn(self, seed: int) -> Question:
        """The question with numbers of its own."""
        filled = _filler(self, seed)
        wrong = [{"code": filled(each["code"]), "why": filled(each["why"])} for each in self.wrong]
        return Question(self.id, self.task, filled(self.text), filled(self.code), {}, wrong)

    @property
    def codes(self) -> list[str]:
        """What the reference evaluates: the truth, and the tempting answers."""
        return [self.code, *(each["code"] for each in self.wrong)]


@dataclass(frozen=True)
class Blank:
    """A line of a derivation with a gap, to be filled with a NumPy expression.

    setup: code that makes the arrays, random ones of unsymmetric shapes (`rng` draws). within: an expression with the
    gap in it, which is compared in the place of what was typed alone.
    """

    id: str
    task: TaskId
    text: str
    setup: str
    answer: str
    within: str = GAP
    vary: Mapping[str, Sequence] = field(default_factory=dict)

    def drawn(self, seed: int) -> Blank:
        """The blank with numbers of its own."""
        filled = _filler(self, seed)
        texts = (self.text, self.setup, self.answer, self.within)
        return Blank(self.id, self.task, *map(filled, texts))

    def code(self, expression: str) -> str:
        """What to evaluate where the gap is filled so."""
        return f"{self.setup}\n{self.within.replace(GAP, f'({expression})')}"


def load_questions(milestone: Milestone) -> list[Question | Blank]:
    """A milestone's questions, blanks before predictions in each task; CourseError where an entry is not complete."""
    path = milestone.folder / FILE
    entries = table(path)
    try:
        made = [_made(Blank, **entry) for entry in entries.get("blank", ())]
        made += [_made(Question, **entry) for entry in entries.get("question", ())]
    except (TypeError, KeyError) as error:
        raise CourseError(f"{path.parent.name}/{path.name}: {error}") from None
    return sorted(made, key=lambda one: one.task.order)


def all_questions(milestones: Iterable[Milestone]) -> list[Question | Blank]:
    """The questions of several milestones; CourseError where two have one id."""
    questions = [question for milestone in milestones for question in load_questions(milestone)]
    ids = [question.id for question in questions]
    for twice in {one for one in ids if ids.count(one) > 1}:
        raise CourseError(f"two questions have the id {twice}")
    return questions


def _made(kind: type, task: str, **entry):
    return kind(task=TaskId(task), **{name: _stripped(value) for name, value in entry.items()})


def _stripped(value):
    return value.strip("\n") if isinstance(value, str) else value


def _filler(one: Question | Blank, seed: int):
    """Puts drawn values in the place of `$name`; the same for the same seed."""
    generator = random.Random(f"{seed} {one.id}")
    values = {name: generator.choice(list(choices)) for name, choices in sorted(one.vary.items())}

    def filled(text: str) -> str:
        try:
            return string.Template(text).substitute(values)
        except (KeyError, ValueError) as error:
            raise CourseError(f"{FILE}: {one.id} has no values to draw for {error}") from None

    return filled
