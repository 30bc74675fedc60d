"""A class that a cluster grades comes out as one that is graded here, also where a worker dies on the way."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from grader.classroom import run
from grader.classroom.cluster import cluster_executor
from grader.classroom.store import Store
from grader.errors import CourseError, UsageError
from grader.files import REPOSITORY
from proofs.classes import outcome
from tests.classroom.small_class import OPTIONS, small_class


@contextlib.contextmanager
def started(*arguments):
    """A process of `nox -s worker`: itself, and its address."""
    command = [sys.executable, "-m", "grader.classroom.cluster", *arguments]
    own = {"cwd": REPOSITORY, "start_new_session": True}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", **own)
    try:
        yield process, process.stdout.readline().strip()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def scheduler():
    with started("--scheduler", "--port", "0") as (_, address):
        yield address


def test_a_worker_is_killed_midway(scheduler, tmp_path):
    with started(scheduler) as (first, _), started(scheduler), cluster_executor(scheduler) as (executor, at_once):
        assert at_once >= 2
        killed = threading.Timer(4.0, os.killpg, (first.pid, signal.SIGKILL))
        killed.start()
        run.run_class(small_class(), OPTIONS, Store(tmp_path / "cluster"), executor, at_once)
        killed.join()
    with run.local_executor(2) as executor:
        run.run_class(small_class(), OPTIONS, Store(tmp_path / "here"), executor, 2)
    assert outcome(tmp_path / "cluster") == outcome(tmp_path / "here")


def test_a_worker_with_another_version_of_the_course_says_so(scheduler, tmp_path, monkeypatch):
    with started(scheduler), cluster_executor(scheduler) as (executor, at_once):
        monkeypatch.setattr(run, "course_version", lambda: "another")
        with pytest.raises(CourseError, match="another version of the course"):
            run.run_class(small_class()[:1], OPTIONS, Store(tmp_path / "out"), executor, at_once)


def test_no_scheduler_answers():
    started_at = time.monotonic()
    with pytest.raises(UsageError, match="no scheduler answers"), cluster_executor("tcp://127.0.0.1:1"):
        pass
    assert time.monotonic() - started_at < 60
