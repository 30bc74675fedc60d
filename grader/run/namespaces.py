"""The command that puts a process into namespaces of its own, with bubblewrap."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from .needs import needed

TEMPORARY = ("/tmp", "/dev/shm")
# What root does with a user's number: be that user, and go on.
BE_USER = "import os, sys; uid = int(sys.argv[1]); os.setgroups([]); os.setresgid(uid, uid, uid); "
BE_USER += "os.setresuid(uid, uid, uid); os.execv(sys.argv[2], sys.argv[2:])"


def bubblewrap() -> str | None:
    """Where bubblewrap is; None where it is not installed."""
    return shutil.which("bwrap") if sys.platform == "linux" else None


def enclosed(
    command: Sequence[str], folders: Sequence[str], environment: dict[str, str], disk: int, uid: int | None, info: int
) -> list[str]:
    """The command, to be run as an ordinary user who sees Python, these folders and temporary ones, all else in
    namespaces of its own, and nothing else.

    disk: bytes that it can write. uid: who it is, where this process is root. info: a descriptor that bubblewrap writes
    to, in JSON, which process is the first of the namespace.
    """
    inside = [bubblewrap(), "--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"]
    inside += ["--die-with-parent", "--new-session", "--as-pid-1", "--hostname", "sandbox", "--info-fd", str(info)]
    inside += ["--clearenv", *(word for item in environment.items() for word in ("--setenv", *item))]
    half = str(disk // len(TEMPORARY))
    inside += ["--proc", "/proc", "--dev", "/dev", "--size", half, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    inside += ["--perms", "0700", "--size", half, "--tmpfs", "/tmp"]
    readable = needed()
    # Each is mounted by itself: no one inside can then move it away and put another in its place.
    tops = [top for top in in_temporary([*readable, *folders]) if top not in folders]
    for top in tops:
        inside += ["--tmpfs", top]
    for path in [*readable, *folders]:
        link = os.path.islink(path)
        inside += ["--symlink", os.readlink(path), path] if link else ["--ro-bind", path, path]
    for top in [*tops, "/"]:
        inside += ["--remount-ro", top]
    inside += ["--chdir", "/", "--", *command]
    return inside if uid is None else _as_user(inside, uid, [*readable, *folders])


def in_temporary(paths: Sequence[str]) -> list[str]:
    """What lies directly in a temporary folder and is, or leads to, one of the paths."""
    found = {}
    for path in map(Path, paths):
        for temporary in map(Path, TEMPORARY):
            if path.is_relative_to(temporary) and path != temporary:
                found[str(temporary / path.relative_to(temporary).parts[0])] = None
    return list(found)


def closed_folder(paths: Sequence[str]) -> str | None:
    """The first folder on the way to the paths that other users can't enter."""
    for path in paths:
        for parent in reversed(Path(path).parents):
            if not parent.stat().st_mode & 0o001:
                return str(parent)
    return None


def _as_user(command: Sequence[str], uid: int, readable: Sequence[str]) -> list[str]:
    """The command, run by root as a user who can reach what is readable, also where it lies in a closed folder.

    A closed folder, such as /root, is covered by an empty one, in which only what is readable is found.
    """
    covers, folders, binds = {}, {}, []
    paths = dict.fromkeys([*readable, *map(os.path.realpath, readable)])
    for path in paths:
        closed = closed_folder([path])
        inner = any(path != other and Path(path).is_relative_to(other) for other in paths)  # it comes with the other
        if closed is not None and not inner:
            covers[closed] = None
            parents = [parent for parent in Path(path).parents if parent.is_relative_to(closed)]
            folders.update({str(parent): None for parent in reversed(parents[:-1])})
            binds.append(path)
    outside = [bubblewrap(), "--die-with-parent", "--dev-bind", "/", "/"]
    for folder in covers:
        outside += ["--perms", "0755", "--tmpfs", folder]
    for folder in folders:
        outside += ["--perms", "0755", "--dir", folder]
    for path in binds:
        outside += ["--ro-bind", path, path]
    return [*outside, "--", sys.executable, "-I", "-S", "-c", BE_USER, str(uid), *command]
