"""Trials of the diagnosis: mistakes coded in another way, two at once, and work that is merely unfinished."""

from __future__ import annotations

import ast
import functools
import random
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from grader.course.milestones import Milestone, checks_of, course
from grader.course.mistakes import load_mistakes
from grader.files import SOLUTIONS, read_toml
from grader.source.exercises import exercises_by_file
from grader.source.package import PACKAGE, read_source, sources
from grader.source.starter import generate
from grader.source.stubs import Exercise
from grader.source.syntax import functions, parse
from grader.source.transplant import transplanted
from grader.task_id import TaskId
from grader.verdict.diagnosis import CONFIDENT, Diagnosis, Suspicion, diagnose, load_fingerprints
from proofs.runner import Job, run_all

VARIANTS = Path(__file__).parent / "variants"
PAIRS = 20  # a milestone
LEAST_FIRST, LEAST_AMONG_THREE = 0.90, 0.97  # of the variants, what must be named at the first, or at any place


@dataclass(frozen=True)
class Trial:
    """A changed reference, and what the diagnosis should say of it.

    expected: for each task, the id of the mistake to be named. function: for unfinished work, the function; naming a
    mistake of any other function is wrong.
    """

    name: str
    milestone: Milestone
    changes: Mapping[str, str]
    expected: Mapping[str, str]
    function: str | None = None

    @property
    def job(self) -> Job:
        """What to run for it."""
        return Job(self.changes, checks_of(self.milestone.exercises))


def variants(milestone: Milestone) -> list[Trial]:
    """Catalogued mistakes in other code than their mutation, written from titles and explanations alone."""
    path = VARIANTS / f"milestone{milestone.number}.toml"
    if not path.exists():
        return []
    tasks = {mistake.id: mistake.task for mistake in load_mistakes(milestone)}
    trials = []
    for position, entry in enumerate(read_toml(path)["variant"], start=1):
        file = f"{PACKAGE}/{entry['file']}"
        text = transplanted(read_source(SOLUTIONS / file), entry["code"])
        name = f"variant {milestone.number}.{position} {entry['mistake']}"
        trials.append(Trial(name, milestone, {file: text}, {tasks[entry["mistake"]]: entry["mistake"]}))
    return trials


def pairs(milestone: Milestone) -> list[Trial]:
    """Two catalogued mistakes at once, in different tasks; the pairs are drawn, always the same ones."""
    catalogue, trials = load_mistakes(milestone), []
    drawn = random.Random(milestone.number)
    while len(trials) < PAIRS and len({mistake.task for mistake in catalogue}) > 1:
        first, second = drawn.sample(catalogue, 2)
        if first.task == second.task or first.function == second.function:
            continue
        changes = second.changes(first.changes())
        name = f"pair {first.id} + {second.id}"
        trials.append(Trial(name, milestone, changes, {first.task: first.id, second.task: second.id}))
    return trials


def unfinished(milestone: Milestone) -> list[Trial]:
    """Each exercise left with an empty body, and with the first half of it; all later tasks are still stubs."""
    trials, texts = [], sources(SOLUTIONS)
    for file, found in exercises_by_file().items():
        for exercise in found:
            if exercise.task_id.milestone != milestone.number:
                continue
            stubbed = _with_later_stubs(exercise.task_id)
            for kind, body in _bodies(texts[file], exercise.name).items():
                name = f"unfinished {file}:{exercise.name} {kind}"
                function = f"{file.removeprefix(PACKAGE + '/')}:{exercise.name}"
                changes = {**stubbed, file: _with_body(stubbed[file], exercise.name, body)}
                trials.append(Trial(name, milestone, changes, {}, function))
    return trials


@functools.cache
def _with_later_stubs(task_id: TaskId) -> dict[str, str]:
    """The reference as a student has it who has come to a task: stubs in all later ones."""

    def later(exercise: Exercise) -> bool:
        return not exercise.task_id.is_extra and exercise.task_id > task_id

    return {file: generate(text, file, later) for file, text in sources(SOLUTIONS).items()}


