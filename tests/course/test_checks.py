"""Each check is one that can fail, stands on its own, and does not depend on its seed."""

import dataclasses
import math
import random
import re

import pytest

from grader.answer_key import answer_key, stated
from grader.course import milestones
from grader.course.milestones import checks_of, course
from grader.errors import CourseError
from grader.files import MILESTONES, SOLUTIONS
from grader.grade import grade
from grader.run.fork_server import forked
from grader.verdict.judge import judge_check

# What is run at once: a milestone, and each task that takes long.
TOGETHER = {f"milestone {milestone.number}": checks_of(milestone.exercises) for milestone in course()}
TOGETHER |= {task.id: task.checks for milestone in course() for task in milestone.tasks if task.convergence}
CHECKS = checks_of(task for milestone in course() for task in milestone.exercises)  # convergence takes long
SHIFTS = (1, 2, 3)  # of seeds; `nox -s seeds` tries 200, and each check alone


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


def changed_expectations(expectation):
    """Expectations that what was observed does not meet."""
    expected = expectation.expected
    if expectation.kind in ("at_least", "most_agree"):
        changed = [math.inf]
    elif expectation.kind == "at_most":
        changed = [-math.inf]
    elif expectation.kind == "raises":
        changed = [{**expected, "types": ["AnErrorThatIsNeverRaised"]}, {**expected, "mentions": ["never said"]}]
        for name, value in expected["attributes"].items():
            changed.append({**expected, "attributes": {**expected["attributes"], name: other_value(value)}})
    else:
        changed = [other_value(expected)]
    return [dataclasses.replace(expectation, expected=other) for other in changed]


def failures(checks, shift):
    """What does not pass on the reference."""
    verdicts = grade(SOLUTIONS, checks, seed_shift=shift, launch=forked)
    return [f"{verdict.check.id}: {verdict.message}" for verdict in verdicts if not verdict.passed]


@pytest.mark.parametrize("checks", TOGETHER.values(), ids=TOGETHER)
def test_another_expectation_of_any_fact_changes_the_verdict(checks):
    observations, key = stated(checks, launch=forked), answer_key(checks)
    for check in checks:
        observation, expectations = observations[check.id], key[check.id]
        assert expectations and judge_check(check, observation, expectations).passed
        for position, expectation in enumerate(expectations):
            for other in changed_expectations(expectation):
                changed = [*expectations[:position], other, *expectations[position + 1 :]]
                assert not judge_check(check, observation, changed).passed, (check.id, other)


@pytest.mark.parametrize("shift", SHIFTS)
def test_checks_pass_in_any_order_and_with_other_seeds(shift):
    assert failures(random.Random(shift).sample(CHECKS, len(CHECKS)), shift) == []


@pytest.mark.parametrize(("added", "said"), [(b"def (\n", "syntax error"), (b"# \xff\n", "expected UTF-8")])
def test_a_check_file_that_was_broken_is_named_with_the_way_back(added, said, tmp_path, monkeypatch):
    task = next(iter(course())).tasks[0]
    path = tmp_path / task.checks[0].path.name
    path.write_bytes(task.checks[0].path.read_bytes() + added)
    monkeypatch.setattr(milestones, "_PRIVATE", [tmp_path])  # read as the course's own are
    with pytest.raises(CourseError, match=f"{re.escape(str(path))}, line .*{said}.*git checkout -- "):
        milestones._load_task(MILESTONES, {"id": task.id, "title": "", "points": 1})
