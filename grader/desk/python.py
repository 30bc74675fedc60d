"""`nox -s python` and `-- --raw`: Python, or plain pytest, with a tree importable."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.course.milestones import Milestone, Task, course
from grader.errors import UsageError
from grader.files import REPOSITORY, temporary_folder
from grader.hiding import hiding
from grader.run.assemble import assemble, state_of
from grader.run.launch import tree_environment
from grader.source.package import PACKAGE

from .on_reference import refuse

GREETING = f"import {PACKAGE} as nf, numpy as np"
RAW = "import sys; sys.path[:] = [*sys.path[1:], sys.argv.pop(1)]; from grader.desk.raw import main; sys.exit(main())"


def run_python(tree: Path, arguments: Sequence[str], on_reference: bool) -> int:
    """Run a script, or open a prompt in which the framework is `nf` and NumPy is `np`; IPython's where it is there."""
    if not arguments:
        print(f">>> {GREETING}", flush=True)
        ipython = importlib.util.find_spec("IPython") is not None
        arguments = ["-m", "IPython", "--no-banner", "-c", GREETING, "-i"] if ipython else ["-i", "-c", GREETING]
    first = _folder(arguments)
    hidden = hiding(first)
    if hidden is not None:
        print(f"note: {hidden}", file=sys.stderr)
    with importable(tree, _rooms(tree) if on_reference else ()) as folder:
        if (first / PACKAGE).is_dir() and not first.samefile(folder):
            raise UsageError(f"Python finds the package in {first.resolve()} first, not in {folder}: work elsewhere")
        return subprocess.run([sys.executable, *arguments], env=tree_environment(folder), check=False).returncode


def _folder(arguments: Sequence[str]) -> Path:
    """Where Python looks for modules first: next to the script, or where it is started."""
    script = next((Path(word) for word in arguments if not word.startswith("-")), None)
    return script.parent if script is not None and script.is_file() else Path()


def run_pytest(tree: Path, chosen: Milestone, tasks: Sequence[Task], on: Milestone | None, arguments) -> int:
    """Run the checks of tasks in plain pytest, in one process: with the debugger, for example."""
    files = dict.fromkeys(check.path.name for task in tasks for check in task.checks)
    command = [sys.executable, "-c", RAW, str(REPOSITORY), os.getcwd(), "--import-mode=importlib"]
    command += ["-c", "../pytest.ini", "--rootdir=.."]
    if on is not None:
        refuse(on)
    with importable(tree, on.earlier_rooms if on is not None else ()) as folder:
        # Started where the files are: pytest takes a "[" in a path for the beginning of parameters, and expands "$X".
        called = [*command, *files, *arguments]
        return subprocess.run(called, env=tree_environment(folder), cwd=chosen.folder, check=False).returncode


@contextlib.contextmanager
def importable(tree: Path, rooms: Sequence[str]) -> Iterator[Path]:
    """A folder with the package: the tree, or a copy of it with these rooms from the reference."""
    if not rooms:
        yield tree.resolve()
        return
    with temporary_folder() as scratch:
        assembled = assemble(tree, scratch, tuple(rooms))
        print(f"{', '.join(rooms)}: from the reference; this is a copy in {assembled.folder}", flush=True)
        yield assembled.folder


def _rooms(tree: Path) -> tuple[str, ...]:
    """The rooms before the last milestone that can be tried on the reference and of which the tree has a written
    function; all rooms where there is none."""
    state = state_of(tree)
    possible = [one for one in course() if one.not_on_reference is None and one.earlier_rooms]
    begun = [one for one in possible if state.begun(task.id for task in one.exercises)]
    refuse((begun or possible)[-1])
    everything = dict.fromkeys(room for milestone in course() for room in milestone.rooms)
    return begun[-1].earlier_rooms if begun else tuple(everything)
