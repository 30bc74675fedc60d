"""What lies in a tree besides the course's files: what of it is graded, and what a student reads about the rest."""

import os
import shutil

import pytest

from grader.files import SOLUTIONS, tree_option
from grader.run.assemble import state_of
from grader.source.starter import starter_file
from tests.trees import replace_body

BROADCASTING = "neural_framework/operations/broadcasting.py"


@pytest.mark.parametrize(
    "copy",
    [
        "operations/.ipynb_checkpoints/broadcasting-checkpoint.py",
        "operations/broadcasting_old.py",
        "operations/venv/lib/broadcasting.py",
    ],
)
def test_a_copy_of_the_starters_file_is_not_taken_for_unwritten_work(tree, quick_grader, copy):
    path = tree / "neural_framework" / copy
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(starter_file(SOLUTIONS, BROADCASTING), encoding="utf-8")
    if "venv" in copy:
        (tree / "neural_framework/operations/venv/pyvenv.cfg").touch()
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", "return 1 / 0")
    graded = quick_grader("milestone", 1, "--tree", tree, "--task", "1.2")
    assert graded.task("1.2")["state"] == "in progress"
    assert "ZeroDivisionError" in graded.screen and "TODO" not in graded.screen


def test_a_stub_in_a_file_of_the_students_own_counts_where_the_starters_file_is_gone(tree, quick_grader):
    (tree / BROADCASTING).unlink()
    (tree / "neural_framework/operations/shapes_of_mine.py").write_text(
        starter_file(SOLUTIONS, BROADCASTING), encoding="utf-8"
    )
    assert quick_grader("milestone", 1, "1.2", "--tree", tree).task("1.2")["state"] == "not started"


def test_a_folder_may_be_a_link(tree, quick_grader, tmp_path):
    shutil.move(tree / "neural_framework/operations", tmp_path / "elsewhere")
    (tree / "neural_framework/operations").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "round").symlink_to(tmp_path)  # and a link may lead back
    assert quick_grader("milestone", 1, "1.2", "--tree", tree).code == 0


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may read everything")
@pytest.mark.parametrize("name", ["broadcasting.py", ""])
def test_what_can_not_be_read_costs_only_its_own_tasks(tree, quick_grader, name):
    path = tree / "neural_framework/operations" / name
    path.chmod(0)
    try:
        graded = quick_grader("milestone", 1, "--tree", tree)
    finally:
        path.chmod(0o755)
    assert graded.task("1.1")["state"] == "done" or not name
    assert "can't be used" in graded.screen and "ermission denied" in graded.screen


def test_an_unreadable_file_is_reported(tree, quick_grader, monkeypatch):
    from grader.run import assemble

    def refused(path, honest=assemble.read_limited):
        if path == tree / BROADCASTING:
            raise PermissionError(13, "Permission denied")
        return honest(path)

    monkeypatch.setattr(assemble, "read_limited", refused)
    graded = quick_grader("milestone", 1, "--tree", tree)
    assert graded.task("1.1")["state"] == "done" and graded.task("1.2")["state"] == "in progress"
    assert "it can't be read: Permission denied" in " ".join(graded.screen.split())


@pytest.mark.parametrize(
    ("spoil", "where", "why"),
    [
        (lambda path: path.write_text("x = 1\ndef (\n", encoding="utf-8"), ":2", "SyntaxError: invalid syntax"),
        (lambda path: path.write_text("x = 'é'\n", encoding="utf-16"), "", "save the file as UTF-8"),
        (lambda path: path.write_bytes(b"# coding: klingon\n"), "", "SyntaxError: unknown encoding: klingon"),
        (lambda path: (path.unlink(), path.mkdir()), "", "it is a folder, not a file"),
        (lambda path: (path.unlink(), path.symlink_to("nowhere")), "", "it is not a file"),
    ],
    ids=["syntax", "encoding", "cookie", "folder", "link"],
)
def test_a_file_that_can_not_be_used_is_told_once_and_nothing_is_said_to_be_missing(
    tree, quick_grader, spoil, where, why
):
    spoil(tree / "neural_framework/tensor/tensor.py")
    graded = quick_grader("milestone", 1, "--tree", tree)
    text = " ".join(graded.screen.split())
    assert f"{tree}/neural_framework/tensor/tensor.py{where}" in text and why in text
    assert text.count("can't be used") == 1 and "read on" not in text
    assert "write 1.1" not in text and "TODO" not in text and "missing" not in text
    assert {graded.task(name)["state"] for name in ("1.1", "1.3", "1.4")} == {"in progress", "blocked"}
    assert "blocked by tensor.py" in text and graded.task("1.2")["state"] == "done"


