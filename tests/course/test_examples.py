"""The examples run on the reference, say what they ask for, and have settings to play with."""

import ast
import re
import subprocess
import sys

import pytest

from grader.course.milestones import course
from grader.files import REPOSITORY, SOLUTIONS
from grader.run.launch import tree_environment

EXAMPLES = sorted((REPOSITORY / "examples").glob("*.py"))
# Small settings, and what is printed with them.
SMALL = {
    "line": ({"STEPS": "10", "SHOW_EVERY": "5"}, ["step  10   loss", "o"]),
    "layers": ({"LAYERS": "2", "UNITS": "8"}, ["layer   signal", "    2   ", "##"]),
    "digits": ({"EPOCHS": "1", "HIDDEN": "16"}, ["epoch  1   loss", "misread: ", "taken for"]),
    "draw": ({"EPOCHS": "1", "KERNELS": "4"}, ["epoch  1   loss", "Yours is:", "In the middle: a "]),
    "text": ({"EPOCHS": "1", "LENGTH": "20", "WINDOW": "8", "STEP": "32"}, ["epoch  1   loss", "\nthe "]),
    "write": ({"STEPS": "2", "MERGES": "4", "LENGTH": "5"}, ["step    2   loss", "\ntemperature 0, ", "    The grad"]),
}


def settings(text):
    """The names that are set between `# Play with these.` and the next empty line, and their values."""
    return dict(re.findall(r"^([A-Z_]+) = (.*)$", text.partition("# Play with these.\n")[2].partition("\n\n")[0], re.M))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_with_small_settings(path, tmp_path):
    small, words = SMALL[path.stem]
    text = path.read_text(encoding="utf-8")
    for name, value in small.items():
        text, count = re.subn(rf"^{name} = .*$", f"{name} = {value}", text, flags=re.M)
        assert count == 1
    script = tmp_path / "example.py"
    script.write_text(text, encoding="utf-8")
    run = {"env": tree_environment(SOLUTIONS), "cwd": REPOSITORY, "capture_output": True, "encoding": "utf-8"}
    code = f"import sys, runpy; sys.path.append({str(REPOSITORY)!r}); runpy.run_path({str(script)!r}, None, '__main__')"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], check=False, timeout=60, **run)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert [word for word in words if word not in done.stdout] == [] and done.stdout.isascii()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_asks_for_ten_minutes_of_play(path):
    text = path.read_text(encoding="utf-8")
    words = ast.get_docstring(ast.parse(text))
    assert f"nox -s python -- examples/{path.name}" in words and "ten minutes" in words
    assert words.count("?") >= 2 and re.findall(r"^(\d)\. ", words, re.M) == ["1", "2"]
    assert 3 <= len(settings(text)) <= 6
    assert set(re.findall(r"\b[A-Z_]{4,}\b", words)) <= settings(text).keys() | {"LSTM"}


def test_milestones_lead_to_examples():
    assert {name for milestone in course() for name in milestone.play} == {f"examples/{each.name}" for each in EXAMPLES}
