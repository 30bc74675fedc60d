"""Notes what a tree does that no exercise asks for: files, processes, frames, code made on the way (PEP 578).

A note says what happened and on which line of the tree. It stops nothing and decides nothing: it is sent at once, since
the process may not live to its next message, and comes from a process that the tree can change.
"""

from __future__ import annotations

import builtins
import json
import operator
import os
import re
import sys
import threading
import types
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from grader.protocol import NOTES, NOTES_OF_AN_EVENT, SHORT, Note

from . import checks, failures, plain, process, see, watch
from .everyday import HARMLESS, PARTLY

# These count where a line of the tree does them itself: libraries do them for anyone, as dataclasses calls exec.
DIRECT = {"import", "exec", "compile", "sys._getframe", "sys._getframemodulename", "code.__new__", "function.__new__"}
DIRECT |= {"object.__getattr__", "object.__setattr__", "object.__delattr__", "marshal.loads"}
# These, by the first part of their names, count also where a library does them for the tree.
ANYWHERE = {"open", "gc", "ctypes", "os", "subprocess", "socket", "shutil", "pty", "mmap", "fcntl", "signal"}
ANYWHERE |= {"resource", "urllib", "http", "ftplib", "smtplib", "sqlite3", "syslog", "pickle", "_thread", "cpython"}
OF_SYS = {"sys.settrace", "sys.setprofile", "sys.addaudithook", "sys._current_frames", "sys._current_exceptions"}
IMPORTS = HARMLESS | PARTLY.keys() | {"numpy", "html"}  # that say nothing new
STOPPING = {watch.__file__, checks.__file__}
IMPORT_SYSTEM = "<frozen importlib"
FROZEN = ("<frozen", "<__array_function__")  # of Python and NumPy; another name in brackets is code made from text
# Run text that they are given; all other libraries make code of their own.
RUNNERS = {"bdb.py", "doctest.py", "pdb.py", "timeit.py"}
DETAIL = 200  # characters


