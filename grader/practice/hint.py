"""`nox -s hint`: the next hint for a task, after what the last run named as its mistake."""

from __future__ import annotations

import re
import string
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from grader.command import COMMAND
from grader.course.hints import PROGRESS, Hint, hints_of, remember, seen
from grader.course.milestones import find_task, milestone_of
from grader.course.mistakes import Mistake, load_mistakes
from grader.course.parsons import Parsons, Right, Wrong
from grader.errors import UsageError
from grader.files import REPOSITORY, shown_path, tree_option
from grader.last_run import Cause, cause_of
from grader.task_id import TaskId
from grader.text import one_line

from .asking import said, wrapped

TRIES = 3
PERHAPS = "perhaps"  # as certainty() in grader/report/why.py says it
IS_ERROR = re.compile(r"[A-Z]\w*(Error|Exception|Warning)\b")


def run_hint(tree: Path, task: str, seed: int | None = None, progress: Path = PROGRESS) -> int:
    """Show the hints seen so far and the next one. It counts as seen once its problem is solved, or was given up."""
    milestone = milestone_of(task)
    task_id = TaskId(task)
    title = milestone.extras.get(task_id) or find_task(task_id).title
    ladder = hints_of(task_id)
    count = min(seen(task_id, progress) + 1, len(ladder))
    print(f"{task_id} {title}: hint {count} of {len(ladder)}\n")
    for line in micro_lesson(task_id, tree):
        print(line)
    for number, hint in enumerate(ladder[: count - 1], 1):
        show(number, hint)
    number, hint = count, ladder[count - 1]
    show(number, hint, solved=hint.problem is None)
    try:
        if hint.problem is not None:
            ask(hint.problem, f"{task_id} {_day() if seed is None else seed}")
    except (EOFError, KeyboardInterrupt):
        print()
        return 0
    remember(task_id, count, progress)
    command = " ".join([f"{COMMAND} -s hint -- {task_id}", *tree_option(shown_path(tree))])
    print(f"\n  {f'the next: {command}' if count < len(ladder) else 'that was the last one'}")
    return 0


def _day() -> str:
    """What the letters of a problem depend on: the same all day, and others for another student."""
    return f"{time.strftime('%Y-%m-%d')} {REPOSITORY}"


def show(number: int, hint: Hint, solved: bool = True) -> None:
    """Print a hint; a problem that is behind the student with its lines in order."""
    print(wrapped(hint.text, "  ", f"{number}. "))
    if solved and hint.problem is not None:
        show_order(hint.problem)


def show_order(problem: Parsons) -> None:
    """Print the lines of a problem in an order that is right."""
    for line in problem.right:
        print(wrapped(line.text, "     ", "- "))


def micro_lesson(task_id: TaskId, tree: Path) -> Iterator[str]:
    """What the last run of a task named: the mistake, the smallest case, why it is wrong, a question, and where to
    read on."""
    cause = cause_of(task_id, tree)
    mistake = named_by(cause) if cause is not None else None
    if mistake is None:
        return
    command = f"{COMMAND} -s milestone{milestone_of(task_id).number} -- {task_id}"
    again = " ".join([command, *tree_option(shown_path(tree))])
    if not cause.is_of(tree):
        file = one_line(cause.file)
        yield wrapped(f"The last run named a mistake, but {file} has changed since. To look again: {again}", "  ")
        yield ""
        return
    yield wrapped(f"The last run named this mistake ({one_line(cause.certainty)}): {mistake.title}", "  ")
    for line in cause.code:
        yield f"      {one_line(line)}"
    if cause.code:
        yield wrapped(one_line(cause.yours), "      ", "yours ")
        yield wrapped(one_line(cause.right), "      ", "right ")
    if cause.certainty != PERHAPS:
        yield wrapped(" ".join(mistake.explanation.split()), "  ")
    lesson = shown_path(milestone_of(mistake.task).folder / "README.md")
    yield wrapped(question(cause, mistake), "  ", "Question: ")
    yield wrapped(f"{lesson}, section {mistake.task}", "  ", "Read on: ")
    yield ""


def named_by(cause: Cause) -> Mistake | None:
    """The mistake, from the catalogue, which may have changed since."""
    try:
        return next((one for one in load_mistakes(milestone_of(cause.task)) if one.id == cause.mistake), None)
    except UsageError:
        return None


def question(cause: Cause, mistake: Mistake) -> str:
    """What to ask oneself about a mistake, by what its smallest case shows."""
    function = mistake.function.partition(":")[2]
    if not cause.code and cause.certainty == PERHAPS:
        return f"Does this describe your {function}, and if so, where?"
    if not cause.code:
        return f"Where in {function} does this happen, and what must happen there instead?"
    if IS_ERROR.match(cause.right):
        return f"Where must {function} refuse this, and how can it tell?"
    if IS_ERROR.match(cause.yours):
        return f"Which line of {function} leads to this error, and with what value?"
    return f"Follow {function} through this case by hand. Which line is the first that does not do what you expect?"


def ask(problem: Parsons, seed: str) -> None:
    """Show a problem, and at a terminal ask for the order of its lines, in up to three tries."""
    letters = dict(zip(string.ascii_lowercase, problem.shuffled(seed), strict=False))
    wrong = len(problem.wrong)
    wrong_lines = f"{wrong} of them {'is' if wrong == 1 else 'are'} wrong, and stay out"
    print(wrapped(f"Put these lines in order. {wrong_lines}:", "     "))
    for letter, line in letters.items():
        print(wrapped(line.text, "     ", f"{letter}  "))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    print("     (type the letters, such as b d a; an empty line shows the order, q leaves)")
    for left in reversed(range(TRIES)):
        order = typed_order(letters)
        if order is None:
            break
        if problem.solved_by(order):
            print("     right")
            return
        for line in objections(problem, order, letters):
            print(wrapped(line, "     "))
        if left:
            print(f"     ({left} more {'try' if left == 1 else 'tries'})")
    print("     The order:")
    show_order(problem)


def typed_order(letters: dict[str, Right | Wrong]) -> list[Right | Wrong] | None:
    """The lines whose letters were typed; None for an empty line. What is not an order is asked for again."""
    while True:
        line = said("     the order: ").lower()
        if not line:
            return None
        chosen = [letter for letter in line if letter not in " ,"]
        if set(chosen) <= letters.keys() and len(set(chosen)) == len(chosen):
            return [letters[letter] for letter in chosen]
        print(f"     type letters from a to {list(letters)[-1]}, each at most once, such as b d a")


def objections(problem: Parsons, order: list[Right | Wrong], letters: dict[str, Right | Wrong]) -> Iterator[str]:
    """What is wrong with an order: the lines that stay out first, then what is missing, then what comes too early."""
    letter_of = {line: letter for letter, line in letters.items()}
    wrong = [line for line in order if isinstance(line, Wrong)]
    missing = len(problem.missing(order))
    if wrong:
        yield from (f"{letter_of[line]}: {line.outcome}" for line in wrong)
    elif missing:
        yield f"{'a line is' if missing == 1 else f'{missing} lines are'} missing"
    else:
        for line, needed in problem.misplaced(order):
            yield f"{letter_of[line]} needs {letter_of[needed]} before it"
