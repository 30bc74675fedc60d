"""A class is graded whole, whatever is in it, and comes out the same however it was run."""

import csv
import dataclasses
import io
import json
from dataclasses import dataclass

import pytest

from grader.classroom import alone, run
from grader.classroom.options import Options
from grader.classroom.private import read_private
from grader.classroom.store import Store
from grader.classroom.submission import Submission
from grader.errors import UsageError
from grader.files import SOLUTIONS
from grader.run.sandbox import best_level
from grader.source.package import sources
from grader.source.stubs import exercises

OPTIONS = Options(milestones=(1,), tasks=("1.2",), seed=5, level=best_level(), wall=60.0)
EVIL = "=cmd|' /C calc'!A0<script>alert(1)</script>\x1b[31m\u202eevil\n+1"
SAME = ("gradebook.csv", "class.html", "students/*/results.json")


@dataclass(frozen=True)
class Given:
    """A submission that is there already."""

    submission: Submission

    @property
    def id(self):
        return self.submission.id

    @property
    def name(self):
        return self.submission.name

    def load(self):
        return self.submission


@pytest.fixture(scope="module")
def small_class():
    """Right, wrong, hanging, crashing, empty, and nothing."""
    texts = sources(SOLUTIONS)
    broadcasting = "neural_framework/operations/broadcasting.py"

    def handed_in(name, body):
        text = replaced(texts[broadcasting], body)
        return {file: (text if file == broadcasting else own).encode() for file, own in texts.items()}

    right = {file: text.encode() for file, text in texts.items()}
    found = [
        Submission("ada", "Ada", right),
        Submission("ben", "Ben", handed_in("ben", "return shape1"), notes=("two packages",)),
        Submission("cy", "Cy", handed_in("cy", "while True: pass")),
        Submission("di", EVIL, handed_in("di", f"raise ValueError({EVIL!r})")),
        Submission("ed", "Ed", {}),
        Submission("flo", "Flo", problem="nothing handed in"),
    ]
    return [Given(each) for each in found]


def replaced(text, body, function="broadcast_shapes"):
    """A file with another body of a function."""
    exercise = next(one for one in exercises(text, "operations/broadcasting.py") if one.name == function)
    lines = text.splitlines(keepends=True)
    lines[exercise.first_line - 1 : exercise.last_line] = [f"{exercise.indent}{line}\n" for line in body.splitlines()]
    return "".join(lines)


def graded(entries, folder, workers=2, **options):
    """Run a class; its rows by id."""
    executor = run.local_executor(workers)
    with executor:
        rows = run.run_class(entries, OPTIONS, Store(folder), executor, workers, **options)
    return {row.id: row for row in rows}


def outcome(folder):
    """The bytes that must not depend on how a class was run."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for pattern in SAME
        for path in sorted(folder.glob(pattern))
    }


@pytest.fixture(scope="module")
def once(small_class, tmp_path_factory):
    """A run of the small class: its folder and rows."""
    folder = tmp_path_factory.mktemp("class") / "out"
    return folder, graded(small_class, folder)


def test_every_submission_has_a_row(once, small_class):
    folder, _ = once
    table = list(csv.DictReader(io.StringIO((folder / "gradebook.csv").read_text(encoding="utf-8-sig"))))
    assert [row["id"] for row in table] == sorted(entry.id for entry in small_class)
    points = {row["id"]: float(row["total"]) for row in table}
    full = points["ada"]
    assert full > 0 and points["ed"] == points["flo"] == points["cy"] == points["di"] == 0 < points["ben"] < full
    assert table[-1]["note"] == "nothing handed in" and "two packages" in table[1]["note"]


def test_order_and_number_of_workers_change_no_byte(once, small_class, tmp_path):
    graded(small_class[::-1], tmp_path / "out", workers=1)
    assert outcome(tmp_path / "out") == outcome(once[0])


def test_no_formula_reaches_a_spreadsheet(once):
    text = (once[0] / "gradebook.csv").read_text(encoding="utf-8-sig")
    assert "\x1b" not in text and "\u202e" not in text and text.count("\n") == 7
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_what_has_not_changed_is_not_graded_again(once, small_class, tmp_path, monkeypatch):
    folder = tmp_path / "out"
    graded(small_class[:2], folder)
    asked = []
    right = alone.grade_alone
    monkeypatch.setattr(alone, "grade_alone", lambda one, *rest: asked.append(one.id) or right(one, *rest))
    graded([*small_class[:2], small_class[3]], folder)
    assert asked == ["di"]
    graded(small_class[:1], folder, again=True)
    assert asked == ["di", "ada"]


def test_only_one_is_graded(small_class, tmp_path):
    rows = graded(small_class[:2], tmp_path / "out", only=["ben"])
    assert rows["ben"].problem is None and "left out" in rows["ada"].problem


def test_a_foreign_folder_is_not_written_into(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="not a run's folder"):
        Store(tmp_path)


def test_a_damaged_record_is_graded_again(small_class, tmp_path):
    graded(small_class[:1], tmp_path / "out")
    before = outcome(tmp_path / "out")
    (record,) = (tmp_path / "out" / ".records").iterdir()
    record.write_text(record.read_text()[:1_000])
    graded(small_class[:1], tmp_path / "out")
    assert outcome(tmp_path / "out") == before


PRIVATE = '''
import neural_framework as nf


def test_the_secret_case(see):
    """Nobody may read this sentence."""
    print("a secret print")
    see.equal(nf.operations.broadcast_shapes((3, 1), (1, 4)), (3, 4))
'''


def test_private_checks_count_and_stay_private(small_class, tmp_path):
    (tmp_path / "test_1_02_private.py").write_text(PRIVATE)
    options = dataclasses.replace(OPTIONS, private=read_private(tmp_path))
    ada, ben = small_class[:2]
    with run.local_executor(1) as executor:
        rows = run.run_class([ada, ben], options, Store(tmp_path / "out"), executor, 1)
    assert rows[0].results["score"] == rows[0].results["max_score"]
    for path in (tmp_path / "out" / "students").rglob("*.*"):
        assert "secret" not in path.read_text() and "Nobody may read" not in path.read_text()
    (task,) = json.loads((tmp_path / "out/students/ben/results.json").read_text())["milestones"][0]["tasks"]
    assert task["checks"][-1] == {"id": "1.2 private 1", "passed": False, "message": ""}
    assert "keeps private" in (tmp_path / "out/students/ben/report.html").read_text()


def test_private_checks_are_named_by_their_task(tmp_path):
    (tmp_path / "test_private.py").write_text(PRIVATE)
    with pytest.raises(UsageError, match="by its task"):
        read_private(tmp_path)
