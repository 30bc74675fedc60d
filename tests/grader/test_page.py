"""report.html says what the screen says, and nothing that a tree wrote comes out as markup."""

import dataclasses
import json
import math
import random
import re
from html.parser import HTMLParser

import pytest

from grader.classroom.student_page import student_page
from grader.desk import grading
from grader.files import REPOSITORY, SOLUTIONS, STARTER
from grader.protocol import Shown
from grader.report.drawings import cells, of_curve
from grader.report.markup import element, escaped, page
from grader.report.page import CSS, address, report_page, sections
from grader.report.pictures import picture
from grader.report.story import Block, Row, SourceLine, Story, Table
from grader.report.words import Line, Words, plain_line
from grader.text import printable
from tests.pictures import PICTURES, received, spoiled
from tests.trees import ORDERED_BY_LEVEL, replace_body

HOSTILE = "</details><script>alert(1)</script><img src=x onerror=alert(2)> &amp; \" ' \u202e \x1b[31m"
VOID, INLINE = {"meta"}, {"span", "b", "a"}


class Reader(HTMLParser):
    """Reads a page: its text, and whether each element ends where it should."""

    def __init__(self, page):
        super().__init__()
        self.open, self.texts, self.tags, self.links = [], [], set(), []
        self.folds = self.open_folds = self.pictures = 0
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.folds += tag == "details"
        self.open_folds += tag == "details" and ("open", "") in attributes
        self.pictures += tag == "svg" and ("role", "img") in attributes
        self.links += [value for name, value in attributes if name in ("href", "src")]
        assert not any(name.startswith("on") for name, _ in attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.texts += [] if tag in INLINE else [" "]

    def handle_data(self, data):
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self):
        return " ".join("".join(self.texts).split())


def told(value):
    """Each text of a story."""
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            if field.name not in ("tone", "link", "task", "kind", "data"):
                yield from told(getattr(value, field.name))
    elif isinstance(value, tuple):
        for each in value:
            yield from told(each)


def read(html):
    """A page that passes what every page must."""
    reader = Reader(html)
    assert reader.tags.isdisjoint({"script", "img", "iframe", "link", "object", "form"})
    assert "default-src 'none'; style-src 'unsafe-inline'" in html and "@import" not in html
    assert "url(" not in re.sub(r"url\(#p\d+-\d\)", "", html)
    return reader


@pytest.fixture
def graded(quick_grader, tmp_path, monkeypatch):
    """Grades, and gives the page as a reader sees it, of which it makes sure that whatever the story tells is in it."""
    stories = []

    def noted(story, folder):
        stories.append(story)
        return report_page(story, folder)

    monkeypatch.setattr(grading, "report_page", noted)

    def run(*arguments):
        result = quick_grader(*arguments, "--html")
        page = read((tmp_path / "out/report.html").read_text(encoding="utf-8"))
        for each in filter(None, told(stories[-1])):
            at_first = f"{each[:1].upper()}{each[1:]}."
            assert " ".join(printable(each).split()) in page.text or at_first in page.text, each
        return result, page

    return run


def hostile_story(state="in progress"):
    line = plain_line(HOSTILE, HOSTILE)
    linked = Words(HOSTILE, link=f"milestones/{HOSTILE}#{HOSTILE}")
    row = Row(HOSTILE, HOSTILE, state, HOSTILE, HOSTILE, HOSTILE, HOSTILE, linked)
    block = Block("", HOSTILE, state, HOSTILE, HOSTILE, (line,), (SourceLine(1, HOSTILE, True),), (line,))
    notes = (Line(HOSTILE, (Words(HOSTILE), linked), urgent=True),)
    tables = (Table(HOSTILE, (row,), HOSTILE),)
    blocks = (block, dataclasses.replace(block, task=HOSTILE))
    return Story(HOSTILE, tables, HOSTILE, blocks, (), notes, HOSTILE, False, since=(line,), next=line)


@pytest.mark.parametrize("state", [*CSS, "not started"])
def test_hostile_texts_come_out_as_text(state, tmp_path):
    html = report_page(hostile_story(state), tmp_path)
    read(html)
    assert "<script" not in html and "<img" not in html and "\u202e" not in html and "\x1b" not in html
    assert escaped(HOSTILE) in html
    without_links = page("x", *sections(dataclasses.asdict(hostile_story(state)), None))
    assert read(without_links).links == []


