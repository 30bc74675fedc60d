"""Drives workers over a list of checks: keeps their time, replaces those that die, collects what they observed."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from grader.course.milestones import Check
from grader.protocol import NOTES, SHOWN, Cause, Failure, Leave, Loss, Message, Note, Observation, Order, Request
from grader.source.exercises import exercises_by_file
from grader.source.package import PACKAGE
from grader.source.state import BrokenFile, stubs_of

from .assemble import Assembled
from .channel import GRACE_SECONDS, Channel, LostError
from .launch import Launch, Process, desk_of, fresh
from .prints import FLOOD, Prints

IMPORT_SECONDS = 10.0
START_SECONDS = 30.0  # for Python and NumPy, on a busy machine
MEMORY = 2 * 2**30
FACTS_ALLOWED = 1_000  # a check
BYTES_ALLOWED = 32_000_000  # of facts, a check
CIRCLE = re.compile(r"partially initialized module '([\w.]+)'")


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
    notes: list[Note] | None = None,
    apart: bool = False,
    shows: bool = False,
) -> Iterator[Verdict]:
    """Run checks on an assembled tree, in as many workers as it takes; yields a verdict as each check ends.

    After a check that did not pass the tree is imported again, so that what it left behind costs no other check.
    notes: takes those of what the tree does that no exercise asks for; without it, none are made. apart: with a process
    of its own for each task, so that no object, process or file is left behind between tasks; outside of a sandbox, a
    new worker. shows: whether checks show what was learnt.
    """
    crew = Crew(assembled, checks, launch, seed_shift, expectations, notes, apart, shows)
    with contextlib.closing(crew):
        for check in checks:
            observation = crew.observe(check)
            verdict = judge(check, observation)
            stopped_at_stub = observation.failure is not None and observation.failure.stub is not None
            crew.reimport = not verdict.passed and not stopped_at_stub
            yield verdict


class Crew:
    """The workers of one tree, one after the other: the next takes over where the last was lost."""

    def __init__(
        self,
        assembled: Assembled,
        checks: Sequence[Check],
        launch: Launch,
        shift: int,
        expectations: bool,
        notes: list[Note] | None,
        apart: bool,
        shows: bool,
    ):
        self.assembled, self.checks, self.launch = assembled, checks, launch
        self.seed_shift, self.expectations, self.notes, self.apart = shift, expectations, notes, apart
        self.task: str | None = None  # whose checks the worker runs, where each task has its own
        self.worker: Worker | None = None
        self.fatal: Loss | None = None  # why no worker can run a check
        self.reimport = False  # before the next check, as the last may have left something behind
        self.hung: dict[tuple[str, int], None] = {}  # the functions in which checks ran out of time
        self.shows = shows
        self._files = assembled.write_checks(checks, whole=expectations, shows=shows)

    def observe(self, check: Check) -> Observation:
        """Run one check, in a new worker where there is none or where the last one is lost before the check begins."""
        if self.apart and check.task_id != self.task:
            if self.worker is not None and not self.worker.leave():
                self._dismiss()
            self.task, self.reimport = check.task_id, False
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
                observation.printed = observation.printed.replace(f"{self.assembled.folder}{os.sep}", "")
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
            process = self.launch(self.assembled.scratch)
            worker = Worker(process, self._request(process), self.notes, self.shows)
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

    def _request(self, process: Process) -> Request:
        forks = self.apart and hasattr(process, "tidy")
        return Request(
            tree=str(self.assembled.folder),
            desk=desk_of(process, self.assembled.scratch),
            token=secrets.token_hex(16),
            memory=MEMORY,
            import_seconds=IMPORT_SECONDS,
            seed_shift=self.seed_shift,
            checks=self._files_of(self.task) if self.apart and not forks else self._files,
            expectations=self.expectations,
            audit=self.notes is not None,
            apart=forks,
        )

    def _files_of(self, task: str | None) -> dict[str, str]:
        return {check.id: self._files[check.id] for check in self.checks if check.task_id == task}

    def _dismiss(self) -> None:
        if self.worker is not None:
            self.worker.close()
            self.worker = None


class Worker:
    """One worker process, from its request to its end."""

    def __init__(self, process: Process, request: Request, notes: list[Note] | None = None, shows: bool = False):
        self.began = False  # whether the check that was ordered has begun
        self.events = ("fact", "end", *(["shown"] if shows else []))  # of a check, after its beginning
        self.prints = Prints(process.stderr, request.token)
        self.channel = Channel(process, request.expectations, notes)
        self.channel.send_aside(request)

    def import_tree(self) -> Failure | Loss | None:
        """What kept the tree from being imported; None if nothing did."""
        try:
            message = self._next(("imported",), time.monotonic() + START_SECONDS + IMPORT_SECONDS)
            self.prints.take()
        except LostError as lost:
            return _at(f"importing {PACKAGE}", lost.loss)
        return message.failure

    def run(self, order: Order) -> Observation:
        """What a check observes."""
        observation, self.began, started = Observation(), False, 0.0
        self.channel.send(order)
        try:
            self._next(("begin",), time.monotonic() + IMPORT_SECONDS + GRACE_SECONDS)
            self.began, started = True, time.monotonic()
            message = self._facts(observation, started + order.seconds + GRACE_SECONDS)
            observation.seconds = time.monotonic() - started
            observation.failure, observation.printed = message.failure, self.prints.take()
            observation.ended = True
        except LostError as lost:
            self.channel.kill()
            observation.seconds = time.monotonic() - started if self.began else 0.0
            observation.loss, observation.printed = lost.loss, self.prints.rest()
        failure = observation.failure
        if failure is not None and failure.stub is None and observation.seconds >= order.seconds:
            # Also where the tree made another error of the alarm.
            observation.failure = dataclasses.replace(failure, timeout=True)
        return observation

    def leave(self) -> bool:
        """Whether the worker goes on with another task, in a process of its own, with nothing left of the last."""
        if not hasattr(self.channel.process, "tidy"):
            return False
        self.channel.send(Leave())
        self.channel.notes_left = NOTES
        return self.channel.process.tidy()

    def close(self) -> None:
        """End the worker, and close its pipes."""
        self.channel.close()
        self.prints.close()

    def _facts(self, observation: Observation, deadline: float) -> Message:
        """Collect facts, and what is shown, until the check ends."""
        count, size = 0, 0
        while True:
            message = self._next(self.events, deadline)
            if message.event == "end":
                return message
            count, size = count + 1, size + self.channel.size
            if count > FACTS_ALLOWED or size > BYTES_ALLOWED:
                raise LostError(Loss(Cause.PIPE, "it reported without end and was stopped"))
            if message.event == "shown":
                if message.shown is not None and len(observation.shown) < SHOWN:
                    observation.shown.append(message.shown)
                continue
            observation.facts.append(message.fact)
            if message.expectation is not None:
                observation.expectations.append(message.expectation)

    def _next(self, expected: tuple[str, ...], deadline: float) -> Message:
        return self.channel.next(expected, deadline, lambda: FLOOD if self.prints.flooding else None)


def repaired(assembled: Assembled, failure: Failure) -> bool:
    """Whether the starter's version could replace what kept the tree from being imported: a missing name, or a file."""
    if failure.missing is not None and assembled.add_missing(*failure.missing):
        return True
    suspects, needs, message = failure.suspects, None, in_one_line(failure)
    lost = assembled.looked_for(failure.message)
    if lost is not None:
        needs, message = lost.origin, f"it imports {lost.origin}, which can't be used"
        package = f"{lost.file.rpartition('/')[0]}/__init__.py"
        suspects = [place for place in suspects if place != (package, 1)]  # where the name was looked for
    elif CIRCLE.search(failure.message):  # all files of the circle are; the reference lacks the line that closes it
        suspects = sorted(suspects, key=lambda place: assembled.in_reference(*place))
    return any(assembled.replace_broken(BrokenFile(*place, message, needs)) for place in suspects)


def in_one_line(failure: Failure) -> str:
    """An error on one line, as Python would name it."""
    circle = CIRCLE.search(failure.message)
    if circle:
        return (
            f"{failure.type}: a circle of imports: this needs {circle[1]}, which is itself still being imported; "
            "import it in the function that needs it, or not at all"
        )
    return str(failure)


def _at(stage: str, loss: Loss) -> Loss:
    return dataclasses.replace(loss, message=f"{stage}: {loss.message}")
