"""Drives workers over a list of checks: keeps their time, replaces those that die, collects what they observed."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import queue
import re
import secrets
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from grader.course.milestones import Check
from grader.files import MILESTONES
from grader.protocol import MESSAGE_BYTES, TOO_SLOW, Cause, Failure, Loss, Message, Observation, Order, Request, line_of
from grader.schema import MalformedError, read_message
from grader.source.exercises import exercises_by_file
from grader.source.package import PACKAGE
from grader.source.state import BrokenFile, stubs_of

from .assemble import Assembled
from .launch import Launch, Process, fresh

IMPORT_SECONDS = 10.0
GRACE_SECONDS = 3.0  # the worker stops a slow check itself where it can; after this much longer, it is killed
EXIT_SECONDS = 1.0  # between the end of a worker's messages and its own
START_SECONDS = 30.0  # for Python, pytest and NumPy, on a busy machine
MEMORY = 2 * 2**30
PRINTS_KEPT = 4_000  # bytes a check
PRINTS_ALLOWED = 10_000_000  # bytes a check; beyond this it is a flood
PIECES_ALLOWED = 2  # that wait to be taken; a worker is never further ahead
FACTS_ALLOWED = 1_000  # a check
BYTES_ALLOWED = 32_000_000  # of facts, a check
CIRCLE = re.compile(r"partially initialized module '([\w.]+)'")

FLOOD = Loss(Cause.PRINTS, f"it printed more than {PRINTS_ALLOWED // 1_000_000} MB and was stopped")


class Judged(Protocol):
    """What a caller makes of a check and its observation."""

    passed: bool


Verdict = TypeVar("Verdict", bound=Judged)


def observe(
    assembled: Assembled,
    checks: Sequence[Check],
    judge: Callable[[Check, Observation], Verdict],
    launch: Launch = fresh,
    seed_shift: int = 0,
    expectations: bool = False,
) -> Iterator[Verdict]:
    """Run checks on an assembled tree, in as many workers as it takes; yields a verdict as each check ends.

    After a check that did not pass the tree is imported again, so that what it left behind costs no other check.
    """
    crew = Crew(assembled, checks, launch, seed_shift, expectations)
    with contextlib.closing(crew):
        for check in checks:
            observation = crew.observe(check)
            verdict = judge(check, observation)
            stopped_at_stub = observation.failure is not None and observation.failure.stub is not None
            crew.reimport = not verdict.passed and not stopped_at_stub
            yield verdict


class Crew:
    """The workers of one tree, one after the other: the next takes over where the last was lost."""

    def __init__(self, assembled: Assembled, checks: Sequence[Check], launch: Launch, shift: int, expectations: bool):
        self.assembled, self.checks, self.launch = assembled, checks, launch
        self.seed_shift, self.expectations = shift, expectations
        self.worker: Worker | None = None
        self.fatal: Loss | None = None  # why no worker can run a check
        self.reimport = False  # before the next check, as the last may have left something behind
        self.hung: dict[tuple[str, int], None] = {}  # the functions in which checks ran out of time
        self._files = assembled.write_checks(checks, whole=expectations)

    def observe(self, check: Check) -> Observation:
        """Run one check, in a new worker where there is none or where the last one is lost before the check begins."""
        while self.fatal is None:
            new = self.worker is None
            if new and not self._start():
                break
            order = Order(check.id, check.seconds, self.reimport and not new, tuple(self.hung))
            observation = self.worker.run(order)
            began = self.worker.began
            if observation.loss is not None:
                self._dismiss()
            if began:
                observation.failure = failure = self._plausible(observation.failure, check)
                if failure is not None and failure.hang is not None:
                    self.hung[failure.hang.file, failure.hang.first_line] = None
                return observation
            if new:
                self.fatal = _at("collecting the checks", observation.loss)
        return Observation(loss=self.fatal)

    def close(self) -> None:
        """End the worker."""
        self._dismiss()

    def _start(self) -> bool:
        """Whether a new worker has imported the tree; files that keep it from being imported are replaced before."""
        while self.fatal is None:
            worker = Worker(self.launch(self.assembled.scratch), self._request())
            failure = worker.import_tree()
            if isinstance(failure, Failure):
                failure = self._plausible(failure)
            if failure is None:
                self.worker = worker
                return True
            worker.close()
            if isinstance(failure, Loss):
                self.fatal = failure
            elif not repaired(self.assembled, failure):
                self.fatal = Loss(Cause.IMPORT, f"{PACKAGE} can't be imported: {in_one_line(failure)}")
        return False

    def _plausible(self, failure: Failure | None, check: Check | None = None) -> Failure | None:
        """A failure without what can't be: a line outside of the check, files that the tree lacks, unknown tasks."""
        if failure is None:
            return None
        files, line = self.assembled.state.files, failure.line
        return dataclasses.replace(
            failure,
            line=line if check is not None and line is not None and check.covers(line) else None,
            frames=tuple(frame for frame in failure.frames if frame.file in files | exercises_by_file().keys()),
            stub=failure.stub if failure.stub is not None and stubs_of(failure.stub) else None,
            missing=failure.missing if failure.missing is not None and failure.missing[0] in files else None,
            suspects=tuple((file, at) for file, at in failure.suspects if file in files),
        )

    def _request(self) -> Request:
        return Request(
            tree=str(self.assembled.folder),
            desk=tempfile.mkdtemp(prefix="desk-", dir=self.assembled.scratch),  # no worker inherits another's files
            token=secrets.token_hex(16),
            memory=MEMORY,
            import_seconds=IMPORT_SECONDS,
            seed_shift=self.seed_shift,
            configuration=str(MILESTONES / "pytest.ini"),
            checks=self._files,
            expectations=self.expectations,
        )

    def _dismiss(self) -> None:
        if self.worker is not None:
            self.worker.close()
            self.worker = None


