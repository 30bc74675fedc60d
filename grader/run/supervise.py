"""Drives workers over a list of checks: keeps their time, outlives their deaths, collects what they observed."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.course.milestones import Check
from grader.files import MILESTONES, REPOSITORY
from grader.run.assemble import Assembled, BrokenFile
from grader.source.package import PACKAGE

IMPORT_SECONDS = 10.0
GRACE_SECONDS = 3.0  # the worker stops a slow check itself where it can; after this much longer, it is killed
START_SECONDS = 30.0  # for Python, pytest and NumPy, on a busy machine
MEMORY = 2 * 2**30
INTRUDED = "it wrote into the grader's pipe"
TOO_SLOW = "it did not come to an end in time, and was stopped"
PRINTS_KEPT = 4_000  # bytes a check
PRINTS_ALLOWED = 10_000_000  # bytes a check; beyond this it is a flood
CIRCLE = re.compile(r"partially initialized module '([\w.]+)'")
# What a worker's events, and the errors in them, hold at least.
EVENT_KEYS = {
    "imported": {"error"},
    "start": {"check", "seconds"},
    "fact": {"check", "fact"},
    "end": {"check", "error", "seconds"},
}
ERROR_KEYS = {"type", "message", "misspelt", "stub", "timeout", "line", "frames"}
IMPORT_KEYS = {"missing", "suspects"}
BLAS_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass
class Observation:
    """What a check observed: its facts in order, and how it ended."""

    facts: list[dict] = field(default_factory=list)
    error: dict | None = None
    lost: str | None = None  # why the check never came to its end
    ended: bool = False
    too_slow: bool = False
    printed: str = ""
    seconds: float = 0.0


class Prints:
    """What a worker's tree prints, cut up by check, from a thread of its own."""

    def __init__(self, pipe, token: str):
        self.kept: dict[str, bytes] = {}
        self.flooding: str | None = None  # the check that prints more than is allowed
        self._pipe, self._token = pipe, token.encode() + b" "
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def finish(self) -> dict[str, str]:
        """What each check printed, once the worker is gone."""
        self._thread.join(timeout=2)  # a grandchild may hold the pipe open
        return {check_id: text.decode("utf-8", "replace").strip() for check_id, text in list(self.kept.items())}

    def _read(self) -> None:
        current, size = "", 0
        for line in iter(lambda: self._pipe.readline(65_536), b""):
            if line.startswith(self._token):
                current, size = line[len(self._token) :].decode().strip(), 0
                continue
            size += len(line)
            self.kept[current] = (self.kept.get(current, b"") + line)[-PRINTS_KEPT:]
            if size > PRINTS_ALLOWED:
                self.flooding = current


def observe(
    assembled: Assembled,
    checks: Sequence[Check],
    progress: Callable[[Check], None] = lambda check: None,
    seed_shift: int = 0,
    process: subprocess.Popen | None = None,
) -> dict[str, Observation]:
    """Run the checks on an assembled tree, in as many workers as it takes; `process` may be the first, launched."""
    observations: dict[str, Observation] = {}
    waiting = list(checks)
    while waiting:
        hurried = any(observation.too_slow for observation in observations.values())
        worker = Worker(process or launch(assembled.scratch, seed_shift), assembled, waiting, hurried)
        process = None
        failure = worker.run(observations, progress)
        if failure is not None and repaired(assembled, failure):
            continue
        if not any(check.id in observations for check in waiting):  # another worker would fare no better
            reason = f"{PACKAGE} can't be imported: {describe(failure)}" if failure else worker.death
            observations.update({check.id: Observation(lost=reason) for check in waiting})
        waiting = [check for check in waiting if check.id not in observations]
    return observations


