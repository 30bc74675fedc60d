"""The grader outlives whatever a tree does, says what happened, and lets it cost only what depends on it."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from grader.files import REPOSITORY
from tests.trees import replace_body
from tests.waiting import until

BROADCASTING, REDUCTIONS = "operations/broadcasting.py", "operations/reductions.py"


def break_it(tree, body: str) -> int:
    """Make broadcast_shapes (task 1.2) do something else."""
    return replace_body(tree, BROADCASTING, "broadcast_shapes", body)


def messages(task: dict) -> set[str]:
    """The messages of the checks that failed."""
    return {check["message"] for check in task["checks"] if not check["passed"]}


def one_line(screen: str) -> str:
    """The screen, however it was folded."""
    return " ".join(screen.split())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("import os\nos._exit(0)", "it ended the Python process (exit code 0)"),
        ("import ctypes\nctypes.string_at(0)", "it crashed Python (SIGSEGV, often from a function that"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("while True:\n    print('x' * 10_000)", "it printed more than 10 MB and was stopped"),
        (
            "return broadcast_shapes(shape1, shape2)",
            # Python 3.13.0 does not count such calls, and crashes when the memory is used up.
            "calls itself without end" if sys.version_info[:3] == (3, 13, 0) else "RecursionError: maximum recursion",
        ),
        (
            "import sys\nsys.setrecursionlimit(60_000)\nreturn broadcast_shapes(shape1, shape2)",
            "RecursionError",
        ),
        (
            "import sys\nsys.setrecursionlimit(10**9)\nreturn broadcast_shapes(shape1, shape2)",
            "RecursionError",
        ),
        ("held = []\nwhile True:\n    held.append(bytes(2**28))", "MemoryError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import pytest\npytest.exit('done')", "Exit: done"),
        ("import os\nif os.fork() == 0:\n    os._exit(0)\nreturn 1 / 0", "ZeroDivisionError: division by zero"),
        ("import sys\nsys.stdout.close()\nreturn 1 / 0", "ZeroDivisionError: division by zero"),
        (
            "class Strange(NotImplementedError):\n    def __str__(self):\n        return 1 / 0\nraise Strange",
            "",
        ),  # no message to tell
        ("return 1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_what_a_function_does_to_the_process_costs_its_own_checks(tree, quick_grader, body, message):
    break_it(tree, body)
    graded = quick_grader("milestone", 1, "--tree", tree, "--task", "1.2")
    task = graded.task("1.2")
    assert graded.code == 1
    assert task["state"] == "in progress" and task["score"] == 0
    assert all(message in found for found in messages(task))
    assert "Traceback" not in graded.screen + graded.errors


@pytest.mark.parametrize(
    "body",
    [
        "import os\nos._exit(0)",
        "import ctypes\nctypes.string_at(0)",
        "while True:\n    print('x' * 10_000)",
        "held = []\nwhile True:\n    held.append(bytes(2**28))",
        "import sys\nsys.stdout.close()\nreturn 1 / 0",
        "raise NotImplementedError('9.9: foo is not written yet')",
    ],
)
def test_the_command_itself_outlives_it(tree, grader, body):
    break_it(tree, body)
    graded = grader("milestone", 1, "--tree", tree, "--task", "1.2")
    assert graded.code == 1 and graded.task("1.2")["state"] == "in progress" and graded.task("1.2")["score"] == 0
    assert "Traceback" not in graded.screen + graded.errors


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows ends children in another way")
@pytest.mark.parametrize("body", ["return 1 / 0", "os._exit(1)"])
def test_a_process_that_outlives_its_worker_does_not_stop_the_grader(tree, quick_grader, body):
    path = tree / "neural_framework" / "__init__.py"
    child = "import os, subprocess\nif not os.environ.get('CHILD'):\n    os.environ['CHILD'] = '1'\n"
    child += "    subprocess.Popen(['sleep', '60'], start_new_session=True)\n"
    path.write_text(path.read_text(encoding="utf-8") + child, encoding="utf-8")
    break_it(tree, f"import os\n{body}")
    started = time.monotonic()
    quick_grader("milestone", 1, "--tree", tree, "--task", "1.2")
    assert time.monotonic() - started < 40


def test_checks_that_do_not_need_the_crashing_function_pass(tree, quick_grader):
    replace_body(tree, "operations/elementwise.py", "Log.forward", "import os\nos._exit(0)")
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert graded.task("1.6")["state"] == "in progress"
    assert {graded.task(f"1.{number}")["state"] for number in (1, 2, 3, 4, 5, 7, 8, 9, 10, 11)} == {"done"}


def test_an_endless_loop_is_located_and_costs_its_time_once(tree, quick_grader):
    line = break_it(tree, "def inner(x):\n    return x\nwhile True:\n    inner(shape1)")
    started = time.monotonic()
    graded = quick_grader("milestone", 1, "--tree", tree, "--task", "1.2")
    first, *others = [check["message"] for check in graded.task("1.2")["checks"]]
    where = rf"broadcast_shapes, neural_framework/{BROADCASTING}:({line + 2}|{line + 3})"
    assert re.fullmatch(f"it ran longer than 10 s and was stopped in {where}", first)
    assert set(others) == {"it was stopped in broadcast_shapes, which did not end in an earlier check"}
    assert time.monotonic() - started < 40  # 10 s for the first check, a fraction of a second for each other


def test_a_loop_next_door_takes_no_time_from_sound_work(tree, quick_grader):
    break_it(tree, "import numpy as np\nwhile operation is None:\n    pass\nreturn np.broadcast_shapes(shape1, shape2)")
    slow = "end = time.process_time() + 0.5 * (x.shape == (2, 1))\nwhile time.process_time() < end:\n"
    call = "broadcast_shapes(x.shape, y.shape, 'multiply')\n"
    body = f"import time\n{slow}    {call}{call}self.x, self.y = x, y\nreturn x * y"
    replace_body(tree, "operations/arithmetic.py", "Multiply.forward", body)
    graded = quick_grader("milestone", 1, "--tree", tree, "1.2", "1.4")
    assert "it ran longer than 10 s" in "".join(messages(graded.task("1.2")))
    passed = {check["id"]: check["passed"] for check in graded.task("1.4")["checks"]}
    assert passed["test_1_04_arithmetic::test_operands_broadcast_both_ways"]


def test_an_endless_loop_at_import_costs_only_its_file(tree, quick_grader):
    path = tree / "neural_framework" / BROADCASTING
    path.write_text(path.read_text(encoding="utf-8") + "\nwhile True:\n    pass\n", encoding="utf-8")
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert graded.task("1.1")["state"] == "done"
    assert graded.task("1.2")["state"] == "in progress"
    assert "importing took longer than 10 s" in one_line(graded.screen)


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
def test_a_file_that_cannot_be_imported_costs_only_its_own_tasks(tree, quick_grader, line, message):
    path = tree / "neural_framework" / BROADCASTING
    last = path.read_text(encoding="utf-8").count("\n") + 1
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert graded.task("1.1")["state"] == "done"
    assert graded.task("1.2")["state"] == "in progress"
    assert BROADCASTING in graded.screen and message.split(":")[0] in graded.screen
    if "\0" not in line:
        assert f"{BROADCASTING}:{last}" in graded.screen


def test_a_tree_that_ends_the_process_at_import_gets_a_verdict(tree, quick_grader):
    path = tree / "neural_framework" / "__init__.py"
    path.write_text("import os\nos._exit(3)\n", encoding="utf-8")
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert graded.code == 1 and graded.results["score"] == 0
    assert "importing neural_framework: it ended the Python process (exit code 3)" in graded.screen


def rename(tree, names: dict[str, str], mark: str = "") -> None:
    """Give classes of reductions.py other names, and put `mark` at its beginning."""
    path = tree / "neural_framework" / REDUCTIONS
    text = path.read_text(encoding="utf-8")
    for name, other in names.items():
        text = text.replace(f"class {name}(", f"class {other}(")
    path.write_text(mark + text, encoding="utf-8")


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "with a byte order mark"])
def test_a_missing_name_costs_only_what_needs_it(tree, quick_grader, mark):
    rename(tree, {"Mean": "Meen"}, mark)
    lines = (tree / "neural_framework" / REDUCTIONS).read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "class Meen(" in text)
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert {graded.task(f"1.{number}")["state"] for number in (1, 2, 3, 4, 5, 6, 7, 8, 10, 11)} == {"done"}
    assert 0 < graded.task("1.9")["score"] < 8
    expected = f"{REDUCTIONS}:{line} no Mean, which other files import; is Meen a misspelling of it?"
    assert expected in one_line(graded.screen) and "can't be used" not in graded.screen


def test_where_several_names_are_missing_no_line_is_named_that_the_file_does_not_have(tree, quick_grader):
    rename(tree, {"Mean": "Average", "Min": "Smallest"})
    last = len((tree / "neural_framework" / REDUCTIONS).read_text(encoding="utf-8").splitlines())
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert f"{REDUCTIONS}:{last} no Mean, which" in one_line(graded.screen)
    assert all(int(number) <= last for number in re.findall(r"reductions.py:(\d+)", graded.screen))


def test_a_file_that_is_empty_lacks_what_others_import(tree, quick_grader):
    (tree / "neural_framework" / REDUCTIONS).write_text("", encoding="utf-8")
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert f"{REDUCTIONS}:1 other files import names that it does not have: Max" in one_line(graded.screen)
    assert {graded.task(f"1.{number}")["state"] for number in (1, 2, 3, 4, 5, 6)} == {"done"}


def test_a_file_that_is_not_there_is_told(tree, quick_grader):
    (tree / "neural_framework" / "operations" / "matmul.py").unlink()
    screen = one_line(quick_grader("milestone", 1, "--tree", tree).screen)
    assert re.search(r"missing \S+/operations/matmul.py the starter's file is used in its place", screen)


def test_a_forgotten_import_is_laid_to_the_file_that_needs_it(tree, quick_grader):
    folder = tree / "neural_framework" / "operations"
    for name, old, new in [
        ("elementwise.py", "from .base import Operation, silent\n", ""),
        ("__init__.py", "from .elementwise import", "# smooth\nfrom .elementwise import"),
    ]:
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert re.findall(r"operations/(\w+\.py):\d+ NameError", one_line(graded.screen))[:1] == ["elementwise.py"]
    assert "__init__.py" not in graded.screen


def test_a_file_that_removes_itself_gets_a_verdict(tree, quick_grader):
    path = tree / "neural_framework" / REDUCTIONS
    text = path.read_text(encoding="utf-8") + "\nimport os\nos.remove(__file__)\nraise ValueError('gone')\n"
    path.write_text(text, encoding="utf-8")
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert graded.task("1.1")["state"] == "done" and "ValueError: gone" in graded.screen


@pytest.mark.parametrize("event", ["3", '{"event": "imported", "failure": {}}', '{"event": []}'])
def test_what_a_tree_writes_into_the_graders_pipe_is_no_event(tree, quick_grader, event):
    code = f"import os\nfor pipe in range(3, 20):\n    try:\n        os.write(pipe, {event + chr(10)!r}.encode())\n"
    path = tree / "neural_framework" / "__init__.py"
    path.write_text(code + "    except OSError:\n        pass\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert graded.code == 1 and "it wrote into the grader's pipe" in one_line(graded.screen)


def test_a_name_that_no_file_of_the_starter_defines_costs_the_file_that_lacks_it(tree, quick_grader):
    path = tree / "neural_framework" / "operations" / "__init__.py"
    path.write_text(path.read_text(encoding="utf-8").replace(", ReLU", ""), encoding="utf-8")
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert "operations/__init__.py:1 ImportError: cannot import name 'ReLU'" in one_line(graded.screen)
    assert graded.results["score"] == 100


def test_a_circle_of_imports_is_laid_to_the_line_that_closes_it(tree, quick_grader):
    path = tree / "neural_framework" / "operations" / "piecewise.py"
    text = path.read_text(encoding="utf-8")
    text = text.replace("import numpy as np\n", "import numpy as np\n\nfrom ..tensor import Tensor\n", 1)
    path.write_text(text, encoding="utf-8")
    line = text.splitlines().index("from ..tensor import Tensor") + 1
    graded = quick_grader("milestone", 1, "--tree", tree)
    expected = f"piecewise.py:{line} ImportError: a circle of imports: this needs neural_framework.operations"
    assert expected in one_line(graded.screen)
    states = {task["id"]: task["state"] for task in graded.results["milestones"][0]["tasks"]}
    assert states.pop("1.8") == "in progress" and set(states.values()) == {"done"}


def test_a_misspelt_name_brings_the_one_that_was_meant(tree, quick_grader):
    replace_body(tree, "operations/elementwise.py", "Log.forward", "self.x = x\nreturn np.logg(x)")
    replace_body(tree, "operations/elementwise.py", "Sqrt.forward", "self.y = np.sqrt(x)\nreturn silnt")
    graded = quick_grader("milestone", 1, "--tree", tree, "--task", "1.6")
    found = messages(graded.task("1.6"))
    assert "AttributeError: module 'numpy' has no attribute 'logg'. Did you mean log?" in found
    assert "NameError: name 'silnt' is not defined. Did you mean silent?" in found


def test_missing_files_come_from_the_starter(tree, quick_grader):
    (tree / "neural_framework" / BROADCASTING).unlink()
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert graded.task("1.1")["state"] == "done"
    assert graded.task("1.2")["state"] == "not started"


def test_what_a_failed_check_leaves_behind_costs_no_other_check(tree, quick_grader):
    replace_body(tree, "tensor/recording.py", "no_grad.__exit__", "return None")
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert graded.task("1.3")["state"] == "in progress"
    assert graded.task("1.4")["state"] == "done"


def test_prints_are_shown_with_the_check_that_made_them(tree, quick_grader):
    break_it(tree, "print('shapes are', shape1, shape2)\nreturn ()")
    graded = quick_grader("milestone", 1, "--tree", tree, "--task", "1.2")
    assert "shapes are (" in graded.screen


def test_the_repository_is_found_by_no_name_of_the_tree(tree, quick_grader):
    (tree / "pytest.py").write_text("raise SystemExit(0)\n", encoding="utf-8")
    graded = quick_grader("milestone", 1, "--tree", tree, "--task", "1.2")
    assert graded.task("1.2")["state"] == "done"


def test_a_tree_that_closes_the_graders_pipe_is_stopped(tree, quick_grader):
    break_it(
        tree, "import os, signal, time\nsignal.setitimer(signal.ITIMER_REAL, 0)\nos.closerange(3, 100)\ntime.sleep(60)"
    )
    graded = quick_grader("milestone", 1, "--tree", tree, "--task", "1.2")
    assert messages(graded.task("1.2")) == {"it closed the grader's pipe and was stopped"}


def test_the_last_words_before_a_crash_are_told(tree, quick_grader):
    break_it(tree, "import os\nprint('here I am')\nos._exit(1)")
    assert "here I am" in quick_grader("milestone", 1, "--tree", tree, "--task", "1.2").screen


def test_the_importing_file_is_blamed_for_what_it_runs_and_for_what_it_misses(tree, quick_grader):
    room = tree / "neural_framework" / "modules"
    with (room / "embedding.py").open("a", encoding="utf-8") as file:
        file.write("\nTensor([1.0]) @ Tensor([1.0, 2.0])\n")
    source = (room / "dropout.py").read_text(encoding="utf-8")
    (room / "dropout.py").write_text("from ..tensor import no_such_name\n" + source, encoding="utf-8")
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert graded.task("1.1")["state"] == graded.task("1.5")["state"] == "done"
    assert "modules/embedding.py" in graded.screen and "modules/dropout.py" in graded.screen


def test_files_that_editors_leave_are_passed_over(tree, quick_grader):
    (tree / "neural_framework" / "tensor" / ".#tensor.py").symlink_to("nowhere")
    (tree / "neural_framework" / "old.py").mkdir()
    assert quick_grader("milestone", 1, "--tree", tree, "--task", "1.2").code == 0


def test_a_package_may_stand_in_the_place_of_a_module(tree, quick_grader):
    room = tree / "neural_framework" / "operations"
    (room / "broadcasting").mkdir()
    (room / "broadcasting.py").rename(room / "broadcasting" / "__init__.py")
    path = room / "broadcasting" / "__init__.py"
    path.write_text(path.read_text(encoding="utf-8").replace("from .", "from .."), encoding="utf-8")
    assert quick_grader("milestone", 1, "--tree", tree, "--task", "1.2").code == 0


def test_a_students_text_can_not_command_the_terminal(tree, quick_grader):
    break_it(tree, r"raise ValueError('\x1b[2J bad \ud800')")
    graded = quick_grader("milestone", 1, "--tree", tree, "--task", "1.2")
    assert "\x1b" not in graded.screen and r"\x1b[2J bad \ud800" in graded.screen


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows ends children in another way")
def test_no_worker_outlives_the_grader(tree, tmp_path):
    beat = tmp_path / "beat"
    break_it(tree, f"import time\nwhile True:\n    open({str(beat)!r}, 'w').close()\n    time.sleep(0.05)")
    command = [sys.executable, "-m", "grader", "milestone", "1", "--tree", str(tree), "--task", "1.2"]
    grader = subprocess.Popen([*command, "--out", str(tmp_path)], cwd=REPOSITORY)
    until(beat.exists)
    grader.kill()
    grader.wait()

    def still() -> bool:
        before = beat.stat().st_mtime_ns
        time.sleep(0.5)
        return beat.stat().st_mtime_ns == before

    until(still, seconds=20)
