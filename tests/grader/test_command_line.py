"""The commands as a student types them: what they print, what they leave, how they refuse."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.command import COMMAND
from grader.course.lessons import when_it_passes
from grader.files import REPOSITORY, SOLUTIONS
from grader.source.reference import write_starter
from grader.task_id import TaskId
from tests.trees import replace_body


def test_a_tree_may_lie_in_a_folder_whose_name_is_no_text(tmp_path, quick_grader):
    tree = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    try:
        write_starter(tree)
    except OSError:
        pytest.skip("NOT TESTED: the file system takes no such name")
    graded = quick_grader("milestone", 1, "--tree", tree, "--html", "1.2")
    assert (graded.code, graded.errors) == (1, "") and "1.2  Broadcast shapes" in graded.screen


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
        (["milestone", 2, "--on-reference"], f"; finish milestone 1 first: {COMMAND} -s milestone1"),
        (["milestone", 1, "--tree", "solutions/neural_framework/errors.py"], "is not a folder"),
        (["hint", "9.1"], "there is no milestone 9"),
        (["hint", "1.99"], "there is no task '1.99'"),
        (["hint", "extra.9"], "there is no task 'extra.9'"),
        (["python", "--tree", "nowhere"], "there is no folder nowhere"),
        (["starter", "--to", "solutions"], "never overwritten"),
        (["explore", "nowhere.py"], "there is no file nowhere.py"),
        (["predict", "--seed", "-1"], "--seed: expected a whole number from 0 on, such as 7, not '-1'"),
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


def test_results_have_the_documented_form(tree, grader):
    replace_body(tree, "operations/arithmetic.py", "Multiply.forward", "return x + y")
    graded = grader("milestone", 1, "--tree", tree)
    results = graded.results
    assert results.keys() == {"tree", "score", "max_score", "milestones"}
    milestone = results["milestones"][0]
    assert milestone.keys() == {"number", "title", "score", "max_score", "tasks"}
    task = graded.task("1.4")
    assert task.keys() == {"id", "title", "state", "score", "max_score", "checks", "faults", "follows_from", "mistakes"}
    assert {frozenset(fault) for fault in task["faults"]} == {frozenset(("function", "file", "line", "task", "checks"))}
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


def test_a_task_may_be_blocked_by_an_extra_exercise(tree, quick_grader):
    stub = 'raise NotImplementedError("extra.1: Affine.forward is not written yet")'
    replace_body(tree, "operations/matmul.py", "Affine.forward", stub)
    screen = quick_grader("milestone", 3, "--tree", tree, "3.6", "--fast").screen
    assert "blocked by extra.1" in screen and "write extra.1 first" in screen and "--on-reference" not in screen


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
    write_starter(blank)
    solved = (REPOSITORY / "solutions/neural_framework/modules/init.py").read_text(encoding="utf-8")
    (blank / "neural_framework/modules/init.py").write_text(solved, encoding="utf-8")
    assert grader("milestone", 3, "--tree", blank).task("3.5")["state"] == "blocked"
    assert grader("milestone", 3, "--tree", blank, "--on-reference").task("3.5")["state"] == "done"


def test_python_finds_the_tree(grader, tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import neural_framework as nf, sys; print(nf.Tensor([1.0]), sys.argv[1:])", encoding="utf-8")
    done = grader("python", "--tree", "solutions", script, "-x")
    assert done.code == 0 and "['-x']" in done.screen
    assert grader("python", "--tree", "solutions", "-c", "print(6 * 7)").screen == "42\n"


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE", "CLICOLOR_FORCE"])
def test_plain_text_goes_into_a_pipe(grader, monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    assert "\x1b" not in grader("milestone", 1, "--tree", "solutions", "--task", "1.2").screen


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_a_terminal_gets_colour_and_results_go_where_they_are_asked_to(tmp_path):
    import pty

    command = [sys.executable, "-m", "grader", "milestone", "1", "--tree", "solutions", "--task", "1.2"]
    environment = {**os.environ, "TERM": "xterm-256color"}
    terminal, end = pty.openpty()
    grader = subprocess.Popen([*command, "--out", tmp_path / "a/b"], cwd=REPOSITORY, env=environment, stdout=end)
    os.close(end)
    shown = b""
    with contextlib.suppress(OSError):  # the terminal is gone once the grader is
        while piece := os.read(terminal, 65_536):
            shown += piece
    os.close(terminal)
    assert grader.wait() == 0 and b"\x1b[" in shown
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["results.json"]


def test_a_sign_that_the_terminal_lacks_costs_no_report(grader, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    graded = grader("milestone", 1, "--tree", "solutions", "--task", "1.2")
    assert graded.code == 0 and "Milestone 1 ? Tensors" in graded.screen


@pytest.mark.parametrize("name", ["[final]", "[", ":smile:", "a [bold]name", "new\nTotal      100 of 100", "\x1b[2J"])
def test_a_tree_may_have_any_name(tree, quick_grader, name):
    renamed = tree.rename(tree.with_name(name))
    graded = quick_grader("milestone", 1, "--tree", renamed, "--task", "1.2")
    assert graded.code == 0
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)
    assert f"/{shown}/" in graded.screen.splitlines()[0]


def test_the_verdict_is_shown_where_it_can_not_be_written(tree, quick_grader, tmp_path):
    (tmp_path / "taken" / "results.json").mkdir(parents=True)
    graded = quick_grader("milestone", 1, "--tree", tree, "--task", "1.2", "--out", tmp_path / "taken")
    assert graded.code == 2 and "Total      10 of 10 points" in graded.screen
    assert "results.json was not written" in graded.errors and "--out" in graded.errors


@pytest.mark.parametrize("asked", [["1.2", "1.4"], ["--task", "1.4", "--task", "1.2"], ["1.4", "--task", "1.2"]])
def test_several_tasks_are_graded_at_once(tree, quick_grader, asked):
    graded = quick_grader("milestone", 1, "--tree", tree, *asked)
    assert [task["id"] for task in graded.results["milestones"][0]["tasks"]] == ["1.2", "1.4"]


@pytest.mark.parametrize(
    "options",
    [
        ["--tree", "solutions", "--task", "1.2", "--raw", "-k", "equal_shapes", "-q"],
        ["1.2", "--raw", "-k", "equal_shapes", "-q", "--tree", "solutions"],
        ["--raw", "-q", "--task", "1.2", "-k", "equal_shapes", "--tree=solutions"],
        ["--raw", "-vv", "--tb=short", "1.2", "--timeout", "30.5", "-k", "equal_shapes", "--tree=solutions"],
    ],
)
def test_raw_takes_our_options_anywhere_and_passes_on_the_rest(grader, options):
    done = grader("milestone", 1, *options)
    assert done.code == 0 and "1 passed" in done.screen


def test_raw_on_the_reference_runs_a_copy(grader, tmp_path):
    blank = tmp_path / "blank"
    write_starter(blank)
    solved = (SOLUTIONS / "neural_framework/modules/init.py").read_text(encoding="utf-8")
    (blank / "neural_framework/modules/init.py").write_text(solved, encoding="utf-8")
    done = grader("milestone", 3, "3.5", "--tree", blank, "--on-reference", "--raw", "-q")
    assert done.code == 0 and "from the reference; this is a copy in" in done.screen


def test_a_block_shows_the_command_that_stops_in_the_function_at_fault(tree, grader):
    replace_body(tree, "operations/matmul.py", "MatMul.forward", "return x")
    screen = grader("milestone", 1, "1.5", "--tree", tree).screen
    command = re.search(rf"debug {COMMAND} -s milestone1 -- (.*? -k \w+)", " ".join(screen.split()))[1].split()
    called = [sys.executable, "-m", "grader", "milestone", "1", *command]
    debugged = subprocess.run(called, input="c\n", cwd=REPOSITORY, capture_output=True, encoding="utf-8", check=False)
    assert "-> return x" in debugged.stdout and "1 failed" in debugged.stdout


def test_a_breakpoint_explains_itself(tree, quick_grader):
    replace_body(tree, "operations/matmul.py", "MatMul.forward", "breakpoint()")
    assert (
        "breakpoint() has no terminal here: run the check with --raw"
        in quick_grader("milestone", 1, "--tree", tree, "--task", "1.5").screen
    )


def test_the_prompt_has_the_framework_and_numpy():
    command = [sys.executable, "-m", "grader", "python", "--tree", "solutions"]
    asked = "print(nf.Tensor([1.0]).numpy() + np.float32(1), nf.__name__)\n"
    done = subprocess.run(command, input=asked, cwd=REPOSITORY, capture_output=True, encoding="utf-8", check=False)
    assert "[2.] neural_framework" in done.stdout


def test_python_on_the_reference_has_the_earlier_rooms(grader, tmp_path):
    blank = tmp_path / "blank"
    write_starter(blank)
    code = "import neural_framework as nf; print((nf.Tensor([2.0]) * 3).numpy())"
    assert "[6.]" in grader("python", "--tree", blank, "--on-reference", "-c", code).screen
    later = "import neural_framework as nf; print(nf.Linear(2, 1).bias.data)"  # nothing is begun, so all rooms are
    assert "[0.]" in grader("python", "--tree", blank, "--on-reference", "-c", later).screen
    assert "not written yet" in grader("python", "--tree", blank, "-c", code).errors


def test_full_points_say_what_works_now_and_what_comes_next(tree, quick_grader):
    screen = quick_grader("milestone", 3, "--tree", tree).screen
    assert "Done  your layers hold parameters" in screen and "Next  milestone 4, Training" in screen
    command = f"{COMMAND} -s python -- --tree {tree} examples/line.py"
    assert f"Play  {command}" in quick_grader("milestone", 2, "--tree", tree).screen.replace("\n", " ")
    screen = quick_grader("milestone", 2, "2.4", "--tree", tree).screen
    assert f"Why {when_it_passes(TaskId('2.4'))}" in " ".join(screen.split())
    assert "Next  2.5 Arithmetic" in screen


def test_what_waits_for_earlier_milestones_takes_one_line_with_the_way_out(quick_grader, tmp_path):
    blank = tmp_path / "blank"
    write_starter(blank)
    shutil.copytree(SOLUTIONS / "neural_framework/modules", blank / "neural_framework/modules", dirs_exist_ok=True)
    screen = quick_grader("milestone", 3, "--tree", blank).screen
    assert len(re.findall("^blocked", screen, re.MULTILINE)) == 1
    assert f"{COMMAND} -s milestone3 -- --on-reference --tree" in " ".join(screen.split())


def test_frames_of_the_reference_carry_its_own_paths(quick_grader, tree):
    replace_body(tree, "modules/linear.py", "Linear.forward", "return x @ self.weight")
    screen = quick_grader("milestone", 3, "3.6", "--tree", tree, "--on-reference", "--fast").screen
    assert re.search(r"in +\S*tree/neural_framework/modules/linear.py:\d+", screen)
    assert re.search(r"inside +code that was given: solutions/neural_framework/operations/matmul.py:\d+", screen)
    assert "from the reference, not from" in screen and "milestones 1 and 2 (errors, operations" in screen


def test_milestone_4_takes_a_finished_milestone_3_from_the_tree(quick_grader, tree):
    replace_body(tree, "optim/sgd.py", "SGD.update", "raise ValueError('mine')")
    finished = quick_grader("milestone", 4, "4.4", "--tree", tree, "--on-reference").screen
    assert "milestones 1 and 2 (errors" in finished
    replace_body(tree, "modules/linear.py", "Linear.forward", "return x")
    unfinished = quick_grader("milestone", 4, "4.4", "--tree", tree, "--on-reference").screen
    assert "milestones 1, 2 and 3 (errors" in unfinished
