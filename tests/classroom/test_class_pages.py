"""What the pages of a class say, from rows that no one had to grade; and where an instructor is told to read."""

import pytest

from grader.__main__ import parse
from grader.classroom.class_page import class_page
from grader.errors import UsageError
from grader.verdict.judge import DONE, IN_PROGRESS, NOT_STARTED
from tests.classroom.rows import RUN, row
from tests.grader.test_page import read


def text_of(rows, **run):
    return read(class_page(rows, {**RUN, **run})).text


def test_without_explain_it_says_how_mistakes_are_named():
    """And not that there are none, when no one has looked for them."""
    rows, found_none = [row("ada", [IN_PROGRESS])], "No known mistake was found with confidence."
    without, explained = text_of(rows), text_of(rows, explain=True)
    assert "Mistakes are named with --explain." in without and found_none not in without
    assert found_none in explained and "--explain" not in explained


def test_a_task_that_few_have_done_says_nothing_of_those_after_it():
    """As 1.2 may be done by less than half of a class, and 1.3 by all of it."""
    rows = [row(name, [DONE, NOT_STARTED, DONE]) for name in ("ada", "ben")]
    assert "Less than half of the class has done 1.2 Broadcast shapes. (milestones/" in text_of(rows)


def test_who_handed_nothing_in_is_a_student_and_no_submission():
    rows = [row("ada", [DONE]), row("ben", problem="nothing handed in"), row("cy", problem="nothing handed in")]
    page, alone = class_page(rows, RUN), class_page(rows[:1], RUN)
    assert "<b>3</b>students<" in page and "submissions" not in page and "<b>1</b>student<" in alone


def test_the_weakest_level_is_called_so():
    said = "isolation: process, the weakest level: docs/threats.md says what a submission can reach."
    assert said in text_of([row("ada")], isolation="process")
    assert "isolation: namespaces. " in text_of([row("ada")])


@pytest.mark.parametrize(
    ("arguments", "page"),
    [
        (["class", "handed-in"], "docs/instructors.md"),
        (["class", "handed-in", "--out", "results", "--wrong"], "docs/instructors.md"),
        (["gradescope"], "docs/instructors.md"),
        (["milestone", "1", "--wrong"], 'README.md, "Commands"'),
        (["wrong"], 'README.md, "Commands"'),
    ],
)
def test_a_wrong_call_names_the_page_of_its_command(arguments, page):
    with pytest.raises(UsageError) as caught:
        parse(arguments)
    assert str(caught.value).endswith(f"(see {page})")