class Worker:
    """One worker process, from its request to its end."""

    def __init__(self, process: Process, request: Request):
        self.process, self.expectations = process, request.expectations
        self.began = False  # whether the check that was ordered has begun
        self.prints = Prints(process.stderr, request.token)
        self._lines: queue.Queue[bytes | None] = queue.Queue(maxsize=16)  # so that a flood waits in its own process
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        # From a thread: it is larger than a pipe, and a process that never reads must not stop this one.
        threading.Thread(target=self._send, args=(request,), daemon=True).start()

    def import_tree(self) -> Failure | Loss | None:
        """What kept the tree from being imported; None if nothing did."""
        try:
            message = self._next(("imported",), time.monotonic() + START_SECONDS + IMPORT_SECONDS)
            self.prints.take()
        except _LostError as lost:
            return _at(f"importing {PACKAGE}", lost.loss)
        return message.failure

    def run(self, order: Order) -> Observation:
        """What a check observes."""
        observation, self.began, started = Observation(), False, 0.0
        self._send(order)
        try:
            self._next(("begin",), time.monotonic() + IMPORT_SECONDS + GRACE_SECONDS)
            self.began, started = True, time.monotonic()
            message = self._facts(observation, started + order.seconds + GRACE_SECONDS)
            observation.seconds = time.monotonic() - started
            observation.failure, observation.printed = message.failure, self.prints.take()
            observation.ended = True
        except _LostError as lost:
            self._kill()
            observation.seconds = time.monotonic() - started if self.began else 0.0
            observation.loss, observation.printed = lost.loss, self.prints.rest()
        failure = observation.failure
        if failure is not None and failure.stub is None and observation.seconds >= order.seconds:
            # Also where the tree made another error of the alarm.
            observation.failure = dataclasses.replace(failure, timeout=True)
        return observation

    def close(self) -> None:
        """End the worker, and close its pipes."""
        self._kill()
        deadline = time.monotonic() + EXIT_SECONDS
        while self._reader.is_alive() and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                self._lines.get(timeout=0.01)  # it may be waiting to pass on a line that no one takes
        self.prints.rest()
        # A process that the tree started may hold a pipe open: its reader is left behind, and ends with that process.
        finished = {self.process.stdout: not self._reader.is_alive(), self.process.stderr: not self.prints.reading}
        for pipe in (self.process.stdin, *(pipe for pipe, ended in finished.items() if ended)):
            with contextlib.suppress(OSError):  # what was not yet sent when it died
                pipe.close()

    def _facts(self, observation: Observation, deadline: float) -> Message:
        """Collect facts until the check ends."""
        size = 0
        while True:
            message = self._next(("fact", "end"), deadline)
            if message.event == "end":
                return message
            size += self._size
            if len(observation.facts) >= FACTS_ALLOWED or size > BYTES_ALLOWED:
                raise _LostError(Loss(Cause.PIPE, "it reported without end and was stopped"))
            observation.facts.append(message.fact)
            if message.expectation is not None:
                observation.expectations.append(message.expectation)

    def _next(self, expected: tuple[str, ...], deadline: float) -> Message:
        """The next message, which is one of those expected; _LostError says why there is none."""
        while True:
            if self.prints.flooding:
                raise _LostError(FLOOD)
            try:
                line = self._lines.get(timeout=max(0.01, min(0.2, deadline - time.monotonic())))
                break
            except queue.Empty:
                if time.monotonic() > deadline:
                    raise _LostError(TOO_SLOW) from None
        if line is None:
            raise _LostError(self._cause_of_death())
        self._size = len(line)
        try:
            message = read_message(line, self.expectations)
        except MalformedError as error:
            raise _LostError(Loss(Cause.PIPE, f"it wrote into the grader's pipe: {error}")) from None
        if message.event not in expected:
            raise _LostError(Loss(Cause.PIPE, "it wrote into the grader's pipe: a message out of order"))
        return message

    def _cause_of_death(self) -> Loss:
        try:
            code = self.process.wait(timeout=EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            return Loss(Cause.PIPE, "it closed the grader's pipe and was stopped")
        if code < 0:
            known = {number.value: number.name for number in signal.Signals}
            name = known.get(-code, f"signal {-code}")
            often = ", often from a function that calls itself without end" if name == "SIGSEGV" else ""
            return Loss(Cause.DEATH, f"it crashed Python ({name}{often})")
        return Loss(Cause.DEATH, f"it ended the Python process (exit code {code})")

    def _send(self, message: Request | Order) -> None:
        with contextlib.suppress(OSError):  # if it has died, the end of its messages says so
            self.process.stdin.write(line_of(message))
            self.process.stdin.flush()  # and left open: its end tells the worker that this process is gone

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed while it was read
            for line in iter(lambda: self.process.stdout.readline(MESSAGE_BYTES + 1), b""):
                if len(line) <= MESSAGE_BYTES and line[-1:] != b"\n":  # cut off by a crash
                    break
                self._lines.put(line)
        self._lines.put(None)

    def _kill(self) -> None:
        """End the worker and, where the system can, whatever it started."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):  # the latter on macOS, for one that ended
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()


class Prints:
    """What a worker's tree prints, from a thread of its own: a line with the token ends what belongs together."""

    def __init__(self, pipe, token: str):
        self.flooding = False  # more was printed in one piece than is allowed
        self._pipe, self._token, self._kept = pipe, token.encode(), b""
        self._pieces: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def reading(self) -> bool:
        """Whether the pipe is still open at its other end."""
        return self._thread.is_alive()

    def take(self) -> str:
        """The next piece, once it has ended; _LostError where it is a flood."""
        try:
            piece = self._pieces.get(timeout=GRACE_SECONDS)
        except queue.Empty:  # the tree has closed the pipe
            piece = self._kept
        if self.flooding:
            raise _LostError(FLOOD)
        return _as_text(piece)

    def rest(self) -> str:
        """What was printed and not taken, once the worker is gone."""
        self._thread.join(timeout=EXIT_SECONDS)  # a process that the tree started may hold the pipe open
        return _as_text(self._kept)

    def _read(self) -> None:
        size = 0
        with contextlib.suppress(OSError, ValueError):  # closed while it was read
            for line in iter(lambda: self._pipe.readline(65_536), b""):
                if line.rstrip() == self._token and self._pieces.qsize() < PIECES_ALLOWED:
                    self._pieces.put(self._kept)
                    self._kept, size = b"", 0
                    continue
                size += len(line)
                self._kept = (self._kept + line)[-PRINTS_KEPT:]
                self.flooding |= size > PRINTS_ALLOWED


class _LostError(Exception):
    """A worker can't go on."""

    def __init__(self, loss: Loss):
        super().__init__(loss.message)
        self.loss = loss


def _at(stage: str, loss: Loss) -> Loss:
    return dataclasses.replace(loss, message=f"{stage}: {loss.message}")


def _as_text(piece: bytes) -> str:
    return piece.decode("utf-8", "replace").strip()


def repaired(assembled: Assembled, failure: Failure) -> bool:
    """Whether the starter's version could replace what kept the tree from being imported: a missing name, or a file."""
    if failure.missing is not None and assembled.add_missing(*failure.missing):
        return True
    suspects = failure.suspects
    if CIRCLE.search(failure.message):  # all files of the circle are; the reference lacks the line that closes it
        suspects = sorted(suspects, key=lambda place: assembled.in_reference(*place))
    return any(assembled.replace_broken(BrokenFile(file, line, in_one_line(failure))) for file, line in suspects)


def in_one_line(failure: Failure) -> str:
    """An error on one line, as Python would name it."""
    circle = CIRCLE.search(failure.message)
    if circle:
        return (
            f"{failure.type}: a circle of imports: this needs {circle[1]}, which is itself still being imported; "
            "import it in the function that needs it, or not at all"
        )
    return str(failure)
