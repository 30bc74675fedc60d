"""Runs checks on variants of one tree, each in a forked child that imports the package from code kept in memory.

After its Setting it reads Trials. For each it forks a child, which imports the variant, runs the checks as plain
functions and sends what they observed; `over` follows. Nothing is judged.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.util
import json
import marshal
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import TextIO

from grader.protocol import Setting, Trial, line_of
from grader.source.package import PACKAGE

from .checks import call, time_limit
from .failures import describe
from .process import isolate, limit_memory
from .see import See

HEADER = 16  # bytes of a file in __pycache__ that come before the code


class Package(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the package from memory. codes: by the names of its files."""

    def __init__(self, folder: Path, codes: dict[str, CodeType]):
        self.folder, self.codes = folder, codes

    def find_spec(self, name, path=None, target=None):
        """The specification of a module of the package; None for all others."""
        stem = name.replace(".", "/")
        for file, is_package in ((f"{stem}/__init__.py", True), (f"{stem}.py", False)):
            if file in self.codes:
                origin = str(self.folder / file)
                return importlib.util.spec_from_loader(name, self, origin=origin, is_package=is_package)
        if any(file.startswith(f"{stem}/") for file in self.codes):  # a folder without __init__.py
            spec = ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [str(self.folder / stem)]
            return spec
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code."""
        module.__file__ = module.__spec__.origin
        exec(self.codes[Path(module.__file__).relative_to(self.folder).as_posix()], vars(module))


class Runner:
    """What stays the same for every trial: the code of the tree and of the checks."""

    def __init__(self, setting: Setting, send: Callable[[dict], None]):
        self.setting, self.send, self.folder = setting, send, Path(setting.tree)
        files = sorted(self.folder.rglob("*.py"))
        self.codes = {path.relative_to(self.folder).as_posix(): code_of(path) for path in files}
        self.checks: dict[str, CodeType] = {}  # by their files
        self.compiled: dict[tuple[str, str], CodeType] = {}  # files of variants, by their names and texts

    def run_trial(self, trial: Trial) -> None:
        """Fork a child for a trial and wait for it; when its time is up it is killed, with what it started."""
        for file in set(trial.checks.values()) - self.checks.keys():
            self.checks[file] = compile(Path(file).read_bytes(), file, "exec", dont_inherit=True)
        try:
            codes = {**self.codes, **{file: self.compile(file, text) for file, text in trial.changes.items()}}
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self.send({"event": "over", "milliseconds": 0})
            return
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                os.setpgid(0, 0)
                self.run(trial, codes)
            os._exit(0)
        deadline = time.monotonic() + trial.limit
        while not (ended := os.wait4(child, os.WNOHANG))[0]:
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
                ended = os.wait4(child, 0)
                break
            time.sleep(0.0005)
        with contextlib.suppress(OSError):
            os.killpg(child, signal.SIGKILL)
        self.send({"event": "over", "milliseconds": int(1_000 * (ended[2].ru_utime + ended[2].ru_stime))})

    def compile(self, file: str, text: str) -> CodeType:
        """The code of a file of a variant; most come again in other variants."""
        if (file, text) not in self.compiled:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about a student's text: they are for the student's own run
                self.compiled[file, text] = compile(text, str(self.folder / file), "exec", dont_inherit=True)
        return self.compiled[file, text]

    def run(self, trial: Trial, codes: dict[str, CodeType]) -> None:
        """In the child: import the variant and run the checks."""
        limit_memory(self.setting.memory)
        sys.meta_path.insert(0, Package(self.folder, codes))
        importlib.import_module(PACKAGE)
        modules: dict[str, dict] = {}
        for check, file in trial.checks.items():
            name = check.partition("::")[2]
            if file not in modules:
                modules[file] = {"__name__": Path(file).stem, "__file__": file}
                exec(self.checks[file], modules[file])
            self.run_check(check, modules[file][name], file, trial.seconds[check], trial.trace)

    def run_check(self, check: str, function: Callable, file: str, seconds: float, trace: bool) -> None:
        """Run one check, and send what it observed."""
        see = See(lambda fact: self.send({"event": "fact", **fact}), False, self.setting.seed_shift)
        failure, ran = None, set()
        self.send({"event": "begin", "check": check})
        try:
            with time_limit(seconds), calls(self.folder, ran) if trace else contextlib.nullcontext():
                call(function, see, self.setting.seed_shift)
        except BaseException as error:
            failure = describe(error, self.folder, Path(file))
        self.send({"event": "end", "failure": failure, "ran": sorted(ran)})


@contextlib.contextmanager
def calls(folder: Path, ran: set[tuple[str, int]]) -> Iterator[None]:
    """Note the functions of the tree that are called, by file and first line."""
    inside, seen = str(folder) + os.sep, set()

    def called(frame: FrameType, event: str, argument: object) -> None:  # returns no function to trace its lines
        code = frame.f_code
        if code not in seen:
            seen.add(code)
            if code.co_filename.startswith(inside):
                ran.add((code.co_filename[len(inside) :], code.co_firstlineno))

    sys.settrace(called)
    try:
        yield
    finally:
        sys.settrace(None)


def generations(messages: int) -> Callable[[], None]:
    """Closes the pipe of the messages in the children of a trial's child: only the child itself reports."""
    born = 0

    def after() -> None:
        nonlocal born
        born += 1
        if born == 2:
            os.close(messages)

    return after


def code_of(path: Path) -> CodeType:
    """The code of a module of the scratch copy, which lies compiled next to it."""
    compiled = path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
    try:
        return relocated(marshal.loads(compiled.read_bytes()[HEADER:]), str(path))
    except (OSError, ValueError, EOFError, TypeError):
        return compile(path.read_bytes(), str(path), "exec", dont_inherit=True)


def relocated(code: CodeType, filename: str) -> CodeType:
    """The code, and that of the functions in it, as compiled from a file."""
    constants = tuple(relocated(one, filename) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.replace(co_filename=filename, co_consts=constants)


def serve(setting: Setting, supervisor: TextIO) -> None:
    """Run the trials that are asked for."""
    messages = os.dup(1)
    with open(os.devnull, "wb") as nothing:
        for descriptor in (1, 2):  # what a tree prints is not heard here
            os.dup2(nothing.fileno(), descriptor)

    def send(message: dict) -> None:
        line = line_of(message)
        while line:
            line = line[os.write(messages, line) :]

    os.chdir(setting.desk)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=generations(messages))
    isolate()
    runner = Runner(setting, send)
    for line in supervisor:
        runner.run_trial(Trial(**json.loads(line)))
