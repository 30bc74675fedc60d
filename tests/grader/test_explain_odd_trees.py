"""Faults are explained in trees that are written, encoded or behave unlike the reference; and what is remembered."""

import dataclasses
import json
import os
import shutil

import pytest

from grader.course.milestones import load_milestone
from grader.course.mistakes import load_mistakes
from grader.desk import memory
from grader.explain.explanation import Explanation, Fault, Named, Unit
from grader.files import REPOSITORY
from grader.source.package import PACKAGE
from grader.task_id import TaskId
from proofs import explained
from tests.trees import replace_body

TENSOR = f"{PACKAGE}/tensor/tensor.py"
NOT_SWAPPED = "return apply(Subtract(), self, self.operand(other))"
NO_CHANGE = "the same checks fail as before your last change of this function"


@pytest.mark.parametrize(
    "encoded",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: f"# -*- coding: latin-1 -*-\n# é\n{text.encode('ascii', 'replace').decode()}".encode("latin-1"),
    ],
    ids=["crlf", "bom", "cookie"],
)
def test_a_fault_is_located_however_its_file_is_encoded(tree, screen, encoded):
    replace_body(tree, "tensor/tensor.py", "Tensor.__rsub__", f"{NOT_SWAPPED}  # é")
    path = tree / TENSOR
    path.write_bytes(encoded(path.read_text(encoding="utf-8")))
    line = path.read_bytes().splitlines().index(b"    def __rsub__(self, other):") + 1
    text = screen(1, "1.4")
    assert f"at fault Tensor.__rsub__, {tree}/{TENSOR}:{line}" in text
    assert "almost certainly: 10 - x computes x - 10" in text
    path.write_bytes(path.read_bytes().replace(b"return apply(Subtract()", b"return  apply(Subtract()"))
    assert NO_CHANGE in screen(1, "1.4")


def test_a_wrong_body_is_located_among_bodies_that_are_all_others(tree, screen):
    shutil.copytree(REPOSITORY / "proofs/second_bodies/trees/verbose", tree / PACKAGE, dirs_exist_ok=True)
    path = tree / PACKAGE / "operations/arithmetic.py"
    text = path.read_text(encoding="utf-8")
    start = text.index("    def backward", text.index("class Subtract"))
    end = text.index("class ", start)
    body = "    def backward(self, grad):\n        return grad, grad\n\n\n"
    path.write_text(text[:start] + body + text[end:], encoding="utf-8")
    assert "at fault Subtract.backward" in screen(2, "2.5")


def test_a_fault_on_the_reference_is_located_in_the_rooms_of_the_tree_alone(tree, screen):
    replace_body(tree, "tensor/tensor.py", "Tensor.__mul__", "return self")
    replace_body(tree, "modules/linear.py", "Linear.forward", "return x @ self.weight.T")
    text = screen(3, "3.6", "--on-reference")
    assert "at fault Linear.forward" in text and "__mul__" not in text


def test_nothing_is_left_behind(tree, screen):
    body = f"open('left_behind', 'w').write('x')\n{NOT_SWAPPED}"
    replace_body(tree, "tensor/tensor.py", "Tensor.__rsub__", body)
    before = sorted(tree.rglob("*")), sorted(os.listdir(REPOSITORY))
    assert "at fault Tensor.__rsub__" in screen(1, "1.4")
    assert before == (sorted(tree.rglob("*")), sorted(os.listdir(REPOSITORY)))


@pytest.mark.skipif(not hasattr(os, "setsid"), reason="no sessions here")
def test_a_process_that_floods_the_output_from_a_session_of_its_own_hides_no_fault(tree, screen):
    flood = "import os\nif os.fork() == 0:\n    os.setsid()\n    for _ in range(200):\n"
    flood += "        os.write(1, b'x' * 100_000)\n        os.write(2, b'x' * 100_000)\n    os._exit(0)\n"
    replace_body(tree, "tensor/tensor.py", "Tensor.__rsub__", flood + NOT_SWAPPED)
    assert "at fault Tensor.__rsub__" in screen(1, "1.4")


FAULT = Fault(Unit(TENSOR, "Tensor.__rsub__", 1, TaskId("1.4")), frozenset({"check"}), named=())


@pytest.fixture
def remembered(tree, tmp_path, monkeypatch):
    """What is told of a fault of task 1.4 after a change of its text, and the file that remembers."""
    monkeypatch.setattr(memory, "FOLDER", tmp_path / "faults")
    sure = (Named(load_mistakes(load_milestone(1))[0], 1.0),)

    def told(body, named=sure, checks=("check",)):
        replace_body(tree, "tensor/tensor.py", "Tensor.__rsub__", f"# exercise: 1.4\n{body}")
        fault = dataclasses.replace(FAULT, named=named, checks=frozenset(checks))
        explanation = Explanation(fault.checks, faults=(fault,))
        return memory.with_memory({TaskId("1.4"): explanation}, tree)[TaskId("1.4")].faults[0].since

    return told, tmp_path / "faults"


def test_a_run_without_the_time_for_all_does_not_forget(remembered):
    told, _ = remembered
    assert told("return 1") == "" and told("return 2", named=None) == ""
    assert told("return 3") == NO_CHANGE


def test_only_a_mistake_that_is_sure_is_said_to_be_still_there(remembered):
    told, _ = remembered
    mistake = load_mistakes(load_milestone(1))[0]
    assert told("return 1", checks=("one", "two")) == ""
    still = "the mistake is still there after your last change of this function; 2 more pass and 1 more fail"
    assert told("return 2") == still
    now = told("return 3", named=(Named(mistake, 0.5),), checks=("check", "three"))
    assert now == "after your last change of this function 1 more fail"


def test_a_proof_keeps_only_what_a_search_had_time_for(tmp_path, monkeypatch):
    monkeypatch.setattr(explained, "CACHE", tmp_path)
    case, found = explained.Case({}, (1,)), explained.Found(1, ["1.4"], [], 0, [])
    for whole in (False, True):
        monkeypatch.setattr(explained, "_find", lambda case, whole=whole: (found, whole))
        assert explained.explain_all({"case": case}) == {"case": found}
        assert len(list(tmp_path.iterdir())) == whole


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "null",
        "{" * 5_000,
        '{"1.4": []}',
        '{"1.4": {"f": 3}}',
        json.dumps({"1.4": {f"{TENSOR}:Tensor.__rsub__": {"text": "", "mistakes": [["swapped"]], "checks": []}}}),
        json.dumps({"1.4": {f"{TENSOR}:Tensor.__rsub__": {"text": "", "mistakes": "swapped", "checks": [{}]}}}),
    ],
)
def test_a_damaged_memory_is_forgotten(remembered, content):
    told, folder = remembered
    assert told("return 1") == ""
    (file,) = folder.iterdir()
    file.write_text(content, encoding="utf-8")
    assert told("return 2") == "" and told("return 3") == NO_CHANGE