def test_attributes_are_escaped():
    assert element("a", "<b>", href='"><script>') == '<a href="&quot;&gt;&lt;script&gt;">&lt;b&gt;</a>'


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("failing", [False, True])
def test_each_picture_is_drawn_with_its_words(kind, failing):
    data = PICTURES[kind]
    html = page("x", picture({"kind": kind, "title": HOSTILE, "data": data}, 1, failing))
    text = read(html).text
    assert ("<svg" in html) == (kind not in ("sequence", "table", "text"))
    words = {
        "line": lambda: ["yours: y = 2.000 x - 1.000", "least squares: y = 2.040 x + 0.963"],
        "curve": lambda: of_curve(data, failing),
        "map": lambda: ["class 0", "class 1", "1 of 2 points misread"],
        "digits": lambda: ["you 9, truth 8"],
        "pictures": lambda: data["captions"],
        "sequence": lambda: ["given 12, continued 33 4 5", "1 wrong"],
        "table": lambda: [each for row in cells(data) for each in row],
        "text": lambda: ["The \\x1b[2Jaaa"],
    }
    assert all(each in text for each in words[kind]())


def test_sizes_over_time_are_a_plot_and_a_table():
    data = {"columns": ["0", "9", "19"], "rows": ["RNN", "LSTM"], "values": [[1, 1e-4, 1e-9], [1, 1, 1]]}
    html = picture({"kind": "table", "title": "sizes", "data": {**data, "percent": False}}, 1, False)
    assert html.count("<polyline") == 2 and html.count("<td") == 7
    near = {**data, "values": [[5, 3, 2], [2.5, 2.5, 2.5]], "percent": False}
    assert ">2</text>" in picture({"kind": "table", "title": "sizes", "data": near}, 1, False)  # and not 1e0
    still = {**data, "values": [[1, 0, 1], [1, 1, 1]], "percent": False}
    assert "<polyline" not in picture({"kind": "table", "title": "sizes", "data": still}, 1, False)


@pytest.mark.parametrize("kind", PICTURES)
def test_whatever_arrives_is_drawn_without_harm(kind):
    random_numbers, seen = random.Random(kind), 0
    for _ in range(500):
        shown = received(kind, spoiled(json.loads(json.dumps(PICTURES[kind])), random_numbers))
        if shown is not None:
            seen += 1
            html = page("x", picture(dataclasses.asdict(shown), 1, True))
            read(html)
            drawn = re.findall(r' (?:points|d|x|y|width|height|viewBox)="([^"]*)"', html)
            assert not any("nan" in numbers or "inf" in numbers for numbers in drawn)
    assert seen > 5


def test_a_table_of_huge_numbers_is_drawn():
    shown = Shown("line", "a", {"yours": [1.7e308, math.inf], "least_squares": [0, 0]})
    read(page("x", picture(dataclasses.asdict(shown), 1, True)))


@pytest.fixture(autouse=True)
def site(tmp_path, monkeypatch):
    """Where the site is looked for; nothing is there at first."""
    monkeypatch.setattr("grader.report.page.SITE", tmp_path / "site")
    return tmp_path / "site"


def test_links_lead_into_the_clone():
    lesson = "milestones/milestone2_autodiff/README.md"
    assert address(f"{lesson}#25-arithmetic", REPOSITORY / ".course") == f"../{lesson}#25-arithmetic"
    assert address("a b%.html", REPOSITORY / ".course") == "../a%20b%25.html"


def test_links_lead_to_the_site_where_it_was_built(site):
    lesson = "milestones/milestone2_autodiff/README"
    (site / lesson).parent.mkdir(parents=True)
    (site / f"{lesson}.html").touch()
    assert address(f"{lesson}.md#25-arithmetic", site.parent) == f"site/{lesson}.html#25-arithmetic"
    assert address("docs/glossary.md", REPOSITORY) == "docs/glossary.md"


def test_every_state_of_a_task_and_a_run_before(tree, graded):
    """A page of a tree with tasks that are done, begun, blocked and not started, and then of one more mistake."""
    stub = 'raise NotImplementedError("2.5: Multiply.backward is not written yet")'
    replace_body(tree, "operations/arithmetic.py", "Multiply.backward", stub)
    replace_body(tree, "operations/elementwise.py", "Sin.backward", "return -grad * np.cos(self.x)")
    result, page = graded("milestone", 2, "--tree", tree)
    assert "report     " in result.screen and "Since the last run" not in page.text
    assert "Repair 2.7 Smooth functions: Sin.backward" in page.text
    for words in ("All its checks pass.", "at fault", "almost certainly", "smallest", "yours", "read on"):
        assert words in page.text
    assert page.folds == 11 and page.open_folds == 1
    assert "./explorer-2.7.html" in page.links and any("README.md#25-arithmetic" in link for link in page.links)
    elementwise = tree / "neural_framework/operations/elementwise.py"
    elementwise.write_text(elementwise.read_text().replace("return -grad * np.cos", "return grad * np.cos"))
    replace_body(tree, "operations/elementwise.py", "Cos.backward", "return grad * np.sin(self.x)")
    page = graded("milestone", 2, "--tree", tree)[1]
    since = page.text.partition("Since the last run 2.7 Smooth functions ")[2]
    assert "that failed" in since and "that passed: " in since
    page = graded("milestone", 2, "--tree", tree, "--fast")[1]
    assert "the same checks pass as in the last run" in page.text
    assert "Since the last run" not in graded("milestone", 3, "--tree", tree, "--fast", "3.1")[1].text


