"""The first process of a sandbox: it has imported what a worker needs, but not the tree, and forks each worker.

Over one socket it reads, a JSON object a line, `launch` (with three ends of pipes, the worker's standard streams),
`kill`, `tidy` and `end`; it answers `ready`, with what the system lacks, `tidied`, and `ended`, with an exit code. When
a worker has ended and no other is left, all that it started is ended, and what it wrote is removed. A worker that is to
be tidy goes on only if nothing is left of what it started and wrote. When the socket's other end is gone, everything
ends.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from pathlib import Path

from . import confine, preloaded, serve  # noqa: F401 (what is imported here, no worker imports)
from .removal import remove

CLEANING_SECONDS = 5.0
LEAVING_SECONDS = 0.5  # for a worker's child, which was asked to end
DESCRIPTORS = 3  # of a worker: standard input, output, error
HIGHEST_DESCRIPTOR = 4_096


class Nursery:
    """Forks workers, reaps them and all that they leave behind.

    settings: "control" (the socket's descriptor), "uid" (of the workers, or null for this process's own), "limits" (of
    each process, by their names in `resource`), "read" (the folders that a worker may read, or null where it sees no
    others anyway), "clean" (folders that are emptied between workers) and "keep" (what stays in them).
    """

    def __init__(self, settings: dict):
        self.settings = settings
        self.control = socket.socket(fileno=settings["control"])
        self.workers: dict[int, tuple[int, str]] = {}  # by process: the number and the desk
        self._text, self._descriptors = b"", []
        self._wake, self._woken = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._wake, False)

    def serve(self) -> None:
        """Do what is asked for until the other end is gone."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a first process of a namespace gets only signals it handles
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        self.say({"ready": True, "lacks": confine.lacks()})
        while True:
            ready, _, _ = select.select([self.control, self._wake], [], [])
            if self._wake in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake, 4_096)
            self.reap()
            if self.control in ready:
                for order in self.orders():
                    self.obey(order)

    def orders(self) -> list[dict]:
        """What has been asked for; the end where the other end is gone."""
        try:
            text, descriptors, _, _ = socket.recv_fds(self.control, 65_536, 30)
        except OSError:
            text, descriptors = b"", []
        if not text:
            self.end()
        self._descriptors += descriptors
        *lines, self._text = (self._text + text).split(b"\n")
        return [json.loads(line) for line in lines]

    def obey(self, order: dict) -> None:
        """Launch a worker, kill one or have one tidy, or end."""
        if "launch" in order:
            self.launch(order["launch"], order["desk"])
        elif "kill" in order or "tidy" in order:
            for process, (number, desk) in list(self.workers.items()):
                if number == order.get("kill"):
                    kill(process)
                elif number == order.get("tidy"):
                    self.tidy(process, number, desk)
        else:
            self.end()

    def tidy(self, process: int, number: int, desk: str) -> None:
        """Say that nothing is left of what a worker has started and written; where something is, end the worker."""
        deadline = time.monotonic() + LEAVING_SECONDS
        while True:
            self.reap()
            if process not in self.workers:
                return
            others = descendants()
            if others is None or len(self.workers) > 1 or time.monotonic() > deadline:
                kill(process)
            elif others == {process}:
                if self.is_clean(desk):
                    self.say({"tidied": number})
                    return
                kill(process)
            wait_for(min((others or set()) - {process}, default=process), deadline)

    def is_clean(self, desk: str) -> bool:
        """Whether the only worker has left nothing, of which a desk is the least: no link is followed."""
        try:
            for folder in self.settings["clean"]:
                if set(os.listdir(folder)) - {*self.settings["keep"], os.path.basename(desk)}:
                    return False
            descriptor = os.open(desk, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                return not os.listdir(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            return False

    def launch(self, number: int, desk: str) -> None:
        """Fork a worker that has the next three descriptors."""
        streams, self._descriptors = self._descriptors[:DESCRIPTORS], self._descriptors[DESCRIPTORS:]
        process = -1
        with contextlib.suppress(OSError):  # where the submission's processes have used up what there is
            process = os.fork()
        if process == 0:
            self.begin(streams, desk)  # and never comes back
        for descriptor in streams:
            os.close(descriptor)
        if process > 0:
            self.workers[process] = (number, desk)
        else:
            self.say({"ended": number, "code": 1})

    def begin(self, streams: list[int], desk: str) -> None:
        """Be a worker: nothing of this process is left but what it has imported."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.setsid()
            for target, descriptor in enumerate(streams):
                os.dup2(descriptor, target)
            os.closerange(DESCRIPTORS, HIGHEST_DESCRIPTOR)
            os.environ.update(HOME=desk, TMPDIR=desk)
            confine.limit(self.settings["limits"])
            if self.settings["uid"] is not None:
                confine.become(self.settings["uid"])
            os.makedirs(desk, exist_ok=True)
            os.chdir(desk)
            confine.undumpable()
            if self.settings["read"] is not None:
                confine.restrict_files(self.settings["read"], [desk])
            confine.refuse_system_calls()
            serve.main()
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else int(error.code is not None)
        except BaseException:
            with contextlib.suppress(Exception):
                traceback.print_exc()
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(Exception):
                    stream.flush()
            os._exit(code)

    def reap(self) -> None:
        """Take note of the processes that have ended: workers, and what they left to this process."""
        ended = []
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                if found[0] in self.workers:
                    number, desk = self.workers.pop(found[0])
                    ended.append((number, desk, os.waitstatus_to_exitcode(found[1])))
        if ended and not self.workers:
            self.end_strays()
            self.clean([desk for _, desk, _ in ended])
        for number, _, code in ended:
            self.say({"ended": number, "code": code})

    def end_strays(self) -> None:
        """End what workers have started and left behind; where that can't be done, the sandbox ends."""
        deadline = time.monotonic() + CLEANING_SECONDS
        while True:
            if os.getpid() == 1:  # of its namespace: then this reaches all others in it, and none outside
                with contextlib.suppress(ProcessLookupError):
                    os.kill(-1, signal.SIGKILL)
            elif self.settings["uid"] is not None:
                kill_all_of(self.settings["uid"])
            else:
                for process in children():
                    kill(process)
            try:
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            except ChildProcessError:
                return
            if time.monotonic() > deadline:
                os._exit(1)
            time.sleep(0.002)

    def clean(self, desks: list[str]) -> None:
        """Remove what workers have written; where that can't be done, the sandbox ends."""
        places = [Path(desk) for desk in desks]
        for folder in map(Path, self.settings["clean"]):
            places += [path for path in folder.iterdir() if path.name not in self.settings["keep"]]
        for place in places:
            try:
                remove(place)
            except (OSError, RecursionError):
                os._exit(1)

    def say(self, message: dict) -> None:
        """Tell the other end."""
        with contextlib.suppress(OSError):
            self.control.sendall(json.dumps(message).encode() + b"\n")

    def end(self) -> None:
        """End all workers, and this process."""
        for process in self.workers:
            kill(process)
        self.workers.clear()
        self.end_strays()
        os._exit(0)


def kill(process: int) -> None:
    """Kill a process and the group that it leads, if it does already."""
    for how in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            how(process, signal.SIGKILL)


def kill_all_of(uid: int) -> None:
    """Kill every process of a user; only as that user can one name them all at once."""
    helper = os.fork()
    if helper == 0:
        try:
            confine.become(uid)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(helper, 0)


def wait_for(process: int, deadline: float) -> None:
    """Wait until a process has ended, or for a moment where that can't be seen."""
    try:
        descriptor = os.pidfd_open(process)
    except (OSError, AttributeError):  # it has ended already
        time.sleep(0.001)
        return
    try:
        select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
    finally:
        os.close(descriptor)
    time.sleep(0.0002)  # for its parent to take note


def descendants() -> set[int] | None:
    """The processes that this one has led to; None where the system does not say."""
    found, waiting = set(), [os.getpid()]
    while waiting:
        process = waiting.pop()
        try:
            tasks = os.listdir(f"/proc/{process}/task")
            lists = [Path(f"/proc/{process}/task/{task}/children").read_text(encoding="utf-8") for task in tasks]
        except OSError:
            if process == os.getpid():
                return None
            continue  # it has ended, and its own are found in its parent's list
        own = {int(pid) for text in lists for pid in text.split()}
        waiting += own - found
        found |= own
    return found


def children() -> list[int]:
    """The processes whose parent this one is."""
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except (OSError, ValueError):
        return []


def main() -> None:
    """Be a nursery, with the settings that are this process's only argument."""
    try:
        confine.adopt_orphans()
        confine.undumpable()
        gc.freeze()  # what is there already is shared with the workers, and stays so
        Nursery(json.loads(sys.argv[1])).serve()
    except BaseException:
        traceback.print_exc()
    os._exit(1)
