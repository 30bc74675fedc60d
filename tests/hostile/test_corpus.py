"""A sample of the corpus (`nox -s hostile` has all of it), what is handed in, and the table in docs/threats.md."""

import re

import pytest

from grader.classroom.grading import write_files
from grader.classroom.intake import entries
from grader.classroom.run import local_executor, run_class
from grader.classroom.store import Store
from grader.classroom.submission import LARGEST_TOTAL, MOST_FILES, Submission
from grader.course.milestones import checks_of, find_task
from grader.files import REPOSITORY
from grader.grade import grade
from grader.run.fork_server import forked
from grader.run.sandbox import best_level
from tests.hostile.corpus import REPORT
from tests.hostile.hostile import ARITHMETIC
from tests.hostile.table import BEGIN, END, text
from tests.hostile.trial import (
    ALL,
    OF_A_BODY,
    complaints,
    files_of,
    honest_checks,
    honest_files,
    options,
    world,
)
from tests.hostile.uploads import EVIL_NAME, UPLOADS

LEVEL = best_level()
SAMPLE = [
    "forged: a tolerance comes along",
    "true facts to every descriptor",
    "other code in the harness",
    "an object that equals everything",
    "the reference from the course's folder",
    "the gradebook",
    "names in pieces",
]


@pytest.fixture(scope="module")
def around():
    with world() as found:
        yield found


@pytest.fixture(scope="module")
def honest(around):
    return honest_checks(LEVEL, around)


@pytest.mark.parametrize("name", SAMPLE)
def test_a_hostile_submission_gets_its_honest_part(name, around, honest):
    assert complaints(ALL[name], LEVEL, around, honest) == []


def test_without_a_sandbox_a_stolen_reference_would_earn_points(around, honest, tmp_path):
    """The corpus is dangerous: what the sandbox is for."""
    write_files(tmp_path, files_of(ALL["the reference from the course's folder"], around))
    verdicts = grade(tmp_path, checks_of([find_task("1.4"), find_task("2.5")]), launch=forked)
    assert {verdict.check.id for verdict in verdicts if verdict.passed} - honest


@pytest.mark.parametrize("name", UPLOADS)
def test_a_hostile_upload_brings_in_nothing_that_is_not_its_own(name, tmp_path):
    honest = honest_files()
    folder = tmp_path / "handed in"
    folder.mkdir()
    UPLOADS[name].make(folder, honest)
    loaded = [entry.load() for entry in entries(folder)]
    assert loaded
    for submission in loaded:
        assert submission.problem is not None or submission.files
        assert len(submission.files) <= MOST_FILES and sum(map(len, submission.files.values())) <= LARGEST_TOTAL
        assert submission.files.get(ARITHMETIC, honest[ARITHMETIC]) == honest[ARITHMETIC]
        assert all(content == honest.get(file, content) for file, content in submission.files.items())
        assert re.fullmatch(r"[A-Za-z0-9._-]+", submission.id)


def test_no_report_obeys_a_submission(around, tmp_path):
    """Messages, names of errors, prints and names of people, in every file that a class run writes."""
    found = [Submission(f"s{number}", EVIL_NAME, files_of(one, around)) for number, one in enumerate(REPORT.values())]
    store, executor = Store(tmp_path / "out"), local_executor(2)
    with executor:
        run_class([Given(one) for one in found], options(LEVEL, OF_A_BODY), store, executor, 2)
    for path in sorted((tmp_path / "out").rglob("*")):
        if path.is_file() and path.suffix in (".csv", ".html", ".txt"):
            content = path.read_bytes().decode("utf-8-sig")
            assert not re.search("[\x00-\x08\x1b\u202a-\u202e\u2066-\u2069]|[\u0300-\u036f]{5}", content), path
            assert path.suffix != ".html" or not re.search("<script>alert|<img src=x", content), path
            assert path.suffix != ".csv" or not re.search(r'(^|[,;|"\t\n])[=+@]|,-[^0-9]', content), path
    assert (tmp_path / "out" / "gradebook.csv").exists()


def test_the_threat_model_has_the_table_of_the_corpus():
    document = (REPOSITORY / "docs" / "threats.md").read_text(encoding="utf-8")
    assert document.count(BEGIN) == document.count(END) == 1
    found = document[document.index(BEGIN) + len(BEGIN) : document.index(END)].strip()
    assert found == text(), "write it again: nox -s hostile -- --table"


class Given:
    """A submission that is there already, as intake would have it."""

    def __init__(self, submission):
        self.submission, self.id, self.name = submission, submission.id, submission.name

    def load(self):
        return self.submission
