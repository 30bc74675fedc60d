"""What is compared: of each submission, the files that its author changed, under names that command nothing."""

import sys

import pytest

from grader.classroom import similarity
from grader.classroom.intake import entries
from grader.classroom.similarity import REFERENCE, REPEATS, UNCHANGED, command, main, prepare
from grader.source.reference import reference, starter
from tests.classroom.handing_in import write

FILE = "neural_framework/operations/arithmetic.py"


@pytest.fixture
def handed_in(tmp_path):
    given = {name: text.encode() for name, text in starter().items()}
    write(tmp_path / "in" / "ada", {**given, FILE: reference()[FILE].encode()})
    write(tmp_path / "in" / "ben", {**given, FILE: b"x = 1\n", "neural_framework/größe.py": b"y = 1\n"})
    write(tmp_path / "in" / "cy", given)
    return tmp_path / "in"


def test_only_what_differs_from_the_starter_is_compared(handed_in, tmp_path):
    write(tmp_path / "in" / "di", {"notes.txt": b"ill"})
    compared, left_out = prepare(entries(handed_in), tmp_path / "work")
    assert compared == ["ada", "ben"] and list(left_out) == ["cy", "di"]
    assert left_out["cy"] == UNCHANGED and "found notes.txt" in left_out["di"]
    found = sorted(path.relative_to(tmp_path / "work" / "submissions").as_posix() for path in _files(tmp_path / "work"))
    assert found == [f"ada/{FILE}", f"ben/{FILE}", "ben/renamed/1.py"]


def test_what_repeats_itself_is_left_out(handed_in, tmp_path):
    """Of two tables of 6,000 numbers, compare50 makes millions of matches, takes all memory, and compares no one."""
    table = b"X = [\n" + b"0.5, 0.25, 1.0,\n" * 2_000 + b"]\n"
    write(tmp_path / "in" / "ben", {"neural_framework/data.py": table})
    write(tmp_path / "in" / "eve", {f"neural_framework/data_{n}.py": table[: len(table) // 10] for n in range(10)})
    write(tmp_path / "in" / "fay", {"neural_framework/data.py": b"# numbers\n" * 3_000})
    compared, left_out = prepare(entries(handed_in), tmp_path / "work")
    assert compared == ["ada", "ben", "eve"] and left_out["fay"] == REPEATS
    assert left_out["ben, neural_framework/data.py"] == left_out["eve, neural_framework/data_9.py"] == REPEATS
    assert not (tmp_path / "work" / "submissions" / "ben" / "neural_framework" / "data.py").exists()


def test_the_reference_is_compared_and_the_starter_taken_away(handed_in, tmp_path):
    compared, _ = prepare(entries(handed_in), tmp_path / "work")
    called = command(tmp_path / "work", compared, tmp_path / "out", 5)
    assert called[called.index("--archive") + 1] == str(tmp_path / "work" / REFERENCE)
    assert (tmp_path / "work" / REFERENCE / FILE).read_text(encoding="utf-8") == reference()[FILE]
    assert called[called.index("--distro") + 1] == str(tmp_path / "work" / "starter")


def test_a_folder_that_is_there_is_not_overwritten(handed_in, tmp_path, capsys):
    assert main([str(handed_in), "--out", str(tmp_path)]) == 2
    assert "name a new folder" in capsys.readouterr().err


SAYS = """
import sys
sys.stderr.write("\\rComparing:   0%|\\rComparing: 100%|\\nan error\\n")
sys.exit(int(sys.argv[1]))
"""


@pytest.mark.parametrize(("code", "error"), [(0, ""), (1, "an error\n")])
def test_a_log_has_the_left_out_and_no_progress_bars(code, error, handed_in, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(similarity, "command", lambda *_: [sys.executable, "-c", SAYS, str(code)])
    assert main([str(handed_in), "--out", str(tmp_path / "out")]) == code
    said = capfd.readouterr()
    assert said.err == error
    assert (f"2 submissions compared: {tmp_path / 'out' / 'index.html'}\n  cy left out: " in said.out) == (code == 0)


def _files(folder):
    return [path for path in (folder / "submissions").rglob("*") if path.is_file()]