class Audit:
    """The notes of one process: what it does (`hear`), and what of the harness was changed (`check`).

    desk: where the tree may write. checks: the files of checks, which act for themselves, as what stops them does, in
    the middle of the tree's code. used: the objects of the harness that are in use, with the classes that have them.
    """

    def __init__(self, tree: Path, desk: str, checks: Iterable[str], used: Iterable[object], send: Callable):
        self.tree, self.checks, self.used, self.send = f"{tree}{os.sep}", {*checks, *STOPPING}, list(used), send
        self.begin()
        self.writable = [os.path.realpath(place) for place in (desk, os.devnull)]
        self.readable = [os.path.realpath(place) for place in (tree, sys.prefix, sys.base_prefix, "/dev/urandom")]
        self.names = {f"{os.path.dirname(tree)}{os.sep}": ""}  # a folder of this run alone
        self.noted: set[Note] = set()
        self.counts: Counter[str] = Counter()
        self.quiet: set[str] = set()  # events of no interest, as they turn up
        self.busy: set[int] = set()  # threads in here: what they do themselves is not heard
        self.whole = list(self._harness())
        self.full = list(self._full())

    def begin(self) -> None:
        """Note what this process does, from now on, and none that it forks."""
        self.process, self.parent = os.getpid(), os.getppid()

    def listen(self) -> None:
        """Note what happens from here on; nothing can stop that."""
        quiet, hear = self.quiet, self.hear

        def hook(event: str, arguments: tuple) -> None:
            if event not in quiet:  # a right tree calls id() some hundred thousand times
                hear(event, arguments)

        sys.addaudithook(hook)

    def hear(self, event: str, arguments: tuple) -> None:
        """Take an event of Python's."""
        direct = event in DIRECT
        if not direct and event.partition(".")[0] not in ANYWHERE and event not in OF_SYS:
            self.quiet.add(event)
            return
        thread = threading.get_ident()
        if thread in self.busy:
            return
        self.busy.add(thread)
        try:
            place = self._place(sys._getframe(2), event, direct)
            if place is not None and not self._usual(event, arguments):
                self._note(Note(event[:SHORT], self._detail(arguments), *place))
        finally:
            self.busy.discard(thread)

    def check(self) -> None:
        """Note what is not as it was before the tree came."""
        for owner, names, known, ones in self.whole:
            # In the order of before, as a rule: after each check, it has to be quick.
            if [*names][: len(known)] != [*known] or not all(map(operator.is_, names.values(), ones)):
                for name, one in zip(known, ones, strict=True):
                    if names.get(name) is not one:
                        self._note(Note("changed", f"{owner}.{name}"[:DETAIL]))
        for owner, names, known in self.full:
            if len(names) > len(known):
                for name in sorted(names.keys() - known - {"__annotations_cache__"}):  # which Python adds where asked
                    self._note(Note("changed", f"{owner}.{name}"[:DETAIL]))

    def _place(self, frame: types.FrameType | None, event: str, direct: bool) -> tuple[str, int] | None:
        """The file and line of the tree that do it; None where someone else does, such as Python's import system."""
        if direct and frame is not None:
            file = frame.f_code.co_filename
            made = file.startswith("<") and not file.startswith(FROZEN)
            direct = not (made or os.path.basename(file) in RUNNERS)  # these do it for their callers
        while frame is not None:
            file = frame.f_code.co_filename
            if file.startswith(self.tree):
                return file[len(self.tree) :].replace(os.sep, "/")[:SHORT], frame.f_lineno or 0
            if direct or file in self.checks or file.startswith(IMPORT_SYSTEM):
                return None
            frame = frame.f_back
        return None

    def _usual(self, event: str, arguments: tuple) -> bool:
        """Whether a right tree does this too: it writes at its desk, and reads itself and what Python consists of."""
        if event == "import":
            return str(arguments[0]).partition(".")[0] in IMPORTS
        if event != "open" and not event.startswith("os."):
            return False
        paths = [os.path.realpath(os.fsdecode(one)) for one in arguments[:2] if type(one) in (str, bytes)]
        paths = paths[:1] if event == "open" else paths  # the other one is its mode
        reads = event == "open" and type(arguments[2]) is int and not arguments[2] & (os.O_WRONLY | os.O_RDWR)
        places = self.readable + self.writable if reads else self.writable
        return bool(paths) and all(any(_within(path, place) for place in places) for path in paths)

    def _detail(self, arguments: tuple) -> str:
        """What it was done to, the same in every run: paths and names, without numbers of processes."""
        texts = [os.fsdecode(one) for one in arguments[:2] if type(one) in (str, bytes)]
        text = ", ".join(text[: 2 * DETAIL] for text in texts).encode(errors="backslashreplace").decode()
        for name, shown in self.names.items():
            text = text.replace(name, shown)
        return re.sub(rf"/proc/\d+|\b({self.process}|{self.parent})\b", "/proc/PID", text)[:DETAIL]

    def _note(self, note: Note) -> None:
        """Send it, unless it was sent, there are too many, or this is a process that the tree started."""
        if note in self.noted or len(self.noted) >= NOTES or os.getpid() != self.process:
            return
        group = note.event.partition(".")[0]  # so that many of one keep no other from being heard
        if self.counts[group] < NOTES_OF_AN_EVENT:
            self.counts[group] += 1
            self.noted.add(note)
            self.send({"event": "noted", "note": note})

    def _harness(self) -> Iterator[tuple[str, Mapping, list[str], list[object]]]:
        """What facts go through before they leave the process: an owner's name and namespace, the names, and what has
        them.

        Another `__code__` of a function needs no look: to set one is an event.
        """
        owners = [np, np.linalg, np.random, np.testing, builtins, json, json.JSONEncoder]
        owners += [checks, failures, plain, process, see, watch, see.See, watch.Watch, *map(type, self.used)]
        for owner in owners:
            yield owner.__name__, vars(owner), list(vars(owner)), list(vars(owner).values())
        for one in self.used:
            if isinstance(one, see.See):  # the others have a state
                yield type(one).__name__, vars(one), list(vars(one)), list(vars(one).values())
        yield "sys.modules", sys.modules, list(sys.modules), list(sys.modules.values())

    def _full(self) -> Iterator[tuple[str, Mapping, set[str]]]:
        """What gets no further name: a method of an object's own, or of its class, would come before the known one."""
        for owner in [see.See, watch.Watch, *map(type, self.used), *self.used]:
            yield getattr(owner, "__name__", type(owner).__name__), vars(owner), set(vars(owner))


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith(place + os.sep)