def launch(scratch: Path, seed_shift: int = 0) -> subprocess.Popen:
    """A worker process, which waits for its request; the tree may come into `scratch` while it starts."""
    desk = tempfile.mkdtemp(prefix="desk-", dir=scratch)  # new for each, so that none inherits files
    return subprocess.Popen(
        [sys.executable, "-m", "grader.inside.worker"],
        cwd=desk,
        env=worker_environment(scratch, seed_shift),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


class Worker:
    """One worker process, from its request to its end."""

    def __init__(self, process: subprocess.Popen, assembled: Assembled, checks: Sequence[Check], hurried: bool):
        self.process = process
        self.checks = {check.id: check for check in checks}
        self.death = ""
        token = secrets.token_hex(16)
        request = {
            "tree": str(assembled.scratch),
            "token": token,
            "memory": MEMORY,
            "import_seconds": IMPORT_SECONDS,
            "hurried": hurried,
            "configuration": str(MILESTONES / "pytest.ini"),
            "checks": [{"id": check.id, "path": str(check.path), "seconds": check.seconds} for check in checks],
        }
        self.prints = Prints(self.process.stderr, token)
        self.events: queue.Queue = queue.Queue()
        threading.Thread(target=self._read_events, daemon=True).start()
        with contextlib.suppress(OSError):  # if it died at once, the events' end will tell
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()  # and left open: its end tells the worker that this process is gone

    def run(self, observations: dict[str, Observation], progress: Callable[[Check], None]) -> dict | None:
        """Collect observations until the worker is done or lost; the error that kept the tree from being imported."""
        try:
            return self._collect(observations, progress)
        finally:
            self._kill()
            for check_id, text in self.prints.finish().items():
                if check_id in observations:
                    observations[check_id].printed = text

    def _collect(self, observations, progress) -> dict | None:
        deadline = time.monotonic() + START_SECONDS + IMPORT_SECONDS
        waiting = len(self.checks)
        stage, current, limit = f"importing {PACKAGE}", None, 0.0
        while waiting:
            event = self._next_event(deadline)
            if isinstance(event, str):
                self.death = f"{stage}: {event}"
                flooding = self.prints.flooding
                if flooding in observations and flooding != current:  # noticed late: the next check is not to blame
                    observations[flooding].lost = event
                    observations.pop(current, None)
                elif current is not None:
                    observations[current].lost = event
                    observations[current].too_slow = event == TOO_SLOW
                return None
            if not well_formed(event):
                self.death = f"{stage}: {INTRUDED}"
                return None
            if event["event"] == "imported":
                stage = "collecting the checks"
                if event["error"] is not None:
                    return event["error"]
            elif event["check"] not in self.checks or (event["event"] != "start" and event["check"] != current):
                self.death = f"{stage}: {INTRUDED}"
                return None
            elif event["event"] == "start":
                current, stage = event["check"], "running the checks"
                observations[current] = Observation()
                limit = event["seconds"]
                deadline = time.monotonic() + limit + GRACE_SECONDS
                progress(self.checks[current])
            elif event["event"] == "fact":
                observations[current].facts.append(event["fact"])
            elif event["event"] == "end":
                observation = observations[current]
                observation.error, observation.seconds, observation.ended = event["error"], event["seconds"], True
                if event["error"] is not None and event["error"]["stub"] is None and event["seconds"] >= limit:
                    event["error"]["timeout"] = True  # also where the tree made another error of the alarm
                observation.too_slow = event["error"] is not None and event["error"]["timeout"]
                current = None
                waiting -= 1
                deadline = time.monotonic() + IMPORT_SECONDS + GRACE_SECONDS
        return None

    def _next_event(self, deadline: float) -> dict | str:
        """The next event, or in words why there is none."""
        while True:
            if self.prints.flooding is not None:
                return f"it printed more than {PRINTS_ALLOWED // 1_000_000} MB, and was stopped"
            try:
                event = self.events.get(timeout=max(0.01, min(0.2, deadline - time.monotonic())))
            except queue.Empty:
                if time.monotonic() > deadline:
                    return TOO_SLOW
                continue
            return event if event is not None else self._cause_of_death()

    def _cause_of_death(self) -> str:
        try:
            code = self.process.wait(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return "it closed the grader's pipe, and was stopped"
        if code < 0:
            known = {number.value: number.name for number in signal.Signals}
            return f"it crashed Python ({known.get(-code, f'signal {-code}')})"
        return f"it ended the Python process (exit code {code})"

    def _read_events(self) -> None:
        for line in self.process.stdout:
            try:
                self.events.put(json.loads(line))
            except ValueError:  # cut off by a crash
                break
        self.events.put(None)

    def _kill(self) -> None:
        """End the worker and, where the system can, whatever it started."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):  # the latter on macOS, for one that ended
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()


def worker_environment(tree: Path, seed_shift: int = 0) -> dict[str, str]:
    """The environment in which a tree runs: it comes first on the path, BLAS has one thread, and settings of Python
    and pytest that the student's shell happens to hold stay out."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))},
        **dict.fromkeys(BLAS_THREADS, "1"),
        "PYTHONPATH": os.pathsep.join([str(tree), str(REPOSITORY)]),
        "PYTHONUTF8": "1",
        "COURSE_SEED_SHIFT": str(seed_shift),
    }


def well_formed(event: object) -> bool:
    """Whether an event is one that a worker sends."""
    if not isinstance(event, dict) or event.get("event") not in list(EVENT_KEYS):  # which need not be hashable
        return False
    error = event.get("error")
    wanted = ERROR_KEYS | (IMPORT_KEYS if event["event"] == "imported" else set())
    whole = error is None or (isinstance(error, dict) and error.keys() >= wanted)
    return whole and event.keys() >= EVENT_KEYS[event["event"]]


def repaired(assembled: Assembled, failure: dict) -> bool:
    """Whether the starter could stand in for what kept the tree from being imported: a missing name, or a file."""
    if failure["missing"] is not None and assembled.add_missing(*failure["missing"]):
        return True
    suspects = failure["suspects"]
    if CIRCLE.search(failure["message"]):  # all files of the circle are; the reference lacks the line that closes it
        suspects = sorted(suspects, key=lambda place: assembled.in_reference(*place))
    return any(assembled.replace_broken(BrokenFile(file, line, describe(failure))) for file, line in suspects)


def describe(failure: dict) -> str:
    """An error on one line, as Python would name it."""
    circle = CIRCLE.search(failure["message"])
    if circle:
        return (
            f"{failure['type']}: a circle of imports: this needs {circle[1]}, which is itself still being imported; "
            "import it in the function that needs it, or not at all"
        )
    return f"{failure['type']}: {failure['message']}"
