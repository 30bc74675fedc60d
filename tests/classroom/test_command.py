"""What a call is refused for, and what it says before and after it grades: no submission is graded here."""

import dataclasses
import json

import pytest

from grader.__main__ import main, parse
from grader.classroom import alone, cluster, command, run, similarity
from grader.classroom.grading import blank_results, stopped
from grader.classroom.store import Store
from grader.course.milestones import load_milestone
from grader.errors import CourseError, UsageError
from grader.protocol import TOO_SLOW, Cause, Loss
from grader.run.budget import used_up
from grader.verdict.judge import CheckVerdict, MilestoneVerdict, TaskVerdict
from tests.classroom.handing_in import within, write, zipped
from tests.classroom.small_class import OPTIONS, small_class

CLASS = ["class", "handed-in", "--out", "results"]
AUTOGRADE = ["autograde", "handed-in", "--out", "results.json"]


@pytest.mark.parametrize(
    ("command", "option", "value", "expected"),
    [
        *((CLASS, "--workers", value, "a whole number above 0") for value in ("0", "-1", "1.5", "two")),
        *((CLASS, "--budget", value, "seconds above 0") for value in ("0", "-5", "nan", "inf", "long")),
        *((CLASS, "--seed", value, "a whole number from 0 on") for value in ("-8", "1.5")),
        (CLASS, "--require", "namespace", "namespaces, user, process"),
        (AUTOGRADE, "--budget", "0", "seconds above 0"),
        (AUTOGRADE, "--seed", "-8", "a whole number from 0 on"),
        (AUTOGRADE, "--require", "root", "namespaces, user, process"),
    ],
)
def test_a_value_that_can_not_be_is_refused(command, option, value, expected):
    with pytest.raises(UsageError) as caught:
        parse([*command, f"{option}={value}"])
    said = str(caught.value)
    assert option in said and expected in said and f"not {value!r}" in said


def test_values_that_can_be_are_taken():
    given = parse([*CLASS, "--workers", "4", "--budget", "0.5", "--seed", "0", "--require", "user"])
    assert (given.workers, given.budget, given.seed, given.require) == (4, 0.5, 0, "user")
    assert parse(CLASS).require == "process"


@pytest.mark.parametrize(
    ("called", "arguments"),
    [
        (similarity.main, ["handed-in", "--out", "new", "--pairs", "0"]),
        (cluster.main, ["tcp://10.0.0.1:8786", "--at-once", "0"]),
        (cluster.main, ["--scheduler", "--port", "70000"]),
    ],
)
def test_so_it_is_by_the_other_commands(called, arguments, capsys):
    with pytest.raises(SystemExit):
        called(arguments)
    assert f"argument {arguments[-2]}: expected " in capsys.readouterr().err


@pytest.fixture
def reference_record():
    """What came of the reference, all of whose checks failed; with a private one."""
    check = {"id": "1.2 private 1", "passed": False, "message": ""}
    results = blank_results(OPTIONS)
    results["milestones"][0]["tasks"][0]["checks"] = [check]
    said = {"1.2 private 1": "test_1_02_private.py, test_small: got 3\nexpected at most 2"}
    return {"id": command.REFERENCE, "problem": None, "private": said, "results": results, "seconds": {"all": 7.0}}


