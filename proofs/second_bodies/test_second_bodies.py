"""Right work passes: every exercise has a second body, written in another way, and the suites give it all points.

A second body stands in alternatives/, in the same file, class and function as the first in the package.
"""

import ast
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.course.milestones import load_milestone, milestone_numbers, milestone_of
from grader.files import SOLUTIONS
from grader.run.assemble import assemble
from grader.run.fork_server import launch
from grader.run.supervise import observe
from grader.source.graft import with_functions
from grader.source.package import PACKAGE, read_source, source_files
from grader.source.stubs import exercises
from grader.source.syntax import functions
from grader.verdict.judge import judge_check

COURSE = {number: load_milestone(number) for number in milestone_numbers()}
ALTERNATIVES = Path(__file__).parent / "bodies"
SOURCES = {name: read_source(path) for name, path in source_files(SOLUTIONS).items()}
OTHERS = {
    f"{PACKAGE}/{path.relative_to(ALTERNATIVES).as_posix()}": read_source(path)
    for path in sorted(ALTERNATIVES.rglob("*.py"))
}
# {(file, function): its task}
EXERCISES = {
    (name, exercise.name): exercise.task_id
    for name, source in SOURCES.items()
    for exercise in exercises(source, name)
    if not exercise.task_id.startswith("extra")
}

# Two methods of one class, of which the first chooses what it leaves for the second: swapped in together.
PAIRED = {"forward", "backward", "__enter__", "__exit__"}


def defined(sources: dict[str, str]) -> dict[tuple[str, str], ast.FunctionDef]:
    """Every function of some files, by file and dotted name."""
    return {(file, name): node for file, text in sources.items() for name, node in functions(ast.parse(text))}


def units() -> dict[str, list[tuple[str, str]]]:
    """What is swapped in at once, an exercise or the two of a pair, by file and name."""
    found = {}
    for file, name in EXERCISES:
        owner, _, method = name.rpartition(".")
        found.setdefault(f"{file} {owner if method in PAIRED else name}", []).append((file, name))
    return found


UNITS = units()


def failures(scratch: Path, swapped: list[tuple[str, str]], convergence: bool) -> list[str]:
    """Assemble the reference with the second bodies of these exercises; what does not pass of their milestones."""
    changes = {}
    for file in {file for file, _ in swapped}:
        changes[file] = with_functions(SOURCES[file], OTHERS[file], [name for other, name in swapped if other == file])
    assembled = assemble(SOLUTIONS, SOLUTIONS, scratch, changes=changes)
    milestones = [COURSE[number] for number in sorted({milestone_of(EXERCISES[one]) for one in swapped})]
    tasks = [task for milestone in milestones for task in milestone.tasks if convergence or not task.needs]
    checks = [check for task in tasks for check in task.checks]
    observations = observe(assembled, checks, process=launch(scratch))
    verdicts = [judge_check(check, observations[check.id], {}) for task in tasks for check in task.checks]
    return [f"{verdict.check.id}: {verdict.message}" for verdict in verdicts if not verdict.passed]


@pytest.fixture(scope="session")
def singles(request, tmp_path_factory):
    """The failures of each unit that is asked for, found by as many workers at once as there are processors."""
    names = [item.callspec.params["unit"] for item in request.session.items if "singles" in item.fixturenames]
    scratch = tmp_path_factory.mktemp("singles")
    folders = [scratch / str(i) for i in range(len(names))]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(failures, folders, [UNITS[name] for name in names], [False] * len(names))
        return dict(zip(names, found, strict=True))


def test_every_exercise_has_a_second_body_and_nothing_else_has():
    inside = set(defined(SOURCES))
    assert {key for key in defined(OTHERS) if key in inside or "." in key[1]} == set(EXERCISES)


@pytest.mark.parametrize(("file", "name"), EXERCISES)
def test_a_second_body_is_another(file, name):
    first, second = (defined({file: texts[file]})[file, name] for texts in (SOURCES, OTHERS))
    documented = ast.get_docstring(first) is not None
    assert ast.dump(first.args) == ast.dump(second.args)
    assert [ast.dump(node) for node in first.body[documented:]] != [ast.dump(node) for node in second.body]


@pytest.mark.parametrize("unit", UNITS)
def test_a_second_body_alone_passes_its_milestone(unit, singles):
    assert singles[unit] == []


def test_all_second_bodies_together_pass_everything(tmp_path):
    assert failures(tmp_path, list(EXERCISES), convergence=True) == []
