"""Runs expressions in a child process, with trees that may hang, exit or print without end."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.files import temporary_folder, write_text
from grader.run.launch import end, worker_environment
from grader.source.stubs import stub_told
from grader.text import one_line

from .values import read

CHILD = Path(__file__).with_name("child.py")
SECONDS = 20  # for what was typed, which takes milliseconds
MOST = 1 << 20  # bytes of answers that are read


@dataclass(frozen=True)
class Trial:
    """Expressions for one tree.

    folder: it contains the package; None for expressions that need NumPy alone. changes: texts of files that replace
    the folder's.
    """

    folder: Path | None
    codes: Sequence[str]
    changes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What an expression gave: a value, or an error, with the task whose stub it met."""

    value: object = None
    error: str | None = None
    stub: str | None = None


SILENCE = Answer(error="no answer: the process ended early, or took too long")


class Job:
    """A child process at work."""

    def __init__(self, process: subprocess.Popen, trials: Sequence[Trial], written: Path, seconds: float):
        self._process, self._trials, self._written = process, trials, written
        self._ends = time.monotonic() + seconds

    def answers(self) -> list[list[Answer]]:
        """Each trial's answers, in the order of its codes. It waits as long as the job may take."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, self._ends - time.monotonic()))
        end(self._process)
        found = [[SILENCE] * len(trial.codes) for trial in self._trials]
        with self._written.open("rb") as file:
            lines = file.read(MOST).decode("utf-8", errors="replace").splitlines()
        for line in lines:
            # A tree's code can write anything here: what is not an answer counts as none.
            with contextlib.suppress(ValueError, TypeError, KeyError, IndexError, RecursionError):
                number, place, answer = json.loads(line)
                found[number][place] = _answer(answer)
        return found


@contextlib.contextmanager
def started(trials: Sequence[Trial], seed: int = 0, seconds: float = SECONDS) -> Iterator[Job]:
    """A job on its way; it ends with the context."""
    with temporary_folder() as folder:
        orders, written, desk = folder / "job.json", folder / "answers.jsonl", folder / "desk"
        tried = [{**vars(trial), "folder": trial.folder and str(trial.folder.resolve())} for trial in trials]
        write_text(orders, json.dumps({"seed": seed, "trials": tried}))
        write_text(written, "")
        desk.mkdir()
        process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", str(CHILD), str(orders), str(written)],
            env=worker_environment(),
            cwd=desk,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        job = Job(process, trials, written, seconds)
        try:
            yield job
        finally:
            end(process)


def evaluated(codes: Sequence[str], seed: int) -> list[Answer]:
    """The answers to expressions that need NumPy alone."""
    with started([Trial(None, codes)], seed) as job:
        return job.answers()[0]


def _answer(told: Mapping[str, str]) -> Answer:
    if "value" in told:
        return Answer(value=read(told["value"]))
    kind, message = str(told["error"]), str(told["message"])
    return Answer(error=one_line(f"{kind}: {message}" if message else kind), stub=stub_told(kind, message))
