"""The likely mistake behind failing checks: which one is named, how surely, and when none is."""

import re
from dataclasses import dataclass, field

import pytest

from grader.command import COMMAND
from grader.protocol import Expectation, Fact, Observation
from grader.verdict.compare import first_disagreement
from grader.verdict.diagnosis import diagnose
from grader.verdict.outcomes import outcome
from tests.trees import replace_body


@dataclass(frozen=True)
class Part:
    """As much of a check, a task or a mistake as the diagnosis reads."""

    id: str
    task: str = ""
    checks: tuple = field(default=())


TASKS = [Part(task, checks=tuple(Part(f"{task}{letter}") for letter in "abc")) for task in ("1", "2")]
WRONG, OTHER, ERROR = {"fact": 0, "observed": 3.0}, {"fact": 0, "observed": 4.0}, {"error": "TypeError"}
MISTAKES = [Part("first", "1"), Part("second", "2"), Part("near", "2")]
FINGERPRINTS = {
    "first": {"1a": WRONG, "1b": ERROR, "2a": WRONG},
    "second": {"2b": WRONG, "2c": WRONG},
    "near": {"2b": OTHER, "2c": WRONG},
}


def told(failed, silent=()):
    return diagnose(TASKS, failed, MISTAKES, FINGERPRINTS, silent)


def names(diagnosis):
    return [(suspicion.mistake.id, suspicion.confidence) for suspicion in diagnosis.suspicions]


def test_a_run_like_a_fingerprint_gets_its_name_and_what_follows_is_told():
    diagnoses = told(FINGERPRINTS["first"])
    assert names(diagnoses["1"]) == [("first", 1.0)]
    assert [origin.mistake.id for origin in diagnoses["2"].follows_from] == ["first"]


def test_numbers_are_compared_within_tolerance():
    assert names(told({"2b": {"fact": 0, "observed": 3.001}, "2c": WRONG})["2"])[0] == ("second", 1.0)


def test_two_mistakes_in_different_tasks_are_both_named():
    diagnoses = told({**FINGERPRINTS["first"], **FINGERPRINTS["second"]})
    assert names(diagnoses["1"])[0] == ("first", 1.0) and names(diagnoses["2"])[0] == ("second", 1.0)


def test_the_likelier_comes_first():
    assert names(told(FINGERPRINTS["near"])["2"]) == [("near", 1.0), ("second", 0.75)]


def test_what_fails_otherwise_is_near_or_far_and_what_fails_on_one_side_only_counts_against():
    assert names(told({"1a": OTHER, "1b": WRONG})["1"]) == [("first", 0.38)]  # (1/2 + 1/4) / 2
    assert names(told({"1c": WRONG})["1"]) == []


def test_checks_that_stopped_at_a_stub_say_nothing():
    assert names(told({"2b": WRONG}, silent={"2c"})["2"])[0] == ("second", 1.0)


def test_behind_an_unexplained_failure_only_the_near_certain_is_named_with_doubt():
    diagnoses = told({"1c": ERROR, **FINGERPRINTS["second"]})
    assert diagnoses["1"].suspicions == () and diagnoses["2"].behind == "1"
    assert names(diagnoses["2"]) == [("second", 0.5), ("near", 0.38)]


def test_a_mistake_of_a_finished_task_is_out_of_the_question():
    assert names(told({"2a": WRONG})["2"]) == []


@pytest.mark.parametrize(
    "value", [10**400, -(10**400), float("nan"), None, "text" * 100, {"object": "Tensor"}, [[1], []]]
)
def test_whatever_was_observed_has_an_outcome(value):
    facts, expectations = [Fact("equal", value)], [Expectation("equal", "something else")]
    wrong = first_disagreement(facts, expectations)
    assert len(str(outcome(Observation(facts, ended=True), wrong))) < 200


def test_the_report_names_the_mistake_and_shows_a_check_that_it_explains(tree, quick_grader):
    body = "return np.where(self.x < 0, np.zeros_like(grad), grad)"
    replace_body(tree, "operations/piecewise.py", "ReLU.backward", body)
    graded = quick_grader("milestone", 2, "--tree", tree)
    assert graded.task("2.8")["mistakes"][0]["id"] == "relu-passes-at-zero"
    assert "almost certainly: ReLU passes the gradient on at 0" in graded.screen
    assert all(task["mistakes"] == [] for task in graded.results["milestones"][0]["tasks"] if task["id"] != "2.8")


