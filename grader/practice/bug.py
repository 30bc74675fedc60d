"""`nox -s bug`: plants a catalogued mistake in a copy of the reference, and the student finds it.

In the copy, what the student has not written is as in the starter, so that nothing is given away. The symptom is a
prediction of the mistake's task that comes out wrong: only a mistake that shows in one is planted.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import random
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.command import COMMAND
from grader.course.milestones import course, find_task, load_milestone, milestone_of
from grader.course.mistakes import Mistake, load_mistakes
from grader.errors import CourseError, UsageError
from grader.files import STATE, shown_path, temporary_folder, tree_option, write_text, write_whole
from grader.run.assemble import assemble
from grader.source.exercises import exercises_by_file
from grader.source.package import PACKAGE
from grader.source.reference import reference
from grader.source.starter import generate
from grader.task_id import TaskId

from .asking import said, wrapped
from .options import mistakes_of, trials
from .predict import PATIENCE
from .questions import Question, load_questions
from .running import started
from .values import same, shown

FOLDER = STATE / "bug"
TITLES = 4  # to choose among
TRIED = 6  # tasks, until one has a mistake that shows


@dataclass(frozen=True)
class Planted:
    """What was planted, and what a user of the copy sees."""

    mistake: Mistake
    question: Question
    given: str
    expected: str


def run_bug(tree: Path, which: str | None, reveal: bool, seed: int | None, folder: Path = FOLDER) -> int:
    """Plant a mistake where one is asked for or none is there; then ask where it is."""
    reference()  # UsageError where it was not handed out
    planted = None if which or seed is not None else read(folder)
    if planted is None and reveal:
        raise UsageError(f"nothing is planted. Try: {COMMAND} -s bug -- 2")
    if planted is None:
        planted = plant(tree, which, secrets.randbelow(10**6) if seed is None else seed, folder)
    show(planted, folder)
    if reveal:
        tell(planted.mistake)
        return 0
    try:
        judge(planted)
    except (EOFError, KeyboardInterrupt):
        print()
    return 0


def plant(tree: Path, which: str | None, seed: int, folder: Path) -> Planted:
    """Choose a mistake that shows, and write the copy that has it."""
    generator = random.Random(seed)
    tasks = tasks_of(which)
    with temporary_folder() as scratch:
        unwritten = {stub.task_id for stub in assemble(tree, scratch).state.stubs}
    written = [task for task in tasks if task not in unwritten]
    if not written:
        what = f"of {which} " if which else ""
        raise UsageError(
            f"nothing {what}is written yet, and bugs are in what you have built. Try: {COMMAND} -s predict"
        )
    texts = {name: generate(text, name, lambda one: one.task_id in unwritten) for name, text in reference().items()}
    generator.shuffle(written)
    planted = next(
        iter(generator.choice(found) for task in written[:TRIED] if (found := shown_by(task, texts, seed))), None
    )
    if planted is None:
        raise CourseError(f"no mistake shows in what is written so far. Try another: {COMMAND} -s bug -- 2")
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in planted.mistake.changes(texts).items():
        write_text(folder / name, text)
    note = {"seed": seed, "question": planted.question.id, "task": planted.mistake.task}
    note |= {"given": planted.given, "expected": planted.expected, "mistake": digest(planted.mistake)}
    write_whole(folder / "planted.json", json.dumps(note))
    return planted


def tasks_of(which: str | None) -> list[TaskId]:
    """The tasks that a call names: of a milestone, one alone, or all."""
    try:
        if which is not None and not which.isdecimal():
            return [find_task(which).id]
        milestones = course() if which is None else [load_milestone(int(which))]
    except UsageError as error:
        raise UsageError(f"{error}. Try: {COMMAND} -s bug -- 2") from None
    return [task.id for milestone in milestones for task in milestone.exercises]


def shown_by(task: TaskId, texts: Mapping[str, str], seed: int) -> list[Planted]:
    """The mistakes of a task that a prediction of it shows in a tree of these texts, each with the first that does."""
    own = [one for one in load_questions(milestone_of(task)) if one.task == task and isinstance(one, Question)]
    questions, mistakes = [one.drawn(seed) for one in own], mistakes_of(task)
    with temporary_folder() as folder:
        for name, text in texts.items():
            write_text(folder / name, text)
        with started(trials(questions, mistakes, folder, texts), seconds=PATIENCE) as job:
            truth, *others = job.answers()
    found, left = [], iter(truth)
    truths = [[next(left) for _ in one.codes] for one in questions]  # and the tempting answers
    for mistake, answers in zip(mistakes, others, strict=True):
        for one, (right, *_), answer in zip(questions, truths, answers, strict=True):
            if answer.error is None and right.error is None and not same(answer.value, right.value):
                found.append(Planted(mistake, one, shown(answer.value), shown(right.value)))
                break
    return found


def digest(mistake: Mistake) -> str:
    """What is kept of the mistake, so that the file does not tell its name."""
    return hashlib.sha256(f"planted {mistake.id}".encode()).hexdigest()


def read(folder: Path) -> Planted | None:
    """What is planted; None where nothing is, or where its note was damaged."""
    try:
        note = json.loads((folder / "planted.json").read_text(encoding="utf-8"))
        milestone = milestone_of(TaskId(note["task"]))
        (mistake,) = [each for each in load_mistakes(milestone) if digest(each) == note["mistake"]]
        (question,) = [each for each in load_questions(milestone) if each.id == note["question"]]
        return Planted(mistake, question.drawn(int(note["seed"])), str(note["given"]), str(note["expected"]))
    except (OSError, ValueError, TypeError, KeyError, UsageError):
        return None


def show(planted: Planted, folder: Path) -> None:
    """Say what a user sees, and how to look into it."""
    where = shown_path(folder)
    print(f"A copy of the reference with one mistake is in {where}. What a user of it reports:\n")
    for line in planted.question.text.splitlines():
        print(wrapped(line, "  ") if line.strip() else "")
    print(f"\n  It gives {planted.given}, and {planted.expected} is right. The lines that show it:\n")
    for line in planted.question.code.splitlines():
        print(f"    {line}".rstrip())
    task, copy = planted.mistake.task, " ".join(tree_option(where))
    print(f"\n  {COMMAND} -s python -- {copy}")
    print(f"  {COMMAND} -s milestone{task.milestone} -- {copy} --fast\n")


def judge(planted: Planted) -> None:
    """Ask for the function, and then for what is wrong with it."""
    mistake = planted.mistake
    known = sorted({exercise.name for found in exercises_by_file().values() for exercise in found})
    right = mistake.function.split(":")[1]
    print("(the input may end at any time: the copy stays, and the same call asks again; q leaves)")
    while True:
        name = said("which function is wrong? ").removesuffix("()").removeprefix(f"{PACKAGE}.")
        if not name:
            return
        if name == right:
            print("  yes")
            break
        near = difflib.get_close_matches(name, known, 1, 0.85)
        hint = "" if name in known or not near else f" (there is {near[0]})"
        print(f"  not there{hint}: write it as Multiply.backward, or topological_sort")
    titles = choices(mistake)
    for letter, each in zip("abcd", titles, strict=False):
        print(wrapped(f"{letter}  {each.title}", "  "))
    while True:
        line = said("what is wrong with it? ").lower()
        if not line:
            return
        place = "abcd".find(line) if len(line) == 1 else -1
        if not 0 <= place < len(titles):
            print(f"  type a letter from a to {'abcd'[len(titles) - 1]}")
        elif titles[place] == mistake:
            tell(mistake)
            return
        else:
            print("  no: that would show otherwise")


def choices(mistake: Mistake) -> list[Mistake]:
    """The mistake among others: of the same function first, then of the same file, then of the same milestone."""
    generator = random.Random(mistake.id)
    others = [each for each in load_mistakes(milestone_of(mistake.task)) if each != mistake]
    generator.shuffle(others)
    file = mistake.function.split(":")[0]
    others.sort(key=lambda each: (each.function != mistake.function, each.function.split(":")[0] != file))
    return sorted([mistake, *others[: TITLES - 1]], key=lambda each: hashlib.sha256(each.id.encode()).digest())


def tell(mistake: Mistake) -> None:
    """Say where the mistake is and what is wrong."""
    file, name = mistake.function.split(":")
    print(wrapped(f"{name} in {file}: {mistake.title}", "  "))
    print(wrapped(" ".join(mistake.explanation.split()), "    "))
    print(f"  another: {COMMAND} -s bug -- {mistake.task.milestone}")
