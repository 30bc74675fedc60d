"""What a tree sends in the place of what it computes earns nothing: at the desk, this much holds against forgery."""

import pytest

from grader.course.milestones import checks_of, find_task
from grader.grade import grade
from grader.run.fork_server import forked
from grader.run.launch import fresh
from tests.trees import replace_body

# At the end of the package's __init__.py. `See` and `Suite` are the classes that run next to the tree.
BEGINNING = """
import gc, json, os
classes = [one for one in gc.get_objects() if isinstance(one, type)]
found = {one.__name__: one for one in classes if str(one.__module__).startswith("grader.inside.")}
See, Suite = found["See"], found["Suite"]
"""
FORGERIES = {
    "the expectation is sent as the observation, by each method": """
for name in ("close", "equal", "at_least", "at_most"):
    def forged(self, observed, expected=None, *rest, honest=getattr(See, name), **others):
        return honest(self, observed if expected is None else expected, *rest, **others)
    setattr(See, name, forged)
""",
    "the expectation is sent as the observation, by the one method behind all": """
honest = See._fact
def forged(self, kind, observed, expected=None, **others):
    return honest(self, kind, observed if expected is None else expected, **others)
See._fact = forged
""",
    "expectations are turned on and sent as observations": """
honest = Suite.record
def forged(self, fact):
    return honest(self, {**fact, "observed": fact.get("expected", fact["observed"])})
Suite.record = forged
first = See.__init__
def init(self, record, expectations=True):
    first(self, record, True)
See.__init__ = init
""",
    "no fact is sent": "Suite.record = lambda self, fact: None",
    "every fact is sent as one that is true": """
honest = Suite.record
Suite.record = lambda self, fact: honest(self, {"kind": "equal", "observed": True})
""",
    "every fact is an upper bound that holds": """
honest = Suite.record
Suite.record = lambda self, fact: honest(self, {"kind": "at_most", "observed": -1e300})
""",
    "a tolerance comes along": """
honest = Suite.record
Suite.record = lambda self, fact: honest(self, {**fact, "tolerance": 1e300})
""",
    "facts are sent twice": """
honest = Suite.record
Suite.record = lambda self, fact: (honest(self, fact), honest(self, fact))
""",
    "checks end before they begin": """
def run(self, item, seconds):
    self.failure = None
Suite.run = run
""",
    "what was observed is None": """
honest = Suite.record
Suite.record = lambda self, fact: honest(self, {**fact, "observed": None})
""",
    "errors are sent that are everything at once": """
import builtins
honest = Suite.record
def forged(self, fact):
    if fact["kind"] == "raises":
        names = [name for name, one in vars(builtins).items() if isinstance(one, type) and issubclass(one, Exception)]
        fact["observed"]["types"] = [*names, "ShapeError", "BroadcastingError", "GradientError"]
    return honest(self, fact)
Suite.record = forged
""",
    "no error at all is sent": """
honest = Suite.record
def forged(self, fact):
    if fact["kind"] == "raises":
        fact["observed"]["types"] = []
    return honest(self, fact)
Suite.record = forged
""",
    "what the check expects is looked for among its local variables": """
import sys
honest = See._fact
def forged(self, kind, observed, *rest, **others):
    frame = sys._getframe(2)
    for name in ("expected", "wanted", "right"):
        observed = frame.f_locals.get(name, observed) if frame.f_locals.get(name) is not None else observed
    return honest(self, kind, observed, *rest, **others)
See._fact = forged
""",
    "float16 is claimed, so that the tolerance is wide": """
honest = Suite.record
def forged(self, fact):
    if isinstance(fact["observed"], dict) and "dtype" in fact["observed"]:
        fact["observed"]["dtype"] = "float16"
    return honest(self, fact)
Suite.record = forged
""",
}


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
