"""The commands as a student types them: what they print, what they leave, how they refuse."""

import json
import os
import subprocess
import sys

import pytest

from grader.command import COMMAND
from grader.course import hints
from grader.files import REPOSITORY
from grader.source.starter import write_starter
from tests.trees import replace_body


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["milestone", 1, "--tree", "no/such/folder"], "there is no folder"),
        (["milestone", 1, "--tree", "milestones"], "milestones does not contain neural_framework/"),
        (["milestone", 1, "--tree", "solutions/neural_framework"], "name the folder around it, solutions"),
        (["milestone", 7], "there is no milestone 7"),
        (["milestone", 1, "--task", "1.99"], "there is no task '1.99' in milestone 1: it has 1.1, 1.2"),
        (["milestone", 1, "--task", "one"], "there is no task 'one'"),
        (
            ["milestone", 3, "--task", "extra.1"],
            "extra.1 earns no points and has no checks: see its section in milestone3",
        ),
        (["milestone", 1, "--task", "2.3"], f"task 2.3 belongs to {COMMAND} -s milestone2"),
        (["milestone", 2, "--on-reference"], "forward and backward share"),
        (["milestone", 1, "--tree", "solutions/neural_framework/errors.py"], "is not a folder"),
        (["hint", "9.1"], "there is no milestone 9"),
        (["hint", "1.99"], "there is no task '1.99'"),
        (["hint", "extra.9"], "there is no task 'extra.9'"),
        (["python", "--tree", "nowhere"], "there is no folder nowhere"),
        (["starter", "--to", "solutions"], "never overwritten"),
    ],
)
def test_a_wrong_call_gets_one_clear_line(grader, arguments, complaint):
    graded = grader(*arguments)
    assert graded.code == 2
    assert graded.screen == "" and graded.results is None
    assert graded.errors.count("\n") == 1 and complaint in graded.errors


def test_one_task_is_graded_alone(grader):
    graded = grader("milestone", 2, "--tree", "solutions", "--task", "2.4")
    assert graded.code == 0
    assert [task["id"] for task in graded.results["milestones"][0]["tasks"]] == ["2.4"]
    assert graded.results["score"] == graded.results["max_score"] == 12


def test_results_say_what_course_md_says(tree, grader):
    replace_body(tree, "operations/arithmetic.py", "Multiply.forward", "return x + y")
    graded = grader("milestone", 1, "--tree", tree)
    results = graded.results
    assert results.keys() == {"tree", "score", "max_score", "milestones"}
    milestone = results["milestones"][0]
    assert milestone.keys() == {"number", "title", "score", "max_score", "tasks"}
    task = graded.task("1.4")
    assert task.keys() == {"id", "title", "state", "score", "max_score", "checks", "mistakes"}
    assert {frozenset(check) for check in task["checks"]} == {frozenset(("id", "passed", "message"))}
    assert 0 < task["score"] < task["max_score"] and task["state"] == "in progress"


def test_the_screen_shows_what_was_done_what_came_back_and_where_to_read_on(tree, grader):
    line = replace_body(tree, "operations/arithmetic.py", "Multiply.forward", "print('so far', x)\nreturn x @ 'y'")
    screen = grader("milestone", 1, "--tree", tree).screen
    assert "TypeError" in screen or "UFuncTypeError" in screen
    assert f"neural_framework/operations/arithmetic.py:{line + 1}" in screen
    assert "so far" in screen
    assert "milestones/milestone1_tensors/README.md, section 1.4" in screen
    assert f"{COMMAND} -s hint -- 1.4" in screen
    assert "Traceback" not in screen and "grader/" not in screen


def test_a_task_stopped_by_anothers_stub_is_blocked_by_it(tree, grader):
    replace_body(
        tree,
        "operations/broadcasting.py",
        "broadcast_shapes",
        'raise NotImplementedError("1.2: broadcast_shapes is not written yet")',
    )
    graded = grader("milestone", 1, "--tree", tree)
    assert graded.task("1.2")["state"] == "not started"
    assert graded.task("1.4")["state"] in ("blocked", "in progress")
    assert "blocked by 1.2" in graded.screen
    assert "Next TODO" in graded.screen and "operations/broadcasting.py:" in graded.screen


def test_rooms_of_earlier_milestones_can_come_from_the_reference(tmp_path, grader):
    blank = tmp_path / "blank"
    write_starter(REPOSITORY / "solutions", blank)
    solved = (REPOSITORY / "solutions/neural_framework/modules/init.py").read_text(encoding="utf-8")
    (blank / "neural_framework/modules/init.py").write_text(solved, encoding="utf-8")
    assert grader("milestone", 3, "--tree", blank).task("3.5")["state"] == "blocked"
    assert grader("milestone", 3, "--tree", blank, "--on-reference").task("3.5")["state"] == "done"


def test_raw_hands_everything_to_pytest(grader):
    done = grader("milestone", 1, "--tree", "solutions", "--raw", "-k", "equal_shapes", "-q")
    assert done.code == 0 and "1 passed" in done.screen


def test_python_finds_the_tree(grader, tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import neural_framework as nf, sys; print(nf.Tensor([1.0]), sys.argv[1:])", encoding="utf-8")
    done = grader("python", "--tree", "solutions", script, "-x")
    assert done.code == 0 and "['-x']" in done.screen
    assert grader("python", "--tree", "solutions", "-c", "print(6 * 7)").screen == "42\n"


def test_hints_come_one_by_one_and_survive_a_damaged_file(tmp_path):
    progress = tmp_path / "hints.json"
    first, second = hints.next_hint("2.4", progress), hints.next_hint("2.4", progress)
    assert "1 of 3" in first and "2 of 3" in second and first.splitlines()[1] in second
    progress.write_text("{", encoding="utf-8")
    assert "1 of 3" in hints.next_hint("2.4", progress)
    assert json.loads(progress.read_text(encoding="utf-8")) == {"2.4": 1}


def test_plain_text_goes_into_a_pipe(grader):
    assert "\x1b" not in grader("milestone", 1, "--tree", "solutions", "--task", "1.2").screen


def test_a_terminal_gets_colour_and_results_go_where_they_are_asked_to(tmp_path):
    command = [sys.executable, "-m", "grader", "milestone", "1", "--tree", "solutions", "--task", "1.2"]
    environment = {**os.environ, "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "a/b")], cwd=REPOSITORY, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0 and "\x1b[" in done.stdout
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["results.json"]
