"""A class is graded whole, whatever is in it, and comes out the same however it was run."""

import csv
import dataclasses
import errno
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.__main__ import main
from grader.classroom import alone, grading, run, store
from grader.classroom.private import read_private
from grader.classroom.store import Store
from grader.classroom.submission import Submission
from grader.errors import CourseError, UsageError
from grader.files import REPOSITORY
from grader.source.package import PACKAGE, source_files
from proofs.classes import outcome, processes_of
from tests.classroom.small_class import OPTIONS, Given, handed_in, small_class
from tests.waiting import until


@pytest.fixture(scope="module", name="small_class")
def fixture():
    return small_class()


@pytest.mark.parametrize(("why", "attempts"), [(alone.TOO_LONG, 1), ("its process ended without a result", 2)])
def test_what_took_too_long_is_not_tried_again(why, attempts, monkeypatch):
    tried = []
    monkeypatch.setattr(alone, "prepared", lambda options: None)
    monkeypatch.setattr(alone, "_attempt", lambda *given: tried.append(given) or (None, why))
    record = alone.grade_alone(Submission("ada", "Ada"), OPTIONS, alone.course_version())
    assert record["problem"] == f"it can't be graded: {why}" and len(tried) == attempts


@pytest.mark.skipif(sys.platform != "linux", reason="there are no limits of memory")
def test_a_text_that_takes_gigabytes_to_compile_costs_its_file_alone(tree):
    """Python compiles what is in `finally` twice, and so what is in twenty of them a million times."""
    lines = [f"{'    ' * depth}{word}" for depth in range(20) for word in ("try:", "    pass", "finally:")]
    source = "\n".join([*lines, "    " * 20 + "one = two = three = four = 1"])
    files = {name: path.read_bytes() for name, path in source_files(tree).items()}
    own = Submission("ada", "Ada", {**files, f"{PACKAGE}/extra.py": source.encode()})
    record = alone.grade_alone(own, OPTIONS, alone.course_version())
    assert record["problem"] is None and record["results"]["score"] > 0
    why = "it is nested too deeply, or takes too much memory, to be compiled"
    assert record["unusable"] == [f"{PACKAGE}/extra.py can't be used: {why}"]


def test_a_thousand_long_messages_make_no_long_file():
    checks = [{"id": str(number), "passed": False, "message": "x" * 4_000} for number in range(1_000)]
    content = {"score": 0.0, "milestones": [{"number": 1, "tasks": [{"id": "1.1", "checks": checks}]}]}
    bounded = grading.with_bounded_messages(content)
    (task,) = bounded["milestones"][0]["tasks"]
    assert [check["id"] for check in task["checks"]] == [check["id"] for check in checks]
    assert task["checks"][0] == checks[0] and len(json.dumps(bounded)) < 1e6
    few = {**content, "milestones": [{"number": 1, "tasks": [{"id": "1.1", "checks": checks[:100]}]}]}
    assert grading.with_bounded_messages(few) == few


def graded(entries, folder, workers=2, **options):
    """Run a class; its rows by id."""
    executor = run.local_executor(workers)
    with executor:
        rows = run.run_class(entries, OPTIONS, Store(folder), executor, workers, **options)
    return {row.id: row for row in rows}


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
    assert not any(row["integrity"] for row in table)
    assert table[-1]["note"] == "nothing handed in" and "two packages" in table[1]["note"]
    assert table[2]["note"] == "1.2: stopped after 10 s"
    assert "1.2: stopped after 10 s\n" in (folder / "students" / "cy" / "log.txt").read_text(encoding="utf-8")


def test_the_note_names_a_file_that_can_not_be_used(tmp_path):
    broken = {"neural_framework/operations/broadcasting.py": b"def broadcast_shapes(:\n    pass\n"}
    row = graded([Given(Submission("gus", "Gus", broken))], tmp_path / "out")["gus"]
    said = "neural_framework/operations/broadcasting.py:1 can't be used: SyntaxError: invalid syntax"
    assert row.problem is None and row.note == said
    assert said in (tmp_path / "out" / "students" / "gus" / "log.txt").read_text(encoding="utf-8")


def test_order_and_number_of_workers_change_no_byte(once, small_class, tmp_path):
    graded(small_class[::-1], tmp_path / "out", workers=1)
    assert outcome(tmp_path / "out") == outcome(once[0])


def test_no_formula_reaches_a_spreadsheet(once):
    text = (once[0] / "gradebook.csv").read_text(encoding="utf-8-sig")
    assert "\x1b" not in text and "\u202e" not in text and text.count("\n") == 7
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_what_has_not_changed_is_not_graded_again(small_class, tmp_path, monkeypatch):
    folder = tmp_path / "out"
    graded(small_class[:2], folder)
    asked = []
    right = alone.grade_alone
    monkeypatch.setattr(alone, "grade_alone", lambda one, *rest: asked.append(one.id) or right(one, *rest))
    graded([*small_class[:2], small_class[3]], folder)
    assert asked == ["di"]
    graded(small_class[:1], folder, again=True)
    assert asked == ["di", "ada"]


