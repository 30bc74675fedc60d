"""What a check says through `see`, and how it is compared: a fact that holds passes, and one that does not fails."""

import json

import numpy as np
import pytest

from grader.inside.see import LARGEST_RECORDED_ARRAY, See, plain
from grader.verdict.compare import disagreement
from neural_framework import Tensor


def judged(state):
    """Whether each fact that `state` makes holds, after the journey through JSON that facts take."""
    facts = []
    state(See(facts.append))
    return [disagreement(json.loads(json.dumps(fact))) is None for fact in facts]


def words(state):
    """Got and expected of the one fact that `state` makes."""
    facts = []
    state(See(facts.append))
    return disagreement(facts[0])


@pytest.mark.parametrize(
    ("observed", "expected", "holds"),
    [
        (Tensor([1.0, 2.0]), [1, 2], True),
        (Tensor([1.0, 2.0]), [[1, 2]], False),
        (Tensor([1.0, 2.0]), [1, 2.001], False),
        (Tensor([1.0, 2.0]), 1.0, False),
        (np.float32(1.000001), 1.0, True),
        (np.float64(1.000001), 1.0, False),
        (Tensor([np.nan, np.inf]), [np.nan, np.inf], True),
        (Tensor([-np.inf]), [np.inf], False),
        (None, [1.0], False),
        ("text", 1.0, False),
        (np.zeros((0, 3)), np.zeros((0, 3)), True),
        (np.zeros((0, 3)), np.zeros((0, 4)), False),
        (np.zeros(LARGEST_RECORDED_ARRAY + 1), np.zeros(3), False),
        (0.30000001, 0.3, True),
        (np.array([True, False]), [1.0, 0.0], True),
        ([1.0, [2.0]], [1.0, 2.0], False),
    ],
)
def test_close(observed, expected, holds):
    assert judged(lambda see: see.close(observed, expected)) == [holds]


@pytest.mark.parametrize(
    ("observed", "expected", "holds"),
    [
        ((2, 3), (2, 3), True),
        ((2, 3), (3, 2), False),
        (np.dtype("float32"), "float32", True),
        (np.float64, "float32", False),
        (None, None, True),
        (Tensor([1, 2]), [1, 2], True),
        (Tensor([1, 2]), [1, 3], False),
        ("Add", "Add", True),
        ({"a": np.ones(2)}, {"a": np.ones(2)}, True),
        ({"a": np.ones(2)}, {"a": np.zeros(2)}, False),
        ([np.ones(2), np.ones(3)], [np.ones(2), np.ones(3)], True),
        (object(), None, False),
    ],
)
def test_equal(observed, expected, holds):
    assert judged(lambda see: see.equal(observed, expected)) == [holds]


def test_bounds():
    assert judged(lambda see: see.at_least(0.95, 0.95)) == [True]
    assert judged(lambda see: see.at_least(float("nan"), 0.95)) == [False]
    assert judged(lambda see: see.at_least(None, 0.95)) == [False]
    assert judged(lambda see: see.at_most(0.951, 0.95)) == [False]
    assert judged(lambda see: see.most_at_least([1.0, 0.1, 0.95], 0.95)) == [True]
    assert judged(lambda see: see.most_at_least([1.0, 0.1, float("nan")], 0.95)) == [False]


def raiser(error):
    def call():
        raise error

    return call


def test_raises():
    assert judged(lambda see: see.raises(raiser(IndexError("axis 3 of 2")), "LookupError", mentions=[3])) == [True]
    assert judged(lambda see: see.raises(raiser(IndexError("axis 3")), ("KeyError", "IndexError"))) == [True]
    assert judged(lambda see: see.raises(raiser(IndexError("axis 3")), "IndexError", mentions=[(2, 3)])) == [False]
    assert judged(lambda see: see.raises(raiser(ValueError("no")), "IndexError")) == [False]
    assert judged(lambda see: see.raises(lambda: None, "IndexError")) == [False]
    error = OSError(2, "gone")
    assert judged(lambda see: see.raises(raiser(error), "OSError", errno=2)) == [True]
    assert judged(lambda see: see.raises(raiser(error), "OSError", errno=3)) == [False]
    assert judged(lambda see: see.raises(raiser(error), "OSError", nothing=3)) == [False]


def test_a_stub_is_never_taken_for_the_error_asked_for():
    stub = NotImplementedError("2.5: Multiply.backward is not written yet")
    with pytest.raises(NotImplementedError):
        judged(lambda see: see.raises(raiser(stub), "NotImplementedError"))
    assert judged(lambda see: see.raises(raiser(NotImplementedError("forward")), "NotImplementedError")) == [True]


def test_gradients_are_compared_with_numpy_and_not_with_the_tree():
    x, y = np.array([[1.0, 2.0]]), np.array([3.0, 4.0])
    assert judged(lambda see: see.gradients(lambda x, y: x * y, [x, y])) == [True, True]
    assert judged(lambda see: see.gradients(lambda x: x.exp(), [x], like=np.exp)) == [True]
    assert judged(lambda see: see.gradients(lambda x: x.exp() * 1.001, [x], like=np.exp)) == [False]
    detached = [True, False]
    assert judged(lambda see: see.gradients(lambda x, y: x * y.detach(), [x, y], like=np.multiply)) == detached
    assert judged(lambda see: see.gradients(lambda x: x.sum(), [x], like=np.sin)) == [False]


def test_warnings_are_a_fact():
    assert judged(lambda see: see.without_warnings(lambda: np.log(np.array(1.0)))) == [True]
    assert judged(lambda see: see.without_warnings(lambda: np.log(np.array(0.0)))) == [False]


def test_facts_are_copies():
    array, facts = np.zeros(2), []
    See(facts.append).close(array, [0, 0])
    array += 1
    assert disagreement(facts[0]) is None


def test_the_words_show_both_sides_and_where_they_differ():
    got, expected = words(lambda see: see.close(np.array([1.0, 2.0, 5.0]), [1.0, 2.0, 3.0]))
    assert "[1., 2., 5.]" in got and "1 of 3 differ, the first at [2]" in got and expected == "[1., 2., 3.]"
    assert words(lambda see: see.equal((2, 3), (3,))) == ("(2, 3)", "(3,)")
    assert words(lambda see: see.raises(lambda: 1, "ShapeError")) == ("no error at all", "ShapeError")


def test_a_fact_knows_its_line_also_from_a_helper():
    facts = []
    see = See(facts.append)

    def helper():
        see.equal(1, 1)

    helper()
    see.equal(1, 1)
    assert facts[1]["line"] == facts[0]["line"] + 1


def test_plain_data_of_strange_things():
    assert plain(float("inf")) == float("inf")
    assert plain(np.array(["a"]))["array"] is None
    assert plain(object()) == {"object": "object"}
