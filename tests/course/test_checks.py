"""What holds for every single check: it can fail, it needs no other check, and no order or seed decides over it."""

import dataclasses
import math
import os
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.course.milestones import load_milestone, milestone_numbers
from grader.files import SOLUTIONS
from grader.run.assemble import assemble
from grader.run.fork_server import launch
from grader.run.supervise import observe
from grader.verdict.judge import judge_check

TASKS = [task for number in milestone_numbers() for task in load_milestone(number).tasks]
ALL = [check for task in TASKS for check in task.checks]
CHECKS = [check for task in TASKS if not task.needs for check in task.checks]  # without convergence, which takes long
SEEDS = 5  # proofs/seeds.py tries 200


def other_value(value):
    """Plain data that is not `value`: of an array or a list another first element, of the same kind."""
    if isinstance(value, dict) and "array" in value:
        if 0 in value["shape"]:
            return {**value, "shape": [*value["shape"], 1]}
        return {**value, "array": other_value(value["array"])}
    if isinstance(value, dict) and value.get("mapping"):
        first = next(iter(value["mapping"]))
        return {"mapping": {**value["mapping"], first: other_value(value["mapping"][first])}}
    if isinstance(value, list):
        return [other_value(value[0]), *value[1:]] if value else ["one more"]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return 0.0 if math.isnan(value) or math.isinf(value) else value + 1 + abs(value)
    return f"not {value}" if isinstance(value, str) else "something else"


def changed_expectations(fact):
    """The fact with expectations that what was observed does not meet."""
    expected = fact["expected"]
    if fact["kind"] in ("at_least", "most_at_least"):
        changed = [math.inf]
    elif fact["kind"] == "at_most":
        changed = [-math.inf]
    elif fact["kind"] == "raises":
        changed = [{**expected, "types": ["AnErrorThatNobodyRaises"]}, {**expected, "mentions": ["what nobody says"]}]
        for name, value in expected["attributes"].items():
            changed.append({**expected, "attributes": {**expected["attributes"], name: other_value(value)}})
    else:
        changed = [other_value(expected)]
    return [{**fact, "expected": other} for other in changed]


def observed(scratch, checks, shift=0):
    """What the checks observe on the reference."""
    scratch.mkdir(exist_ok=True)
    assembled = assemble(SOLUTIONS, SOLUTIONS, scratch)
    return observe(assembled, checks, seed_shift=shift, process=launch(scratch, shift))


def failures(observations, checks):
    verdicts = [judge_check(check, observations[check.id], {}) for check in checks]
    return [f"{verdict.check.id}: {verdict.message}" for verdict in verdicts if not verdict.passed]


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return observed(tmp_path_factory.mktemp("reference"), ALL)


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.id)
def test_another_expectation_of_any_fact_changes_the_verdict(check, reference):
    observation = reference[check.id]
    assert observation.facts and judge_check(check, observation, {}).passed
    for position, fact in enumerate(observation.facts):
        for other in changed_expectations(fact):
            facts = [*observation.facts[:position], other, *observation.facts[position + 1 :]]
            assert not judge_check(check, dataclasses.replace(observation, facts=facts), {}).passed, other


def test_checks_pass_in_any_order(tmp_path):
    for seed in range(3):
        shuffled = random.Random(seed).sample(CHECKS, len(CHECKS))
        assert failures(observed(tmp_path / str(seed), shuffled), shuffled) == []


def test_each_check_passes_alone(tmp_path):
    def alone(position):
        check = ALL[position]
        return failures(observed(tmp_path / str(position), [check]), [check])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        assert [failure for found in pool.map(alone, range(len(ALL))) for failure in found] == []


@pytest.mark.parametrize("shift", range(1, SEEDS + 1))
def test_no_check_depends_on_its_seed(shift, tmp_path):
    assert failures(observed(tmp_path / "tree", CHECKS, shift), CHECKS) == []
