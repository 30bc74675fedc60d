"""What holds for every process that runs a student's code: how much memory it gets, and what it cannot reach."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path

import datasets  # noqa: F401 (some checks need it, and when they are loaded the repository is no longer on the path)

from .failures import BreakpointError

STACK = 2**29  # bytes
DEEPEST = 100_000  # calls in each other: far more than any right work needs, and few enough to unwind in time


def isolate() -> None:
    """Leave nothing of the course that a tree could import, and no debugger."""
    forget_the_course()
    sys.breakpointhook = no_breakpoint
    sys.setrecursionlimit = functools.partial(set_recursion_limit, sys.setrecursionlimit)


def limit_memory(size: int) -> None:
    """Cap the process's memory where the system can, so that a runaway list ends in a MemoryError; let the stack grow,
    so that a recursion ends in a RecursionError also where a tree raised Python's limit (up to Python 3.10)."""
    try:
        import resource  # not on Windows
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):  # macOS refuses
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    with contextlib.suppress(ValueError, OSError):
        most = resource.getrlimit(resource.RLIMIT_STACK)[1]
        resource.setrlimit(resource.RLIMIT_STACK, (STACK if most == resource.RLIM_INFINITY else min(STACK, most), most))


def set_recursion_limit(original: Callable[[int], None], limit: int, /) -> None:
    """Python's own, within bounds: a call without end then is a RecursionError, also where a tree raised the limit."""
    original(min(limit, DEEPEST))


def no_breakpoint(*arguments, **settings) -> None:
    """Take the place of the debugger, which needs a terminal."""
    raise BreakpointError


def forget_the_course() -> None:
    """Leave nothing of the course that a tree could import; what this process needs of it is loaded."""
    root = Path(__file__).resolve().parents[2]
    kept = [folder for folder in sys.path if folder and root not in (path := Path(folder).resolve(), path.parent)]
    sys.path[:] = kept
    for name, module in list(sys.modules.items()):
        if name == "__mp_main__" or _part_of_the_course(module, root):
            del sys.modules[name]


def _part_of_the_course(module: object, root: Path) -> bool:
    """Whether a module is a file of the repository, other than of the data sets and of an environment in it."""
    places = [*getattr(module, "__path__", ()), getattr(module, "__file__", None) or ""]
    near = [place for place in places if os.path.normcase(place).startswith(os.path.normcase(root))]  # few, and quickly
    inside = [Path(place).relative_to(root).parts for place in near if Path(place).is_relative_to(root)]
    return any(parts and parts[0][0] != "." and parts[0] != "datasets" for parts in inside)