def test_a_private_check_that_the_reference_fails_is_named(reference_record, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(alone, "grade_alone", lambda *_: reference_record)
    with pytest.raises(CourseError) as caught:
        command.options_of(parse([*CLASS, "--milestones", "1"]), Store(tmp_path / "out"))
    said = "test_1_02_private.py, test_small: got 3, expected at most 2; correct your private checks"
    assert str(caught.value).endswith(f"does not have all points here: {said}")
    assert "grading the reference first" in capsys.readouterr().err


def test_the_reference_is_graded_once_for_a_folder(reference_record, tmp_path, monkeypatch, capsys):
    for each in [*(milestone := reference_record["results"]["milestones"][0])["tasks"], milestone]:
        each["score"] = each["max_score"]
    monkeypatch.setattr(alone, "grade_alone", lambda *_: reference_record)
    for times in (1, 0):
        given = parse([*CLASS, "--milestones", "1", "--seed", "3"])
        assert command.options_of(given, Store(tmp_path / "out")).wall == 70.0
        assert capsys.readouterr().err.count("grading the reference first") == times


def test_milestones_that_do_not_go_on_the_reference_are_named(tmp_path, capsys):
    for numbers, noted in (("1,2,3", True), ("1,3", False)):
        given = parse([*CLASS, "--budget", "60", "--on-reference", "--milestones", numbers])
        command.options_of(given, Store(tmp_path / "out"))
        assert ("--on-reference does not apply to milestone 2: " in capsys.readouterr().err) == noted
    package = str(tmp_path / "package.zip")
    assert main(["gradescope", "--to", package, "--milestones", "2", "--on-reference"]) == 0
    assert "--on-reference does not apply to milestone 2: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--milestones", "1,2"], "was of milestones 1, and this one would be of 1, 2"),
        (["--milestones", "1", "--electives"], "was of milestones 1, and this one would be of 1, 5"),
        (["--milestones", "1", "--on-reference"], "was without --on-reference, and this one would be with it"),
        (["--milestones", "1", "--private", "PRIVATE"], "was without --private, and this one would be with it"),
        (["--milestones", "1", "--seed", "6"], "had the seed 5, and this one would have 6"),
    ],
)
def test_one_row_is_graded_as_the_others_were(options, said, tmp_path, capsys):
    write(tmp_path / "handed-in", within("ada"))
    out = tmp_path / "out"
    before = json.dumps(run.about((), dataclasses.replace(OPTIONS, milestones=(1,))))
    write(out, {".records/lock": b"", "run.json": before.encode()})
    call = ["class", str(tmp_path / "handed-in"), "--out", str(out), "--budget", "60", "--only", "ada"]
    assert main([*call, *options]) == 2
    assert said in (error := capsys.readouterr().err) and "name another --out" in error
    assert (out / "run.json").read_text() == before


def test_one_row_is_graded_with_the_private_checks_of_the_others(tmp_path, capsys):
    write(tmp_path / "handed-in", within("ada"))
    private = write(tmp_path / "private", {"test_1_02_new.py": b"def test_it(see):\n    pass\n"})
    options = dataclasses.replace(OPTIONS, milestones=(1,), private=(("test_1_02_old.py", ""),))
    write(tmp_path / "out", {".records/lock": b"", "run.json": json.dumps(run.about((), options)).encode()})
    call = ["class", str(tmp_path / "handed-in"), "--out", str(tmp_path / "out"), "--budget", "60", "--only", "ada"]
    assert main([*call, "--milestones", "1", "--private", str(private)]) == 2
    assert "was with --private of test_1_02_old.py, and this one would be with other files" in capsys.readouterr().err


def test_no_gradebook_has_rows_of_other_columns(tmp_path):
    """As where a run with other milestones was interrupted before it had graded all."""
    ada, ben = small_class()[:2]
    store = Store(tmp_path / "out")
    older = blank_results(dataclasses.replace(OPTIONS, milestones=(1, 2), tasks=()))
    store.keep("ada", "key", {"id": "ada", "problem": None, "results": older})
    with run.local_executor(1) as executor, pytest.raises(CourseError, match=r"ada was graded on other milestones"):
        run.run_class([ada, ben], OPTIONS, store, executor, 1, only=["zoe"])
    assert not (tmp_path / "out" / "gradebook.csv").exists()


@pytest.mark.parametrize(("files", "noted"), [({"moodle.zip": zipped({"a.zip": b""})}, True), (within("ada"), False)])
def test_a_folder_in_which_nothing_is_of_the_class_is_noted(files, noted, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "_graded", lambda *_: 0)
    (tmp_path / "roster.csv").write_text("id,name\nada,Ada\nben,Ben\n")
    source = write(tmp_path / "handed-in", files)
    call = ["class", str(source), "--out", str(tmp_path / "out"), "--roster", str(tmp_path / "roster.csv")]
    assert main(call) == 0
    assert ("name the export itself" in capsys.readouterr().err) == noted


def test_a_note_says_what_ran_until_its_time_was_over_and_what_crashed():
    milestone = load_milestone(1)
    tasks = []
    crash = Loss(Cause.DEATH, "it ended the Python process (exit code 3)")
    for task in milestone.tasks[:4]:
        lost = {"1.1": TOO_SLOW, "1.2": crash, "1.3": used_up("wall", 60), "1.4": crash}.get(task.id)
        tasks.append(TaskVerdict(task, "", tuple(CheckVerdict(each, lost is None, loss=lost) for each in task.checks)))
    seconds = milestone.tasks[0].checks[0].seconds
    expected = [
        f"1.1: stopped after {seconds:g} s",
        "1.2, 1.4: it ended the Python process (exit code 3)",
        "all checks together took longer than 60 s, and was stopped",
    ]
    assert stopped([MilestoneVerdict(milestone, tuple(tasks))]) == expected
