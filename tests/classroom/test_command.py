"""What a call is refused for, and what it says before and after it grades: no submission is graded here."""

import pytest

from grader.__main__ import parse
from grader.classroom import cluster, similarity
from grader.errors import UsageError

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
