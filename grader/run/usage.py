"""What all processes of a sandbox use together, as Linux tells from outside."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100  # a second
POSSIBLE = os.path.exists("/proc/self/task")


@dataclass
class Usage:
    """Processes, their processor time in seconds (with that of those that have ended), and the memory that is theirs
    alone or shared among them, in bytes."""

    processes: int = 0
    cpu: float = 0.0
    memory: int = 0


def usage_of(first: int) -> Usage:
    """What a process and all that it has led to use."""
    found, waiting, seen = Usage(), [first], set()
    while waiting:
        pid = waiting.pop()
        if pid in seen:
            continue
        seen.add(pid)
        with contextlib.suppress(OSError, ValueError, IndexError):
            for task in os.listdir(f"/proc/{pid}/task"):
                waiting += map(int, _text(f"/proc/{pid}/task/{task}/children").split())
            fields = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
            found.cpu += sum(map(int, fields[11:15])) / TICKS  # utime, stime, and those of children that were reaped
            found.processes += 1
            for line in _text(f"/proc/{pid}/status").splitlines():
                if line.startswith(("RssAnon:", "RssShmem:")):  # but not RssFile: libraries, which all share
                    found.memory += int(line.split()[1]) * 1_024
    return found


def files_in(folder: str, most: int) -> tuple[int, int]:
    """How many files are in a folder, and the bytes of the disk that they take; counting ends beyond `most`."""
    count = size = 0
    waiting = [folder]
    while waiting and count <= most:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                count += 1
                if count > most:
                    break
                with contextlib.suppress(OSError):
                    about = entry.stat(follow_symlinks=False)
                    size += about.st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
    return count, size


def files_of_mounts(first: int, folders: tuple[str, ...]) -> int:
    """How many files there are on the file systems of a process's own: until it has mounted them, there are none."""
    count = 0
    for folder in folders:
        with contextlib.suppress(OSError):
            theirs = f"/proc/{first}/root{folder}"
            if os.stat(theirs).st_dev != os.stat(folder).st_dev:
                about = os.statvfs(theirs)
                count += about.f_files - about.f_ffree
    return count


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8", errors="replace")
