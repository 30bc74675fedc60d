"""`nox -s predict`: asks before it shows. The reference knows the truth; then the student's own tree answers."""

from __future__ import annotations

import contextlib
import functools
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.command import COMMAND
from grader.course.milestones import Milestone, course, find_task, load_milestone, milestone_of, taken
from grader.errors import CourseError, UsageError
from grader.files import temporary_folder
from grader.run.assemble import Assembled, assemble
from grader.source.reference import has_reference, reference_tree
from grader.source.state import TreeState
from grader.task_id import TaskId
from grader.text import one_line

from .asking import said, wrapped
from .blanks import Verdict, verdict_on
from .options import Wrong, mistakes_of, trials, wrong_answers
from .questions import Blank, Question, all_questions, load_questions
from .record import FILE, Entry, append, comes_back, due, entries
from .running import Answer, Trial, started
from .values import read, same, shown, typed

MOST = 4  # options of a question
AT_ONCE = 5  # questions that come back
PATIENCE = 60  # seconds for the reference and its mistakes, on a busy machine
OWN_SECONDS = 20  # for the student's tree, which may hang
TRY = f"{COMMAND} -s predict -- 2, or: {COMMAND} -s predict -- 2.6"
HELP = "? shows options, an empty line skips, q leaves"


def run_predictions(
    tree: Path, which: str | None, seed: int | None, on_reference: bool = False, record: Path = FILE
) -> int:
    """Ask what is due, or the questions of a milestone or a task."""
    seed = secrets.randbelow(10**6) if seed is None else seed
    with temporary_folder() as scratch:
        own = Own(tree, scratch, on_reference)
        asked = chosen(which, own, record)
        try:
            explained: set[type] = set()
            for one in asked:
                right = ask(one.drawn(seed), own, seed, type(one) not in explained)
                explained.add(type(one))
                if right is not None:
                    append(Entry(time.time(), one.id, right), record)
        except (EOFError, KeyboardInterrupt):
            print()
    return 0


class Own:
    """The student's tree, assembled when it is first needed.

    on_reference: with the rooms before a question's milestone from the reference, where that is possible.
    """

    def __init__(self, tree: Path, scratch: Path, on_reference: bool):
        self.tree, self.on_reference, self._scratch = tree, on_reference, scratch
        self._copies: dict[tuple[str, ...], Assembled] = {}

    def assembled(self, task: TaskId) -> Assembled:
        """The copy in which a question about a task is answered."""
        return self._copy(milestone_of(task).earlier_rooms if self.has_reference_for(task) else ())

    def has_reference_for(self, task: TaskId) -> bool:
        """Whether the rooms before a question's milestone come from the reference."""
        return self.on_reference and milestone_of(task).not_on_reference is None

    @property
    def state(self) -> TreeState:
        """What is written in it."""
        return self._copy(()).state

    def _copy(self, rooms: tuple[str, ...]) -> Assembled:
        if rooms not in self._copies:
            self._copies[rooms] = assemble(self.tree, self._scratch / str(len(self._copies)), rooms)
        return self._copies[rooms]


def chosen(which: str | None, own: Own, record: Path) -> list[Question | Blank]:
    """The questions to ask: of a task, of a milestone, what is due, or those of the next task with new ones."""
    answers = entries(record)
    asked = {entry.id for entry in answers}
    if which is not None:
        milestone, task = named(which)
        found = _possible([one for one in load_questions(milestone) if task in (None, one.task)], which)
        return found if task else [one for one in found if one.id not in asked] or found
    state = own.state
    questions = [one for one in all_questions(course()) if _can_be_asked(one)]
    known = {one.id: one for one in questions}
    back = [known[one] for one in due(answers) if one in known][:AT_ONCE]
    if back:
        print(f"{len(back)} question{'s' * (len(back) > 1)} from earlier tasks")
        return back
    open_to_ask = {one.number for one in taken(state)}
    new = [one for one in questions if one.id not in asked and milestone_of(one.task).number in open_to_ask]
    tasks = list(dict.fromkeys(one.task for one in new))
    following = [one for one in tasks if state.untouched(one)]  # a prediction comes before the code
    for following_task in [*following, *tasks][:1]:
        return [one for one in new if one.task == following_task]
    waiting = [when for one, when in comes_back(answers).items() if one in known]
    when = f"; the next comes back on {time.strftime('%d %B', time.localtime(min(waiting)))}" if waiting else ""
    print(f"nothing is due{when}. Ask for a milestone or a task: {TRY}")
    return []


def named(which: str) -> tuple[Milestone, TaskId | None]:
    """What a call asks for: a milestone, such as 2, or a task of it, such as 2.6."""
    try:
        if which.isascii() and which.isdigit():
            return load_milestone(int(which)), None
        milestone = milestone_of(which)
        if which not in milestone.extras:
            find_task(which)
    except UsageError as error:
        raise UsageError(f"{error}. Try: {TRY}") from None
    return milestone, TaskId(which)


def _possible(questions: list[Question | Blank], which: str) -> list[Question | Blank]:
    if not questions:
        raise UsageError(f"{which} has no questions. Try: {TRY}")
    possible = [one for one in questions if _can_be_asked(one)]
    if len(possible) < len(questions):
        print("This course was handed out without the reference, which knows what comes out: no predictions here.")
    return possible


def _can_be_asked(one: Question | Blank) -> bool:
    return isinstance(one, Blank) or has_reference()


