"""The catalogue: every mutation applies, and its proof sees one that is not a mistake."""

import pytest

from grader.course.milestones import course, find_task, load_milestone
from grader.course.mistakes import load_catalogue
from grader.verdict.diagnosis import load_fingerprints
from proofs.figures import FOLDER
from proofs.mistakes.proof import uncaught
from proofs.mistakes.trials import pairs, unfinished, variants
from proofs.runner import Result

CATALOGUE = load_catalogue(course())
FIGURES = (FOLDER / "mistakes.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("mistake", CATALOGUE, ids=lambda mistake: mistake.id)
def test_every_mutation_of_the_catalogue_applies(mistake):
    for form in mistake.forms():
        (text,) = form.changes().values()
        compile(text, form.function, "exec")


def test_fingerprints_are_those_of_the_catalogue():
    committed = [name for milestone in course() for name in load_fingerprints(milestone)]
    assert sorted(committed) == sorted(mistake.id for mistake in CATALOGUE)


WORDS = {variants: "variants: ", pairs: "pairs of mistakes", unfinished: "unfinished bodies: "}


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.__name__)
def test_every_trial_applies_and_is_counted_in_the_figures(kind):
    count = 0
    for milestone in course():
        for trial in kind(milestone):
            assert trial.changes and trial.expected.keys() <= {task.id for task in milestone.tasks}
            count += 1
    assert f"\n{count} {WORDS[kind]}" in FIGURES


def test_a_mutation_with_a_name_that_does_not_exist_is_no_mistake():
    mistake = load_catalogue([load_milestone(1)])[0]
    check = find_task(mistake.task).checks[0].id
    caught = {0: {check: {"error": "ValueError"}}}
    assert uncaught(mistake, Result(caught, {}, [], 0.1, True)) is None
    assert "a name that does not exist" in uncaught(mistake, Result(caught, {}, [check], 0.1, True))


def test_the_figures_are_those_of_this_catalogue():
    assert FIGURES.startswith(f"{len(CATALOGUE)} mistakes: all caught")
