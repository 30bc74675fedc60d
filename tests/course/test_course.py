"""The course holds together: one id names marker, checks, points, hints and lesson; the order of tasks is honest."""

import ast
import re

import pytest

from grader.course.hints import hints
from grader.course.milestones import checks_of, course, milestone_of, task_sections
from grader.files import MILESTONES, SOLUTIONS
from grader.grade import grade
from grader.run.fork_server import forked
from grader.source.exercises import exercises_by_file
from grader.source.package import read_source
from grader.source.starter import generate

COURSE = {milestone.number: milestone for milestone in course()}
TASKS = {task.id: task for milestone in COURSE.values() for task in milestone.tasks}
EXERCISES = [(name, exercise) for name, found in exercises_by_file().items() for exercise in found]
# Tasks without stubs of their own, which a stub of a task they need makes fail.
CONVERGENCE = {task.id for task in TASKS.values() if task.convergence}


def with_stubs(chosen, checks):
    """The reference with the chosen exercises stubbed, on its way to a verdict."""
    files = [name for name, found in exercises_by_file().items() if any(map(chosen, found))]
    changes = {name: generate(read_source(SOLUTIONS / name), name, chosen) for name in files}
    return grade(SOLUTIONS, checks, changes=changes, launch=forked)


def verdict_with_stubs(chosen, tasks):
    """The verdict on the reference with the chosen exercises stubbed."""
    (verdict,) = with_stubs(chosen, checks_of(tasks)).finish()
    return verdict


def test_markers_and_tasks_are_the_same_set():
    extras = {extra for milestone in COURSE.values() for extra in milestone.extras}
    assert {exercise.task_id for _, exercise in EXERCISES} == (TASKS.keys() - CONVERGENCE) | extras


def test_every_check_file_belongs_to_a_task():
    named = set(MILESTONES.glob("*/test_*.py"))
    assert named == {check.path for task in TASKS.values() for check in task.checks}


@pytest.mark.parametrize("number", COURSE)
def test_lessons_and_hints_have_the_sections_of_the_tasks(number):
    milestone = COURSE[number]
    ids = [*(task.id for task in milestone.tasks), *milestone.extras]
    rungs = {task_id: len(rungs) for task_id, rungs in hints(milestone.folder / "hints.md").items()}
    assert list(task_sections(milestone.folder / "README.md")) == ids
    assert rungs == dict.fromkeys(ids, 3)


@pytest.mark.parametrize("number", COURSE)
def test_lesson_headings_carry_the_titles_of_the_tasks(number):
    lesson = (COURSE[number].folder / "README.md").read_text(encoding="utf-8")
    titles = {**{task.id: task.title for task in COURSE[number].tasks}, **COURSE[number].extras}
    assert re.findall(r"^## (\w+\.\d+ .*)$", lesson, re.MULTILINE) == [" ".join(item) for item in titles.items()]


@pytest.mark.parametrize("number", COURSE)
def test_a_milestone_is_worth_100_points(number):
    assert sum(task.points for task in COURSE[number].tasks) == 100


def test_needs_name_tasks():
    assert {needed for task in TASKS.values() for needed in task.needs} <= TASKS.keys()


@pytest.mark.parametrize("path", sorted(MILESTONES.glob("*/test_*.py")), ids=lambda path: path.stem)
def test_checks_are_plain_documented_functions_without_assert(path):
    module = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.name for node in module.body if isinstance(node, ast.FunctionDef)]
    assert len(names) == len(set(names))
    assert not [node.lineno for node in ast.walk(module) if isinstance(node, ast.Assert)]
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            assert ast.get_docstring(node) and not node.decorator_list, node.name


@pytest.mark.parametrize("path", sorted(MILESTONES.glob("*/test_*.py")), ids=lambda path: path.stem)
def test_checks_reach_the_package_only_through_the_name_that_a_worker_renews(path):
    module = ast.parse(path.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(module) if isinstance(node, ast.Import | ast.ImportFrom)]
    ours = [ast.unparse(node) for node in imports if "neural_framework" in ast.unparse(node)]
    assert ours == ["import neural_framework as nf"]


@pytest.mark.parametrize("number", COURSE)
def test_a_milestone_passes_with_all_later_ones_stubbed(number):
    def later(exercise):
        return milestone_of(exercise.task_id).number > number

    verdict = verdict_with_stubs(later, COURSE[number].exercises)
    assert [check.message for task in verdict.tasks for check in task.checks if not check.passed] == []


@pytest.mark.parametrize(
    "exercise",
    [exercise for _, exercise in EXERCISES if not exercise.task_id.is_extra],
    ids=lambda exercise: f"{exercise.task_id} {exercise.name}",
)
def test_an_exercise_stubbed_alone_fails_its_own_task(exercise):
    verdict = verdict_with_stubs(lambda other: other == exercise, [TASKS[exercise.task_id]])
    assert {check.stub for check in verdict.tasks[0].checks if not check.passed} == {exercise.task_id}


@pytest.mark.parametrize("needed", [(task, need) for task in sorted(CONVERGENCE) for need in TASKS[task].needs])
def test_a_convergence_task_fails_without_each_task_that_it_needs(needed):
    """Some check stops at its stub. The last one needs most; those after it, which train for seconds, are not run."""
    checks = TASKS[needed[0]].checks[::-1]
    grading = with_stubs(lambda other: other.task_id == needed[1], checks)
    failed = next((check for check in grading if not check.passed), None)
    assert failed is not None and failed.stub == needed[1]


def test_the_blank_starter_scores_nothing(tmp_path, grader):
    assert grader("starter", "--to", tmp_path / "blank").code == 0
    graded = grader("grade", "--tree", tmp_path / "blank")
    tasks = [task for milestone in graded.results["milestones"] for task in milestone["tasks"]]
    assert graded.code == 1 and graded.results["score"] == 0
    assert {task["state"] for task in tasks} == {"not started"}
    assert [check["id"] for task in tasks for check in task["checks"] if check["passed"]] == []
    assert all("is not written yet" in check["message"] for task in tasks for check in task["checks"])


def test_the_reference_scores_everything(grader):
    graded = grader("grade", "--tree", "solutions")
    counting = [milestone for milestone in COURSE.values() if not milestone.elective]
    assert graded.code == 0
    assert graded.results["score"] == graded.results["max_score"] == 100 * len(counting)
