"""What a prediction can be mistaken for: the same expression under the mistakes of its task's catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course.milestones import milestone_of
from grader.course.mistakes import Mistake, load_mistakes
from grader.source.reference import reference
from grader.task_id import TaskId

from .questions import Question
from .running import Answer, Trial
from .values import same


@dataclass
class Wrong:
    """A wrong answer: its value, and the misconceptions that lead to it, each as a title and its explanation."""

    value: object
    reasons: list[tuple[str, str]]


def mistakes_of(task: TaskId) -> list[Mistake]:
    """The catalogued mistakes of a task."""
    return [mistake for mistake in load_mistakes(milestone_of(task)) if mistake.task == task]


def trials(
    questions: Sequence[Question], mistakes: Sequence[Mistake], folder: Path, texts: Mapping[str, str] | None = None
) -> list[Trial]:
    """What to evaluate on the reference in a folder, also the tempting answers; and on it with each of the mistakes.

    texts: those of the folder's files; None means the reference's.
    """
    texts = reference() if texts is None else texts
    codes = [one.code for one in questions]
    truth = Trial(folder, [code for one in questions for code in one.codes])
    return [truth, *(Trial(folder, codes, changed(mistake, texts)) for mistake in mistakes)]


def changed(mistake: Mistake, texts: Mapping[str, str]) -> dict[str, str]:
    """The file that holds a mistake, and no other."""
    return {name: text for name, text in mistake.changes(texts).items() if text != texts[name]}


def wrong_answers(question: Question, mistakes: Sequence[Mistake], answers: Sequence[Sequence[Answer]]) -> list[Wrong]:
    """The distinct wrong answers to one question, from the answers to its trials."""
    (truth, *tempting), others = answers[0], answers[1:]
    told = [(answer, ("", each["why"])) for answer, each in zip(tempting, question.wrong, strict=True)]
    for mistake, (answer,) in zip(mistakes, others, strict=True):
        told.append((answer, (mistake.title, " ".join(mistake.explanation.split()))))
    found: list[Wrong] = []
    for answer, reason in told:
        if answer.error is not None or same(answer.value, truth.value):
            continue
        for wrong in found:
            if same(wrong.value, answer.value):
                wrong.reasons.append(reason)
                break
        else:
            found.append(Wrong(answer.value, [reason]))
    return found
