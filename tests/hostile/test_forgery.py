"""What a tree sends in the place of what it computes earns nothing: at the desk, this much holds against forgery."""

import pytest

from grader.course.milestones import checks_of, find_task
from grader.grade import grade
from grader.run.fork_server import forked
from grader.run.launch import fresh
from tests.hostile.forgeries import BEGINNING, FORGERIES
from tests.trees import replace_body

# Tasks with facts of all kinds, and a function of each that is wrong.
CHECKS = checks_of(find_task(task_id) for task_id in ("1.2", "1.4", "2.5", "3.8", "4.5"))
WRONG = {
    ("operations/arithmetic.py", "Multiply.forward"): "self.x, self.y = x, y\nreturn x + y",
    ("operations/arithmetic.py", "Divide.backward"): "return grad, grad",
    ("operations/broadcasting.py", "broadcast_shapes"): "return shape1",
    ("modules/dropout.py", "Dropout.forward"): "return x",
}


def passed(tree, launch):
    """The checks that pass; the tree itself was used, and no file of it was replaced."""
    grading = grade(tree, CHECKS, launch=launch)
    found = {verdict.check.id for verdict in grading if verdict.passed}
    assert grading.state.broken == []
    return found


@pytest.fixture
def wrong_tree(tree):
    for (file, function), body in WRONG.items():
        replace_body(tree, file, function, body)
    return tree


@pytest.mark.parametrize("launch", [forked, fresh], ids=["forked", "fresh"])
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_gains_nothing(wrong_tree, forgery, launch):
    honest = passed(wrong_tree, forked)
    with (wrong_tree / "neural_framework" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write(BEGINNING + FORGERIES[forgery])
    assert passed(wrong_tree, launch) <= honest


def test_an_exception_that_is_everything_at_once_is_none_of_them(wrong_tree):
    honest = passed(wrong_tree, forked)
    path = wrong_tree / "neural_framework" / "errors.py"
    text = path.read_text(encoding="utf-8")
    text = text.replace("class ShapeError(", "class ShapeError(IndexError, KeyError, RuntimeError, ")
    path.write_text(text, encoding="utf-8")
    assert passed(wrong_tree, forked) <= honest


@pytest.mark.parametrize("name", ["solutions", "starter", "grader", "tests", "milestones", "proofs", "noxfile"])
def test_nothing_of_the_course_can_be_imported_by_a_tree(tree, name):
    code = f"try:\n    import {name}\n    raise SystemExit('found')\nexcept ImportError:\n    pass\n"
    path = tree / "neural_framework" / "__init__.py"
    path.write_text(path.read_text(encoding="utf-8") + code, encoding="utf-8")
    body = f"{code}import numpy as np\nreturn np.broadcast_shapes(shape1, shape2)"
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", body)
    graded = [verdict.message for verdict in grade(tree, find_task("1.2").checks, launch=forked) if not verdict.passed]
    assert graded and not any("found" in message for message in graded)
