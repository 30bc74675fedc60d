"""The students' repository: what is in it, what is not, and that its commands work there as here."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict

import pytest

from grader.classroom.handout import students_page, to_seal, write_handout
from grader.course.milestones import course
from grader.course.mistakes import load_catalogue
from grader.errors import UsageError
from grader.files import REPOSITORY, SOLUTIONS
from grader.source.package import PACKAGE, read_source
from grader.source.reference import reference, starter
from grader.source.stubs import exercises
from tests.borrowed import borrow_environments
from tests.trees import replace_body

ARITHMETIC = "operations/arithmetic.py"


def handed_out(folder, with_reference):
    write_handout(folder, with_reference)
    borrow_environments(folder, "grading")
    return folder


@pytest.fixture(scope="module")
def students(tmp_path_factory):
    """The students' repository, with its environments borrowed from this one's."""
    return handed_out(tmp_path_factory.mktemp("handout") / "course", True)


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    """The same without the reference."""
    return handed_out(tmp_path_factory.mktemp("handout") / "course", False)


@pytest.fixture
def wrong(tree):
    """The reference with a mistake in task 2.5."""
    replace_body(tree, ARITHMETIC, "Negate.backward", "return grad")
    return tree


def call(folder, *arguments, **variables):
    command = [sys.executable, "noxfile.py", *map(str, arguments)]
    kept = {name: value for name, value in os.environ.items() if name != "COURSE_COMMAND"}
    streams = {"capture_output": True, "encoding": "utf-8", "stdin": subprocess.DEVNULL}
    return subprocess.run(command, cwd=folder, env={**kept, **variables}, check=False, timeout=300, **streams)


def texts(folder):
    """The files that can be read in plain sight."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(".nox/") and path.suffix not in (".bin", ".npy", ".pyc"):
            found[name] = path.read_text(encoding="utf-8")
    return found


def telling_lines():
    """Lines of the reference's exercises that are long enough to tell something, and are not given anywhere."""
    given = "".join(starter().values())
    for name, text in reference().items():
        for exercise in exercises(text, name):
            body = [line.strip() for line in text.splitlines()[exercise.first_line : exercise.last_line]]
            yield from (line for line in body if len(line) > 40 and line[0] != "#" and line not in given)


def test_no_body_of_an_exercise_is_in_plain_sight(students):
    everything = "".join(texts(students).values())
    assert len(list(telling_lines())) > 100
    assert [line for line in telling_lines() if line in everything] == []


def test_nothing_of_the_reference_travels_without_it():
    everything = json.dumps(asdict(to_seal(False)))
    assert [line for line in telling_lines() if json.dumps(line)[1:-1] in everything] == []


def test_what_belongs_to_the_course_alone_is_not_there(students):
    names = texts(students)
    tops = {name.split("/")[0] for name in names}
    assert tops.isdisjoint({"solutions", "tests", "proofs", "bench", ".ci", "CONTRIBUTING.md", ".git", ".course"})
    assert not [name for name in names if name.startswith("grader/classroom") or name.endswith("mistakes.toml")]
    everything = "".join(names.values())
    assert not [mistake.id for mistake in load_catalogue(course()) if mistake.explanation in everything]
    assert str(REPOSITORY) not in everything


def test_the_starter_is_fresh(students):
    files = {name: text for name, text in texts(students).items() if name.startswith("starter/")}
    assert files == {f"starter/{name}": text for name, text in starter().items()}


def test_every_link_leads_somewhere(students):
    for name, text in texts(students).items():
        for target in re.findall(r"\]\(([^)#:\s]+)[)#]", text) if name.endswith(".md") else ():
            assert ((students / name).parent / target).exists(), f"{name}: {target}"


def test_every_command_that_a_page_names_is_there(students):
    sessions = call(students, "--list").stdout
    for name, text in texts(students).items():
        for command in re.findall(r"(?:nox|noxfile\.py) -s ([a-z]\w+)", text) if name.endswith(".md") else ():
            assert f"- {command} " in sessions, f"{name}: {command}"


def test_the_first_command_of_the_readme_works_with_an_empty_home(students, tmp_path):
    (command,) = re.findall(r"    python3 noxfile\.py (-s \w+)", texts(students)["README.md"])
    done = call(students, *command.split(), HOME=str(tmp_path), USERPROFILE=str(tmp_path))
    assert "Next TODO  starter/neural_framework/" in done.stdout and "0 of 100 points" in done.stdout


def test_the_reference_earns_all_points_there(students, without):
    for folder in (students, without):
        done = call(folder, "-s", "milestone2", "--", "--tree", SOLUTIONS)
        assert done.returncode == 0 and "100 of 100 points" in done.stdout, done.stderr
        assert not (folder / ".course" / "key").exists()  # the key that was handed out is used


