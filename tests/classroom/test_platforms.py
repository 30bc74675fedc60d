"""Packages for Gradescope and GitHub, run as these platforms run them: without a network, in borrowed environments."""

import base64
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
import yaml

from grader.__main__ import main
from grader.classroom.autograder import gradescope_results
from grader.classroom.github import classroom, feedback, write_classroom
from grader.errors import UsageError
from grader.run.sandbox import PROCESS, USER, best_level
from tests.borrowed import borrow_environments, open_python
from tests.trees import replace_body

BASH = pytest.mark.skipif(os.name == "nt", reason="of Linux machines")
PRIVATE = """import neural_framework as nf

def test_secret(see):
    '''Minus three times x.'''
    x = nf.Tensor([2.0], requires_grad=True)
    (-x * 3).sum().backward()
    see.close(x.grad, [-3.0])
"""
KEYS = {"number", "name", "score", "max_score", "status", "visibility", "output", "output_format"}


@pytest.fixture(scope="module")
def autograder():
    """/autograder as Gradescope makes it of the package, after setup.sh has run; the variables for its scripts, and the
    level of isolation there."""
    python = open_python() if os.geteuid() == 0 else None  # otherwise there is no level `user`
    with tempfile.TemporaryDirectory(prefix="gradescope-") as name:  # pytest's own folders are closed to other users
        root = Path(name).resolve() / "autograder"
        root.parent.chmod(0o755)
        variables = set_up(root, python or sys.executable)
        if python is None:  # with bubblewrap, where there is one
            variables["PATH"] += os.pathsep + os.environ["PATH"]
        yield root, variables, USER if python is not None else best_level()


def set_up(root, python):
    package, private = root.parent / "package.zip", root.parent / "own"
    private.mkdir()
    (private / "test_2_05_private.py").write_text(PRIVATE, encoding="utf-8")
    assert main(["gradescope", "--to", str(package), "--milestones", "2", "--private", str(private)]) == 0
    for folder in ("source", "submission", "results"):
        (root / folder).mkdir(parents=True)
    with zipfile.ZipFile(package) as content:
        content.extractall(root / "source")
    borrow_environments(root / "source" / "course", "grading", copied=True, python=python)
    commands = root.parent / "bin"
    commands.mkdir()
    (commands / "python3").write_text(f'#!/bin/sh\nexec "{python}" "$@"\n', encoding="utf-8")
    (commands / "python3").chmod(0o755)
    for name in ("bash", "mkdir", "chmod"):
        (commands / name).symlink_to(f"/bin/{name}")
    variables = {"PATH": str(commands), "AUTOGRADER": str(root), "PIP_NO_INDEX": "1"}
    subprocess.run(["/bin/bash", str(root / "source" / "setup.sh")], env=variables, cwd=root, check=True)
    return variables


def run_autograder(autograder):
    root, variables, level = autograder
    script = (root / "source" / "run_autograder").read_text(encoding="utf-8")
    assert script.startswith("#!/usr/bin/env bash\n")
    done = subprocess.run(["/bin/bash", "-c", script], env=variables, cwd=root, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.match(rf"level {level}, seed \d+, course \w+\n", done.stdout.decode())  # which students do not see
    return json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))


@BASH
@pytest.mark.skipif(best_level() == PROCESS, reason="students' code is not run there without isolation")
def test_gradescope_gets_a_test_case_for_each_task(autograder, tree):
    replace_body(tree, "operations/arithmetic.py", "Negate.backward", "return grad")
    shutil.move(tree, autograder[0] / "submission" / "starter")
    results = run_autograder(autograder)
    assert len(results["tests"]) == 11 and all(test.keys() == KEYS for test in results["tests"])
    assert 90 < results["score"] < 100
    assert results["score"] == pytest.approx(sum(test["score"] for test in results["tests"]), abs=0.1)
    failed = {test["number"]: test for test in results["tests"] if test["status"] == "failed"}
    assert "\ngot  " in failed["2.5"]["output"] and "\nexpected  " in failed["2.5"]["output"]
    assert "of the checks of task 2.5 that your instructor keeps private" in results["output"]
    assert "test_secret" not in json.dumps(results)
    assert {test["visibility"] for test in results["tests"]} == {"visible"}
    assert results["stdout_visibility"] == "hidden"


@BASH
@pytest.mark.skipif(best_level() == PROCESS, reason="students' code is not run there without isolation")
def test_gradescope_hears_why_nothing_was_graded(autograder):
    root, variables, level = autograder
    elsewhere = root.parent / "empty"
    for folder in ("submission", "results"):
        (elsewhere / folder).mkdir(parents=True)
    (elsewhere / "source").symlink_to(root / "source")
    results = run_autograder((elsewhere, {**variables, "AUTOGRADER": str(elsewhere)}, level))
    assert results["score"] == 0 and "Not graded:" in results["output"]
    assert {test["output"] for test in results["tests"]} == {"not started: 0 of 0 checks"}


