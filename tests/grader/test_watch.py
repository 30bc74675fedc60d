"""The loop on a terminal: what it shows on each save, what its keys do, and how it leaves the terminal."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import types

import pytest

from grader.command import COMMAND
from grader.course.milestones import load_milestone, milestone_numbers
from grader.files import REPOSITORY, SOLUTIONS, STARTER
from grader.loop import saves
from grader.loop.rounds import Desk, Workers
from grader.loop.saves import Watcher, contents, tasks_of_change
from grader.loop.watch import Watch
from tests.trees import replace_body, with_body
from tests.waiting import until

on_terminals = pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
if os.name != "nt":
    from tests.terminals import Terminal

NUMBERS = ", ".join(map(str, milestone_numbers()))
ARITHMETIC = "neural_framework/operations/arithmetic.py"
WRONG = "return unbroadcast_gradient(grad * self.x, self.x.shape), unbroadcast_gradient(grad * self.y, self.y.shape)"
# Another command says its name, so that no hint of the repository's own is used up.
PROGRAM = """
import sys
from grader import __main__
from grader.loop import watch
watch.CALLED = (sys.executable, "-c", "import sys; print('called:', *sys.argv[1:3])")
sys.exit(__main__.main())
"""


@pytest.fixture
def broken(tree):
    """The reference with one broken function of 2.5."""
    replace_body(tree, "operations/arithmetic.py", "Multiply.backward", WRONG)
    return tree


@pytest.fixture
def watch(tree):
    """Starts the loop on the tree, on a terminal of its own."""
    started = []

    def start(*arguments, program=PROGRAM, rows=40, **settings):
        command = [sys.executable, "-c", program, "watch", "--tree", tree, *arguments]
        started.append(Terminal(command, REPOSITORY, settings, rows))
        return started[-1]

    yield start
    for terminal in started:
        terminal.close()


def mend(tree):
    shutil.copy(SOLUTIONS / ARITHMETIC, tree / ARITHMETIC)


def save(tree, body):
    """As an editor does: in a file of its own, which takes the other's place."""
    text = with_body((SOLUTIONS / ARITHMETIC).read_text(encoding="utf-8"), "Multiply.backward", body)
    new = tree / "new.tmp"
    new.write_text(text, encoding="utf-8")
    os.replace(new, tree / ARITHMETIC)


@on_terminals
def test_a_save_is_graded_and_q_leaves_the_terminal_as_it_was(broken, watch):
    terminal = watch("2")
    screen = terminal.shows("at fault    Multiply.backward")
    assert "one of " in screen and "milestone 2: " in screen and "n next   h hint" in screen
    assert "2.6  Matrix product" not in screen  # one task at a time
    assert terminal.settings != terminal.before
    mend(broken)
    screen = terminal.shows("100 of 100")
    assert re.search(r"milestone 2: 100 of 100 points, 11 of 11 tasks done  \+\d+ since", screen)
    assert "2.5  Arithmetic  done" in screen and "Next  2.6" in screen
    terminal.press("n")
    terminal.shows("Done  ")  # nothing is left: what works now
    save(broken, WRONG)
    assert re.search(r"milestone 2: .* 9 of 11 tasks done  -\d+ since", terminal.shows("9 of 11 tasks done  -"))
    terminal.press("q")
    assert terminal.ended() == 0
    assert terminal.settings == terminal.before
    assert "\x1b[?1049l" in terminal.output.decode()
    assert terminal.text.rstrip().endswith("since the last save")


