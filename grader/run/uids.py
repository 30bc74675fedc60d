"""Numbers of users that the system gives to no one: each submission that root grades has one while it lasts."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from grader.errors import CourseError
from grader.inside.removal import remove
from grader.locks import lock

# No distribution gives these to anyone: https://systemd.io/UIDS-GIDS has 60706 to 61183 as unused.
UIDS = range(60_800, 61_100)
LOCKS = Path("/run/course-uids")
SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock")  # where anyone can write
KILLING_SECONDS = 10.0
# As a user, until no process of that user runs any more. (Those that have ended may wait for a first process of the
# system that never looks: they count no more.)
KILL = """
import os, sys
uid = int(sys.argv[1])
os.setgroups([]); os.setresgid(uid, uid, uid); os.setresuid(uid, uid, uid)
try:
    os.kill(-1, 9)
except ProcessLookupError:
    pass
"""


@contextlib.contextmanager
def own_uid() -> Iterator[int]:
    """The number of a user whom no one else is; afterwards nothing of that user's is left, process or file."""
    LOCKS.mkdir(mode=0o700, exist_ok=True)
    for uid in UIDS:
        with (LOCKS / str(uid)).open("a", encoding="utf-8") as file:
            if not lock(file.fileno()):
                continue
            if running(uid):  # someone else's, without a lock
                continue
            remove_files(uid)  # of a run that was killed
            try:
                yield uid
            finally:
                end_processes(uid)
                remove_files(uid)
            return
    raise CourseError(f"all users from {UIDS[0]} to {UIDS[-1]} are taken: grade fewer submissions at once")


def running(uid: int) -> list[int]:
    """The processes of a user that have not ended."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                lines = Path(entry.path, "status").read_text(encoding="utf-8", errors="replace").splitlines()
                fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
                if str(uid) in fields["Uid"].split() and fields["State"][0] not in "ZX":
                    found.append(int(entry.name))
    return found


def end_processes(uid: int) -> None:
    """End every process of a user; CourseError where that can't be done."""
    deadline = time.monotonic() + KILLING_SECONDS
    while running(uid):
        subprocess.run([sys.executable, "-I", "-S", "-c", KILL, str(uid)], check=False)
        if time.monotonic() > deadline:
            raise CourseError(f"processes of user {uid} can't be ended: {running(uid)}")


def remove_files(uid: int) -> None:
    """Remove what a user has left where anyone can write."""
    waiting = [Path(folder) for folder in SHARED]
    while waiting:
        folder = waiting.pop()
        with contextlib.suppress(OSError):
            for entry in list(os.scandir(folder)):
                about = entry.stat(follow_symlinks=False)
                if about.st_uid == uid:
                    with contextlib.suppress(OSError, RecursionError):
                        remove(Path(entry.path))
                elif stat.S_ISDIR(about.st_mode) and about.st_mode & stat.S_IWOTH:
                    waiting.append(Path(entry.path))
