"""The proof of the catalogue: its figures are today's and stand in README.md, and it sees a mutation that is none."""

import re

from grader.course.milestones import load_milestone, milestone_numbers
from grader.course.mistakes import load_catalogue
from grader.files import REPOSITORY
from proofs.mistakes.__main__ import FIGURES
from proofs.mistakes.proof import uncaught
from proofs.mistakes.runs import Result
from proofs.mistakes.trials import pairs, unfinished, variants


def test_the_figures_are_those_of_this_catalogue_and_stand_in_the_readme():
    text = FIGURES.read_text(encoding="utf-8")
    found = re.search(
        r"^(\d+) mistakes: all.*^(\d+) variants: (\d+) named first .* (\d+) among three.*"
        r"^(\d+) pairs .* in (\d+) .*^(\d+) unfinished bodies: (\d+) confidently",
        text,
        re.DOTALL | re.MULTILINE,
    )
    mistakes, tried, first, three, both_tried, both, bodies, confident = map(int, found.groups())
    numbers = milestone_numbers()
    assert mistakes == len(load_catalogue(numbers))
    trials = [sum(len(kind(number)) for number in numbers) for kind in (variants, pairs, unfinished)]
    assert trials == [tried, both_tried, bodies]
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert f"| {mistakes} of {mistakes} |" in readme
    assert f"| of {tried} variants {first} are named first, {three} among three |" in readme
    assert f"| of {both_tried} pairs both are named first in {both} |" in readme
    assert f"| {confident or 'none'} of {bodies} |" in readme


def test_a_mutation_with_a_name_that_is_not_there_is_no_mistake():
    mistake = load_catalogue([1])[0]
    check = next(task for task in load_milestone(1).tasks if task.id == mistake.task).checks[0].id
    caught = {0: {check: {"error": "ValueError"}}}
    assert uncaught(mistake, Result(caught, [], 0.1)) is None
    assert "a name that is not there" in uncaught(mistake, Result(caught, [check], 0.1))
