"""What a check says through `see`, and how it is compared: a fact that holds passes, and one that does not fails."""

import json
import math
import tracemalloc

import numpy as np
import pytest

from grader.inside.failures import TimeIsUpError, describe
from grader.inside.plain import plain
from grader.inside.see import See
from grader.protocol import ARRAY_NUMBERS, Expectation
from grader.verdict.compare import MOST_SHOWN, disagreement, show
from neural_framework import Operation, Tensor, apply


def facts_of(state):
    """The facts that `state` makes, as (expectation, observed), after the journey through JSON."""
    facts = []
    state(See(facts.append))
    received = [json.loads(json.dumps(fact)) for fact in facts]
    return [(Expectation(**fact), observed) for fact in received for observed in [fact.pop("observed")]]


def judged(state):
    """Whether each fact that `state` makes holds."""
    return [disagreement(expectation, observed) is None for expectation, observed in facts_of(state)]


def words(state):
    """Got and expected of the one fact that `state` makes."""
    return disagreement(*facts_of(state)[0])


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
        (np.zeros(ARRAY_NUMBERS + 1), np.zeros(3), False),
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


RIGHT = np.array([0, 1, 1])


@pytest.mark.parametrize(
    ("fact", "holds"),
    [
        (lambda see: see.at_least(0.95, 0.95), True),
        (lambda see: see.at_least(math.nan, 0.95), False),
        (lambda see: see.at_least(None, 0.95), False),
        (lambda see: see.at_most(0.951, 0.95), False),
        (lambda see: see.most_agree([RIGHT, 1 - RIGHT, RIGHT], [RIGHT] * 3, 1.0), True),
        (lambda see: see.most_agree([RIGHT, 1 - RIGHT, RIGHT[:2]], [RIGHT] * 3, 0.5), False),
        (lambda see: see.most_agree([RIGHT, 1 - RIGHT, None], [RIGHT] * 3, 0.0), True),
        (lambda see: see.most_agree([RIGHT, RIGHT], [RIGHT] * 3, 0.5), False),
    ],
)
def test_bounds(fact, holds):
    assert judged(fact) == [holds]


def raiser(error):
    def call():
        raise error

    return call


class ShapedError(ValueError):
    """An error with one of the contract's attributes."""

    shape1 = (2, 3)


@pytest.mark.parametrize(
    ("error", "expected", "attributes", "holds"),
    [
        (IndexError("axis 3 of 2"), "LookupError", {"mentions": [3]}, True),
        (IndexError("axis 3"), ("KeyError", "IndexError"), {}, True),
        (IndexError("axis 3"), "IndexError", {"mentions": [(2, 3)]}, False),
        (ValueError("no"), "IndexError", {}, False),
        (ShapedError(), "ValueError", {"shape1": (2, 3)}, True),
        (ShapedError(), "ValueError", {"shape1": (3, 2)}, False),
        (ShapedError(), "ValueError", {"shape2": (2, 3)}, False),
    ],
)
def test_raises(error, expected, attributes, holds):
    assert judged(lambda see: see.raises(raiser(error), expected, **attributes)) == [holds]


@pytest.mark.parametrize("kind", ["close", "equal", "at_most"])
def test_texts_are_compared_without_an_array_that_gives_each_the_room_of_the_longest(kind):
    tracemalloc.start()
    try:
        expectation = Expectation(kind, {"array": [1.0], "dtype": "float64", "shape": [1]} if kind != "at_most" else 1)
        assert disagreement(expectation, ["x" * 10_000, *[""] * 40_000]) is not None
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()


def test_a_call_that_raises_nothing_does_not_hold():
    assert judged(lambda see: see.raises(lambda: None, "IndexError")) == [False]


def test_a_stub_is_never_taken_for_the_error_asked_for():
    stub = NotImplementedError("2.5: Multiply.backward is not written yet")
    with pytest.raises(NotImplementedError):
        judged(lambda see: see.raises(raiser(stub), "NotImplementedError"))
    assert judged(lambda see: see.raises(raiser(NotImplementedError("forward")), "NotImplementedError")) == [True]


def test_gradients_are_compared_with_numpy_and_not_with_the_tree():
    x, y = np.array([[1.0, 2.0]]), np.array([3.0, 4.0])
    assert judged(lambda see: see.gradients(lambda x, y: x * y, [x, y])) == [True, True, True, True]
    assert judged(lambda see: see.gradients(lambda x: x.exp(), [x], like=np.exp)) == [True, True, True]
    assert judged(lambda see: see.gradients(lambda x: x.exp() * 1.001, [x], like=np.exp)) == [True, False, True]
    detached = [True, True, False, True]
    assert judged(lambda see: see.gradients(lambda x, y: x * y.detach(), [x, y], like=np.multiply)) == detached
    assert judged(lambda see: see.gradients(lambda x: x.sum(), [x], like=np.sin))[0] is False


def doubled(backward, forward=lambda x: 2 * x):
    """A function of a Tensor, 2 x, with the given backward."""
    operation = type("Doubled", (Operation,), {"forward": lambda _, x: forward(x), "backward": backward})
    return lambda x: apply(operation(), x)


def test_gradients_are_asked_for_with_both_signs():
    inputs = (np.ones((2, 3)), np.ones(2), np.ones((1, 1)), np.array(1.0))
    for x in inputs:
        right = doubled(lambda _, grad: 2 * grad)
        one_sign = doubled(lambda _, grad: 2 * abs(grad))
        assert judged(lambda see, f=right, x=x: see.gradients(f, [x], like=lambda x: 2 * x)) == [True, True, True]
        assert judged(lambda see, f=one_sign, x=x: see.gradients(f, [x], like=lambda x: 2 * x)) == [True, False, True]


