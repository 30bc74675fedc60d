"""The course holds together: one id names marker, checks, points, hints and lesson; the order of tasks is honest."""

import ast
import re
from pathlib import Path

import pytest

from grader.course.hints import hints
from grader.course.milestones import load_milestone, milestone_numbers, milestone_of, task_sections
from grader.files import MILESTONES, SOLUTIONS
from grader.run.assemble import assemble
from grader.run.fork_server import launch
from grader.run.supervise import observe
from grader.source.package import read_source, source_files
from grader.source.starter import generate
from grader.source.stubs import exercises
from grader.verdict.judge import judge

COURSE = {number: load_milestone(number) for number in milestone_numbers()}
TASKS = {task.id: task for milestone in COURSE.values() for task in milestone.tasks}
EXERCISES = [
    (name, exercise)
    for name, path in source_files(SOLUTIONS).items()
    for exercise in exercises(read_source(path), name)
]
# Tasks without stubs of their own, which a stub of a task they need makes fail.
CONVERGENCE = {task.id for task in TASKS.values() if task.needs}


def verdict_with_stubs(scratch: Path, chosen, milestone, tasks):
    """The verdict on the reference with the chosen exercises stubbed."""
    sources = {name: read_source(path) for name, path in source_files(SOLUTIONS).items()}
    stubbed = {name: generate(source, name, chosen) for name, source in sources.items()}
    changes = {name: text for name, text in stubbed.items() if text != sources[name]}
    assembled = assemble(SOLUTIONS, SOLUTIONS, scratch, changes=changes)
    checks = [check for task in tasks for check in task.checks]
    observations = observe(assembled, checks, process=launch(scratch))
    return judge(milestone, tasks, assembled, observations)


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


@pytest.mark.parametrize("number", COURSE)
def test_a_milestone_passes_with_all_later_ones_stubbed(number, tmp_path):
    def later(exercise):
        return milestone_of(exercise.task_id) > number

    milestone = COURSE[number]
    tasks = [task for task in milestone.tasks if task.id not in CONVERGENCE]
    verdict = verdict_with_stubs(tmp_path, later, milestone, tasks)
    assert [check.message for task in verdict.tasks for check in task.checks if not check.passed] == []


@pytest.mark.parametrize(
    ("name", "exercise"), EXERCISES, ids=[f"{exercise.task_id} {exercise.name}" for _, exercise in EXERCISES]
)
def test_an_exercise_stubbed_alone_fails_its_own_task(name, exercise, tmp_path):
    if exercise.task_id.startswith("extra"):
        pytest.skip("an extra exercise has no checks and no points")
    task = TASKS[exercise.task_id]
    milestone = COURSE[int(task.id.split(".")[0])]
    verdict = verdict_with_stubs(tmp_path, lambda other: other == exercise, milestone, [task])
    assert {check.stub for check in verdict.tasks[0].checks if not check.passed} == {task.id}


@pytest.mark.parametrize("needed", [(task, need) for task in sorted(CONVERGENCE) for need in TASKS[task].needs])
def test_a_convergence_task_fails_without_each_task_that_it_needs(needed, tmp_path):
    task = TASKS[needed[0]]
    verdict = verdict_with_stubs(tmp_path, lambda other: other.task_id == needed[1], COURSE[4], [task])
    assert verdict.tasks[0].state == "not started" or verdict.tasks[0].blocked_by == (needed[1],)


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
    assert graded.code == 0
    assert graded.results["score"] == graded.results["max_score"] == 400