@BASH
def test_what_is_not_a_students_is_closed_to_others_in_the_container(autograder):
    course = autograder[0] / "source" / "course"
    for path in [course / ".course", *(each for each in course.iterdir() if each.name != ".nox")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    for folder in (course, course.parent):
        assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0o011


def test_the_package_for_gradescope_is_the_same_each_time(tmp_path):
    packages = [tmp_path / "one.zip", tmp_path / "two.zip"]
    for package in packages:
        assert main(["gradescope", "--to", str(package), "--milestones", "1,2", "--on-reference"]) == 0
    assert packages[0].read_bytes() == packages[1].read_bytes()
    with zipfile.ZipFile(packages[0]) as content:
        assert {"setup.sh", "run_autograder"} <= set(content.namelist())
        assert content.getinfo("run_autograder").external_attr >> 16 & 0o111 == 0o111
        assert "--milestones 1,2 --on-reference" in content.read("run_autograder").decode()
    assert main(["gradescope", "--to", str(tmp_path / "package.tar")]) == 2


def test_marks_are_for_instructors_alone():
    mark = {"kind": "import", "file": "neural_framework/a.py", "line": 3, "what": "imports autograd", "why": "It is."}
    task = {"id": "1.1", "title": "One", "state": "done", "score": 2.0, "max_score": 2, "checks": []}
    results = {"score": 2.0, "milestones": [{"tasks": [task]}]}
    record = {"problem": None, "results": results, "stories": [], "marks": [mark], "level": USER}
    own = gradescope_results(record, ["a note"])
    (marks,) = [test for test in own["tests"] if test["visibility"] == "hidden"]
    assert "neural_framework/a.py:3  imports autograd" in marks["output"] and "score" not in marks
    assert "autograd" not in own["output"] and "a note" in own["output"]


RESULTS = {
    "milestones": [
        {
            "number": number,
            "score": 97.3,
            "max_score": 100,
            "tasks": [
                {"id": f"{number}.1", "title": "One", "state": "done", "score": 90.0, "max_score": 90},
                {"id": f"{number}.2", "title": "Two", "state": "in progress", "score": 7.3, "max_score": 10},
            ],
        }
        for number in (1, 2)
    ]
}


def test_github_classroom_gets_the_points_of_each_milestone(tmp_path):
    workflow = yaml.safe_load(classroom((1, 2)))
    (job,) = workflow["jobs"].values()
    assert workflow["name"] == "Autograding Tests" and "run-autograding-tests" in workflow["jobs"]
    script = next(step["run"] for step in job["steps"] if step.get("id") == "points")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "results.json").write_text(json.dumps(RESULTS), encoding="utf-8")
    variables = {**os.environ, "GITHUB_OUTPUT": str(tmp_path / "output")}
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=variables, check=True)
    outputs = dict(line.split("=", 1) for line in (tmp_path / "output").read_text(encoding="utf-8").splitlines())
    reporter = job["steps"][-1]
    for name in reporter["with"]["runners"].split(","):  # as the reporter reads them
        assert reporter["env"][f"{name.upper()}_RESULTS"] == f"${{{{ steps.points.outputs.{name} }}}}"
        result = json.loads(base64.b64decode(outputs[name]))
        assert sum(test["score"] for test in result["tests"]) == pytest.approx(97.3)
        assert result["max_score"] == 100 and result["status"] == "fail"
        assert [test["status"] for test in result["tests"]] == ["pass", "fail"]


@BASH
def test_a_push_gets_its_report_also_where_points_are_missing(tmp_path):
    """The step that grades, with a stand-in for the command."""
    for text in (feedback(), classroom((1,))):
        (job,) = yaml.safe_load(text)["jobs"].values()
        script = next(step["run"] for step in job["steps"] if step.get("name") == "Grade starter/")
        stand_in = "mkdir -p results; echo '{}' > results/results.json; echo Total 3 of 400; exit 1"
        (tmp_path / "python").write_text(f"#!/bin/sh\n{stand_in}\n", encoding="utf-8")
        (tmp_path / "python").chmod(0o755)
        variables = {"PATH": f"{tmp_path}:/usr/bin:/bin", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
        called = ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        assert subprocess.run(called, cwd=tmp_path, env=variables, check=False).returncode == 0
        assert "Total 3 of 400" in (tmp_path / "summary").read_text(encoding="utf-8")
        (tmp_path / "python").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")  # no verdict
        assert subprocess.run(called, cwd=tmp_path, env=variables, check=False).returncode == 1


def test_the_workflow_with_points_takes_the_place_of_the_other(tmp_path):
    with pytest.raises(UsageError, match="not the students' repository"):
        write_classroom(tmp_path, "")
    (tmp_path / "noxfile.py").touch()
    other = tmp_path / ".github" / "workflows" / "feedback.yml"
    other.parent.mkdir(parents=True)
    other.write_text(feedback(), encoding="utf-8")
    path = write_classroom(tmp_path, "1")
    assert path.read_text(encoding="utf-8") == classroom((1,)) and not other.exists()
