"""What was learnt travels as data, is drawn as characters, and changes no verdict."""

import copy
import json
import math
import random
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from grader.course.milestones import find_task
from grader.files import SOLUTIONS
from grader.grade import grade
from grader.inside.see import See
from grader.inside.worker import Suite
from grader.protocol import SHOWN, Shown
from grader.report.drawings import cells, drawn, has_blocks, side_by_side, sparks
from grader.report.learnt import together
from tests.pictures import LINE, PICTURES, TABLE, received, spoiled
from tests.trees import replace_body
from tests.workers import worker


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_arrives_as_it_was_sent(kind):
    assert received(kind, PICTURES[kind]) == Shown(kind, "a picture", PICTURES[kind])


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("line", {"yours": [1.0]}),
        ("line", {"yours": ["1", "2"]}),
        ("line", {"more": 1}),
        ("curve", {"losses": []}),
        ("curve", {"losses": [1.0] * 201}),
        ("curve", {"losses": [2**70]}),
        ("curve", {"classes": 0}),
        ("curve", {"without_gradient": ["a" * 41]}),
        ("map", {"classes": [[0, 1], [0]]}),
        ("map", {"classes": [[10]]}),
        ("map", {"classes": [[0]] * 13}),
        ("map", {"labels": [0]}),
        ("digits", {"images": [[0.0] * 63]}),
        ("pictures", {"images": [[[0.0] * 17]], "captions": ["one"]}),
        ("pictures", {"captions": ["one"]}),
        ("pictures", {"images": [], "captions": []}),
        ("sequence", {"right": [3, 4]}),
        ("sequence", {"given": [True]}),
        ("sequence", {"given": [36]}),
        ("table", {"values": [[1.0, 2.0], [1.0, 2.0]]}),
        ("table", {"percent": 1}),
        ("text", {"written": "a" * 1_001}),
        ("text", {"written": ["a"]}),
        ("video", {}),
        (["map"], {}),
    ],
)
def test_a_picture_that_is_not_as_it_should_be_is_left_out(kind, changes):
    assert received(kind, {**PICTURES.get(str(kind), {}), **changes}) is None


def test_a_title_without_end_is_left_out():
    assert received("line", LINE, "a" * 41) is None and received("line", LINE, 3) is None


def lines(kind, blocks=True, failing=False):
    return drawn(Shown(kind, "", PICTURES[kind]), blocks, failing)


def test_drawings():
    assert lines("line") == ["y = 2.000 x - 1.000", "y = 2.040 x + 0.963   by least squares"]
    assert lines("curve") == ["right 100 %, 99.9 % in 2 runs", "loss 2 █▅▁ 0.1"]
    known = "before training 2.3; guessing gives log 10 = 2.3"
    assert lines("curve", failing=True)[2:] == [known, "without a gradient: 0.bias"]
    assert lines("map") == ["0░░x", "░░██", "░███", "░ 0  █ 1  x misread"]
    assert lines("digits")[:3] == ["you 9, truth 8  ", " " * 16, "█" * 16]
    assert lines("pictures") == ["wide  b     ", "  ██  ▒▒▒▒▒▒", "      ██████"]
    assert lines("sequence") == ["12 continued 335", "              ^", "       right 345"]
    assert lines("table") == ["     short  long", "RNN  100 %  50 %"]
    assert lines("text") == ["é", "The \\x1b[2J" + "a" * 61, "a" * 19]


@pytest.mark.parametrize(
    ("values", "texts"), [([2.5, 0.1, 99.0], ["2.50", "0.10", "99.00"]), ([2.5, 0.01], ["2.5e+00", "1.0e-02"])]
)
def test_numbers_of_one_size_are_decimals(values, texts):
    columns = [str(place) for place in range(len(values))]
    assert cells({"columns": columns, "rows": ["a"], "values": [values], "percent": False})[1] == ["a", *texts]


def test_symbols_are_digits_and_letters():
    data = {"given": [9, 10], "continued": [15], "right": [35]}
    assert drawn(Shown("sequence", "", data), True, False) == ["9a continued f", "             ^", "       right z"]


@pytest.mark.parametrize("kind", PICTURES)
def test_where_there_are_no_blocks_a_drawing_is_ascii(kind):
    assert has_blocks("utf-8") and not has_blocks("latin-1") and not has_blocks("unknown")
    assert all(line.isascii() for line in lines(kind, blocks=False, failing=True))
    assert [len(line) for line in lines(kind, blocks=False)] == [len(line) for line in lines(kind)]