@on_terminals
def test_keys_list_move_on_and_call_other_commands(broken, watch):
    replace_body(broken, "operations/matmul.py", "MatMul.backward", "return grad, grad")
    terminal = watch("2")
    terminal.shows("8 of 11 tasks done")
    terminal.press("l")
    assert "2.11  Shapes and indexing" in terminal.shows("2.6  Matrix product")
    terminal.press("l")
    assert "2.6  Matrix product" not in terminal.shows("Total")
    terminal.press("\x1b[A\x1b[Dx7")  # arrows and what is not a key do nothing
    terminal.press("n")
    terminal.shows("2.6  Matrix product")
    for key, called in (("h", "hint 2.6"), ("p", "predict 2.6")):
        terminal.press(key)
        terminal.shows("any key goes back")
        assert f"called: {called}" in terminal.screen
        terminal.press(" ")
        terminal.shows("n next")
    terminal.press("e")
    terminal.shows("script to explore [")
    assert terminal.settings == terminal.before
    terminal.press("my.py\n")
    terminal.shows("any key goes back")
    assert "called: explore my.py" in terminal.screen
    terminal.press(" ")
    terminal.shows("n next")
    terminal.press("r")
    terminal.shows("grading ...")
    terminal.press("\x04")  # the end of the input also ends it
    assert terminal.ended() == 0 and terminal.settings == terminal.before


@on_terminals
def test_ctrl_c_ends_the_called_command_and_not_the_loop(broken, watch):
    asks = PROGRAM.replace("*sys.argv[1:3])", "*sys.argv[1:3], flush=True); sys.stdin.read()")
    terminal = watch("2.5", program=asks)
    terminal.shows("n next")
    terminal.press("h")
    until(lambda: terminal.text.endswith("called: hint 2.5\n"), lambda: terminal.text)
    terminal.press("\x03")
    terminal.shows("any key goes back")
    terminal.press(" ")
    terminal.shows("n next")
    terminal.press("\x03")
    assert terminal.ended() != 0 and terminal.settings == terminal.before


@on_terminals
def test_an_endless_loop_is_cancelled_by_the_next_save(tree, watch):
    terminal = watch("2.5", "--plain")
    until(lambda: "11 of 11 tasks done" in terminal.text, lambda: terminal.text)
    save(tree, "while True:\n    pass")
    until(lambda: terminal.text.count(f"saved {ARITHMETIC}") == 1, lambda: terminal.text)
    time.sleep(1.0)
    save(tree, WRONG)
    until(lambda: "2.5 Arithmetic  in progress" in terminal.text, lambda: terminal.text)
    until(lambda: "at fault    Multiply.backward" in terminal.text, lambda: terminal.text)
    assert not re.search("ran longer|crashed|ended the Python", terminal.text)
    assert terminal.text.count("milestone 2: ") == 2
    terminal.press("q")
    assert terminal.ended() == 0


@on_terminals
def test_a_syntax_error_a_file_and_a_folder_that_are_gone_are_reported_and_mended(tree, watch):
    terminal = watch("2", "--plain")
    until(lambda: "11 of 11 tasks done" in terminal.text, lambda: terminal.text)
    (tree / ARITHMETIC).write_text("def (:\n", encoding="utf-8")
    until(lambda: "SyntaxError" in terminal.text, lambda: terminal.text)
    assert f"{ARITHMETIC}:1" in terminal.text.replace("\n", "")
    assert "2.5 Arithmetic  in progress  0/15 checks  -15 since the last save" in terminal.text
    (tree / ARITHMETIC).unlink()
    until(lambda: "the starter's file is used" in terminal.text, lambda: terminal.text)
    shutil.move(tree / "neural_framework", tree / "elsewhere")
    until(lambda: "does not contain neural_framework/" in terminal.text, lambda: terminal.text)
    shutil.move(tree / "elsewhere", tree / "neural_framework")
    mend(tree)
    until(lambda: "11 of 11 tasks done  +" in terminal.text, lambda: terminal.text)
    terminal.press("q")
    assert terminal.ended() == 0


