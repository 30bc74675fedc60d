"""`nox -s setups`: a fresh clone sets itself up wherever it is, whatever the shell says, twice at once, for any Python;
so do the students' repository and the package for Gradescope.

It makes real environments, and so needs the network. Its cases are independent: name some to try those alone.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from grader.classroom.handout import write_handout
from grader.environments import WHERE
from grader.files import REPOSITORY
from proofs.runner import command

GRADE = ["-s", "milestone1", "--", "--tree", "solutions", "1.2"]
FULL = "10 of 10 points"
# Settings that each broke a set-up, or could; {folder} has files of their kind.
HOSTILE = {
    **{"PIP_USER": "1", "PIP_REQUIRE_VIRTUALENV": "1", "PIP_NO_DEPS": "1", "PIP_DRY_RUN": "1"},
    **{"PIP_REQUIRE_HASHES": "1"},
    **{"PIP_PREFIX": "{folder}/prefix", "PIP_TARGET": "{folder}/target", "PIP_ROOT": "{folder}/root"},
    **{"PIP_PYTHON": "{folder}/python", "PIP_IGNORE_INSTALLED": "1", "PIP_LOG": "{folder}/missing/log"},
    **{"NOX_DEFAULT_VENV_BACKEND": "uv", "NOXSESSION": "lint", "NOXPYTHON": "3.6", "NOX_PARALLEL": "x"},
    **{"NO_COLOR": "1", "FORCE_COLOR": "1", "VIRTUALENV_PYTHON": "python2", "VIRTUALENV_NO_PIP": "1"},
    **{"PYTHONPATH": "{folder}/modules", "PYTHONIOENCODING": "ascii", "PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2"},
    **{"PYTHONSTARTUP": "{folder}/missing", "PYTHONUSERBASE": "{folder}/user", "PYTHONSAFEPATH": "1"},
    **{"PYTEST_ADDOPTS": "--no-such-option", "PYTEST_PLUGINS": "no_such_plugin"},
}
CONFIGURATION = """
[global]
user = true
require-virtualenv = true
target = {folder}/target
no-deps = true
dry-run = true
[install]
prefix = {folder}/prefix
"""


def main() -> int:
    """Try the cases; 1 if any failed."""
    parser = argparse.ArgumentParser(prog="nox -s setups --", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; default: all")
    parser.add_argument("--pythons", nargs="*", default=[], metavar="PYTHON", help="others to set up with, in turn")
    options = parser.parse_args()
    failed = 0
    for name in options.cases or CASES:
        with tempfile.TemporaryDirectory(prefix="setups-", ignore_cleanup_errors=True) as scratch:
            problems = CASES[name](Path(scratch).resolve(), options.pythons or [sys.executable])
        print(f"{name}: {'; '.join(problems) or 'as it should be'}", flush=True)
        failed += bool(problems)
    return 1 if failed else 0


def hostile(scratch: Path, pythons: list[str]) -> list[str]:
    """Every setting at once, and pip's and virtualenv's in files."""
    hostile_files(scratch)
    settings = {name: value.format(folder=scratch) for name, value in HOSTILE.items()}
    files = {"PIP_CONFIG_FILE": str(scratch / "pip.conf"), "VIRTUALENV_CONFIG_FILE": str(scratch / "virtualenv.ini")}
    problems = expect(start(clone(scratch / "course"), pythons[0], **settings, **files), FULL)
    left = [name for name in ("prefix", "target", "root", "user") if (scratch / name).exists()]
    return problems + [f"a set-up wrote into {name}" for name in left]


def paths(scratch: Path, pythons: list[str]) -> list[str]:
    """A path with all signs that Python's own tools allow, set up there; one with a separator is named."""
    course = clone(scratch / ("[CS101] it's $HOME, 100% \u00e9" + ('"<|>?*' if os.name != "nt" else "")))
    problems = expect(start(course, pythons[0]), FULL)
    separated = clone(scratch / f"hw 1{os.pathsep}2")
    return problems + expect(start(separated, pythons[0]), f"has a '{os.pathsep}' in its name", code=2)


def scripts(scratch: Path, pythons: list[str]) -> list[str]:
    """Scripts that are named like modules, where the student is and next to the noxfile."""
    course = clone(scratch / "course")
    for name in ("numpy", "random", "typing", "pip", "virtualenv", "venv", "nox", "runpy", "pytest", "shutil"):
        for folder in (course, course / "starter"):
            (folder / f"{name}.py").write_text("raise RuntimeError('a script was imported')", encoding="utf-8")
    return expect(start(course, pythons[0]), FULL)


