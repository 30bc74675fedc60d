"""The figures of the last proof are those of today's catalogue, and stand in README.md."""

import re

from grader.course import REPOSITORY, milestone_numbers
from grader.mistakes import load_catalogue
from tests.mistakes.__main__ import FIGURES
from tests.mistakes.trials import pairs, unfinished, variants


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
