"""The tree in its worker: imports it, imports it again, and says which file keeps it from being imported."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import re
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from grader.protocol import SHORT, Failure
from grader.source.package import PACKAGE

from .failures import describe, in_tree

NOT_FOUND = re.compile(r"cannot import name '(\w+)' from '")  # but not "from partially initialized", a circle


class Tree:
    """The package of a student, in this process."""

    def __init__(self, folder: Path, import_seconds: float):
        self.folder, self.import_seconds = folder, import_seconds
        sys.path.insert(0, str(folder))
        importlib.invalidate_caches()  # the tree may have come after Python looked for it

    def import_package(self) -> Failure | None:
        """Import the package; None, or what went wrong and the files that may be to blame."""
        try:
            self._import()
        except BaseException as error:  # sys.exit() and KeyboardInterrupt included: the worker must answer
            return dataclasses.replace(
                describe(error, self.folder), missing=self._missing(error), suspects=tuple(self._suspects(error))
            )
        return None

    def import_again(self, users: Iterable[ModuleType]) -> None:
        """Import the package again, so that what a check left behind costs no other; `users` have it as `nf`."""
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]
        package = self._import()
        for module in users:
            module.nf = package

    def recording_is_off(self) -> bool:
        """Whether a check left a no_grad() that never ended."""
        try:
            with alarm(self.import_seconds):
                tensor = importlib.import_module(PACKAGE).Tensor([1.0], requires_grad=True)
                return not (tensor + tensor).requires_grad
        except Exception:  # a tree that can't yet add has nothing to leave behind
            return False

    def _import(self) -> ModuleType:
        """The package, making sure that it is the tree's own copy."""
        with alarm(self.import_seconds):
            package = importlib.import_module(PACKAGE)
        if in_tree(str(package.__file__), self.folder) is None:
            raise ImportError(f"{PACKAGE} was found outside of the tree")
        return package

    def _missing(self, error: BaseException) -> tuple[str, str] | None:
        """The file of the tree and the name that another file looked for in it, in vain; None for other errors."""
        found = NOT_FOUND.match(str(error)) if isinstance(error, ImportError) else None
        file = in_tree(error.path or "", self.folder) if found else None
        return (file[:SHORT], found[1][:SHORT]) if file is not None else None

    def _suspects(self, error: BaseException) -> list[tuple[str, int]]:
        """The files of the tree that may keep the package from being imported, with lines, the likeliest first."""
        running = []  # the modules that were being imported, the innermost first
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_name == "<module>":
                running.insert(0, (trace.tb_frame.f_code.co_filename, trace.tb_lineno))
            trace = trace.tb_next
        if isinstance(error, SyntaxError):
            running.insert(0, (error.filename or "", error.lineno or 1))
        elif isinstance(error, ImportError) and str(error).startswith("cannot import name"):
            running.insert(0, (error.path or "", 1))
        names = [(in_tree(name, self.folder), line) for name, line in running]
        return [(name[:SHORT], line) for name, line in names if name is not None][:SHORT]


@contextlib.contextmanager
def alarm(seconds: float):
    """A TimeoutError in what takes longer, where the system can."""

    def too_slow(signum, frame):
        raise TimeoutError(f"importing took longer than {seconds:g} s")

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    signal.signal(signal.SIGALRM, too_slow)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
