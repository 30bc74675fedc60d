"""Environments for a copy of the course, with the packages of the tests' own: no network is needed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from grader.environments import packages
from grader.run.namespaces import closed_folder

OWN = str(packages(Path(sys.prefix)))
CODE = f"""
import shutil, sys, venv, nox
from grader.environments import environment, packages
def borrow(folder, requirements):
    venv.EnvBuilder(symlinks={os.name != "nt"}).create(folder)
    if sys.argv[1] == "copied":
        shutil.copytree({OWN!r}, packages(folder), dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        (packages(folder) / "borrowed.pth").write_text({OWN!r}, "utf-8")
environment("nox", ["nox"], borrow)
groups = nox.project.load_toml("pyproject.toml")
for group in sys.argv[2:]:
    environment(group, nox.project.dependency_groups(groups, group), borrow)
"""


def borrow_environments(course: Path, *groups: str, copied: bool = False, python: str = sys.executable) -> None:
    """Make nox's environment, and these groups', in a copy of the course. copied: the packages lie in them, so that a
    sandbox has them. python: of the same version."""
    arguments = ["copied" if copied else "linked", *groups]
    subprocess.run([python, "-c", CODE, *arguments], cwd=course, env={**os.environ, "PYTHONPATH": OWN}, check=True)


def open_python() -> str | None:
    """A Python of this version with pip that every user can start, as a container's; None where there is none."""
    about = "import sys, venv, pip; print(*sys.version_info[:2], sys.base_prefix)"
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with contextlib.suppress(OSError):
            done = subprocess.run([python, "-I", "-c", about], capture_output=True, text=True, check=False)
            told = done.stdout.split()
            if told[:2] == [str(part) for part in sys.version_info[:2]] and closed_folder([f"{told[2]}/bin"]) is None:
                return python
    return None