def at_once(scratch: Path, pythons: list[str]) -> list[str]:
    """Two first runs at once, and again where only the grader's environment is missing."""
    course, problems = clone(scratch / "course"), []
    for _ in range(2):
        both = [start(course, pythons[0]) for _ in range(2)]
        problems += [problem for process in both for problem in expect(process, FULL)]
        shutil.rmtree(course / ".nox" / "grading", ignore_errors=True)
    return problems


def in_turn(scratch: Path, pythons: list[str]) -> list[str]:
    """Each Python; then a set-up that fails; then all again, offline: nothing is made twice."""
    course, problems = clone(scratch / "course"), []
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(scratch)}
    for python in pythons:
        problems += expect(start(course, python), FULL)
    toml = course / "pyproject.toml"
    before = toml.read_text(encoding="utf-8")
    toml.write_text(before.replace('"rich>=13"', '"rich>=13.1"'), encoding="utf-8")
    problems += expect(start(course, pythons[0], **offline), "grading could not be set up", code=1)
    toml.write_text(before, encoding="utf-8")
    for python in pythons:
        problems += expect(start(course, python, **offline), FULL)
    return problems


def handed_out(scratch: Path, pythons: list[str]) -> list[str]:
    """The students' repository, with an empty home: the first command of its README."""
    write_handout(scratch / "course", with_reference=True)
    (scratch / "home").mkdir()
    words = re.search(r"python3 noxfile\.py (-s \w+)", (scratch / "course" / "README.md").read_text("utf-8"))[1].split()
    home = {"HOME": str(scratch / "home"), "USERPROFILE": str(scratch / "home")}
    return expect(start(scratch / "course", pythons[0], words, **home), "0 of 100 points", code=1)


def gradescope(scratch: Path, pythons: list[str]) -> list[str]:
    """The package for Gradescope, in a folder that stands for /autograder: its setup.sh, and a blank submission."""
    package = scratch / "package.zip"
    subprocess.run([sys.executable, "-m", "grader", "gradescope", "--to", package, "--milestones", "2"], check=True)
    shutil.unpack_archive(package, scratch / "source")
    shutil.copytree(REPOSITORY / "starter", scratch / "submission" / "starter")
    (scratch / "results").mkdir()
    scratch.chmod(0o755)
    variables = {**os.environ, "AUTOGRADER": str(scratch)}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    problems = []
    for name in ("setup.sh", "run_autograder"):
        problems += expect(subprocess.Popen(["bash", scratch / "source" / name], env=variables, **streams), "")
    results = scratch / "results" / "results.json"
    return problems or ([] if '"score": 0' in results.read_text("utf-8") else ["results.json has no score of 0"])


CASES: dict[str, Callable[[Path, list[str]], list[str]]] = {
    "hostile": hostile,
    "paths": paths,
    "scripts": scripts,
    "at_once": at_once,
    "in_turn": in_turn,
    "handed_out": handed_out,
    "gradescope": gradescope,
}


def hostile_files(folder: Path) -> None:
    """The files that HOSTILE names, with pip's and virtualenv's configuration."""
    (folder / "modules").mkdir()
    for name in ("packaging", "random", "numpy", "subprocess", "pathlib", "nox", "pip"):
        (folder / "modules" / f"{name}.py").write_text("raise RuntimeError('from PYTHONPATH')", encoding="utf-8")
    (folder / "pip.conf").write_text(CONFIGURATION.format(folder=folder), encoding="utf-8")
    settings = "[virtualenv]\nno-pip = true\nsystem-site-packages = true\n"
    (folder / "virtualenv.ini").write_text(settings, encoding="utf-8")


def clone(folder: Path) -> Path:
    """A copy of the course without what its commands have made."""
    left_out = shutil.ignore_patterns(".git", ".nox", ".course", "__pycache__", ".pytest_cache", "bench")
    return shutil.copytree(REPOSITORY, folder, ignore=left_out)


def start(course: Path, python: str, words: Sequence[str] = GRADE, **settings: str) -> subprocess.Popen:
    """Call a command as a student does; of this process's settings only what pip needs is kept."""
    where = {f"PIP_{name.upper().replace('-', '_')}" for name in WHERE}
    variables = {
        name: value
        for name, value in os.environ.items()
        if name in where or not name.startswith(("PIP_", "PYTHON", "NOX", "COURSE_"))
    }
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    return subprocess.Popen([python, "noxfile.py", *words], cwd=course, env={**variables, **settings}, **streams)


def expect(process: subprocess.Popen, words: str, code: int = 0) -> list[str]:
    """What is wrong with how a call ended."""
    output, _ = process.communicate()
    if process.returncode == code and words in output:
        return []
    return [f"exit code {process.returncode}, {code} expected, and {words!r}:\n{output}"]


if __name__ == "__main__":
    sys.exit(command(main))