def test_a_run_may_end_before_its_fork_server_has_read_the_options(tmp_path):
    """As one does in which every submission has its record."""
    environment = {**os.environ, alone.RUN: str(tmp_path / "gone" / "options")}
    code = "import grader.classroom.preloaded"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="files have no modes")
def test_no_other_user_reads_the_options():
    """They hold the private checks, in a folder that others may enter."""
    alone.prepared(OPTIONS)
    assert Path(os.environ[alone.RUN]).stat().st_mode & 0o077 == 0


def test_only_one_is_graded(small_class, tmp_path):
    rows = graded(small_class[:2], tmp_path / "out", only=["ben"])
    assert rows["ben"].problem is None and "left out" in rows["ada"].problem


def test_a_foreign_folder_is_not_written_into(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="not a run's folder"):
        Store(tmp_path)
    with pytest.raises(UsageError, match=r"mine\.txt is a file"):
        Store(tmp_path / "mine.txt")


def test_a_full_disk_says_how_to_go_on(tmp_path, tree, monkeypatch, capsys):
    def full(path, text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(store, "write_whole", full)
    assert main(["class", str(tree.parent), "--out", str(tmp_path / "out"), "--budget", "60"]) == 2
    said = capsys.readouterr().err
    assert "No space left" in said and "the same command goes on" in said


def test_two_runs_into_one_folder_refuse_each_other(tmp_path):
    code = f"""
import time
from pathlib import Path
from grader.classroom.store import Store
with Store(Path({str(tmp_path / "out")!r})).alone():
    print("locked", flush=True)
    time.sleep(60)
"""
    other = subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "locked\n"
    store = Store(tmp_path / "out")
    with pytest.raises(UsageError, match="another run is writing"), store.alone():
        pass
    other.kill()
    other.communicate()
    with store.alone():  # a run that was killed does not block the next
        pass


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
    kept = json.loads((tmp_path / "out/.records/ben.json").read_text())["record"]["private"]
    (said,) = kept.values()
    assert list(kept) == ["1.2 private 1"] and said.startswith("test_1_02_private.py, test_the_secret_case: got ")
    assert "keeps private" in (tmp_path / "out/students/ben/report.html").read_text()


# What a submission would say of private checks in the message of a public one: their files, and what its process knows.
FILES = """
import pathlib, sys
frame = sys._getframe()
while frame is not None:
    for path in [*pathlib.Path(frame.f_code.co_filename).parents][:3][-1].rglob("*.py"):
        if "private" in path.name:
            raise ValueError("secret: " + path.read_text())
    frame = frame.f_back
"""
NAMES = """
import sys
frame = sys._getframe()
while not hasattr(frame.f_locals.get("self"), "request"):
    frame = frame.f_back
raise ValueError(("secret: " if "private" in str(frame.f_locals["self"].request) else "") + "found")
"""


@pytest.mark.parametrize("search", [FILES, NAMES])
def test_no_private_check_is_there_before_its_turn(search, tmp_path):
    (tmp_path / "test_1_02_private.py").write_text(PRIVATE)
    options = dataclasses.replace(OPTIONS, private=read_private(tmp_path))
    eve = Given(Submission("eve", "Eve", handed_in(f"{search.strip()}\nreturn shape1")))
    with run.local_executor(1) as executor:
        run.run_class([eve], options, Store(tmp_path / "out"), executor, 1)
    results = (tmp_path / "out/students/eve/results.json").read_text()
    assert "1.2 private 1" in results and "secret" not in results
    assert search != NAMES or "ValueError: found" in results
    record = json.loads((tmp_path / "out/.records/eve.json").read_text())["record"]
    assert "secret: " in record["private"]["1.2 private 1"]  # in its turn, it is there for this to be found


IMAGE = """
import pathlib, sys
frame = sys._getframe()
while frame is not None:
    for path in pathlib.Path(frame.f_code.co_filename).parents[1].rglob("test_1_02_private.py"):
        raise ValueError("secret: " + path.read_text())
    frame = frame.f_back
"""


def test_an_explanation_leaves_no_private_check_for_others(small_class, tmp_path):
    (tmp_path / "test_1_02_private.py").write_text(PRIVATE)
    options = dataclasses.replace(OPTIONS, private=read_private(tmp_path), explain=True)
    eve = Given(Submission("eve", "Eve", handed_in(f"{IMAGE.strip()}\nreturn shape1")))
    with run.local_executor(1) as executor:
        run.run_class([small_class[1], eve], options, Store(tmp_path / "out"), executor, 1)
    assert '"function": "broadcast_shapes"' in (tmp_path / "out/students/ben/results.json").read_text()
    assert "secret" not in (tmp_path / "out/students/eve/results.json").read_text()
    record = json.loads((tmp_path / "out/.records/eve.json").read_text())["record"]
    assert "secret: " in record["private"]["1.2 private 1"]  # in its turn, it is there for this to be found


# What a submission would say of them as the reason why it can't be imported, which a student reads.
AT_IMPORT = """
import pathlib
for path in pathlib.Path(__file__).parents[3].rglob("test_1_02_private.py"):
    raise ImportError("secret: " + path.read_text())
"""


def test_an_import_says_nothing_of_private_checks(tmp_path):
    (tmp_path / "test_1_02_private.py").write_text(PRIVATE)
    options = dataclasses.replace(OPTIONS, private=read_private(tmp_path))
    files = handed_in("return shape1")
    files["neural_framework/operations/broadcasting.py"] += AT_IMPORT.encode()
    with run.local_executor(1) as executor:
        run.run_class([Given(Submission("eve", "Eve", files))], options, Store(tmp_path / "out"), executor, 1)
    record = json.loads((tmp_path / "out/.records/eve.json").read_text())["record"]
    assert "can't be used: ImportError: secret" in record["private"]["1.2 private 1"]  # it did look for them
    assert "secret" not in (tmp_path / "out/students/eve/report.html").read_text()
    assert record["unusable"] == []


def test_private_checks_are_named_by_their_task(tmp_path):
    (tmp_path / "test_private.py").write_text(PRIVATE)
    with pytest.raises(UsageError, match="by its task"):
        read_private(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"def test_small(see):\n    see.equal(1, 1\n", ", line 2: expected Python, got a syntax error"),
        (b"# caf\xe9\n", ", line 1: expected UTF-8"),
        (b"x = 1\n\n# caf\xe9\n", ", line 3: expected UTF-8"),
        (b"x = 1\n\0\n", "expected Python, got "),
    ],
)
def test_a_private_file_that_is_not_python_is_named_with_its_line(content, said, tmp_path):
    (tmp_path / "test_1_02_private.py").write_bytes(content)
    with pytest.raises(CourseError) as caught:
        read_private(tmp_path)
    assert str(caught.value).startswith(str(tmp_path / "test_1_02_private.py")) and said in str(caught.value)


