"""Workers forked off a process that has NumPy and pytest imported: a verdict on a mutant takes a third of the time."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from grader.run import supervise

METHOD = "forkserver"
POSSIBLE = METHOD in multiprocessing.get_all_start_methods()  # not on Windows
if POSSIBLE:
    context = multiprocessing.get_context(METHOD)
    context.set_forkserver_preload(["grader.run.preloaded"])


class Forked:
    """A worker process as grader.supervise.launch gives it: what subprocess.Popen offers, as far as it is used."""

    def __init__(self, scratch: Path, seed_shift: int = 0):
        desk = tempfile.mkdtemp(prefix="desk-", dir=scratch)
        request, to_request = context.Pipe(duplex=False)
        events, to_events = context.Pipe(duplex=False)
        prints, to_prints = context.Pipe(duplex=False)
        arguments = (request, to_events, to_prints, desk, supervise.worker_environment(scratch, seed_shift))
        self.process = context.Process(target=serve, args=arguments, daemon=True)
        self.process.start()
        for end in (request, to_events, to_prints):
            end.close()
        self.pid = self.process.pid
        self.stdin, self.stdout, self.stderr = opened(to_request, "wb"), opened(events, "rb"), opened(prints, "rb")

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


def serve(request, to_events, to_prints, desk: str, environment: dict[str, str]) -> None:
    """In the new process: what starting `python -m grader.worker` would do, and then its work."""
    os.setsid()
    for connection, descriptor in ((request, 0), (to_events, 1), (to_prints, 2)):
        os.dup2(connection.fileno(), descriptor)
        connection.close()
    os.chdir(desk)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = environment["PYTHONPATH"].split(os.pathsep)
    from grader.inside import worker

    worker.main()


launch = Forked if POSSIBLE else supervise.launch
