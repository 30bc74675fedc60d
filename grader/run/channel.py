"""The messages between the supervisor and one process: sent, awaited within a deadline, and read by the schema."""

from __future__ import annotations

import contextlib
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable

from grader.protocol import MESSAGE_BYTES, NOTES, TOO_SLOW, Cause, Loss, Message, Note, line_of
from grader.schema import MalformedError, read_message

from .launch import Process, end

GRACE_SECONDS = 3.0  # a process stops a slow check itself where it can; after this much longer, it is killed
EXIT_SECONDS = 1.0  # between the end of a process's messages and its own
INTRUDED = "it wrote into the grader's pipe"


class LostError(Exception):
    """A process can't go on."""

    def __init__(self, loss: Loss):
        super().__init__(loss.message)
        self.loss = loss


class Channel:
    """A process, and the messages to it and from it. notes: takes those of the process; without it, it sends none."""

    def __init__(self, process: Process, expectations: bool = False, notes: list[Note] | None = None):
        self.process, self.expectations, self.notes = process, expectations, notes
        self.notes_left = NOTES
        self.size = 0  # of the last message, in bytes
        self._lines: queue.Queue[bytes | None] = queue.Queue(maxsize=16)  # so that a flood waits in its own process
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, message: object) -> None:
        """Send a message; if the process has died, the end of its own messages says so."""
        with contextlib.suppress(OSError, ValueError):
            self.process.stdin.write(line_of(message))
            self.process.stdin.flush()  # and left open: its end tells the process that this one is gone

    def send_aside(self, message: object) -> None:
        """The same from a thread: it is larger than a pipe, and a process that never reads must not stop this one."""
        threading.Thread(target=self.send, args=(message,), daemon=True).start()

    def next(
        self, expected: tuple[str, ...], deadline: float, lost: Callable[[], Loss | None] = lambda: None
    ) -> Message:
        """The next message, which is one of those expected; LostError says why there is none. Notes are put aside.

        lost: a further reason to wait no longer.
        """
        while True:
            message = self._message(deadline, lost)
            if message.event != "noted" or self.notes is None or self.notes_left == 0:
                break
            self.notes_left -= 1
            self.notes.append(message.note)
        if message.event not in expected:
            raise LostError(Loss(Cause.PIPE, f"{INTRUDED}: a message out of order"))
        return message

    def _message(self, deadline: float, lost: Callable[[], Loss | None]) -> Message:
        while True:
            loss = lost()
            if loss is not None:
                raise LostError(loss)
            try:
                line = self._lines.get(timeout=max(0.01, min(0.2, deadline - time.monotonic())))
                break
            except queue.Empty:
                if time.monotonic() > deadline:
                    raise LostError(TOO_SLOW) from None
        if line is None:
            raise LostError(self._cause_of_death())
        self.size = len(line)
        try:
            return read_message(line, self.expectations)
        except MalformedError as error:
            raise LostError(Loss(Cause.PIPE, f"{INTRUDED}: {error}")) from None

    def kill(self) -> None:
        """End the process and, where the system can, whatever it started."""
        end(self.process)

    def close(self) -> None:
        """Kill the process and close the pipes of its messages.

        A process that the tree started may hold a pipe open: its reader is left behind, and ends with that process.
        """
        self.kill()
        deadline = time.monotonic() + EXIT_SECONDS
        while self._reader.is_alive() and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                self._lines.get(timeout=0.01)  # it may be waiting to pass on a line that no one takes
        for pipe in (self.process.stdin, *([] if self._reader.is_alive() else [self.process.stdout])):
            with contextlib.suppress(OSError):  # what was not yet sent when it died
                pipe.close()

    def _cause_of_death(self) -> Loss:
        try:
            code = self.process.wait(timeout=EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            return Loss(Cause.PIPE, "it closed the grader's pipe and was stopped")
        if getattr(self.process, "loss", None) is not None:  # a sandbox knows why it has ended
            return self.process.loss
        if code < 0:
            known = {number.value: number.name for number in signal.Signals}
            name = known.get(-code, f"signal {-code}")
            often = ", often from a function that calls itself without end" if name == "SIGSEGV" else ""
            return Loss(Cause.DEATH, f"it crashed Python ({name}{often})")
        return Loss(Cause.DEATH, f"it ended the Python process (exit code {code})")

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed while it was read
            for line in iter(lambda: self.process.stdout.readline(MESSAGE_BYTES + 1), b""):
                if len(line) <= MESSAGE_BYTES and line[-1:] != b"\n":  # cut off by a crash
                    break
                self._lines.put(line)
        self._lines.put(None)
