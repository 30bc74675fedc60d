"""Workers forked off a process that has NumPy imported: a verdict takes a third of the time."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

from grader.files import REPOSITORY

from . import launch

METHOD = "forkserver"
POSSIBLE = METHOD in multiprocessing.get_all_start_methods()  # not on Windows
if POSSIBLE:
    context = multiprocessing.get_context(METHOD)
    context.set_forkserver_preload(["grader.run.preloaded"])


class Forked:
    """A launch.Process that is forked."""

    def __init__(self, scratch: Path):
        request, to_request = context.Pipe(duplex=False)
        messages, to_messages = context.Pipe(duplex=False)
        prints, to_prints = context.Pipe(duplex=False)
        arguments = (request, to_messages, to_prints, launch.worker_environment())
        self.process = context.Process(target=serve, args=arguments, daemon=True)
        self.process.start()
        for end in (request, to_messages, to_prints):
            end.close()
        self.pid = self.process.pid
        self.stdin, self.stdout, self.stderr = opened(to_request, "wb"), opened(messages, "rb"), opened(prints, "rb")

    def kill(self) -> None:
        """End the process itself: it may not lead a group of its own yet."""
        self.process.kill()

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once the process has ended."""
        self.process.join(timeout)
        if self.process.exitcode is None:
            raise subprocess.TimeoutExpired(self.process.name, timeout)
        return self.process.exitcode


def opened(connection, mode: str):
    """A connection's end of a pipe as a file."""
    file = os.fdopen(os.dup(connection.fileno()), mode)
    connection.close()
    return file


def serve(request, to_messages, to_prints, environment: dict[str, str]) -> None:
    """Set up the new process as launch.BEGINNING does, then run the worker."""
    os.setsid()
    for connection, descriptor in ((request, 0), (to_messages, 1), (to_prints, 2)):
        os.dup2(connection.fileno(), descriptor)
        connection.close()
    os.environ.clear()
    os.environ.update(environment)
    sys.path.insert(0, str(REPOSITORY))
    from grader.inside import serve as begin

    begin.main()


forked = Forked if POSSIBLE else launch.fresh
