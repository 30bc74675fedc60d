"""Failures of backward get an explorer page, made from the smallest case on the tree itself."""

import dataclasses

import pytest

from grader.desk import explored as desk
from grader.explain.explanation import Explanation, Fault, SmallestCase, Unit
from grader.files import SOLUTIONS
from grader.report.words import QUIET
from grader.task_id import TaskId
from tests.explored import facts_of
from tests.trees import ORDERED_BY_LEVEL, replace_body

TASK = TaskId("2.5")
PRODUCT = ("x, y = nf.Tensor(2., requires_grad=True), nf.Tensor(3., requires_grad=True)", "(x * y).backward(); y.grad")
WITH_UPSTREAM = (
    "x, y = nf.Tensor([2., 3.], requires_grad=True), nf.Tensor(5., requires_grad=True)",
    "(x * y).backward(np.float32([1., 2.])); y.grad",
)


def fault(function="operations/arithmetic.py:Multiply.backward", code=PRODUCT):
    file, _, name = function.partition(":")
    case = SmallestCase(code, "3.", "2.") if code else None
    return Fault(Unit(f"neural_framework/{file}", name, 1, TASK), frozenset("a"), smallest=case)


def page_of(tree, folder, *faults):
    told = desk.explored({TASK: Explanation(frozenset("a"), faults=faults)}, tree, folder).get(TASK)
    path = folder / "explorer-2.5.html"
    return told, facts_of(path) if path.is_file() else None


def bad(facts):
    return [edge for event in facts["events"] for edge in event["edges"] if edge["bad"]]


@pytest.mark.parametrize(("code", "operations"), [(PRODUCT, 1), (WITH_UPSTREAM, 2)])
def test_a_backward_at_fault_has_a_page_that_marks_it(code, operations, tree, tmp_path):
    replace_body(tree, "operations/arithmetic.py", "Multiply.backward", "return grad * self.y, grad * self.y")
    told, facts = page_of(tree, tmp_path, fault(code=code))
    assert told.label == "explore" and told.words[0].link == "./explorer-2.5.html"
    assert len(facts["ops"]) == operations and facts["script"] == "case_of_2.5.py"
    assert bad(facts) and "arithmetic.py" in facts["ops"][0]["place"]


@pytest.mark.parametrize("function", desk.GRAPHS)
def test_right_work_disagrees_nowhere_in_the_small_graphs(function, tmp_path):
    _, facts = page_of(SOLUTIONS, tmp_path, fault(function, None))
    assert facts is not None and not bad(facts) and facts["error"] is None


def test_an_order_level_by_level_is_marked(tree, tmp_path):
    replace_body(tree, "autodiff/engine.py", "topological_sort", ORDERED_BY_LEVEL)
    code = ("x = nf.Tensor(2., requires_grad=True)", "[type(each).__name__ for each in nf.topological_sort(x.exp())]")
    _, facts = page_of(tree, tmp_path, fault("autodiff/engine.py:topological_sort", code))
    assert any(each["kind"] == "early" for event in facts["events"] for each in event["bad"])


@pytest.mark.parametrize("function", ["tensor/tensor.py:Tensor.sum", "autodiff/engine.py:release"])
def test_what_the_explorer_does_not_show_has_no_page(function, tmp_path):
    assert page_of(SOLUTIONS, tmp_path, fault(function)) == (None, None)
    assert page_of(SOLUTIONS, tmp_path, fault(code=None)) == (None, None)
    assert page_of(SOLUTIONS, tmp_path) == (None, None)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("while True:\n    pass", "it took longer than 2 seconds"),
        ("import sys\nwhile True:\n    sys.stderr.write('a' * 100_000)", "it printed without end"),
        ("import os\nos._exit(7)", "the explorer ended with code 7"),
        ("import sys\nsys.exit('\\x1b[31m </details><script>')", "\\x1b[31m </details><script>"),
    ],
)
def test_without_a_page_a_line_says_why(body, problem, tree, tmp_path, monkeypatch):
    monkeypatch.setattr(desk, "SECONDS", 2.0)
    replace_body(tree, "operations/arithmetic.py", "Multiply.backward", body)
    told, facts = page_of(tree, tmp_path, fault())
    assert facts is None and [(each.text, each.tone) for each in told.words] == [(f"no page: {problem}", QUIET)]


def test_a_page_that_can_not_be_written_has_its_line_too(tmp_path):
    (tmp_path / "explorer-2.5.html").mkdir()
    told, _ = page_of(SOLUTIONS, tmp_path, fault())
    assert told.words[0].text.startswith("no page: ") and told.words[0].tone == QUIET


def test_the_page_of_an_earlier_run_goes(tmp_path):
    (tmp_path / "explorer-2.5.html").write_text("old")
    (tmp_path / "explorer-2.6.html").write_text("another task's")
    desk.remove_pages([TASK], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["explorer-2.6.html"]


def test_a_script_ends_in_a_loss_that_is_one_number():
    assert "loss = x * y\nloss.backward()\n" in desk.script_of(fault())
    assert "WeightedSum(np.float32([1.0, 2.0]))" in desk.script_of(fault(code=WITH_UPSTREAM))
    value = dataclasses.replace(fault(), smallest=SmallestCase(("x = nf.Tensor(1.)", "x * x"), "", ""))
    assert desk.script_of(value) is None