def ask(one: Question | Blank, own: Own, seed: int, first: bool) -> bool | None:
    """Ask one question; whether the first answer was right, or None where it was skipped."""
    heading = f"{one.task} {find_task(one.task).title}"
    print(f"\n{heading}\n{'-' * len(heading)}")
    for line in one.text.splitlines():
        print(wrapped(line) if line.strip() else "")
    if isinstance(one, Blank):
        return ask_blank(one, seed, first)
    with contextlib.ExitStack() as stack:
        # All of it runs while the student thinks.
        mistakes = mistakes_of(one.task)
        folder = stack.enter_context(reference_tree())
        reference = stack.enter_context(started(trials([one], mistakes, folder), seconds=PATIENCE))
        students = None
        if not own.state.untouched(one.task):
            tried = [Trial(own.assembled(one.task).folder, [one.code])]
            students = stack.enter_context(started(tried, seconds=OWN_SECONDS))
        prediction = Prediction(one, lambda: wrong_answers_of(one, mistakes, reference), seed)
        given = prediction.asked(first)
        if given is None:
            return None
        told = prediction.tell(given)
        print(f"  {about_own(one, prediction, told, own, None if students is None else students.answers()[0][0])}")
        return told


def wrong_answers_of(one: Question, mistakes, job) -> tuple[object, list[Wrong]]:
    """The truth, and the wrong answers with their reasons."""
    answers = job.answers()
    if answers[0][0].error is not None:
        raise CourseError(f"{one.id}: the reference gave no answer ({answers[0][0].error}). Try again")
    return answers[0][0].value, wrong_answers(one, mistakes, answers)


@dataclass
class Prediction:
    """A question that is being asked."""

    question: Question
    evaluate: Callable[[], tuple[object, list[Wrong]]]
    seed: int

    @functools.cached_property
    def results(self) -> tuple[object, list[Wrong]]:
        """The truth and the wrong answers, once they are there."""
        return self.evaluate()

    @property
    def truth(self) -> object:
        """What comes out."""
        return self.results[0]

    @property
    def wrong(self) -> list[Wrong]:
        """What comes out under mistakes."""
        return self.results[1]

    @functools.cached_property
    def options(self) -> list[object]:
        """The truth among wrong answers."""
        generator = random.Random(f"{self.seed} {self.question.id} options")
        others = generator.sample(self.wrong, min(MOST - 1, len(self.wrong)))
        values = [self.truth, *(each.value for each in others)]
        generator.shuffle(values)
        return values

    def asked(self, first: bool) -> object | None:
        """What the student predicts; None where the question is skipped."""
        lettered = False
        if isinstance(self.truth, str):  # a word is chosen, not guessed
            lettered = self.show_options()
        elif first:
            print(f"  ({HELP})")
        while True:
            line = said("your prediction: ")
            if not line:
                return None
            if line == "?":
                lettered = self.show_options()
                continue
            if lettered and len(line) == 1 and "a" <= line.lower() < chr(ord("a") + len(self.options)):
                return (self.options[ord(line.lower()) - ord("a")],)
            try:
                return (read(typed(line)),)
            except ValueError as error:
                print(f"  {one_line(str(error))}: type 3, 1/3, [1, 0.5], (2, 3), nan or a word ({HELP})")

    def show_options(self) -> bool:
        """Print them, with letters."""
        for position, value in enumerate(self.options):
            print(f"  {chr(ord('a') + position)}  {shown(value)}")
        return True

    def tell(self, given: tuple[object]) -> bool:
        """Say whether a prediction is right, and which mistake a wrong one is; whether it is."""
        (value,) = given
        if same(value, self.truth):
            print(f"  right: {shown(self.truth)}")
            return True
        reasons = next((wrong.reasons for wrong in self.wrong if same(value, wrong.value)), [])
        if reasons:
            title, explanation = reasons[0]
            print(wrapped(f"That comes out of a mistake: {title}" if title else explanation, "  "))
            if title:
                print(wrapped(explanation, "    "))
            for other, _ in [each for each in reasons[1:] if each[0]][:2]:
                print(wrapped(f"or: {other}", "  "))
        print(f"  no: the reference gives {shown(self.truth)}")
        return False


def about_own(one: Question, prediction: Prediction, right: bool, own: Own, answer: Answer | None) -> str:
    """What the student's own framework says."""
    if answer is None:
        return f"{one.task} is not written yet: your framework answers once it is"
    if answer.stub is not None:
        return f"your framework can't answer yet: {answer.stub} is not written"
    on = " --on-reference" if own.has_reference_for(one.task) else ""
    see = f"see {one.task} ({COMMAND} -s milestone{one.task.milestone} -- {one.task}{on})"
    if answer.error is None and same(answer.value, prediction.truth):
        return "your framework says the same" if right else "your framework is right: it also says that"
    result = shown(answer.value) if answer.error is None else answer.error
    begins = "your prediction is right, your framework is not" if right else "your framework is not right, either"
    return wrapped(f"{begins}: {one_line(result)[:300]}; {see}", "  ").strip()


def ask_blank(blank: Blank, seed: int, first: bool) -> bool | None:
    """Ask for an expression until it is right; whether the first one was, or None where the blank is skipped."""
    if first:
        print("  (a NumPy expression for ____; ? shows one, an empty line skips, q leaves)")
    right = True
    while True:
        line = said("____ = ")
        if not line:
            return None if right else False
        if line == "?":
            print(f"  {blank.answer}")
            return False
        verdict: Verdict = verdict_on(blank, typed(line), seed)
        print(f"  {verdict.message}")
        if verdict.right:
            return right
        right = right and not verdict.counts
