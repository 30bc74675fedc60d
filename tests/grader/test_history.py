"""The history of a student's runs: what is recorded, how long tasks took, and what is damaged costs nothing else."""

import datetime
import os
import subprocess
import sys
import threading
import time

import pytest

from grader import history
from grader.files import REPOSITORY, STARTER, append_line
from grader.history import Run, record, runs, seconds_of, way_made

NOON = datetime.datetime(2026, 3, 10, 12).timestamp()
MINUTE, DAY = 60.0, 86_400.0


def past(*found):
    return [Run(NOON + minutes * MINUTE, tasks) for minutes, tasks in found]


def test_runs_come_back_as_they_were_recorded(tmp_path):
    record(STARTER, {"1.1": (3, 14), "1.10": (0, 14)}, tmp_path / "new" / "history.jsonl")
    (run,) = runs(tmp_path / "new" / "history.jsonl")
    assert run.tasks == {"1.1": (3, 14), "1.10": (0, 14)} and run.time > NOON


def test_only_the_students_own_tree_is_recorded_and_only_if_the_student_likes(tmp_path, monkeypatch):
    file = tmp_path / "history.jsonl"
    record(REPOSITORY / "solutions", {"1.1": (3, 14)}, file)
    monkeypatch.setenv("COURSE_HISTORY", "off")
    record(STARTER, {"1.1": (3, 14)}, file)
    assert not file.exists()


def test_what_can_not_be_written_costs_no_report(tmp_path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    record(STARTER, {"1.1": (3, 14)}, tmp_path / "taken" / "history.jsonl")
    assert runs(tmp_path / "taken" / "history.jsonl") == []


@pytest.mark.parametrize(
    "damaged",
    [
        '{"time": 1, "tasks": {"1.1": [1, 1',
        "[1, 2]",
        '{"time": "soon", "tasks": {"1.1": [1, 2]}}',
        '{"time": 1e300, "tasks": {"1.1": [1, 2]}}',
        '{"time": NaN, "tasks": {"1.1": [1, 2]}}',
        '{"time": 1, "tasks": {"1.1": [3, 2], "one": [1, 2]}}',
        '{"time": 1, "tasks": [1]}',
        '{"time": 1, "tasks": {"1.1": 5}}',
        "[" * 100_000,
        "\x00\ufffd",
    ],
)
def test_a_damaged_line_is_skipped(tmp_path, damaged):
    file = tmp_path / "history.jsonl"
    record(STARTER, {"1.1": (3, 14)}, file)
    with file.open("a", encoding="utf-8") as history_file:
        history_file.write(damaged)  # and no line end: cut off
    record(STARTER, {"1.1": (4, 14)}, file)
    assert [run.tasks["1.1"] for run in runs(file)] == [(3, 14), (4, 14)]


def test_lines_of_several_commands_do_not_mix(tmp_path):
    file, tasks = tmp_path / "history.jsonl", {f"4.{number}": (number, 20) for number in range(1, 13)}
    threads = [threading.Thread(target=lambda: [record(STARTER, tasks, file) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs(file)) == 200


def test_the_time_until_a_change_belongs_to_the_task_that_changed():
    found = past((0, {"1.1": (0, 5)}), (20, {"1.1": (2, 5)}), (25, {"1.1": (5, 5)}), (40, {"1.2": (1, 5)}))
    assert seconds_of(found) == {"1.1": 25 * MINUTE, "1.2": 15 * MINUTE}


def test_a_run_without_a_change_leaves_its_time_to_the_next():
    found = past((0, {"1.1": (5, 5), "1.2": (0, 5)}), (10, {"1.2": (0, 5)}), (20, {"1.2": (4, 5)}))
    assert seconds_of(found)["1.2"] == 20 * MINUTE


def test_a_pause_does_not_count_and_what_came_before_it_belongs_to_the_open_task():
    found = past((0, {"1.1": (1, 5)}), (10, {"1.1": (1, 5)}), (50, {"1.1": (2, 5)}), (80, {"1.1": (3, 5)}))
    assert seconds_of(found) == {"1.1": 40 * MINUTE}


def test_of_several_changes_the_first_task_has_the_time():
    found = past((0, {"1.1": (0, 5), "1.2": (0, 5)}), (10, {"1.1": (5, 5), "1.2": (2, 5)}))
    assert seconds_of(found)["1.1"] == 10 * MINUTE and not seconds_of(found).get("1.2")


def test_the_way_made_is_one_line_and_one_with_hours():
    first = past((0, {"1.1": (0, 5), "1.2": (0, 5)}), (30, {"1.1": (5, 5), "1.2": (0, 5)}))
    assert way_made(first, NOON) == [
        "+1 task in 1 day; 0.5 hours of work, without pauses above 30 minutes",
        "hours a task: 1.1 0.5",
    ]
    later = [*first, *past((2 * 24 * 60, {"1.2": (0, 5)}), (2 * 24 * 60 + 15, {"1.2": (5, 5)}))]
    assert way_made(later, NOON + 2 * DAY)[0].startswith("+2 tasks in 3 days, 1 of them today; 0.8 hours")


def test_a_task_that_fails_again_is_not_counted():
    assert way_made(past((0, {"1.1": (5, 5), "1.2": (5, 5)}), (1, {"1.1": (4, 5)})), NOON) == ["+1 task in 1 day"]


def test_where_nothing_is_done_nothing_is_said():
    assert way_made([], NOON) == [] and way_made(past((0, {"1.1": (0, 5)})), NOON) == []


def test_commands_record_what_they_find_and_grade_tells_the_way_made(tmp_path):
    """In a process of its own, in which the history is another file."""
    code = "import pathlib, sys; from grader import history, __main__; file = pathlib.Path(sys.argv.pop(1)); "
    code += "history.record.__defaults__ = history.runs.__defaults__ = (file,); sys.exit(__main__.main())"
    file, now = tmp_path / "history.jsonl", time.time()
    for minutes, passed in ((25, 0), (5, 3)):
        append_line(file, {"time": now - minutes * MINUTE, "tasks": {"1.1": [passed, 14]}})

    def screen(*arguments):
        command = [sys.executable, "-c", code, file, *arguments, "--fast", "--out", tmp_path]
        settings = {"cwd": REPOSITORY, "env": {**os.environ, history.VARIABLE: ""}, "encoding": "utf-8"}
        return subprocess.run(command, capture_output=True, check=False, **settings).stdout

    assert "Way made" not in screen("milestone", "1", "1.2")
    assert runs(file)[-1].tasks.keys() == {"1.2"}
    screen("milestone", "1", "1.2", "--tree", "solutions")  # not the student's own tree
    assert len(runs(file)) == 3
    told = " ".join(screen("grade").split())
    assert "Way made +0 tasks in" in told and "hours a task: 1.1 0." in told
    assert len(runs(file)) == 4 and len(runs(file)[-1].tasks) > 40