def test_gradients_lose_no_digit_of_float64_on_the_way():
    inputs = (np.ones((2, 3)), np.ones(2), np.ones((1, 1)), np.array(1.0))
    for x in inputs:
        rounded = doubled(lambda _, grad: (2 * grad).astype(np.float32).astype(np.float64))
        assert judged(lambda see, f=rounded, x=x: see.gradients(f, [x], like=lambda x: 2 * x)) == [True, False, True]


def test_what_backward_changes_in_place_is_seen():
    def upstream_changed(_, grad):
        grad *= 2
        return grad

    def input_changed(x):
        x *= 2
        return x

    for x in (np.ones((2, 3)), np.array(1.0)):
        f = doubled(upstream_changed)
        assert judged(lambda see, f=f, x=x: see.gradients(f, [x], like=lambda x: 2 * x)) == [True, True, False]
        f = doubled(lambda _, grad: 2 * grad, input_changed)
        assert judged(lambda see, f=f, x=x: see.gradients(f, [x], like=lambda x: 2 * x)) == [True, True, False]


def test_warnings_are_a_fact():
    assert judged(lambda see: see.without_warnings(lambda: np.log(np.array(1.0)))) == [True]
    assert judged(lambda see: see.without_warnings(lambda: np.log(np.array(0.0)))) == [False]


def test_facts_are_copies():
    array, facts = np.zeros(2), []
    See(facts.append).close(array, [0, 0])
    array += 1
    assert facts[0]["observed"]["array"] == [0, 0]


def test_without_expectations_a_fact_is_what_came_back_alone():
    facts = []
    see = See(facts.append, expectations=False)
    see.close(np.ones(1), 2.0, tolerance=3.0)
    see.raises(raiser(ValueError("no")), "KeyError")
    see.gradients(lambda x: x.exp(), [[1.0]])
    see.true(True, "shared")
    assert {frozenset(fact) for fact in facts} == {frozenset(("kind", "observed"))}


def test_the_same_object_is_observed_with_what_it_holds():
    array, facts = np.array([1.0, 2.0]), []
    see = See(facts.append)
    see.same(array, array)
    see.same(array.copy(), array)
    assert facts[0]["observed"] == facts[0]["expected"] and facts[0]["expected"]["array"] == [1.0, 2.0]
    assert facts[1]["observed"] == ["another object", facts[0]["observed"]] != facts[1]["expected"]


def test_the_words_show_both_sides_and_where_they_differ():
    got, expected = words(lambda see: see.close(np.array([1.0, 2.0, 5.0]), [1.0, 2.0, 3.0]))
    assert "[1., 2., 5.]" in got and "1 of 3 differ, the first at [2]" in got and expected == "[1., 2., 3.]"
    assert words(lambda see: see.equal((2, 3), (3,))) == ("(2, 3)", "(3,)")
    assert words(lambda see: see.raises(lambda: 1, "ShapeError")) == ("no error", "ShapeError")


def test_a_fact_knows_its_line_also_from_a_helper():
    facts = []
    see = See(facts.append)

    def helper():
        see.equal(1, 1)

    helper()
    see.equal(1, 1)
    assert facts[1]["line"] == facts[0]["line"] + 1


def endless():
    held = []
    held.append(held)
    return held


@pytest.mark.parametrize(
    ("value", "described"),
    [
        (math.inf, math.inf),
        (np.array(["a"]), {"array": None, "dtype": "str32", "shape": [1]}),
        (object(), {"object": "object"}),
        (2**64, {"object": "int of 65 bits"}),
        ("half \ud800", "half \\ud800"),
    ],
)
def test_strange_things_are_described(value, described):
    assert plain(value) == described


def test_a_list_that_holds_itself_is_described():
    assert "object" in json.dumps(plain(endless()))


@pytest.mark.parametrize(
    "value",
    [
        {chr(97 + letter) + '"' * 9_000: 1 for letter in range(25)},
        {f"key {number}": "text" * 200 for number in range(900)},
        [[["text"] * 60] * 60] * 60,
        np.zeros((2,) * 17, bool),
        np.zeros((7, 7, 7, 7, 7)),
    ],
    ids=["keys", "mapping", "lists", "sides", "numbers"],
)
def test_whatever_comes_back_is_shown_in_bounded_length(value):
    assert len(show(plain(value))) < MOST_SHOWN + 50


def test_an_object_whose_data_is_no_array_is_described():
    class Parameter:
        data = 0.5

    assert show(plain(Parameter())) == "a Parameter whose .data is a float, not an array"


def test_an_instruction_of_no_line_counts_to_the_first_of_its_function(tmp_path):
    """Python has such instructions, and an endless loop may be stopped in one."""
    names = {"TimeIsUpError": TimeIsUpError}
    exec(compile("\n\ndef stopped():\n    raise TimeIsUpError\n", f"{tmp_path}/engine.py", "exec"), names)
    stopped = names["stopped"]
    stopped.__code__ = stopped.__code__.replace(co_linetable=b"")
    with pytest.raises(TimeIsUpError) as caught:
        stopped()
    failure = describe(caught.value, tmp_path)
    assert [(frame.file, frame.line) for frame in failure.frames] == [("engine.py", 3)] and failure.timeout


def test_steps_count_the_lines_of_whoever_runs_them():
    loop = "__name__ = 'another'\ndef call(size):\n    for i in range(size):\n        pass\n"
    exec(loop, module := {})
    see = See(lambda fact: None)
    assert see.steps(lambda: module["call"](1_000)) - see.steps(lambda: module["call"](10)) > 900
