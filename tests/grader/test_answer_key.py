"""The answer key is what the checks say on the reference, and no tree changes it."""

import ast

import pytest

from grader import answer_key
from grader.answer_key import stated
from grader.course.acting import OBSERVED, SHOWS, acting_part
from grader.course.milestones import checks_of, course, find_task
from grader.course.mistakes import load_catalogue
from grader.errors import CourseError
from grader.files import MILESTONES, SOLUTIONS
from grader.grade import grade
from grader.run.fork_server import forked
from grader.source.package import sources
from proofs.second_bodies import all_second_bodies

EXERCISES = checks_of(task for milestone in course() for task in milestone.exercises)


@pytest.fixture(scope="module")
def reference():
    return stated(EXERCISES, launch=forked)


def wrong_tree():
    """The reference with mistakes in several rooms."""
    changes = {}
    for name, text in sources(SOLUTIONS).items():
        for function in ("np.maximum", "np.sum", "np.exp", "np.sqrt"):
            text = text.replace(f"{function}(", f"0.5 * {function}(") if "operations" in name else text
        changes[name] = text
    return changes


def test_another_right_tree_gives_the_same_key(reference):
    other = stated(EXERCISES, changes=all_second_bodies(), launch=forked)
    assert {name: each.expectations for name, each in other.items()} == {
        name: each.expectations for name, each in reference.items()
    }


def test_a_wrong_tree_gives_the_same_key_as_far_as_it_comes(reference):
    wrong = stated(EXERCISES, changes=wrong_tree(), launch=forked)
    assert sum(each.failure is not None for each in wrong.values()) < len(EXERCISES) / 2
    for name, each in wrong.items():
        assert each.expectations == reference[name].expectations[: len(each.expectations)], name


def test_the_acting_part_observes_what_the_whole_check_does():
    grading = grade(SOLUTIONS, EXERCISES, launch=forked)
    assert [verdict.message for verdict in grading if not verdict.passed] == []


@pytest.mark.parametrize("path", sorted(MILESTONES.glob("*/test_*.py")), ids=lambda path: path.stem)
def test_an_acting_part_says_what_is_observed_and_nothing_of_what_is_expected(path):
    whole, acting = path.read_text(encoding="utf-8"), acting_part(path.read_text(encoding="utf-8"))
    assert whole.count("\n") == acting.count("\n")
    calls, kept = [call for call in see_calls(whole) if call.func.attr != SHOWS], see_calls(acting)
    assert len(calls) == len(kept)
    for call, left in zip(calls, kept, strict=True):
        assert call.lineno == left.lineno and left.keywords == []
        observed = OBSERVED[call.func.attr]
        assert list(map(ast.dump, left.args)) == list(map(ast.dump, call.args[:observed]))


# What is left in acting parts of values that nothing there reads, with the reason. It only gets shorter.
LEFT = {
    "1_03 calls": "an attribute of a class",
    "1_08 name": "the values of a mapping go by its names",
    "1_09 expected": "a function of NumPy that is looked up by its name",
    "2_08 like": "a function of NumPy that is looked up by its name",
    "2_09 slope": "the values of a mapping go by its names",
    "4_03 rows": "a method of an array",
    "4_04 position": "as many steps as there are positions",
    "4_05 step": "as many steps as there are numbers",
}


def test_nothing_of_an_expectation_is_left_but_what_is_listed():
    found = set()
    for path in MILESTONES.glob("*/test_*.py"):
        module = ast.parse(acting_part(path.read_text(encoding="utf-8")))
        for function in [node for node in module.body if isinstance(node, ast.FunctionDef)]:
            found |= {f"{path.stem[5:9]} {name}" for name in left_in(function)}
    assert found == LEFT.keys()


def left_in(function):
    """Names that have a value and are not read."""
    nodes = list(ast.walk(function))
    read = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    given = [node for node in nodes if isinstance(node, ast.Assign)]
    values = {ast.unparse(node.targets[0]): ast.unparse(node.value) for node in given}
    pairs = [(node.targets[0], ast.unparse(node.value)) for node in given]
    pairs += [(node.target, ast.unparse(node.iter)) for node in nodes if isinstance(node, ast.For)]
    for target, value in pairs:
        names = {one.id for one in ast.walk(target) if isinstance(one, ast.Name)} - read - {"_"}
        if "None" not in values.get(value, value) and "range(10 ** 9)" not in value:
            yield from names


def see_calls(text):
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    found = [call for call in calls if isinstance(call.func, ast.Attribute)]
    return [call for call in found if isinstance(call.func.value, ast.Name) and call.func.value.id == "see"]


def test_a_key_that_was_kept_is_read_and_a_damaged_one_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr(answer_key, "FOLDER", tmp_path)
    checks = find_task("1.2").checks
    monkeypatch.setattr(answer_key, "_PARTS", {})
    first = answer_key.answer_key(checks)
    (kept,) = tmp_path.iterdir()
    monkeypatch.setattr(answer_key, "_PARTS", {})
    monkeypatch.setattr(answer_key, "stated", None)  # reading it needs no run
    assert answer_key.answer_key(checks) == first
    monkeypatch.undo()
    monkeypatch.setattr(answer_key, "FOLDER", tmp_path)
    kept.write_text('{"cut', encoding="utf-8")
    monkeypatch.setattr(answer_key, "_PARTS", {})
    assert answer_key.answer_key(checks) == first


AWKWARD = """
def test_f(see):
    see.close((1 + 2), 3)
    see.equal([a, b],  # two, of them
              [1, 2], )
    see.close(x.σ, 'σ, )')
    for observed, expected in [(1, 2), (3,
                                        4)]:
        see.equal(observed, expected)
    wanted = [
        1,
    ]
    see.equal(f(1), wanted)
    see.raises(lambda: f(1, 2), "ValueError", mentions=["1, 2"])
    see.shows("map", "a", lambda: g(1))
def g(x):
    return x
"""
ACTING = """
def test_f(see):
    see.close((1 + 2))
    see.equal([a, b]
)
    see.close(x.σ)
    for observed, expected in [(1, None), (3,
                                        None)]:
        see.equal(observed)
    wanted = None


    see.equal(f(1))
    see.raises(lambda: f(1, 2))
    pass


"""


def test_what_is_cut_and_what_stays():
    assert acting_part(AWKWARD) == ACTING
    assert acting_part(AWKWARD, shows=True).endswith('see.shows("map", "a", lambda: g(1))\ndef g(x):\n    return x\n')


@pytest.mark.parametrize("call", ["see.close(observed=1)", "see.differs(1, 2)", "see.gradients(f)", "see.equal(*a)"])
def test_a_call_that_can_not_be_cut_is_named(call):
    with pytest.raises(CourseError, match=r"test_wrong.py:2: see\.\w+ takes what is observed first"):
        acting_part(f"def test_f(see):\n    {call}\n", "test_wrong.py")


def test_what_a_check_observes_of_unseeded_numbers_repeats_itself():
    """Here a mask overwrites the input, and the check that sees it does not seed the tree's generator."""
    mistake = next(each for each in load_catalogue(course()) if each.id == "dropout-writes-into-its-input")
    checks = find_task("3.8").checks
    first, second = (
        {name: each.facts for name, each in stated(checks, changes=mistake.changes(), launch=forked).items()}
        for _ in range(2)
    )
    assert first == second