def test_of_a_long_curve_some_are_drawn():
    assert sparks([1.0] * 200, 0) == "█" * 24 and sparks([math.nan, math.inf, 0.0, 1.0], 0) == "??▁█"


@pytest.mark.parametrize("kind", PICTURES)
def test_whatever_arrives_is_drawn_without_harm(kind):
    random_numbers, seen = random.Random(kind), 0
    for _ in range(2_000):
        shown = received(kind, spoiled(copy.deepcopy(PICTURES[kind]), random_numbers))
        if shown is not None:
            seen += 1
            assert all(line.isprintable() for line in drawn(shown, True, True))
    assert seen > 20


def test_pictures_stand_next_to_each_other_where_there_is_room():
    pictures = [["a", "bb"], ["cc"], ["dd"]]
    assert side_by_side(pictures, 7) == [["a    cc", "bb     "], ["dd"]]
    assert side_by_side(pictures, 6) == [["a ", "bb"], ["cc"], ["dd"]]


def test_tables_with_one_title_become_one():
    other = {**TABLE, "rows": ["LSTM"], "values": [[0.25, 0.75]]}
    (table,) = together([Shown("table", "recalled", TABLE), Shown("table", "recalled", other)])
    assert table.data == {**TABLE, "rows": ["RNN", "LSTM"], "values": [[1.0, 0.5], [0.25, 0.75]]}
    assert len(together([Shown("table", "recalled", TABLE), Shown("table", "another", other)])) == 2


def test_showing_never_fails_a_check():
    sent = []
    see = See(sent.append, False, 0, lambda make: sent.append(make()))
    see.shows("line", "a", lambda: {"yours": np.ones(2), "least_squares": (np.float32(1), 2)})
    see.shows("line", "a", lambda: 1 / 0)
    See(sent.append).shows("line", "a", lambda: {"yours": 1})
    assert json.loads(json.dumps(sent)) == [
        {"kind": "line", "title": "a", "data": {"yours": [1.0, 1.0], "least_squares": [1.0, 2]}}
    ]


def test_a_check_that_has_used_up_half_of_its_time_shows_nothing_more():
    for halftime, count in ((math.inf, 1), (0.0, 0)):
        sent = []
        Suite.show(SimpleNamespace(halftime=halftime, send=sent.append), lambda: LINE)
        assert sent == [{"event": "shown", **LINE}] * count


SHOWS = f"shown = json.dumps({ {'event': 'shown', 'kind': 'line', 'title': 't', 'data': LINE}!r}) + '\\n'\n"


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        ("send(begin + shown + fact + end); mark()", 1),
        ("send(begin + shown * 50 + fact + end); mark()", SHOWN),
        ("send(begin + shown.replace('line', 'word') + fact + end); mark()", 0),
    ],
)
def test_pictures_change_no_verdict(answer, count):
    checks = find_task("1.2").checks[:2]
    told = list(grade(SOLUTIONS, checks, launch=worker(SHOWS + answer), shows=True))
    silent = list(grade(SOLUTIONS, checks, launch=worker(SHOWS + answer.replace("shown", "''"))))
    assert [(each.passed, each.reason) for each in told] == [(each.passed, each.reason) for each in silent]
    assert [len(verdict.shown) for verdict in told] == [count] * 2


def test_pictures_that_no_one_asked_for_are_out_of_order():
    answer = SHOWS + "send(begin + shown + fact + end); mark()"
    verdicts = grade(SOLUTIONS, find_task("1.2").checks[:2], launch=worker(answer))
    assert all("a message out of order" in verdict.reason for verdict in verdicts)


def test_a_task_that_fails_shows_what_was_learnt_and_what_is_not_done(tree, quick_grader):
    body = "order = random_generator().permutation(len(self.samples))\n"
    body += "for chosen in np.array_split(order, len(self)):\n"
    body += "    yield from_numpy(self.samples[chosen]), from_numpy(self.labels[np.sort(chosen)])"
    replace_body(tree, "training/data.py", "DataLoader.__iter__", body)
    screen = quick_grader("milestone", 4, "--tree", tree, "4.8", "4.11").screen
    assert "not done    4.8 DataLoader (" in screen
    told = screen[screen.index("what was learnt") :]
    for words in ("by least squares", "x misread", "log 10 = 2.3", "truth"):
        assert words in told
    assert "what was learnt" not in quick_grader("milestone", 4, "--tree", tree, "4.11", "--fast").screen


def test_the_drawings_need_nothing_but_the_data():
    """A page can draw the same data in another way."""
    code = "import sys, grader.report.drawings; print({'rich', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