@pytest.mark.parametrize("codec", ["rot13", "hex", "klingon", "undefined"])
@pytest.mark.parametrize("name", ["__init__.py", "tensor/tensor.py", "mine.py"])
def test_what_no_codec_makes_a_text_of_is_a_broken_file_wherever_it_is(name, codec, tree):
    (tree / "neural_framework" / name).write_bytes(f"# coding: {codec}\n".encode())
    (broken,) = state_of(tree).broken
    assert broken.file == f"neural_framework/{name}" and codec in broken.message


def test_a_file_that_can_not_be_used_hides_no_fault_elsewhere(tree, quick_grader):
    (tree / "neural_framework/operations/shapes.py").write_text("def (", encoding="utf-8")
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", "return shape1")
    text = " ".join(quick_grader("milestone", 1, "--tree", tree).screen.split())
    assert text.count("can't be used") == 1 and "at fault broadcast_shapes" in text


@pytest.mark.parametrize(
    "line", ["from .mine import shapes", "from . import mine", "import neural_framework.operations.mine"]
)
def test_who_imports_a_file_that_can_not_be_used_has_no_block_of_its_own(tree, quick_grader, line):
    """A helper of the student's own: nothing takes its place, so that what imports it can't be imported either."""
    (tree / "neural_framework/operations/mine.py").write_text("from .other import x\n", encoding="utf-8")
    (tree / "neural_framework/operations/other.py").write_text("def (\n", encoding="utf-8")
    path = tree / BROADCASTING
    path.write_text(f"{line}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    graded = quick_grader("milestone", 1, "--tree", tree)
    text = " ".join(graded.screen.split())
    assert text.count("can't be used") == 1 and "other.py:1 SyntaxError: invalid syntax" in text
    assert "blocked by other.py" in text and "costs points of tasks 1.2, " in text
    assert graded.task("1.6")["state"] == "done"


def test_a_huge_file_is_not_read(tree, quick_grader):
    with (tree / BROADCASTING).open("a", encoding="utf-8") as file:
        file.write("x = [" + "1, " * 500_000 + "]\n")
    screen = " ".join(quick_grader("milestone", 1, "1.2", "--tree", tree).screen.split())
    assert "it can't be read: it is larger than 1,000 kB" in screen


def test_a_long_number_is_read_quickly(tree, quick_grader):
    with (tree / BROADCASTING).open("a", encoding="utf-8") as file:
        file.write("# NotImplementedError " + "1" * 400_000 + "\n")
    assert quick_grader("milestone", 1, "1.2", "--tree", tree).code == 0


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("neural_framework/table.json", "open('neural_framework/table.json')"),
        ("neural_framework/operations/table.json", "open(__file__.replace('broadcasting.py', 'table.json'))"),
        ("helpers.py", "import helpers"),
    ],
)
def test_what_does_not_travel_is_named(tree, quick_grader, name, code):
    (tree / name).write_text("{}", encoding="utf-8")
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", code)
    screen = quick_grader("milestone", 1, "1.2", "--tree", tree).screen
    assert "not graded" in screen and "only the Python files of neural_framework/" in " ".join(screen.split())


@pytest.mark.parametrize("module", ["tqdm", "starter", "errors"])
def test_what_can_be_imported_is_named_where_a_module_is_not_there(tree, quick_grader, module):
    path = tree / BROADCASTING
    path.write_text(f"import {module}\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    words = " ".join(quick_grader("milestone", 1, "1.2", "--tree", tree).screen.split())
    assert f"no module {module} only NumPy, Python's own modules and the package's" in words


def test_what_is_printed_names_the_trees_own_files(tree, quick_grader):
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", "print(__file__)")
    screen = quick_grader("milestone", 1, "1.2", "--fast", "--tree", tree).screen
    assert ["printed", BROADCASTING] in [line.split() for line in screen.splitlines()]


def test_a_conflict_that_git_left_is_called_so(tree, quick_grader):
    path = tree / BROADCASTING
    sides = "<<<<<<< HEAD\n    return ()\n=======\n    return (1,)\n>>>>>>> theirs\n"
    path.write_text(path.read_text(encoding="utf-8") + "\n\ndef own():\n" + sides, encoding="utf-8")
    graded = quick_grader("milestone", 1, "1.2", "--tree", tree)
    assert "Git left both sides of a conflict here" in " ".join(graded.screen.split())


def test_text_in_the_place_of_a_shape_is_in_quotes(tree, quick_grader):
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", 'return "(2, 3)"')
    lines = [line.split() for line in quick_grader("milestone", 1, "1.2", "--fast", "--tree", tree).screen.splitlines()]
    assert ["got", "'(2,", "3)'"] in lines and ["expected", "(2,", "3)"] in lines


def test_a_tree_that_looks_like_an_option_is_named_so_that_it_can_be_typed():
    assert tree_option("-x") == ["--tree", "./-x"] and tree_option("x y") == ["--tree", "'x y'"]
