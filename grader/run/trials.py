"""Tries variants of an assembled tree: which checks pass once some functions are others."""

from __future__ import annotations

import math
import os
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.course.milestones import Check
from grader.files import REPOSITORY, write_text
from grader.protocol import Cause, Fact, Failure, Loss, Setting, Trial
from grader.source.package import read_source

from .assemble import Assembled
from .channel import Channel, LostError
from .launch import Launch, desk_of, fresh
from .supervise import BYTES_ALLOWED, MEMORY

POSSIBLE = hasattr(os, "fork")  # not on Windows
CASES = REPOSITORY / "grader" / "inside" / "cases.py"
GRACE_SECONDS = 1.0  # after a trial's limit


@dataclass(frozen=True)
class Tried:
    """What a check observed in a trial, how it ended, and the functions that it ran, by file and first line."""

    facts: tuple[Fact, ...]
    failure: Failure | None
    ended: bool
    ran: tuple[tuple[str, int], ...]


class Trials:
    """A process that forks a child for each variant of one tree."""

    def __init__(self, assembled: Assembled, checks: Iterable[Check], launch: Launch = fresh, seed_shift: int = 0):
        self.assembled = assembled
        self.files = assembled.write_checks(checks, whole=False)  # by the checks' ids
        self.process = launch(assembled.scratch)
        self.channel = Channel(self.process)
        self.seconds = 0.0  # of processor time that the trials took
        desk = desk_of(self.process, assembled.scratch)
        self.channel.send(Setting(str(assembled.folder), desk, MEMORY, seed_shift))

    def run(
        self, changes: Mapping[str, str], seconds: Mapping[str, float], limit: float, trace: bool = False
    ) -> dict[str, Tried]:
        """Run checks, each within so many seconds, on the tree with some files changed; what had begun before `limit`
        seconds were over."""
        files = {check: self.files[check] for check in seconds}
        self.channel.send(Trial(dict(changes), files, dict(seconds), limit, trace))
        found: dict[str, Tried] = {}
        check, facts, size = None, [], 0
        deadline = time.monotonic() + limit + GRACE_SECONDS
        try:
            while True:
                message = self.channel.next(("begin", "fact", "end", "over"), deadline)
                size += self.channel.size
                if size > BYTES_ALLOWED or (message.event == "begin" and message.check not in seconds):
                    raise LostError(Loss(Cause.PIPE, "it reported what it was not asked for"))
                if message.event == "over":
                    self.seconds += message.milliseconds / 1_000
                    return found
                if message.event == "begin":
                    check, facts = message.check, []
                    found[check] = Tried((), None, False, ())
                elif message.event == "fact":
                    facts.append(message.fact)
                elif check is not None:
                    found[check] = Tried(tuple(facts), message.failure, True, message.ran)
        except LostError:
            self.seconds = math.inf  # there is no way to tell what comes next
            return found

    def add_cases(self, expressions: Sequence[str]) -> str:
        """Make a check that tries these expressions on small inputs; its id."""
        text = f"{read_source(CASES)}\nEXPRESSIONS = {list(expressions)!r}\n"
        name = f"cases_{zlib.crc32(text.encode()):08x}"
        path = self.assembled.scratch / "checks" / f"{name}.py"
        write_text(path, text)
        self.files[f"{name}::cases"] = str(path)
        return f"{name}::cases"

    def close(self) -> None:
        """End the process."""
        self.channel.close()
        self.process.stderr.close()