def _bodies(source: str, name: str) -> dict[str, list[str]]:
    node = dict(functions(parse(source)))[name]
    statements = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    half = [ast.unparse(one) for one in statements[: len(statements) // 2]]
    return {"empty": ["pass"], "half": half} if half else {"empty": ["pass"]}


def _with_body(source: str, name: str, body: Sequence[str]) -> str:
    """`source` with statements in the place of a function's body."""
    node = dict(functions(parse(source)))[name]
    node.body = parse("\n".join(body)).body
    text = ast.unparse(node)
    for outer in reversed(name.split(".")[:-1]):
        text = f"class {outer}:\n{textwrap.indent(text, '    ')}"
    return transplanted(source, text)


def try_diagnosis(console: Console, jobs: int) -> tuple[bool, list[str]]:
    """Run all trials and print what was named; whether it is good enough, and the figures, a line each."""
    tried = [one(console, jobs) for one in (_try_variants, _try_pairs, _try_unfinished)]
    for _, figures in tried:
        console.print(figures[-1], markup=False)
    return all(good for good, _ in tried), [line for _, figures in tried for line in figures]


def _try_variants(console: Console, jobs: int) -> tuple[bool, list[str]]:
    table = Table("variant of", "named first", "confidence", "place of the right one", box=None)
    places, figures = [], []
    for trial, diagnoses in _diagnoses(variants, jobs):
        ((task, wanted),) = trial.expected.items()
        place, first = _place(diagnoses.get(task), wanted)
        places.append(place)
        named = (first.mistake.id, f"{first.confidence:.2f}") if first else ("-", "-")
        table.add_row(wanted, *named, str(place or "not named"), style="" if place == 1 else "yellow")
        if place != 1:
            figures.append(f"a variant of {wanted}: {named[0]} is named first, it {_at(place)}")
    console.print(table)
    first, three = places.count(1), len(places) - places.count(0)
    figures.append(
        f"{len(places)} variants: {first} named first ({_percent(first, places)}), "
        f"{three} among three ({_percent(three, places)})"
    )
    return first >= LEAST_FIRST * len(places) and three >= LEAST_AMONG_THREE * len(places), figures


def _at(place: int) -> str:
    return f"comes at place {place}" if place else "is not among three"


def _try_pairs(console: Console, jobs: int) -> tuple[bool, list[str]]:
    named, figures = [], []
    for trial, diagnoses in _diagnoses(pairs, jobs):
        places = {wanted: _place(diagnoses.get(task), wanted)[0] for task, wanted in trial.expected.items()}
        named.append(set(places.values()) == {1})
        if not named[-1]:
            missed = ", ".join(wanted for wanted, place in places.items() if place != 1)
            figures.append(f"{trial.name}: {missed} is not named first")
            console.print(figures[-1], style="yellow", markup=False)
    both = named.count(True)
    figures.append(
        f"{len(named)} pairs of mistakes in different tasks: both named first in {both} ({_percent(both, named)})"
    )
    return both >= LEAST_FIRST * len(named), figures


def _try_unfinished(console: Console, jobs: int) -> tuple[bool, list[str]]:
    confident, trials = 0, _diagnoses(unfinished, jobs)
    for trial, diagnoses in trials:
        for task, diagnosis in diagnoses.items():
            for suspicion in diagnosis.suspicions[:1]:
                if suspicion.mistake.function != trial.function and suspicion.confidence >= CONFIDENT:
                    confident += 1
                    console.print(
                        f"{trial.name}: {task} is said to be {suspicion.mistake.id} ({suspicion.confidence:.2f})",
                        style="yellow",
                        markup=False,
                    )
    figure = f"{len(trials)} unfinished bodies: {confident} confidently taken for a mistake in another function"
    return confident == 0, [figure]


def _diagnoses(kind, workers: int) -> list[tuple[Trial, dict[str, Diagnosis]]]:
    """The trials of one kind, of all milestones, with what the student would read."""
    trials = [trial for milestone in course() for trial in kind(milestone)]
    with Console(stderr=True).status("") as status:
        results = run_all({trial.name: trial.job for trial in trials}, workers, status.update)
    found = []
    for trial in trials:
        result, mistakes = results[trial.name], load_mistakes(trial.milestone)
        fingerprints = load_fingerprints(trial.milestone)
        exercises = trial.milestone.exercises
        found.append((trial, diagnose(exercises, result.fingerprint, mistakes, fingerprints, result.silent)))
    return found


def _place(diagnosis: Diagnosis | None, wanted: str) -> tuple[int, Suspicion | None]:
    """At which place a mistake is named, 0 if it is not, and what is named first."""
    suspicions = diagnosis.suspicions if diagnosis else ()
    places = [place for place, suspicion in enumerate(suspicions, 1) if suspicion.mistake.id == wanted]
    return (places[0] if places else 0), (suspicions[0] if suspicions else None)


def _percent(count: int, of: Sequence) -> str:
    return f"{100 * count / len(of):.0f} %" if of else "-"