@on_terminals
def test_two_watches_and_another_command_do_not_disturb_each_other(broken, watch, grader):
    first, second = watch("2"), watch("2.5", "--plain")
    first.shows("9 of 11 tasks done")
    until(lambda: "9 of 11 tasks done" in second.text, lambda: second.text)
    assert grader("milestone", 2, "2.5", "--tree", broken).task("2.5")["state"] == "in progress"
    mend(broken)
    first.shows("11 of 11 tasks done")
    until(lambda: "11 of 11 tasks done" in second.text, lambda: second.text)
    for terminal in (first, second):
        terminal.press("q")
        assert terminal.ended() == 0 and terminal.settings == terminal.before


@on_terminals
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_also_leaves_the_terminal_as_it_was(watch, number):
    terminal = watch("1.2")
    terminal.shows("tasks done")
    os.kill(terminal.process.pid, number)
    assert terminal.ended() == (130 if number == signal.SIGINT else 128 + number)
    assert terminal.settings == terminal.before and "\x1b[?1049l" in terminal.output.decode()
    assert "Traceback" not in terminal.text


@on_terminals
def test_a_stopped_loop_gives_the_terminal_back_and_takes_it_again(watch):
    terminal = watch("1.2")
    terminal.shows("tasks done")
    os.kill(terminal.process.pid, signal.SIGTSTP)  # of a session without a shell, which does not stop
    until(lambda: re.search(r"\x1b\[\?1049l.*\x1b\[\?1049h.*tasks done", terminal.text, re.S), lambda: terminal.text)
    assert terminal.settings != terminal.before
    terminal.press("q")
    assert terminal.ended() == 0 and terminal.settings == terminal.before


def test_a_signal_to_stop_waits_until_a_drawing_is_written(monkeypatch):
    loop, written, raised = Watch(Desk(STARTER, load_milestone(3), False, Workers()), None, plain=True), [], []

    def write(text):
        written.append(text)
        if text == "drawing":
            loop._pause(signal.SIGINT, None)  # which every system has

    monkeypatch.setattr(sys, "stdout", types.SimpleNamespace(write=write, flush=lambda: None))
    monkeypatch.setattr(signal, "raise_signal", raised.append)
    loop.screen.in_place = True
    loop.screen.write("drawing")
    assert written == ["drawing"] and raised == [signal.SIGINT]
    loop.screen.write("another")
    assert written == ["drawing", "another"] and raised == [signal.SIGINT]


def test_the_command_for_the_rest_runs_what_the_loop_does():
    loop = Watch(Desk(REPOSITORY / "a tree", load_milestone(3), True, Workers()), "3.2", plain=True)
    assert loop._whole().startswith(f"{COMMAND} -s milestone3 -- 3.2 --on-reference --tree ")
    assert loop._whole().endswith("a tree'")
    own = Watch(Desk(STARTER, load_milestone(3), False, Workers()), None, plain=True)
    assert own._whole() == f"{COMMAND} -s milestone3"


@on_terminals
def test_a_low_terminal_shows_the_beginning_and_the_command_for_the_rest(broken, watch):
    terminal = watch("2", rows=12)
    screen = terminal.shows("more lines")
    assert f"more lines: {COMMAND} -s milestone2 -- 2.5" in screen and len(screen.splitlines()) <= 12


@on_terminals
def test_the_milestone_is_that_of_the_first_open_todo(tree, watch):
    shutil.copy(REPOSITORY / "starter" / ARITHMETIC, tree / ARITHMETIC)
    shutil.copy(REPOSITORY / "starter/neural_framework/modules/linear.py", tree / "neural_framework/modules/linear.py")
    terminal = watch()
    terminal.shows("Milestone 1 · Tensors")