def test_a_mistake_is_located_and_named_there(students, wrong):
    done = call(students, "-s", "milestone2", "--", "--tree", wrong, "2.5")
    assert "at fault    Negate.backward" in done.stdout and "almost certainly:" in done.stdout
    hint = " ".join(call(students, "-s", "hint", "--", "2.5", "--tree", wrong).stdout.split())
    assert "named this mistake (almost certainly): " in hint and "x.grad yours" in hint


def test_without_the_reference_the_report_says_what_is_not_looked_for(without, wrong):
    done = call(without, "-s", "milestone2", "--", "--tree", wrong, "2.5")
    assert "at fault   " not in done.stdout and "Negate.backward" in done.stdout  # named by its fingerprint
    assert "handed out without the reference" in done.stdout
    hint = call(without, "-s", "hint", "--", "2.5", "--tree", wrong).stdout
    assert "hint 1 of 3" in hint.splitlines()[0] and "named this mistake (" in hint and "Question: " in hint
    refused = call(without, "-s", "milestone3", "--", "--on-reference")
    assert "handed out without the reference" in refused.stderr


def test_earlier_milestones_come_from_the_reference_there(students, wrong):
    done = call(students, "-s", "milestone3", "--", "--tree", wrong, "--on-reference", "--fast", "3.6")
    assert done.returncode == 0 and "from the reference" in done.stdout


def test_files_that_are_broken_are_replaced_by_the_starters_there(without, tree):
    (tree / PACKAGE / ARITHMETIC).write_text("def (", encoding="utf-8")
    done = call(without, "-s", "milestone1", "--", "--tree", tree, "1.2", "1.4")
    assert "arithmetic.py:1" in done.stdout and "done" in done.stdout


def test_predictions_are_asked_there_and_blanks_alone_without_the_reference(students, without):
    assert "your prediction:" in call(students, "-s", "predict", "--", "2.1").stdout
    done = call(without, "-s", "predict", "--", "2.6")
    assert done.returncode == 0
    assert "handed out without the reference" in done.stdout and "____ =" in done.stdout
    assert "your prediction:" not in call(without, "-s", "predict", "--", "2.1").stdout
    assert not list(students.rglob("predictions.toml"))
    assert "handed out without it" in call(without, "-s", "bug").stderr
    assert "nothing is written yet" in call(students, "-s", "bug").stderr
    assert "It gives" in call(students, "-s", "bug", "--", "2.8", "--tree", SOLUTIONS).stdout


def test_the_other_commands_work_there(students, tmp_path):
    assert "1. " in call(students, "-s", "hint", "--", "2.3").stdout
    assert call(students, "-s", "python", "--", "-c", "import neural_framework").returncode == 0
    assert call(students, "-s", "starter", "--", "--to", tmp_path / "fresh").returncode == 0
    assert read_source(tmp_path / "fresh" / PACKAGE / ARITHMETIC) == starter()[f"{PACKAGE}/{ARITHMETIC}"]
    assert "name a folder" in call(students, "-s", "starter").stderr
    assert "step  40" in call(students, "-s", "python", "--", "--tree", SOLUTIONS, "examples/line.py").stdout
    raw = call(students, "-s", "milestone1", "--", "--tree", SOLUTIONS, "1.2", "--raw", "-q")
    assert raw.returncode == 0 and "passed" in raw.stdout


def test_changed_checks_and_a_damaged_file_are_named_with_the_way_back(without, tmp_path):
    copy = shutil.copytree(without, tmp_path / "copy", symlinks=True, ignore=shutil.ignore_patterns(".course"))
    check = next(copy.glob("milestones/*/test_1_02_*.py"))
    check.write_text(check.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    done = call(copy, "-s", "milestone1", "--", "--tree", SOLUTIONS, "1.2")
    assert "git checkout -- milestones/milestone1_tensors" in done.stderr
    file = copy / "grader" / "sealed.bin"
    file.write_bytes(file.read_bytes()[:-1])
    assert "git checkout -- grader/sealed.bin" in call(copy, "-s", "milestone1").stderr


def test_a_folder_that_holds_anything_is_not_written_to(tmp_path):
    (tmp_path / "mine").touch()
    with pytest.raises(UsageError, match="not empty"):
        write_handout(tmp_path, True)


def test_pages_lose_links_and_commands_that_lead_nowhere():
    page = "[a](a.md) and [b](../b.md#x).\n\n[b](b.md) has figures:\nmany.\n\n[c](https://c)\n\n`nox -s lint` lints.\n"
    page += "\n    nox -s grade\n    nox -s lint\n\n## For instructors\n\nSecret.\n\n## Licence\n\nMIT\n"
    left = "[a](a.md) and b.\n\n[c](https://c)\n\n    nox -s grade\n\n## Licence\n\nMIT\n"
    assert students_page(page, "docs/page.md", ["docs/a.md"], {"grade"}) == left