def test_a_private_file_may_begin_with_a_byte_order_mark(tmp_path):
    (tmp_path / "test_1_02_private.py").write_text(PRIVATE, encoding="utf-8-sig")
    assert read_private(tmp_path) == (("test_1_02_private.py", PRIVATE),)


HERE = """
import sys
from pathlib import Path
from grader.classroom import run
from grader.classroom.store import Store
from tests.classroom.small_class import OPTIONS, small_class

if __name__ == "__main__":
    with run.local_executor(2) as executor:
        run.run_class(small_class(), OPTIONS, Store(Path(sys.argv[1])), executor, 2)
"""


def test_a_killed_run_goes_on_and_leaves_no_process(once, tmp_path):
    out, script = tmp_path / "out", tmp_path / "here.py"
    script.write_text(f"import sys\nsys.path.insert(0, {str(REPOSITORY)!r})\n{HERE}")
    command = [sys.executable, str(script), str(out)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        until(lambda: any((out / ".records").glob("*.json")), seconds=120)
        process.kill()
    kept = {path.name for path in (out / ".records").glob("[!.]*.json")}
    until(lambda: not processes_of(process.pid), seconds=30)
    assert 0 < len(kept) < 5
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert outcome(out) == outcome(once[0])
    assert not any(f" {Path(name).stem}: " in done.stderr for name in kept)  # nothing was graded twice


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it sends what Ctrl-C sends, and looks into /proc")
def test_control_c_says_how_to_go_on(tmp_path, tree):
    (tree / "neural_framework" / "__init__.py").write_text("while True: pass\n")
    for name in ("ann", "ben", "cleo", "dan", "eve", "fay"):  # one after the other, so the run is not over too soon
        shutil.copytree(tree, tmp_path / "class" / name)
    options = ["--out", str(tmp_path / "out"), "--milestones", "1", "--budget", "60"]
    command = [sys.executable, "-m", "grader", "class", str(tmp_path / "class"), *options]
    own = {"cwd": REPOSITORY, "start_new_session": True, "encoding": "utf-8"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **own) as process:
        until((tmp_path / "out" / "log.txt").exists)
        time.sleep(2)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1].startswith("interrupted: ") and "Traceback" not in said
    until(lambda: not processes_of(process.pid), seconds=30)
    assert not (tmp_path / "out" / "gradebook.csv").exists()
