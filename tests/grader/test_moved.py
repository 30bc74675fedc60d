"""A run with a seed of its own: moved numbers, the key to them, and what a student reads."""

import ast
import random

import pytest

import grader.answer_key
from grader.answer_key import answer_key, moved_checks, stated
from grader.course.acting import acting_part
from grader.course.milestones import checks_of, course, find_task, is_private, with_private_checks
from grader.course.moved import MODES, limits, moved
from grader.files import MILESTONES, SOLUTIONS
from grader.grade import grade
from grader.run.fork_server import forked
from proofs.replay.score import answers

TASKS = [task for milestone in course() for task in milestone.exercises]
PATHS = sorted(MILESTONES.glob("*/test_*.py"))
SEEDS = (1, 20, 300)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_moved_text_keeps_its_lines_and_its_calls(path):
    text = path.read_text(encoding="utf-8")
    for mode in (MODES[1], MODES[-1]):
        other = moved(text, mode, 1)
        assert len(other.split("\n")) == len(text.split("\n"))
        assert places(other) == places(text) and places(acting_part(other)).items() <= places(text).items()
        assert acting_part(other).count("see.") == acting_part(text).count("see.")


def places(text):
    """Where the functions and classes of a file begin and end."""
    return {node.name: (node.lineno, node.end_lineno) for node in ast.parse(text).body if hasattr(node, "name")}


def test_the_same_seed_gives_the_same_text_and_another_seed_another():
    text = PATHS[3].read_text(encoding="utf-8")
    again = moved.__wrapped__(text, "shuffled wide", 1)
    assert moved(text, "shuffled wide", 1) == again != moved(text, "shuffled wide", 2)
    assert moved(text, "as written", 1) == text


def test_the_limits_are_those_of_checks():
    for milestone in course():
        found = limits(milestone.folder)
        assert found.keys() <= {check.id for check in milestone.checks}, milestone.number
        assert set(found.values()) < set(MODES)


def test_order_sign_and_equality_are_kept():
    before = "def test_f(see):\n    see.close([0.0, -2.5, 2.5, 0.5, 1.0, 3.0, 7, 2, 1], [2.5, x[2], x**3])\n"
    for seed in range(20):
        (line,) = ast.parse(moved(before, "wide", seed)).body[0].body
        numbers, expected = map(ast.unparse, line.value.args)
        zero, low, high, half, one, three, seven, two, last = ast.literal_eval(numbers)
        assert zero == 0.0 and -low == high != 2.5 and 0 < half < one < high < three and half != 0.5
        assert last == 1 and 2 < two < seven - 3 < 20
        assert expected == f"[{high}, x[2], x ** 3]"


def test_sizes_in_the_words_of_an_error_move_along_and_axes_stay():
    before = "def test_f(see):\n    see.raises(f, mentions=[4, 2, '-2: 4 vs 2', 'v1.4'], n=2**63)\n"
    (line,) = ast.parse(moved(before, "sizes", 3)).body[0].body
    mentions, power = (ast.unparse(keyword.value) for keyword in line.value.keywords)
    four, two, *words = ast.literal_eval(mentions)
    assert 2 < two < four and words == [f"-2: {four} vs {two}", "v1.4"] and power == "2 ** 63"


@pytest.mark.parametrize("seed", SEEDS)
def test_every_moved_check_passes_on_the_reference(seed):
    checks = moved_checks(checks_of(random.Random(seed).sample(TASKS, 6)), seed, forked)
    assert sum(check.moved is not None for check in checks) > 0.9 * len(checks)
    failing = [verdict for verdict in grade(SOLUTIONS, checks, seed_shift=seed, launch=forked) if not verdict.passed]
    assert [(verdict.check.id, verdict.message) for verdict in failing] == []


def test_the_acting_part_of_a_moved_check_observes_what_the_whole_does():
    checks = moved_checks(checks_of(TASKS[::6]), 7, forked)
    whole, acting = stated(checks, seed_shift=7, launch=forked), answers(checks, 7)
    assert {name: each.facts for name, each in acting.items()} == {name: each.facts for name, each in whole.items()}


def test_the_key_of_a_run_is_kept_and_answers_with_the_reference(tmp_path, monkeypatch):
    monkeypatch.setattr(grader.answer_key, "FOLDER", tmp_path)
    checks = find_task("1.4").checks
    first = moved_checks(checks, 5, forked)
    monkeypatch.setattr(grader.answer_key, "stated", None)  # reading it needs no run
    again = moved_checks(checks, 5, forked)
    assert [check.text for check in again] == [check.text for check in first]
    monkeypatch.undo()
    assert answer_key(again, 5)[checks[0].id] != answer_key(checks, 5)[checks[0].id]


def test_a_student_reads_the_line_as_it_was_run_without_what_it_expected():
    check = moved_checks(find_task("1.4").checks, 5, forked)[0]
    lines = [line.strip() for _, line in check.source()]
    assert lines[1] == "see.close(a - b)" and lines[0] != "a, b = nf.Tensor([5.0, 1.0]), nf.Tensor([2.0, 4.0])"


@pytest.mark.parametrize(("expected", "is_moved"), [("(7, 6, 5)", True), ("(7, 6, 6)", False)])
def test_a_check_that_is_wrong_of_the_reference_is_not_moved(tmp_path, expected, is_moved):
    """Its expectation stands, so that whoever grades learns of it."""
    call = "nf.operations.broadcast_shapes((7, 1, 5), (6, 5))"
    text = f"import neural_framework as nf\n\n\ndef test_a_shape(see):\n    see.equal({call}, {expected})\n"
    (tmp_path / "test_1_02_own.py").write_text(text, encoding="utf-8")
    with with_private_checks(tmp_path):
        own = [check for check in find_task("1.2").checks if is_private(check)]
        (check,) = moved_checks(own, 1, forked)
    assert (check.moved is not None) is is_moved