def test_points_are_the_same_on_the_screen_on_pages_and_in_results(tree, graded):
    """A quarter of a point is not rounded away in one place and shown in another; whole points have no decimals."""
    replace_body(tree, "operations/arithmetic.py", "Negate.forward", "return x")
    result, page = graded("milestone", 1, "--tree", tree, "--fast", "1.3", "1.4")
    record = {"id": "ada", "problem": None, "results": result.results, "stories": []}
    table, total = ("10 / 10", "9.75 / 12", "19.75 / 22"), "19.75 of 22 points"
    assert all(each in result.screen and each in page.text for each in (*table, total))
    assert "19.75 of 22" in read(student_page(record, "Ada", ())).text
    assert [result.task(task)["score"] for task in ("1.3", "1.4")] == [10, 9.75] and result.results["score"] == 19.75


def test_a_blocked_task_and_one_that_follows(tree, graded):
    stub = 'raise NotImplementedError("1.6: MatMul.forward is not written yet")'
    replace_body(tree, "operations/matmul.py", "MatMul.forward", stub)
    replace_body(tree, "autodiff/engine.py", "topological_sort", ORDERED_BY_LEVEL)
    page = graded("milestone", 2, "--tree", tree, "2.1", "2.2", "2.6")[1]
    assert "Stops at what is not written yet: write 1.6 first." in page.text
    assert "Follows from topological_sort" in page.text


def test_a_tree_that_can_not_be_imported(tree, graded):
    (tree / "neural_framework/operations/arithmetic.py").write_text("def <script>:\n")
    page = graded("milestone", 2, "--tree", tree, "2.5", "2.7")[1]
    assert "Can't be used" in page.text and "def <script>:" in page.text and "repair it first" in page.text


def test_hostile_messages_of_a_tree_come_out_as_text(tree, graded):
    body = f"print({HOSTILE!r})\nraise ValueError({HOSTILE!r})"
    replace_body(tree, "operations/reductions.py", "Mean.backward", body)
    page = graded("milestone", 2, "--tree", tree, "2.9")[1]
    assert "ValueError: </details><script>alert(1)" in page.text and "printed </details>" in page.text


def test_what_was_learnt_is_drawn_whether_it_fails_or_not(tree, graded):
    page = graded("milestone", 4, "--tree", SOLUTIONS, "4.11")[1]
    assert page.pictures >= 8 and "least squares: y = " in page.text and "guessing gives" not in page.text
    body = "for start in range(0, len(self.samples), self.batch_size):\n"
    body += "    yield from_numpy(self.samples[start : start + 1]), from_numpy(self.labels[:1])"
    replace_body(tree, "training/data.py", "DataLoader.__iter__", body)
    page = graded("milestone", 4, "--tree", tree, "4.8", "4.11")[1]
    assert page.pictures >= 8 and "guessing gives log 10 = 2.3" in page.text and "not done" in page.text


def test_full_points_say_what_comes_next(graded):
    page = graded("milestone", 2, "--tree", SOLUTIONS, "--fast")[1]
    assert "Next milestone 3, Modules: milestones/milestone3_modules/README.md" in page.text
    assert "finds the gradient of anything" in page.text


def test_a_fresh_starter_and_a_damaged_file_of_the_last_run(graded, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/results.json").write_text('{"milestones": [{"tasks": 3}]}')
    result, page = graded("milestone", 2, "--tree", STARTER, "2.1", "2.2")
    assert result.code == 1 and "Next TODO" in page.text and "Is not written yet." in page.text


def test_a_page_that_can_not_be_written_is_an_error(quick_grader, tmp_path):
    (tmp_path / "out/report.html").mkdir(parents=True)
    result = quick_grader("milestone", 2, "--tree", STARTER, "--html", "2.1")
    assert result.code == 2 and "report.html was not written" in result.errors and result.results
