"""A milestone is a folder in milestones/ and a room in solutions/: a copy of the course with one more just works."""

import csv
import json
import re
import shutil
import subprocess
import sys

import pytest

from grader.course.milestones import course as milestones
from grader.course.milestones import milestone_numbers
from grader.files import REPOSITORY

NUMBER = max(milestone_numbers()) + 1
MOST = 100 * sum(not milestone.elective for milestone in milestones())
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
QUICK = '''"""A task whose own checks take long and are not tried here."""

import neural_framework as nf


def test_it_is_quick(see):
    """A tensor of 1 holds 1."""
    see.equal(nf.Tensor([1.0]), [1.0])
'''
MISTAKES = '''
[[mistake]]
id = "half-of-a-double"
task = "5.1"
title = "The double is what was given"
explanation = """
You give x back. Double 1.5: that is 3. Add x to itself.
"""
function = "counting/__init__.py:double"
old = "x + x"
new = "x"
'''
PROMISES = """
["counting/__init__.py:double"]
"2x, of a Tensor." = ["test_5_01_doubles::test_a_double_is_twice_as_much"]
"""
PREDICTIONS = """
[[question]]
id = "5.1-double"
task = "5.1"
text = "What is nf.double(nf.Tensor([$n.0])).tolist()?"
vary.n = [3, 4]
code = "nf.double(nf.Tensor([$n.0])).tolist()"
wrong = [ { code = "[$n.0 * $n.0]", why = "That is the square." } ]
"""
FILES = {
    "tasks.toml": TASKS,
    "test_5_01_doubles.py": DOUBLES,
    "test_5_02_sums.py": SUMS,
    "README.md": "# Milestone 5: Counting\n\n## 5.1 Doubles\n\nWrite it.\n\n## 5.2 Doubles add up\n\nNothing to do.\n",
    "hints.md": "# Hints\n\n" + "".join(f"## 5.{task}\n1. One.\n2. Two.\n3. Three.\n\n" for task in (1, 2)),
    "mistakes.toml": MISTAKES,
    "promises.toml": PROMISES,
    "predictions.toml": PREDICTIONS,
    "cases.toml": '"counting/__init__.py:double" = ["nf.double(x)"]\n',
}


def numbered(text):
    """A text with the number of the milestone that is one more than there are."""
    return re.sub(r"\b5(?=\.[12]\b)|(?<=test_)5(?=_)|(?<=Milestone )5", str(NUMBER), text)


def course_with_another(folder, elective):
    """A copy of the repository with one more milestone, and a fresh starter; nothing is trained in it."""
    left_out = shutil.ignore_patterns(".git", ".nox", ".course", "__pycache__", "*.egg-info", ".pytest_cache")
    course = shutil.copytree(REPOSITORY, folder / "course", ignore=left_out)
    for task in (task for each in milestones() for task in each.tasks if task.convergence):
        make_quick(course, task)
    milestone = course / "milestones" / f"milestone{NUMBER}_counting"
    milestone.mkdir()
    for name, text in FILES.items():
        text = text.format(elective="elective = true" if elective else "") if name == "tasks.toml" else text
        (milestone / numbered(name)).write_text(numbered(text), encoding="utf-8")
    package = course / "solutions" / "neural_framework"
    (package / "counting").mkdir()
    (package / "counting" / "__init__.py").write_text(numbered(ROOM), encoding="utf-8")
    with (package / "__init__.py").open("a", encoding="utf-8") as file:
        file.write("\nfrom .counting import double\n")
    shutil.rmtree(course / "starter")
    assert call(course, "grader", "starter", "--to", "starter").returncode == 0
    assert call(course, "grader", "starter").stdout == "starter/ is what solutions/ generates\n"
    return course


def make_quick(course, task):
    """A check of a moment in place of a task's own."""
    (course / task.checks[0].path.relative_to(REPOSITORY)).write_text(QUICK, encoding="utf-8")


def call(course, *arguments):
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(command, cwd=course, capture_output=True, encoding="utf-8", check=False, timeout=600)


def graded(course, *arguments):
    """What `grade` says of a tree but for the way made, which grows with time; its exit code, and its results."""
    done = call(course, "grader", "grade", "--fast", "--out", course / "out", *arguments)
    said = done.stdout.partition("Way made ")[0]
    return said, done.returncode, json.loads((course / "out" / "results.json").read_text(encoding="utf-8"))


def begun(course):
    """A blank starter in which the room of the milestone is written."""
    work = shutil.copytree(course / "starter", course / "work")
    shutil.copy(course / "solutions/neural_framework/counting/__init__.py", work / "neural_framework/counting")
    return work


@pytest.fixture(scope="module")
def elective(tmp_path_factory):
    """A copy of the course with one more elective."""
    return course_with_another(tmp_path_factory.mktemp("elective"), elective=True)


@pytest.fixture(scope="module")
def work(elective):
    """A tree in it of which the elective alone is written."""
    return begun(elective)


def test_another_that_counts_just_works(tmp_path):
    course = course_with_another(tmp_path, elective=False)
    _, _, results = graded(course)
    assert [entry["number"] for entry in results["milestones"]][-1] == NUMBER
    assert results["max_score"] == MOST + 100


def test_an_elective_passes_the_guards_of_the_course(elective):
    guards = ["sections", "headings", "points", "needs_name", "same_set", "belongs", "documented", "only_through"]
    chosen = " or ".join([*guards, f"alone and {NUMBER}.1", f"later and {NUMBER}", f"{NUMBER}.2-{NUMBER}.1"])
    files = ["tests/course/test_course.py", "tests/course/test_promises.py", "tests/framework/test_rooms.py"]
    guarded = call(elective, "pytest", "-q", *files, "-p", "no:cacheprovider", "-k", f"{chosen} or promise or room")
    assert guarded.returncode == 0, guarded.stdout[-3000:]


