"""Environments for a copy of the course, with the packages of the tests' own: no network is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from grader.environments import packages

OWN = str(packages(Path(sys.prefix)))
CODE = f"""
import shutil, sys, venv, nox
from grader.environments import environment, packages
def borrow(folder, requirements):
    venv.EnvBuilder(symlinks={os.name != "nt"}).create(folder)
    if sys.argv[1:] == ["copied"]:
        shutil.copytree({OWN!r}, packages(folder), dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        (packages(folder) / "borrowed.pth").write_text({OWN!r}, "utf-8")
environment("nox", ["nox"], borrow)
environment("grading", nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "grading"), borrow)
"""


def borrow_environments(course: Path, copied: bool = False) -> None:
    """Make the environments of a copy of the course. copied: the packages lie in them, so that a sandbox has them."""
    subprocess.run([sys.executable, "-c", CODE, *(["copied"] if copied else [])], cwd=course, check=True)
