"""The grader outlives whatever a tree does, says what happened, and lets it cost only what depends on it."""

import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import replace_body

from grader.course import REPOSITORY

BROADCASTING = "operations/broadcasting.py"


def spoil(tree, body: str) -> int:
    """Make broadcast_shapes (task 1.2) do something else."""
    return replace_body(tree, BROADCASTING, "broadcast_shapes", body)


def messages(task: dict) -> set[str]:
    """The messages of the checks that failed."""
    return {check["message"] for check in task["checks"] if not check["passed"]}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("import os\nos._exit(0)", "it ended the Python process (exit code 0)"),
        ("import ctypes\nctypes.string_at(0)", "it crashed Python (SIGSEGV)"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("while True:\n    print('x' * 10_000)", "it printed more than 10 MB, and was stopped"),
        ("return broadcast_shapes(shape1, shape2)", "RecursionError: maximum recursion depth"),
        (
            "import sys\nsys.setrecursionlimit(60_000)\nreturn broadcast_shapes(shape1, shape2)",
            "RecursionError",
        ),
        ("held = []\nwhile True:\n    held.append(bytearray(2**28))", "MemoryError"),
        ("return 1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_what_a_function_does_to_the_process_costs_its_own_checks(tree, grader, body, message):
    spoil(tree, body)
    graded = grader("milestone", 1, "--tree", tree, "--task", "1.2")
    task = graded.task("1.2")
    assert graded.code == 1
    assert task["state"] == "in progress" and task["score"] == 0
    assert all(message in found for found in messages(task))
    assert "Traceback" not in graded.screen + graded.errors


def test_checks_that_do_not_need_the_crashing_function_pass(tree, grader):
    replace_body(tree, "operations/elementwise.py", "Log.forward", "import os\nos._exit(0)")
    graded = grader("milestone", 1, "--tree", tree)
    assert graded.task("1.6")["state"] == "in progress"
    assert {graded.task(f"1.{number}")["state"] for number in (1, 2, 3, 4, 5, 7, 8, 9, 10, 11)} == {"done"}


def test_an_endless_loop_is_stopped_and_shown_where_it_is(tree, grader):
    line = spoil(tree, "while True:\n    pass")
    graded = grader("milestone", 1, "--tree", tree, "--task", "1.2")
    assert messages(graded.task("1.2")) == {"it did not come to an end in time, and was stopped"}
    assert any(f"{BROADCASTING}:{number}" in graded.screen for number in (line, line + 1))


def test_an_endless_loop_at_import_costs_only_its_file(tree, grader):
    path = tree / "neural_framework" / BROADCASTING
    path.write_text(path.read_text(encoding="utf-8") + "\nwhile True:\n    pass\n", encoding="utf-8")
    graded = grader("milestone", 1, "--tree", tree)
    assert graded.task("1.1")["state"] == "done"
    assert graded.task("1.2")["state"] == "in progress"
    assert "importing took longer than 10 s" in graded.screen


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("def broken(:", "SyntaxError: invalid syntax"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("import os; os.no_such_name", "AttributeError: module 'os' has no attribute 'no_such_name'"),
        ("return 3", "SyntaxError: 'return' outside function"),
        ("\0", "SyntaxError: source code string cannot contain null bytes"),
    ],
)
def test_a_file_that_cannot_be_imported_costs_only_its_own_tasks(tree, grader, line, message):
    path = tree / "neural_framework" / BROADCASTING
    last = path.read_text(encoding="utf-8").count("\n") + 1
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    graded = grader("milestone", 1, "--tree", tree)
    assert graded.task("1.1")["state"] == "done"
    assert graded.task("1.2")["state"] == "in progress"
    assert f"{BROADCASTING}:" in graded.screen and message.split(":")[0] in graded.screen
    if "\0" not in line:
        assert f"{BROADCASTING}:{last}" in graded.screen


def test_a_tree_that_ends_the_process_at_import_gets_a_verdict(tree, grader):
    path = tree / "neural_framework" / "__init__.py"
    path.write_text("import os\nos._exit(3)\n", encoding="utf-8")
    graded = grader("milestone", 1, "--tree", tree)
    assert graded.code == 1 and graded.results["score"] == 0
    assert "importing neural_framework: it ended the Python process (exit code 3)" in graded.screen


def test_a_missing_name_costs_only_what_needs_it(tree, grader):
    path = tree / "neural_framework" / BROADCASTING
    text = path.read_text(encoding="utf-8").replace("def broadcast_shapes(", "def broadcast_shape(")
    path.write_text(text, encoding="utf-8")
    graded = grader("milestone", 1, "--tree", tree)
    assert graded.task("1.1")["state"] == "done"
    assert "cannot import name 'broadcast_shapes'" in graded.screen


def test_missing_files_come_from_the_starter(tree, grader):
    (tree / "neural_framework" / BROADCASTING).unlink()
    graded = grader("milestone", 1, "--tree", tree)
    assert graded.task("1.1")["state"] == "done"
    assert graded.task("1.2")["state"] == "not started"


def test_what_a_failed_check_leaves_behind_costs_no_other_check(tree, grader):
    replace_body(tree, "tensor/recording.py", "no_grad.__exit__", "return None")
    graded = grader("milestone", 1, "--tree", tree)
    assert graded.task("1.3")["state"] == "in progress"
    assert graded.task("1.4")["state"] == "done"


def test_prints_are_shown_with_the_check_that_made_them(tree, grader):
    spoil(tree, "print('shapes are', shape1, shape2)\nreturn ()")
    graded = grader("milestone", 1, "--tree", tree, "--task", "1.2")
    assert "shapes are (" in graded.screen


def test_the_repository_is_found_by_no_name_of_the_tree(tree, grader):
    (tree / "pytest.py").write_text("raise SystemExit(0)\n", encoding="utf-8")
    graded = grader("milestone", 1, "--tree", tree, "--task", "1.2")
    assert graded.task("1.2")["state"] == "done"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows ends children in another way")
def test_no_worker_outlives_the_grader(tree, tmp_path):
    replace_body(tree, BROADCASTING, "broadcast_shapes", "import time\nopen('started', 'w')\ntime.sleep(60)")
    command = [sys.executable, "-m", "grader", "milestone", "1", "--tree", str(tree), "--task", "1.2"]
    scratch = {**os.environ, "TMPDIR": str(tmp_path)}
    grader = subprocess.Popen([*command, "--out", str(tmp_path)], cwd=REPOSITORY, env=scratch)
    started = wait_for(lambda: list(tmp_path.glob("course-*/desk/started")))[0]
    workers = [int(pid) for pid in children(grader.pid)]
    grader.kill()
    grader.wait()
    assert started and workers
    assert wait_for(lambda: not any(map(alive, workers)))


def wait_for(condition, seconds=20):
    """What the condition gives once it holds, or at the end of the time."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def children(pid: int) -> list[str]:
    """The processes that a process started."""
    listed = subprocess.run(["ps", "-A", "-o", "ppid=,pid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listed.splitlines()]
    return [child for parent, child in pairs if parent == str(pid)]


def alive(pid: int) -> bool:
    """Whether a process runs (one that has ended but was not waited for does not)."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return state != "" and not state.startswith("Z")