def test_it_has_its_command_its_points_and_its_stub(elective):
    assert f"- milestone{NUMBER} -> Grade Counting" in call(elective, "nox", "--list").stdout
    done = call(elective, "grader", "milestone", NUMBER, "--tree", "solutions", "--out", elective / "out")
    assert done.returncode == 0 and f"Total      100 of 100 points for milestone {NUMBER}" in done.stdout
    assert "Done  you can double." in done.stdout
    blank = call(elective, "grader", "milestone", NUMBER, "--out", elective / "out")
    assert f"counting/__init__.py:7  {NUMBER}.1 double" in blank.stdout and "0 of 100" in blank.stdout
    assert "One." in call(elective, "grader", "hint", f"{NUMBER}.1").stdout
    assert f"{NUMBER}.1 Doubles" in call(elective, "grader", "todo", NUMBER).stdout
    assert f"{NUMBER}.1 Doubles" not in call(elective, "grader", "todo").stdout


def test_its_mistake_is_named(elective, work):
    room = work / "neural_framework/counting/__init__.py"
    right = room.read_text(encoding="utf-8")
    room.write_text(right.replace("x + x", "x"), encoding="utf-8")
    done = call(elective, "grader", "milestone", NUMBER, "--tree", work, "--on-reference", "--out", elective / "out")
    room.write_text(right, encoding="utf-8")
    assert "The double is what was given" in done.stdout


def test_earlier_rooms_come_from_the_reference(elective, work):
    done = call(elective, "grader", "milestone", NUMBER, "--tree", work, "--on-reference", "--out", elective / "out")
    assert done.returncode == 0
    assert "from the reference, not from" in done.stdout


def test_a_tree_may_be_older_than_the_elective(elective, work):
    """Its __init__.py exports nothing of it, which costs no points and is said."""
    old = shutil.copytree(work, elective / "old")
    shutil.copy(REPOSITORY / "starter/neural_framework/__init__.py", old / "neural_framework")
    done = call(elective, "grader", "milestone", NUMBER, "--tree", old, "--on-reference", "--out", elective / "out")
    assert done.returncode == 0
    assert "old/neural_framework/__init__.py  no name of counting/: copy its imports" in done.stdout


def test_grade_shows_an_elective_once_it_is_begun(elective, work):
    """In no total, and the exit code does not depend on it."""
    blank, code, results = graded(elective)
    assert code == 1 and "Counting" not in blank
    assert blank.endswith(f"Total      0 of {MOST} points for all milestones\n")
    assert NUMBER not in [entry["number"] for entry in results["milestones"]]
    shown, code, results = graded(elective, "--tree", work)
    assert code == 1 and f"Milestone {NUMBER} · Counting (elective)" in shown
    total = f"0 of {MOST} points for all milestones; next to them 0 of 100 for milestone {NUMBER}, an elective"
    assert shown.endswith(f"Total      {total}\n")
    assert (results["score"], results["max_score"]) == (0, MOST)
    assert results["milestones"][-1]["elective"] and results["milestones"][-1]["number"] == NUMBER
    asked, code, results = graded(elective, "--electives")
    assert code == 1 and asked.endswith(f"0 of 100 for milestone {NUMBER}, an elective\n")
    assert results["max_score"] == MOST and results["milestones"][-1]["number"] == NUMBER


def test_a_class_has_its_columns(elective, work, tmp_path):
    """Next to the total: the elective is graded on the reference, and has a page like the others."""
    course, handed_in, out = tmp_path / "course", tmp_path / "handed_in", tmp_path / "class"
    shutil.copytree(elective, course)
    for task in (task for each in milestones() if each.elective for task in each.tasks):
        make_quick(course, task)
    shutil.copytree(work, handed_in / "ada")
    options = ["--milestones", "1", "--electives", "--on-reference", "--budget", "200", "--out", out]
    done = call(course, "grader", "class", handed_in, *options)
    assert done.returncode == 0, done.stderr[-3000:]
    with (out / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["total"] == row["milestone 1"] == "0"
    assert [row[f"milestone {NUMBER} (elective)"], row[f"{NUMBER}.1"], row[f"{NUMBER}.2"]] == ["100", "60", "40"]
    assert "in no total: the elective" in (out / "class.html").read_text(encoding="utf-8")
    assert "Counting (elective, in no total)" in (out / "students/ada/report.html").read_text(encoding="utf-8")
    points = json.loads((out / "students/ada/gradescope.json").read_text(encoding="utf-8"))
    assert points["score"] == 0 and "Doubles (elective, in no total)" in [test["name"] for test in points["tests"]]


def test_it_is_handed_out(elective):
    out = elective / "handed_out"
    done = call(elective, "grader", "handout", "--to", out)
    assert done.returncode == 0, done.stderr[-3000:]
    assert (out / f"milestones/milestone{NUMBER}_counting/README.md").is_file()
    assert not list(out.glob("milestones/*/mistakes.toml"))
    done = call(out, "grader", "milestone", NUMBER, "--fast")
    assert "0 of 100 points" in done.stdout and f"{NUMBER}.1 double" in done.stdout
    assert call(elective, "grader", "classroom", "--to", out, "--electives").returncode == 0
    workflow = (out / ".github/workflows/classroom.yml").read_text(encoding="utf-8")
    assert "-s grade -- --electives --out results" in workflow and f"milestone{NUMBER}" in workflow
