"""The pages of a class in Chromium: on a phone as on a desktop, nothing is out of view and nothing lies on another."""

import dataclasses

import pytest
from axe_playwright_python.sync_playwright import Axe

from grader.classroom.class_page import class_page
from grader.classroom.student_page import student_page
from grader.classroom.words import WHY
from grader.verdict.judge import DONE, IN_PROGRESS
from tests.classroom.rows import RUN, row
from tests.grader.test_page import hostile_story
from tests.viewports import SIZES

LONG = "Milestone 4 · Optimizers, data, training: from a batch to a network that reads digits"
FILE = "neural_framework/operations/broadcasting.py"
HIDDEN = "tables => tables.filter(table => table.scrollWidth > table.clientWidth).map(table => table.innerText)"
BELOW = "head => head.querySelector('.number').getBoundingClientRect().bottom - head.getBoundingClientRect().bottom"


@pytest.fixture(scope="module")
def of_the_class(tmp_path_factory):
    """A page with long names, long paths, and texts in each of its tables."""
    marks = [
        {"kind": kind, "file": FILE, "line": 112, "what": "it reaches for __globals__", "why": WHY[kind]}
        for kind in ("interpreter", "made code")
    ]
    mistakes = [{"id": "reflected-minus-not-swapped", "confidence": 0.9}]
    rows = [
        row("ada", [DONE, DONE, DONE], marks=marks),
        row("benjamin.longname@university.example", [IN_PROGRESS], marks=marks[:1], mistakes=mistakes),
        row("cy", problem="nothing handed in"),
    ]
    path = tmp_path_factory.mktemp("class") / "class.html"
    path.write_text(class_page(rows, {**RUN, "explain": True}), encoding="utf-8")
    return path


@pytest.mark.parametrize("size", SIZES)
def test_no_table_of_the_class_is_cut_off(size, of_the_class, window):
    page = window(of_the_class.as_uri(), size)
    assert page.locator(".wide").evaluate_all(HIDDEN) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("size", SIZES)
def test_the_points_of_a_long_title_stay_in_its_heading(size, window, tmp_path):
    """And do not fall into the first task's line."""
    story = hostile_story()
    story = dataclasses.replace(story, tables=(dataclasses.replace(story.tables[0], title=LONG, total="94.75 / 100"),))
    results = {"score": 94.75, "max_score": 100, "milestones": []}
    record = {"id": "ada", "problem": None, "results": results, "stories": [dataclasses.asdict(story)]}
    path = tmp_path / "report.html"
    path.write_text(student_page(record, "Ada", ()), encoding="utf-8")
    assert window(path.as_uri(), size).locator(".tasks h2").evaluate(BELOW) <= 0