def test_an_attribute_that_forward_forgot_is_told(tree, quick_grader):
    replace_body(tree, "operations/elementwise.py", "Tanh.forward", "return np.tanh(x)")
    screen = quick_grader("milestone", 2, "--tree", tree, "--task", "2.7").screen
    assert "Tanh never sets self.y: store it in forward" in screen


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return grad * np.cos(self.inputss)", "Did you mean inputs?"),
        ("return gradd * np.cos(self.x)", "NameError: name 'gradd' is not defined. Did you mean grad?"),
        ("return cosine(self.x)", "NameError: name 'cosine' is not defined"),
    ],
)
def test_behind_a_name_that_is_not_found_there_is_no_mistake_of_thought(tree, quick_grader, body, told):
    replace_body(tree, "operations/elementwise.py", "Sin.backward", body)
    graded = quick_grader("milestone", 2, "--tree", tree, "--task", "2.7")
    assert told in graded.screen and graded.task("2.7")["mistakes"] == []
    assert not re.search("known mistake|probably|perhaps|almost", graded.screen)


def test_a_grad_of_none_is_no_missing_return(tree, quick_grader):
    body = """
parameters = all_parameters(model, optimizer)
for parameter in parameters.values():
    parameter.zero_grad()
loss = loss_fn(model(inputs), targets)
require_finite("loss", loss)
loss.backward()
for name, parameter in parameters.items():
    require_finite(name, parameter.grad.data)
if max_grad_norm is not None:
    clip_grad_norm_(parameters.values(), max_grad_norm)
optimizer.step()
return loss.item()
"""
    replace_body(tree, "training/loops.py", "training_step", body.strip())
    assert "a grad is None, as it is until" in quick_grader("milestone", 4, "--tree", tree, "--task", "4.9").screen


def test_a_missing_return_is_asked_for(tree, quick_grader):
    replace_body(tree, "modules/recurrent.py", "RNNCell.forward", "h = state")
    screen = quick_grader("milestone", 3, "--tree", tree, "--task", "3.10").screen
    assert "a value is None: did you forget a `return`, to store something, " in screen
    assert "or that an argument may be left out?" in screen
    replace_body(tree, "operations/elementwise.py", "Sin.forward", "np.sin(x)")
    assert "which holds a NoneType" in quick_grader("milestone", 1, "--tree", tree, "--task", "1.6").screen


def test_what_no_known_mistake_does_is_said_so(tree, quick_grader):
    replace_body(tree, "operations/elementwise.py", "Cos.backward", "return 7.25 * grad * self.x")
    run = ("milestone", 2, "--tree", tree, "--task", "2.7")
    assert "smallest" in (screen := quick_grader(*run).screen) and "cause" not in screen
    screen = " ".join(quick_grader(*run, "--fast").screen.split())
    assert "no known mistake matches" in screen and f"{COMMAND} -s milestone1 -- --tree {tree.as_posix()}" in screen


def test_what_comes_from_an_earlier_milestone_is_looked_for_there(tree, quick_grader):
    replace_body(tree, "optim/schedulers.py", "StepLR.lr_after", "return 0.123")
    hint = f"come from an earlier milestone. Check with: {COMMAND} -s milestone4 -- --on-reference"
    run = ("milestone", 4, "--tree", tree, "--task", "4.6", "--fast")
    assert hint in " ".join(quick_grader(*run).screen.split())
    assert "earlier milestone" not in quick_grader(*run, "--on-reference").screen


def test_an_operation_without_its_backward_shows_what_it_defines(tree, quick_grader):
    path = tree / "neural_framework" / "operations" / "elementwise.py"
    text = path.read_text(encoding="utf-8")
    start = text.index("class Cos(")
    path.write_text(text[:start] + text[start:].replace("def backward", "def bakward", 1), encoding="utf-8")
    screen = " ".join(quick_grader("milestone", 2, "--tree", tree, "--task", "2.7").screen.split())
    assert "Cos defines forward, bakward, and no backward(self, grad): write one in the class" in screen
