"""`nox -s todo`: what is not written yet, with a place that an editor opens."""

import re

import pytest

from grader.command import COMMAND
from grader.course.milestones import milestone_of
from grader.files import STARTER
from grader.loop.todo import open_stubs
from grader.source.package import read_source
from grader.source.reference import write_starter
from tests.trees import replace_body


@pytest.fixture
def blank(tmp_path):
    write_starter(tmp_path / "blank")
    return tmp_path / "blank"


def test_each_open_function_has_its_place_task_and_name(quick_grader, blank):
    shown = quick_grader("todo", "--tree", blank)
    *lines, last = shown.screen.splitlines()
    assert shown.code == 0 and last == f"{len(lines)} open TODOs in {blank.resolve().as_posix()}/"
    shown_stubs = [stub for stub in open_stubs(blank) if not milestone_of(stub.task_id).elective]
    for line, stub in zip(lines, shown_stubs, strict=True):
        place, number, rest = re.fullmatch(r"(.*\.py):(\d+) +(.*)", line).groups()
        assert place == f"{blank.resolve().as_posix()}/{stub.file}"
        text = read_source(blank / stub.file).splitlines()[int(number) - 1]
        assert f"{stub.task_id}: {stub.name} is not written yet" in text
        assert rest.startswith(f"{stub.task_id} ") and rest.endswith(f"  {stub.name}")


@pytest.mark.parametrize(
    ("which", "names"),
    [
        ("2.6", ["MatMul.backward"]),
        ("2.2", ["propagate", "add_to_grads"]),
        ("extra.1", ["Affine.forward", "Affine.backward"]),
        ("4.11", []),
    ],
)
def test_it_narrows_to_a_task(quick_grader, blank, which, names):
    lines = quick_grader("todo", which, "--tree", blank).screen.splitlines()
    assert [line.split()[-1] for line in lines[:-1]] == names
    assert lines[-1].startswith(f"{len(names) or 'no'} open TODO") and lines[-1].endswith(f"for {which}")


def test_it_narrows_to_a_milestone(quick_grader, blank):
    tasks = [line.split()[1] for line in quick_grader("todo", 3, "--tree", blank).screen.splitlines()[:-1]]
    assert {task.split(".")[0] for task in tasks} == {"3", "extra"}
    assert tasks.index("3.2") < tasks.index("3.10") < tasks.index("extra.1")


def test_what_is_written_is_no_longer_listed(quick_grader, blank):
    replace = blank / "neural_framework/operations/matmul.py"
    text = replace.read_text(encoding="utf-8")
    stub = next(line for line in text.splitlines() if "2.6: MatMul.backward" in line)
    replace.write_text(text.replace(stub, "        return grad, grad"), encoding="utf-8")
    assert quick_grader("todo", "2.6", "--tree", blank).screen.startswith("no open TODOs in ")


def test_a_file_that_does_not_parse_still_lists_its_own(quick_grader, blank):
    broken = blank / "neural_framework/operations/matmul.py"
    broken.write_text(broken.read_text(encoding="utf-8") + "\ndef (:\n", encoding="utf-8")
    assert "2.6 Matrix product  MatMul.backward" in quick_grader("todo", "2.6", "--tree", blank).screen
    broken.write_bytes(b"\x00\xff" + broken.read_bytes())
    assert "2.6 Matrix product  MatMul.backward" in quick_grader("todo", "2.6", "--tree", blank).screen
    broken.unlink()
    assert quick_grader("todo", "2.6", "--tree", blank).code == 0


def test_the_reference_has_none(quick_grader, tree):
    assert quick_grader("todo", "--tree", tree).screen.startswith("no open TODOs in ")
    replace_body(tree, "operations/matmul.py", "MatMul.backward", "raise NotImplementedError('mine')")
    assert quick_grader("todo", "--tree", tree).screen.startswith("no open TODOs in ")


@pytest.mark.parametrize(
    ("which", "complaint"),
    [("7", "there is no milestone 7"), ("2.99", "there is no task '2.99'"), ("two", "there is no task 'two'")],
)
def test_a_wrong_call_gets_a_right_one(quick_grader, which, complaint):
    wrong = quick_grader("todo", which)
    assert wrong.code == 2 and wrong.screen == ""
    assert complaint in wrong.errors and f"Try: {COMMAND} -s todo" in wrong.errors
    assert wrong.errors.count("\n") == 1


def test_without_a_tree_it_is_the_students(quick_grader):
    assert quick_grader("todo").screen.splitlines()[-1].endswith(f"in {STARTER.name}/")
