"""Starts worker processes: what a process offers to the supervisor, and the plain way to start one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from grader.errors import UsageError
from grader.files import REPOSITORY

BLAS_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
# The repository is last on the path while the worker loads what it needs, so that a script of a student's in it hides
# no module, and it comes off before the tree is imported.
BEGINNING = "import sys; sys.path[:] = [*sys.path[1:], sys.argv[1]]; from grader.inside.serve import main; main()"


class Process(Protocol):
    """A worker process: it reads what it is for and then orders, sends messages, and leads a process group.

    In a sandbox it also has a `desk`, the folder to work in, a `loss`, why the sandbox has ended it, and `tidy()`:
    whether it goes on with nothing left of what it has started and written.
    """

    pid: int | None  # None where kill() ends the group
    stdin: BinaryIO | None
    stdout: BinaryIO | None
    stderr: BinaryIO | None  # what the tree prints

    def kill(self) -> None:
        """End it at once."""

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended; subprocess.TimeoutExpired before."""


# Starts a worker for the tree in a scratch folder, which may still be empty.
Launch = Callable[[Path], Process]


def desk_of(process: Process, scratch: Path) -> str:
    """The folder that a process works in: a new one, so that no worker inherits another's files."""
    return getattr(process, "desk", None) or tempfile.mkdtemp(prefix="desk-", dir=scratch)


def fresh(scratch: Path) -> Process:
    """A worker in a new Python process."""
    return subprocess.Popen(
        [sys.executable, "-c", BEGINNING, str(REPOSITORY)],
        env=worker_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def end(process: Process) -> None:
    """End a process and, where the system can, whatever it started."""
    if hasattr(os, "killpg") and process.pid is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # the latter on macOS, for one that ended
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


@contextlib.contextmanager
def started_ahead() -> Iterator[Launch]:
    """`fresh`, with the first worker on its way already: it starts while this process still imports modules."""
    first = fresh(REPOSITORY)
    ready = [first]
    try:
        yield lambda scratch: ready.pop() if ready else fresh(scratch)
    finally:
        if ready:  # it was not needed
            first.kill()
            first.wait()


def worker_environment() -> dict[str, str]:
    """The environment in which a tree runs: BLAS has one thread, and the shell's settings of Python and pytest are
    left out."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))},
        **dict.fromkeys(BLAS_THREADS, "1"),
        "PYTHONUTF8": "1",
    }


def tree_environment(tree: Path) -> dict[str, str]:
    """The same, for a script or for plain pytest: the tree comes first on the path, and the repository last."""
    if os.pathsep in str(tree):
        raise UsageError(f"{tree} has a {os.pathsep!r} in its name, which separates folders on Python's path")
    return {**worker_environment(), "PYTHONPATH": str(tree)}
