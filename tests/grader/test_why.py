"""What a report says of where and why, from explanations that are made up."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from grader.course.milestones import load_milestone
from grader.course.mistakes import load_mistakes
from grader.explain.explanation import Explanation, Fault, Named, Unit
from grader.explain.smallest import smallest_case
from grader.protocol import Fact
from grader.report import why

UNIT = Unit("neural_framework/tensor/tensor.py", "Tensor.__neg__", 3, None)
NOTE = "the same checks fail as before"


def task_of(*stubs):
    """A task whose checks all fail, those with a stub at what is not written."""
    checks = [
        SimpleNamespace(check=SimpleNamespace(id=f"c{number}"), passed=False, stub=stub)
        for number, stub in enumerate(stubs)
    ]
    return SimpleNamespace(checks=checks, passed=0, task=SimpleNamespace(id="2.2"))


def told(lines):
    """Lines as one text."""
    return " ".join("".join(words.text for words in line.words) for line in lines)


@pytest.mark.parametrize(
    ("stubs", "tried", "mended", "says"),
    [
        ([None] * 3, 3, 3, "(explains all 3 checks)"),
        ([None] * 3, 3, 2, "(explains 2 of 3 checks)"),
        ([None, None, "2.3", "2.3"], 2, 2, "(explains 2 of 4 checks; 2 stop at what is not written yet)"),
        ([None, None, "2.3"], 1, 1, "(explains 1 of 3 checks; 1 stops at what is not written yet; 1 took too long"),
        ([None], 1, 1, ""),
    ],
)
def test_the_numbers_of_checks_add_up(stubs, tried, mended, says):
    names = [f"c{number}" for number in range(len(stubs))]
    fault = Fault(UNIT, frozenset(names[:mended]))
    text = told(why.where(task_of(*stubs), Explanation(frozenset(names[:tried]), faults=(fault,)), "tree"))
    assert says in text and ("explains" in text) == bool(says)


def test_where_a_check_took_too_long_nothing_is_said_of_the_functions():
    names = frozenset(["c0"])
    assert "no single function" in told(why.where(task_of(None), Explanation(names, left=names), "tree"))
    text = told(why.where(task_of(None), Explanation(names, left=names, slow=True), "tree"))
    assert "not found: a check took too long" in text and "no single function" not in text


@pytest.mark.parametrize(("confidence", "begins"), [(1.0, "almost certainly: "), (0.5, "perhaps: ")])
def test_a_known_cause_comes_before_what_the_last_change_did(confidence, begins):
    mistake = dataclasses.replace(load_mistakes(load_milestone(1))[0], function=UNIT.function)
    fault = Fault(UNIT, frozenset(), named=(Named(mistake, confidence),), since=NOTE)
    parts = why.causes(None, None, Explanation(frozenset(), faults=(fault,)))
    texts = ["".join(words.text for words in part) for part in parts]
    (text,) = [text for text in texts if text]
    assert text.startswith(begins) and text.endswith(NOTE)


def test_where_there_was_no_time_for_the_mistake_the_report_says_so():
    failure = SimpleNamespace(says_nothing=True)
    faults = [Fault(UNIT, frozenset(), named=named) for named in (None, ())]
    out_of_time, none_found = (
        why.causes(None, failure, Explanation(frozenset(), faults=(fault,)))[1] for fault in faults
    )
    assert "the time was up" in out_of_time[0].text and none_found == ()


def failing(name, *lines, failure=None):
    """What a check with these lines found, or that it stopped."""
    check = SimpleNamespace(id=name, name=name, description="", source=lambda line: list(enumerate(lines)))
    found = {"got": "1.", "expected": "2.", "failure": failure, "frames": () if failure is None else ("a frame",)}
    return SimpleNamespace(check=check, passed=False, line=len(lines) - 1, turn=(1, 1), stub=None, **found)


def plainest_of(*verdicts):
    """The name of the check that is shown, of those that one function fails."""
    fault = Fault(UNIT, frozenset(verdict.check.id for verdict in verdicts))
    return why.plainest(SimpleNamespace(checks=verdicts), Explanation(fault.checks, faults=(fault,))).check.name


def test_of_two_checks_the_one_with_numbers_to_follow_by_hand_is_shown():
    drawn = failing("test_any", "see.gradients(lambda x, y: x @ y, [rng.normal(size=3), rng.normal(size=3)])")
    by_hand = failing("test_by_hand", "x = leaf([1.0])", "x.backward()", "see.close(x.grad, [2.0])")
    assert plainest_of(drawn, by_hand) == "test_by_hand"


def test_values_are_shown_before_gradients_and_before_what_a_check_of_errors_also_holds():
    value = failing("test_any", "x = rng.normal(size=3)", "y = layer(x)", "see.close(y, x + 1)")
    assert plainest_of(failing("test_slope", "see.close(x.grad, [2.0])"), value) == "test_any"
    assert plainest_of(failing("test_others_are_refused", "see.close(layer(1.0), 2.0)"), value) == "test_any"
    raised = failing("test_others_are_refused", "see.raises(lambda: layer(None), 'TypeError')")
    assert plainest_of(raised, value) == "test_others_are_refused"


@pytest.mark.parametrize("name", ["test_a_batch_of_0", "test_no_loop_over_images"])
def test_a_check_without_numbers_is_shown_last(name):
    stopped = SimpleNamespace(timeout=False, again=None)
    longer = failing("test_by_hand", "x = leaf([1.0])", "x.backward()", "see.close(x.grad, [2.0])", failure=stopped)
    assert plainest_of(failing(name, "layer(x)", failure=stopped), longer) == "test_by_hand"
    assert plainest_of(failing("test_no_loop_over_images", "see.at_most(many, few)"), longer).startswith("test_no_loop")


def test_a_smallest_case_of_equal_numbers_says_what_differs():
    def case(value):
        inputs = {"mapping": {}}
        return Fact("equal", {"mapping": {"expression": "f()", "inputs": inputs, "value": value}})

    values = {False: case("np.float32(3.0)"), True: case("3.0")}
    variants = SimpleNamespace(cases=lambda grafts, expressions: (values[bool(grafts)],))
    shown = smallest_case(Fault(UNIT, frozenset()), ["f()"], (), {""}, variants)
    assert (shown.yours, shown.right) == ("np.float32(3.0), a NumPy scalar", "3.0, a number of Python's")


def test_a_smallest_case_of_no_numbers_shows_the_shape():
    def array(*shape):
        return {"array": [], "shape": list(shape), "dtype": "float32"}

    def case(**what):
        inputs = {"mapping": {"x": array(0, 2)}}
        return Fact("equal", {"mapping": {"expression": "f(x)", "inputs": inputs, **what}})

    values = {False: case(error="ShapeError: no"), True: case(value=array(0, 2))}
    variants = SimpleNamespace(cases=lambda grafts, expressions: (values[bool(grafts)],))
    shown = smallest_case(Fault(UNIT, frozenset()), ["f(x)"], (), {""}, variants)
    assert shown.code == ("x = nf.zeros((0, 2), requires_grad=True)", "f(x)")
    assert shown.right == "[] (float32) of shape (0, 2)"


def test_a_smallest_case_of_no_numbers_shows_the_dtype_once():
    def case(shape, dtype):
        value = {"array": np.zeros(shape).tolist(), "shape": list(shape), "dtype": dtype}
        return Fact("equal", {"mapping": {"expression": "f()", "inputs": {"mapping": {}}, "value": value}})

    values = {False: case((1, 0), "float64"), True: case((1, 1), "float32")}
    variants = SimpleNamespace(cases=lambda grafts, expressions: (values[bool(grafts)],))
    shown = smallest_case(Fault(UNIT, frozenset()), ["f()"], (), {""}, variants)
    assert shown.yours == "[] of shape (1, 0) of dtype float64"


def test_a_turn_of_a_loop_over_a_list_with_a_name_shows_what_it_had():
    checks = [check for task in load_milestone(1).tasks for check in task.checks]
    check = next(check for check in checks if check.name.startswith("test_numbers_that_an_integer_dtype"))
    line = next(number for number, text in check.source() if "see.raises" in text)
    assert check.turn(line, 1, 5) == "(data, dtype) = ([300], np.int8)"
    assert check.turn(line, 1, 4) is None
