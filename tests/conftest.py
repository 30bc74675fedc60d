"""What the repository's own tests share: running the grader as a student does, on trees made for the purpose."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader import __main__ as command_line
from grader.explain import explain
from grader.files import REPOSITORY, SOLUTIONS
from grader.run.fork_server import forked

# A shell that starts the tests in the background has Ctrl-C ignored, also in whatever they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True)
class Graded:
    """What one run of the grader left: exit code, screen, errors and results.json (None where it wrote none)."""

    code: int
    screen: str
    errors: str
    results: dict | None

    def task(self, task_id: str) -> dict:
        """A task's entry in results.json."""
        tasks = (task for milestone in self.results["milestones"] for task in milestone["tasks"])
        return next(task for task in tasks if task["id"] == task_id)


@pytest.fixture
def grader(tmp_path) -> Callable[..., Graded]:
    """Runs the grader's command line in a process of its own, as the nox sessions do."""

    def run(arguments: list[str]) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "grader", *arguments]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, encoding="utf-8", timeout=300, check=False)
        return done.returncode, done.stdout, done.stderr

    return graded_by(run, tmp_path / "out")


@pytest.fixture
def quick_grader(tmp_path, monkeypatch) -> Callable[..., Graded]:
    """The same in this process and with forked workers, which takes half the time."""

    def run(arguments: list[str]) -> tuple[int, str, str]:
        screen, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(errors):
            code = command_line.main(arguments)
        return code, screen.getvalue(), errors.getvalue()

    monkeypatch.setattr(command_line, "started_ahead", lambda: contextlib.nullcontext(forked))
    monkeypatch.setattr(explain, "SECONDS", 4 * explain.SECONDS)  # the tests share the processors
    monkeypatch.chdir(REPOSITORY)
    return graded_by(run, tmp_path / "out")


def graded_by(run: Callable[[list[str]], tuple[int, str, str]], out: Path) -> Callable[..., Graded]:
    """Calls the command line by `run`, and gathers what it left."""

    def graded(*arguments: object) -> Graded:
        name, *rest = map(str, arguments)
        own = ["--out", str(out)] if name in ("milestone", "grade") else []
        code, screen, errors = run([name, *own, *rest])
        results = out / "results.json"
        content = json.loads(results.read_text(encoding="utf-8")) if results.exists() else None
        return Graded(code, screen, errors, content)

    return graded


@pytest.fixture
def tree(tmp_path) -> Path:
    """A copy of the reference, to be changed."""
    copy = tmp_path / "tree"
    shutil.copytree(SOLUTIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture
def screen(quick_grader, tree) -> Callable[..., str]:
    """What a student reads of a milestone of this tree, on one line."""
    return lambda number, *options: " ".join(quick_grader("milestone", number, "--tree", tree, *options).screen.split())
