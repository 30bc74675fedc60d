"""Which files of the system Python and the packages of this environment need, found where they are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

SYSTEM = ("/usr", "/usr/local")  # a Python that is installed there has not the folder to itself
LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64")
SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives")  # of the loader; which BLAS a system's package takes


def needed() -> list[str]:
    """Files and folders, none in another; links are named as they are."""
    found = [Path(place) for place in (*LIBRARIES, *SETTINGS) if os.path.lexists(place)]
    for prefix in map(direct, dict.fromkeys((sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix))):
        found += [Path(prefix, "lib")] if prefix in SYSTEM else [Path(prefix)]
    found += [*links(Path(direct(sys.executable))), *loaded_libraries()]
    kept: list[Path] = []
    for path in sorted(set(found), key=lambda path: len(path.parts)):
        if path.exists() and not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return [str(path) for path in kept]


def direct(path: str) -> str:
    """The path without `..`, as in ../course/.nox/bin/python: in a sandbox there is no folder that it could leave."""
    plain = os.path.normpath(path)
    return plain if os.path.exists(plain) and os.path.samefile(plain, path) else path


def links(path: Path) -> list[Path]:
    """A file, and the links on the way to it."""
    found = [path]
    while path.is_symlink():
        path = Path(os.path.normpath(path.parent / os.readlink(path)))
        found.append(path)
    return [*found, path.resolve()]


def loaded_libraries() -> list[Path]:
    """The shared libraries of this process; NumPy's are among them, which it has imported."""
    try:
        lines = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    places = {line.partition("/")[2] for line in lines if "/" in line}
    return [Path("/", place) for place in sorted(places) if ".so" in place.rpartition("/")[2]]
