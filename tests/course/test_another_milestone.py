"""A milestone is a folder in milestones/ and a room in solutions/: a copy of the course with a fifth one just works."""

import json
import shutil
import subprocess
import sys

from grader.course.milestones import course as milestones
from grader.files import REPOSITORY

NUMBER = 5
TASKS = """
title = "Counting"
rooms = ["counting"]
hours = 1
works_now = "you can double."
{elective}
[[task]]
id = "5.1"
title = "Doubles"
points = 60

[[task]]
id = "5.2"
title = "Doubles add up"
points = 40
needs = ["5.1"]
"""
ROOM = '''"""Counts: a room that only the tests know."""


def double(x):
    """2x, of a Tensor."""
    # exercise: 5.1
    return x + x
'''
DOUBLES = '''"""5.1 Doubles."""

import neural_framework as nf


def test_a_double_is_twice_as_much(see):
    """double(x) is 2x."""
    see.close(nf.double(nf.Tensor([1.5, -2.0])), [3.0, -4.0])


def test_an_int_keeps_its_dtype(see):
    """A double of integers has integers."""
    see.equal(nf.double(nf.Tensor([3])).dtype, "int64")
'''
SUMS = '''"""5.2 Doubles add up."""

import neural_framework as nf


def test_ten_doubles_are_1024(see):
    """Ten doubles of 1 give 1,024."""
    x = nf.Tensor(1)
    for _ in range(10):
        x = nf.double(x)
    see.equal(x, 1024)
'''
LESSON = "# Milestone 5: Counting\n\n## 5.1 Doubles\n\nWrite `double`.\n\n## 5.2 Doubles add up\n\nNothing to write.\n"
HINTS = "# Hints\n\n" + "".join(f"## 5.{task}\n1. One.\n2. Two.\n3. Three.\n\n" for task in (1, 2))


def course_with_a_fifth(folder, elective):
    """A copy of the repository with one more milestone."""
    left_out = shutil.ignore_patterns(".git", ".nox", ".course", "__pycache__", "*.egg-info", ".pytest_cache")
    course = shutil.copytree(REPOSITORY, folder / "course", ignore=left_out)
    milestone = course / "milestones" / "milestone5_counting"
    milestone.mkdir()
    files = {
        "tasks.toml": TASKS.format(elective="elective = true" if elective else ""),
        "test_5_01_doubles.py": DOUBLES,
        "test_5_02_sums.py": SUMS,
        "README.md": LESSON,
        "hints.md": HINTS,
    }
    for name, text in files.items():
        (milestone / name).write_text(text, encoding="utf-8")
    package = course / "solutions" / "neural_framework"
    (package / "counting").mkdir()
    (package / "counting" / "__init__.py").write_text(ROOM, encoding="utf-8")
    with (package / "__init__.py").open("a", encoding="utf-8") as file:
        file.write("\nfrom .counting import double\n")
    shutil.rmtree(course / "starter")
    return course


def call(course, *arguments):
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(command, cwd=course, capture_output=True, encoding="utf-8", check=False, timeout=300)


def test_it_just_works(tmp_path):
    """One test, as the copy makes an answer key of its own."""
    course = course_with_a_fifth(tmp_path, elective=False)
    assert call(course, "grader", "starter", "--to", "starter").returncode == 0
    has_its_command_its_points_and_its_stub(course)
    takes_earlier_rooms_from_the_reference(course, tmp_path)
    counts(course, tmp_path)
    passes_the_guards_of_the_course(course)


def has_its_command_its_points_and_its_stub(course):
    assert "- milestone5 -> Grade Counting" in call(course, "nox", "--list").stdout
    done = call(course, "grader", "milestone", NUMBER, "--tree", "solutions")
    assert done.returncode == 0 and "Total      100 of 100 points for milestone 5" in done.stdout
    blank = call(course, "grader", "milestone", NUMBER)
    assert "counting/__init__.py:7  5.1 double" in blank.stdout and "0 of 100" in blank.stdout
    assert "One." in call(course, "grader", "hint", "5.1").stdout


def takes_earlier_rooms_from_the_reference(course, folder):
    work = shutil.copytree(course / "starter", folder / "work")
    shutil.copy(course / "solutions/neural_framework/counting/__init__.py", work / "neural_framework/counting")
    done = call(course, "grader", "milestone", NUMBER, "--tree", work, "--on-reference", "--out", folder)
    assert done.returncode == 0
    assert "from the reference, not from" in done.stdout


def counts(course, folder):
    call(course, "grader", "grade", "--fast", "--out", folder)
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert [entry["number"] for entry in results["milestones"]][-1] == NUMBER
    assert results["max_score"] == 100 * sum(not milestone.elective for milestone in milestones()) + 100


def passes_the_guards_of_the_course(course):
    guards = ["sections", "headings", "points", "needs_name", "same_set", "belongs", "documented", "only_through"]
    chosen = " or ".join([*guards, "alone and 5.1", "later and 5", "5.2-5.1"])
    guarded = call(course, "pytest", "-q", "tests/course/test_course.py", "-p", "no:cacheprovider", "-k", chosen)
    assert guarded.returncode == 0, guarded.stdout[-3000:]


def test_an_elective_is_graded_by_its_own_command_and_counts_nothing(tmp_path):
    course = course_with_a_fifth(tmp_path, elective=True)
    assert call(course, "grader", "milestone", NUMBER, "--tree", "solutions").returncode == 0
    counting = "from grader.course.milestones import course; print([m.number for m in course() if not m.elective])"
    listed = subprocess.run([sys.executable, "-c", counting], cwd=course, capture_output=True, check=True)
    assert str(NUMBER) not in listed.stdout.decode()
