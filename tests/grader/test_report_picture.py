"""The picture of a report in README.md."""

import re
import subprocess
import sys

from grader.files import MILESTONES, REPOSITORY


def test_it_shows_what_a_student_reads_today():
    code = "from docs.report_picture import drawn; print(drawn())"  # which sets how commands are typed, for itself
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, encoding="utf-8", check=True, timeout=120
    )
    kept = (MILESTONES / "report.svg").read_text(encoding="utf-8")
    assert texts(done.stdout) == texts(kept), "nox -s picture draws it again"


def texts(picture):
    return re.findall(r"<text[^>]*>([^<]*)</text>", picture)