def test_without_a_terminal_it_adds_lines_and_ends_with_its_signal(broken):
    command = [sys.executable, "-m", "grader", "watch", "2", "--tree", broken]
    settings = {"cwd": REPOSITORY, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "encoding": "utf-8"}
    with subprocess.Popen(command, **settings) as loop:
        lines = []
        for line in loop.stdout:
            lines.append(line)
            if line.startswith("Total"):
                break
        loop.terminate()
        rest = loop.stdout.read()
    assert "Ctrl-C ends it" in lines[0] and any("at fault" in line for line in lines)
    assert "\x1b" not in "".join(lines) + rest and "Traceback" not in rest


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["77"], f"there is no milestone 77: the course has {NUMBERS}. Try: {COMMAND} -s watch -- 2"),
        (["2.99"], "there is no task '2.99' in milestone 2"),
        (["two"], "there is no task 'two'"),
        (["extra.1"], "extra.1 earns no points and has no checks"),
        (["2", "--tree", "nowhere"], "there is no folder nowhere"),
        (["2", "--on-reference"], "--on-reference is not possible here"),
        (["2", "3"], "unrecognized arguments: 3"),
    ],
)
def test_a_wrong_call_gets_one_clear_line(quick_grader, arguments, complaint):
    wrong = quick_grader("watch", *arguments)
    assert wrong.code == 2 and wrong.screen == "" and wrong.errors.count("\n") == 1
    assert complaint in wrong.errors


# What a change is about.

TASKS = load_milestone(2).tasks


def about(tree, change):
    before = contents(tree)
    change()
    own, near = tasks_of_change(before, contents(tree), TASKS)
    return [task.id for task in own], [task.id for task in near]


def test_a_changed_function_names_its_task(tree):
    engine = "autodiff/engine.py"
    own, near = about(tree, lambda: replace_body(tree, engine, "starting_gradient", "return None"))
    assert own == ["2.3"] and near == ["2.1", "2.2"]


def test_a_comment_or_what_does_not_parse_is_about_all_tasks_of_the_file(tree):
    engine = tree / "neural_framework/autodiff/engine.py"
    text = engine.read_text(encoding="utf-8")
    for new in (f"{text}# a comment\n", f"{text}def (:\n", "\0"):
        assert about(tree, lambda new=new: engine.write_text(new, encoding="utf-8")) == (["2.1", "2.2", "2.3"], [])
    assert about(tree, engine.unlink) == (["2.1", "2.2", "2.3"], [])


def test_a_file_without_tasks_of_the_milestone_is_about_none(tree):
    assert about(tree, lambda: replace_body(tree, "modules/linear.py", "Linear.forward", "return x")) == ([], [])
    own = tree / "neural_framework/mine.py"
    assert about(tree, lambda: own.write_text("x = 1\n", encoding="utf-8")) == ([], [])


# How a save is noticed.


@pytest.mark.parametrize("kind", ["reported", "looked for", "no more reports"])
def test_each_save_is_noticed(tree, monkeypatch, kind):
    if kind == "reported":
        pytest.importorskip("watchfiles")
    elif kind == "looked for":
        monkeypatch.setitem(sys.modules, "watchfiles", None)  # an ImportError
    else:

        def no_more(*folders, **options):
            raise OSError(28, "inotify watch limit reached")
            yield

        monkeypatch.setitem(sys.modules, "watchfiles", types.SimpleNamespace(watch=no_more))
    noticed = threading.Event()
    watcher = Watcher(tree, noticed.set)
    watcher.start()
    try:
        for change in (lambda: save(tree, "return 1"), (tree / ARITHMETIC).unlink, lambda: mend(tree)):
            change()
            assert noticed.wait(90)
            noticed.clear()
    finally:
        watcher.stop.set()
        watcher.join(10)
    assert not watcher.is_alive()


def test_what_the_system_does_not_report_is_noticed_all_the_same(tree, monkeypatch):
    """A folder that was moved away and came back is watched by its old name."""

    def quiet(folder, *, stop_event, rust_timeout, **options):
        while not stop_event.wait(rust_timeout / 1_000):
            yield set()

    monkeypatch.setitem(sys.modules, "watchfiles", types.SimpleNamespace(watch=quiet))
    monkeypatch.setattr(saves, "LOOK", 0.05)
    noticed = threading.Event()
    watcher = Watcher(tree, noticed.set)
    watcher.start()
    save(tree, "return 1")
    assert noticed.wait(90)
    watcher.stop.set()
