"""An autograder for Gradescope: the package that is uploaded there, and what it does for a submission.

As documented in https://gradescope-autograders.readthedocs.io/en/latest/specs/: the package is unpacked into
/autograder/source; setup.sh runs once as root, run_autograder as root for each submission, which lies in
/autograder/submission; what students see comes from /autograder/results/results.json alone.
"""

from __future__ import annotations

import argparse
import functools
import json
import secrets
import shlex
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from grader.errors import UsageError
from grader.files import REPOSITORY, write_whole
from grader.run.sandbox import best_level, require

from .alone import grade_alone
from .autograder import gradescope_results
from .intake import Entry
from .options import SEEDS, Options, chosen_milestones, course_version, without_reference
from .packages import take
from .places import FOLDER, Folder
from .private import read_private

COURSE = ["noxfile.py", "pyproject.toml", "LICENSE", "grader/**/*", "solutions/**/*.py", "datasets/*"]
COURSE += ["milestones/pytest.ini", "milestones/milestone*/*"]
PRIVATE = "private"  # checks of the instructor, in the package
SECONDS = 420.0  # for a submission: Gradescope ends what takes ten minutes, unless the assignment gives it more

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image.
set -euo pipefail
root="${AUTOGRADER:-/autograder}"  # another folder in the course's own tests
if ! python3 -c 'import sys, venv, pip; sys.exit(sys.version_info < (3, 10))'; then
    apt-get update
    apt-get install -y python3 python3-pip python3-venv
fi
cd "$root/source/course"
python3 noxfile.py -s grade -- --help > /dev/null  # makes the environment, which needs the network
# What students hand in runs as another user, who can start Python here, and read nothing of the course.
mkdir -p .course
chmod -R go= .
chmod go=x "$root/source" .
chmod -R go=rX .nox
"""

RUN = """\
#!/usr/bin/env bash
# Gradescope runs this as root for each submission. Without a results.json it says that the autograder failed.
set -euo pipefail
root="${{AUTOGRADER:-/autograder}}"
cd "$root/source/course"
exec .nox/grading/*/bin/python -I -X utf8 -m grader autograde "$root/submission" \\
    --out "$root/results/results.json"{options}
"""


def write_package(given: argparse.Namespace) -> int:
    """Write the package to upload."""
    milestones = chosen_milestones(given.milestones, given.electives)  # UsageError for what there is not
    if given.to.suffix != ".zip":
        raise UsageError(f"Gradescope takes a .zip file, not {given.to.name}: name one with --to")
    words = [*(["--milestones", given.milestones] if given.milestones else [])]
    words += [*(["--electives"] if given.electives else []), *(["--on-reference"] if given.on_reference else [])]
    for note in without_reference(milestones) if given.on_reference else ():
        print(f"note: {note}", file=sys.stderr)
    private = read_private(given.private)
    words += [*(["--private", PRIVATE] if private else [])]
    options = f" {shlex.join(words)}" if words else ""
    given.to.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(given.to, "w", zipfile.ZIP_DEFLATED) as package:
        _add(package, "setup.sh", SETUP.encode(), 0o755)
        _add(package, "run_autograder", RUN.format(options=options).encode(), 0o755)
        for path in _course():
            _add(package, f"course/{path.relative_to(REPOSITORY).as_posix()}", path.read_bytes(), 0o644)
        for name, text in private:
            _add(package, f"course/{PRIVATE}/{name}", text.encode(), 0o644)
    print(f"{given.to}: upload it in Gradescope, Configure Autograder; it holds the reference, so do not hand it out")
    return 0


def _course() -> Iterator[Path]:
    """The files that grade."""
    for pattern in COURSE:
        yield from (path for path in sorted(REPOSITORY.glob(pattern)) if path.is_file() and path.suffix != ".pyc")


def _add(package: zipfile.ZipFile, name: str, content: bytes, mode: int) -> None:
    about = zipfile.ZipInfo(name)  # with a fixed time, so that the same course makes the same package
    about.compress_type = zipfile.ZIP_DEFLATED
    about.external_attr = (0o100000 | mode) << 16
    package.writestr(about, content)


def autograde(given: argparse.Namespace) -> int:
    """Grade the one submission that Gradescope has put into a folder."""
    level = best_level()
    require(given.require)
    options = Options(
        milestones=chosen_milestones(given.milestones, given.electives),
        seed=given.seed if given.seed is not None else secrets.randbelow(SEEDS),
        level=level,
        wall=given.budget or SECONDS,
        on_reference=given.on_reference,
        explain=True,
        private=read_private(given.private),
    )
    print(f"level {options.level}, seed {options.seed}, course {course_version()}")  # for instructors alone
    submission = Entry("submission", "", functools.partial(take, Folder(given.submission), [("", FOLDER)])).load()
    record = grade_alone(submission, options, course_version())
    results = gradescope_results(record, submission.notes)
    results |= {"execution_time": round(record["seconds"]["all"])}
    write_whole(given.out, json.dumps(results, indent=1) + "\n")
    return 0
