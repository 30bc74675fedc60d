"""Grades one submission in a process of its own, with which its memory, its threads and its faults end."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import multiprocessing
import os
import pickle
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from multiprocessing import connection
from pathlib import Path
from typing import Any

from grader.errors import CourseError

from .grading import grade_submission, make_key, make_shared, ungraded
from .options import Options, course_version
from .submission import Submission

RUN = "COURSE_CLASS_RUN"  # the variable that names the file with the options of a run
ATTEMPTS = 2  # a busy machine may have killed the first
MARGIN_SECONDS = 120.0  # beyond what the submission's own processes may take: to read it, and to explain it
TOO_LONG = "reading and grading it took too long"
READING_BYTES = 2**31  # beyond what the process has: to compile a text can take a million times its size
END_SECONDS = 10.0
METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"  # on Windows
os.environ["COURSE_COMMAND"] = "nox"  # in the reports, whatever this command was called by
context = multiprocessing.get_context(METHOD)
if METHOD == "forkserver":
    context.set_forkserver_preload(["grader.classroom.preloaded"])


@functools.lru_cache(maxsize=1)
def prepared(options: Options) -> Path:
    """Do what is the same for all submissions of a run; the image that their sandboxes hold.

    The answer key is made, and the process is started that submissions are forked off, with all of this in memory.
    """
    make_key(options)
    own = _folder() / "options"
    own.touch(mode=0o600)  # for no other user: it holds the private checks
    own.write_bytes(pickle.dumps(options))
    os.environ[RUN] = str(own)
    if METHOD == "forkserver":
        from multiprocessing import forkserver  # there is none on Windows

        with _ctrl_c_ignored():  # while it imports what it needs
            forkserver.ensure_running()
    return _image(dataclasses.replace(options, wall=0.0))


@functools.lru_cache(maxsize=1)
def _image(options: Options) -> Path:
    return make_shared(Path(tempfile.mkdtemp(prefix="image-", dir=_folder())), options)


@functools.cache
def _folder() -> Path:
    """A folder of this process, removed when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="course-run-")).resolve()
    folder.chmod(0o755)  # a sandbox of another user reads its image
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@contextlib.contextmanager
def _ctrl_c_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_PREPARING = threading.Lock()


class StoppedError(Exception):
    """The whole run was asked to end."""


def grade_alone(submission: Submission, options: Options, version: str) -> dict[str, Any]:
    """A submission's record; also where its grading ends without one, and then it says so.

    version: of the course, where it was asked for: a worker on another machine must have the same.
    """
    if course_version() != version:
        raise CourseError(
            f"this worker has another version of the course ({course_version()}, not {version}): "
            "give all workers the same files, Python and NumPy"
        )
    with _PREPARING:
        image = prepared(options)
    why = ""
    for _ in range(ATTEMPTS):
        record, why = _attempt(submission, options, image)
        if record is not None:
            return record
        if why == TOO_LONG:  # which a second attempt would be as well
            break
    return ungraded(submission, options, f"it can't be graded: {why}")


def _attempt(submission: Submission, options: Options, image: Path) -> tuple[dict[str, Any] | None, str]:
    """The record, or why there is none."""
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(theirs, submission, options, image))
    process.start()
    theirs.close()
    deadline = time.monotonic() + options.wall + MARGIN_SECONDS
    record, why = None, "its process ended without a result"
    try:
        if not _wait(ours, deadline):
            why = TOO_LONG
        else:
            with contextlib.suppress(EOFError):
                record, why = ours.recv()
    finally:
        ours.close()
        _end(process, record is not None)
    return record, why


def _wait(ours, deadline: float) -> bool:
    """Whether there is something to read before the deadline; StoppedError where the run ends."""
    while (left := deadline - time.monotonic()) > 0:
        if STOP.is_set():
            raise StoppedError
        if connection.wait([ours], min(left, 0.2)):
            return True
    return False


STOP = threading.Event()  # set where the run ends early


def _end(process, ended: bool) -> None:
    """End the process: first so that it can end what it started."""
    if not ended:
        process.terminate()
    process.join(END_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    process.close()


def _serve(theirs, submission: Submission, options: Options, image: Path) -> None:
    """What the process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: the run ends this
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _limit_memory()
    try:
        found = grade_submission(submission, options, image), ""
    except Exception as error:
        found = None, f"{type(error).__name__}: {error}"
    theirs.send(found)
    theirs.close()


def _limit_memory() -> None:
    """MemoryError in this process where a text takes too much of it to be parsed or compiled; on Linux alone. Its
    sandbox has limits of its own, which may be higher."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # there is none on Windows

        own = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (own + READING_BYTES, hard))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    connection.wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(END_SECONDS)
    os._exit(1)
