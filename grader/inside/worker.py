"""The worker: a process that imports a tree, runs checks and sends what they observed; it judges nothing.

After its Request it reads Orders on standard input, a line each, and ends when that does. Messages leave on what was
standard output. All that the tree prints goes to standard error, where a line with the request's token ends what
belongs to the import, and then to each check. Where each task is to have a process of its own, the worker runs no check
itself: it forks a child for the orders up to each Leave, and what it has imported is theirs.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import itertools
import json
import mmap
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TextIO

from grader.protocol import Failure, Order, Request, line_of

from .audit import Audit
from .checks import call, load, time_limit, unsaid
from .failures import describe
from .process import isolate, limit_memory
from .removal import remove
from .see import See
from .tree import Tree
from .watch import Watch

THREADS = Path("/proc/self/task")


class Suite:
    """Runs the checks that are ordered, and sends what they observe."""

    def __init__(self, request: Request, tree: Tree, orders: Iterator[Order], send: Callable[[dict], None]):
        self.request, self.tree, self.orders, self.send = request, tree, orders, send
        show = None if request.expectations else self.show
        self.see = See(self.record, request.expectations, request.seed_shift, show)
        self.modules: dict[str, ModuleType] = {}  # of checks, by their files
        self.prints = os.dup(2)  # a tree may close or replace its own streams
        self.failure: Failure | None = None
        self.halftime = 0.0  # when half of the running check's time is over
        self.watch = Watch(tree.folder)
        self.audit: Audit | None = None  # where one was asked for
        self.forking = False  # a child that goes on in the place of this process

    def serve(self) -> None:
        """Run what is ordered."""
        if self.request.apart and is_alone():
            self.run_in_children()
        else:  # a child would lack the threads that the tree has started: it is the process of one task
            self.run_orders(self.orders)

    def run_in_children(self) -> None:
        """Fork a child for the orders up to each Leave, so that what a task leaves behind ends with it, but for memory
        and pipes that the tree's import shares with all of them."""
        gc.freeze()  # what is there already is shared with the children, and stays so
        left = mmap.mmap(-1, 1)  # in memory that is the children's as well: 1 from the last, once it was asked to leave
        for order in self.orders:
            left[0] = 0
            self.forking = True
            child = os.fork()
            self.forking = False
            if child == 0:
                if self.audit is not None:
                    self.audit.begin()
                self.run_orders(itertools.chain([order], self.orders))
                for path in Path(self.request.desk).iterdir():
                    remove(path)
                left[0] = 1
                os._exit(0)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if not left[0]:
                end_like(code)

    def run_orders(self, orders: Iterable[Order]) -> None:
        """Run the checks that are ordered."""
        doubt = False  # whether the last check may have left a no_grad() behind
        for order in orders:
            if order.reimport or (doubt and self.tree.recording_is_off()):
                self.tree.import_again(self.modules.values())
            doubt = True
            self.begin()
            file = self.request.checks.get(order.check, "")
            try:
                check = self.check(file, order.check.partition("::")[2])
            except BaseException as error:
                self.failure = dataclasses.replace(describe(error, self.tree.folder), type="CollectionError")
            else:
                with self.watch.over(order.seconds, [tuple(place) for place in order.hung]):
                    self.run(check, file, order.seconds)
            self.end()

    def check(self, file: str, name: str) -> Callable:
        """A check, by its file and name."""
        if file not in self.modules:
            self.modules[file] = load(file)
        return getattr(self.modules[file], name)

    def run(self, check: Callable, file: str, seconds: float) -> None:
        """Run one check."""
        self.halftime = time.monotonic() + seconds / 2
        try:
            with unsaid(), time_limit(seconds):
                call(check, self.see, self.request.seed_shift)
        except BaseException as error:  # sys.exit() and KeyboardInterrupt included
            self.failure = describe(error, self.tree.folder, Path(file))

    def begin(self) -> None:
        """Announce the check that was ordered."""
        self.failure = None
        restore_streams()
        self.send({"event": "begin"})

    def record(self, fact: dict) -> None:
        """Send what the running check observed."""
        self.send({"event": "fact", **fact})

    def show(self, make: Callable[[], dict]) -> None:
        """Send what the running check shows of what was learnt; a slow one keeps its time for its end."""
        if time.monotonic() < self.halftime:
            self.send({"event": "shown", **make()})

    def end(self) -> None:
        """Announce that the check has ended, with the error that stopped it if one did."""
        if self.failure is not None and self.failure.timeout and not self.failure.again:
            self.failure = dataclasses.replace(self.failure, hang=self.watch.hang())
        self.watch.forget()
        if self.audit is not None:
            self.audit.check()
        self.end_of_prints()
        self.send({"event": "end", "failure": self.failure})

    def end_of_prints(self) -> None:
        """Mark in what the tree prints where something ended."""
        restore_streams()
        os.write(self.prints, f"\n{self.request.token}\n".encode())


def restore_streams() -> None:
    """Flush what was printed, and open the standard streams again where the tree has closed or replaced them."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        with contextlib.suppress(Exception):
            stream.flush()
        if getattr(stream, "closed", True):
            setattr(sys, name, open(descriptor, "w", encoding="utf-8", buffering=1, closefd=False))  # noqa: SIM115


def is_alone() -> bool:
    """Whether this process has one thread, so that a child which it forks has all of it."""
    return threading.active_count() == 1 and not (THREADS.exists() and len(list(THREADS.iterdir())) > 1)


def end_like(code: int) -> None:
    """End as a child has ended: its supervisor then learns why."""
    if code < 0:
        with contextlib.suppress(OSError, ValueError):  # some signals can't be set
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(abs(code))


def orders_until_leave(supervisor: TextIO) -> Iterator[Order]:
    """The supervisor's orders up to its next Leave. A sandbox ends with its supervisor, and this process with it."""
    for line in supervisor:
        fields = json.loads(line)
        if "leave" in fields:
            return
        yield Order(**fields)


def orders_from(supervisor: TextIO) -> Iterator[Order]:
    """The supervisor's orders. When its end of the pipe is gone this process ends, whatever the tree is doing."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in supervisor:
            lines.put(line)
        os._exit(1)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield Order(**json.loads(lines.get()))


def close_once(descriptor: int, suite: Suite) -> Callable[[], None]:
    """Closes a descriptor in a child in which the suite does not go on, and nothing in the child's own children, where
    it may be another file's."""
    left = [descriptor]
    return lambda: os.close(left.pop()) if left and not suite.forking else None


def serve(request: Request, supervisor: TextIO) -> None:
    """Import the tree and run the checks that are ordered."""
    orders = orders_until_leave(supervisor) if request.apart else orders_from(supervisor)
    messages = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # from here on, what the tree prints to standard output goes where its errors go
    sys.stdout.reconfigure(line_buffering=True)  # what was printed before a crash is shown
    sending = threading.Lock()  # a note may come from any thread

    def send(message: dict) -> None:
        line = line_of(message)
        with sending:
            messages.write(line)
            messages.flush()

    os.chdir(request.desk)
    isolate()
    limit_memory(request.memory)
    tree = Tree(Path(request.tree), request.import_seconds)
    suite = Suite(request, tree, orders, send)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=close_once(messages.fileno(), suite))  # no process of the tree's reports
    if request.audit:
        suite.audit = Audit(tree.folder, request.desk, request.checks.values(), [suite, suite.see], send)
        suite.audit.listen()
    failure = tree.import_package()
    if suite.audit is not None:
        suite.audit.check()
    suite.end_of_prints()
    send({"event": "imported", "failure": failure})
    if failure is None:
        suite.serve()
