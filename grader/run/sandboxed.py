"""A worker in a sandbox, as the supervisor sees it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from typing import BinaryIO

from grader.protocol import Loss

KILL_SECONDS = 10.0  # for the first process of a sandbox to end a worker and all that it has started


class Sandboxed:
    """A launch.Process in a sandbox. It has no number out here, a folder to work in, and a reason where the sandbox
    has ended it. It can be asked to be tidy."""

    pid = None

    def __init__(self, desk: str, ends: tuple[int, int, int], spend: Callable[[str, int], None], order: Callable):
        """order: asks the sandbox to end this worker ("kill") or what is left of it ("tidy"), or to end ("stop")."""
        self.desk = desk
        self.loss: Loss | None = None
        self.stdin = os.fdopen(ends[0], "wb")
        self.stdout = Counted(os.fdopen(ends[1], "rb"), lambda size: spend("messages", size))
        self.stderr = Counted(os.fdopen(ends[2], "rb"), lambda size: spend("prints", size))
        self._order, self._code, self._over = order, 0, threading.Event()
        self._tidied = threading.Event()

    def kill(self) -> None:
        """End it and what it has started."""
        if not self._over.is_set():
            self._order("kill")

    def tidy(self) -> bool:
        """Whether it goes on, with nothing left of what it has started and written."""
        self._tidied.clear()
        if not self._over.is_set():
            self._order("tidy")
            if not self._tidied.wait(KILL_SECONDS):
                self._order("stop")
        return not self._over.is_set()

    def tidied(self) -> None:
        """Take note that nothing is left."""
        self._tidied.set()

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended; without a timeout it has been killed, or its sandbox is."""
        if not self._over.wait(KILL_SECONDS if timeout is None else timeout):
            if timeout is not None:
                raise subprocess.TimeoutExpired("a worker", timeout)
            self._order("stop")
            self._over.wait(KILL_SECONDS)
        return self._code

    def ended(self, code: int, loss: Loss | None) -> None:
        """Take note that it has ended."""
        if not self._over.is_set():
            self._code, self.loss = code, loss
            self._over.set()
            self._tidied.set()


class Counted:
    """A pipe that is read line by line, and counts the bytes."""

    def __init__(self, pipe: BinaryIO, tell: Callable[[int], None]):
        self._pipe, self._tell = pipe, tell

    def readline(self, most: int = -1) -> bytes:
        """The next line, or as much of it as is asked for."""
        line = self._pipe.readline(most)
        self._tell(len(line))
        return line

    def close(self) -> None:
        """Close the pipe."""
        self._pipe.close()

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._pipe.closed
