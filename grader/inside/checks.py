"""Checks as plain functions: loads the files that they are in, gives them what they ask for, and keeps their time.

The three names that a check may ask for are those of desk/fixtures.py, which is for plain pytest.
"""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import random
import signal
import sys
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import numpy as np

from grader.source.package import PACKAGE

from .failures import TimeIsUpError
from .see import See

HAS_ALARM = hasattr(signal, "SIGALRM")  # not on Windows: the supervisor alone keeps the time there


def load(file: str) -> ModuleType:
    """A file of checks as a module, from what lies compiled next to it."""
    path = Path(file)
    loader = SourceFileLoader(f"{path.parent.name}_{path.stem}", file)  # a file has several texts
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    sys.modules[loader.name] = module
    try:
        loader.exec_module(module)
    except BaseException:
        del sys.modules[loader.name]
        raise
    return module


def call(function: Callable, see: See, seed_shift: int) -> None:
    """Run a check, with what it asks for by name."""
    seed_all(seed_of(function.__name__, 0))
    seed = seed_of(function.__name__, seed_shift)
    given = {"see": lambda: see, "seed": lambda: seed, "rng": lambda: np.random.default_rng(seed)}
    asked = list(inspect.signature(function).parameters)
    if set(asked) - given.keys():
        raise TypeError(f"{function.__name__} asks for {', '.join(asked)}: a check is given see, seed and rng")
    function(**{name: given[name]() for name in asked})


def seed_of(name: str, shift: int) -> int:
    """The seed of a check by its name, small enough for every generator."""
    return (zlib.crc32(name.encode()) + shift) % 2**31


def seed_all(seed: int) -> None:
    """Seed the generators of the tree, of NumPy and of Python, as far as the tree can."""
    random.seed(seed)
    np.random.seed(seed)
    with contextlib.suppress(Exception, SystemExit):
        sys.modules[PACKAGE].manual_seed(seed)


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """TimeIsUpError in what takes longer, where the system can."""
    if not HAS_ALARM:
        yield
        return

    def up(signum, frame):
        raise TimeIsUpError(f"it took longer than {seconds:g} s")

    signal.signal(signal.SIGALRM, up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def unsaid() -> Iterator[None]:
    """Nothing is printed of warnings, nor of errors in threads and in what is deleted: no check asks for them."""
    before = threading.excepthook, sys.unraisablehook
    threading.excepthook = sys.unraisablehook = lambda *_: None
    try:
        with warnings.catch_warnings(record=True):
            yield
    finally:
        threading.excepthook, sys.unraisablehook = before
