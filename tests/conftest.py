"""What the repository's own tests share: running the grader as a student does, on trees made for the purpose."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.files import REPOSITORY, SOLUTIONS


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

    def run(*arguments: object) -> Graded:
        name, *rest = map(str, arguments)
        out = ["--out", str(tmp_path / "out")] if name in ("milestone", "grade") else []
        command = [sys.executable, "-m", "grader", name, *out, *rest]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, encoding="utf-8", timeout=300, check=False)
        results = tmp_path / "out" / "results.json"
        content = json.loads(results.read_text(encoding="utf-8")) if results.exists() else None
        return Graded(done.returncode, done.stdout, done.stderr, content)

    return run


@pytest.fixture
def tree(tmp_path) -> Path:
    """A copy of the reference, to be changed."""
    copy = tmp_path / "tree"
    shutil.copytree(SOLUTIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy
