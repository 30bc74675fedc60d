"""A sandbox for one submission: its processes reach nothing but what they are given, use no more than a budget, and
end with it.

There are three levels. In `namespaces` (Linux with bubblewrap) nothing else is there; in `user` (root, without
bubblewrap) the processes belong to a user of their own; in `process` limits and separate processes are all there is.
In the last two, Linux restricts what files they see where it has Landlock.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from grader.errors import CourseError, UsageError
from grader.files import REPOSITORY
from grader.inside import confine
from grader.protocol import Cause, Loss

from .budget import Budget, used_up
from .image import make_image
from .launch import BLAS_THREADS, Launch, Process, fresh
from .namespaces import TEMPORARY, bubblewrap, closed_folder, enclosed, in_temporary
from .needs import direct, needed
from .sandboxed import Sandboxed
from .uids import own_uid
from .usage import POSSIBLE, files_in, files_of_mounts, usage_of

NAMESPACES, USER, PROCESS = LEVELS = ("namespaces", "user", "process")  # the strongest first
START_SECONDS = 30.0
END_SECONDS = 8.0  # for the first process to end all others and itself
LOOK_SECONDS = 0.1  # between two looks at what is used
FILE_BYTES = 2**26  # the largest file
OPEN_FILES = 256
PASSED_ON = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH")  # of this process's environment, and nothing else
FORKS = hasattr(os, "fork") and hasattr(socket, "send_fds")  # not on Windows
# The image comes first on the path; the repository, which an environment's .pth file adds, comes off it.
BEGINNING = (
    "import os, sys; "
    "sys.path[:] = [sys.argv[2], *(f for f in sys.path if not os.path.isdir(os.path.join(f, 'grader')))]; "
    "from grader.inside.nursery import main; main()"
)
INSTALL = "install bubblewrap (apt-get, dnf or pacman install bubblewrap)"
OVER = Loss(Cause.BUDGET, "its sandbox has ended")


class Sandbox:
    """Where all workers of one submission run.

    folder: the caller's, in which the scratch copies are made that are to be graded, as by grade(scratch=folder); it is
    read-only inside. image: made by make_image, or else by this, which takes longer. To be used as a context manager,
    in one thread: at the level `namespaces` everything inside also dies with the thread that began it.
    """

    def __init__(self, level: str, folder: Path, budget: Budget | None = None, image: Path | None = None):
        if level not in LEVELS:
            raise UsageError(f"{level} is not a level of isolation; these are: {', '.join(LEVELS)}")
        self.level, self.folder, self.budget = level, folder.resolve(), budget or Budget()
        self.loss: Loss | None = None  # why no worker can run any more
        self.lacks: tuple[str, ...] = ()  # what the system does not have to hold the workers with
        self._image, self._desks = image, ""
        self._uid: int | None = None
        self._spent = {"messages": 0, "prints": 0}
        self._workers: dict[int, Sandboxed] = {}
        self._lock = threading.RLock()
        self._ready, self._closing = threading.Event(), threading.Event()
        self._failed = False  # whether it ended before it was ready
        self._began: float | None = None  # when it first launched a worker
        self._threads: list[threading.Thread] = []
        self._stack = contextlib.ExitStack()

    @property
    def launch(self) -> Launch:
        """Starts a worker in this sandbox."""
        return self._launch if FORKS else fresh

    def __enter__(self) -> Sandbox:
        why = unavailable(self.level)
        if why is not None:
            raise CourseError(f"there is no isolation of level {self.level} here: {why}")
        if FORKS:
            with self._stack:
                self._enter()
                self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()

    def _enter(self) -> None:
        if self._image is None:
            self._image = make_image(Path(self._temporary("course-image-")))
        self._image = self._image.resolve()
        if self.level != NAMESPACES:
            self._desks = self._temporary("course-desks-")
        if self.level != PROCESS and os.geteuid() == 0:
            self._uid = self._stack.enter_context(own_uid())
            self._hand_over(self.folder)
            if self._desks:
                os.chown(self._desks, self._uid, self._uid)
        self._errors = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (the stack closes it)
        self._stack.callback(self._end)
        self._start()
        self._in_background(self._listen)
        self._in_background(self._watch)

    def _temporary(self, prefix: str) -> str:
        """A folder that lasts as long as the sandbox."""
        folder = tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
        return os.path.realpath(self._stack.enter_context(folder))

    def wait(self) -> None:
        """Wait until it has started, as the first launch does; CourseError where it can't."""
        if FORKS and not self._ready.wait(START_SECONDS):
            self._failed = True
            self._kill()
        if self._failed:
            self._errors.seek(0)
            words = self._errors.read(2_000).decode("utf-8", "replace").strip()
            raise CourseError(f"a sandbox of level {self.level} did not start: {words or 'it did not answer'}")

    def _start(self) -> None:
        """Start the first process."""
        inside = self.level == NAMESPACES
        shared = [str(self._image), str(self.folder)]
        readable = [*needed(), *shared]
        self._control, theirs = socket.socketpair()
        self._stack.callback(self._control.close)
        info, to_info = os.pipe()
        settings = {
            "control": theirs.fileno(),
            "uid": self._uid if self.level == USER else None,
            "limits": self._limits(),
            "read": None if inside else readable,
            "clean": list(TEMPORARY) if inside else [self._desks],
            "keep": [Path(path).name for path in in_temporary(readable)],
        }
        command = [direct(sys.executable), "-I", "-X", "utf8", "-c", BEGINNING, json.dumps(settings), shared[0]]
        if inside:
            command = enclosed(command, shared, environment(), self.budget.disk, self._uid, to_info)
        try:
            self._process = subprocess.Popen(
                command,
                env=environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=[theirs.fileno(), to_info] if inside else [theirs.fileno()],
                start_new_session=True,
            )
        finally:
            theirs.close()
            os.close(to_info)
        with os.fdopen(info, "rb", buffering=0) as about:
            text = b""
            while inside and not text.rstrip().endswith(b"}") and (more := about.read(4_096)):
                text += more
        self._first = json.loads(text)["child-pid"] if text else self._process.pid

    def _limits(self) -> dict[str, int]:
        limits = {"RLIMIT_AS": self.budget.memory, "RLIMIT_FSIZE": FILE_BYTES, "RLIMIT_NOFILE": OPEN_FILES}
        # The system counts a user's processes; from Linux 5.14 on, in each user namespace apart.
        if self._uid is not None or (self.level == NAMESPACES and kernel() >= (5, 14)):
            limits["RLIMIT_NPROC"] = self.budget.processes
        return limits

    def _hand_over(self, folder: Path) -> None:
        """Let the submission's user read a folder, and no other user."""
        waiting = [(str(folder), os.lstat(folder), True)]
        while waiting:
            path, about, is_folder = waiting.pop()
            if about.st_gid != self._uid:
                os.chown(path, -1, self._uid, follow_symlinks=False)
                os.chmod(path, (about.st_mode | (0o050 if is_folder else 0o040)) & ~0o007)
            if is_folder:
                with os.scandir(path) as entries:
                    waiting += [(one.path, one.stat(follow_symlinks=False), one.is_dir()) for one in entries]

    def _launch(self, scratch: Path) -> Process:
        if not scratch.resolve().is_relative_to(self.folder):
            raise ValueError(f"{scratch} is not in the sandbox's folder, {self.folder}")
        self.wait()
        self._began = self._began or time.monotonic()
        if self._uid is not None:
            self._hand_over(scratch)
        pipes = [os.pipe() for _ in range(3)]
        theirs = [pipes[0][0], pipes[1][1], pipes[2][1]]
        with self._lock:
            number = len(self._workers)
            desk = f"{self._desks or TEMPORARY[0]}/desk-{number}"

            def order(word: str) -> None:
                if word == "stop":
                    self.stop(OVER)
                else:
                    self._say({word: number})

            worker = Sandboxed(desk, (pipes[0][1], pipes[1][0], pipes[2][0]), self._spend, order)
            self._workers[number] = worker
            said = self._say({"launch": number, "desk": desk}, theirs)
            if not said or self.loss is not None:
                worker.ended(1, self.loss or OVER)
        for descriptor in theirs:
            os.close(descriptor)
        return worker

    def stop(self, loss: Loss) -> None:
        """End everything inside at once, for this reason; from here on, no worker can run."""
        with self._lock:
            self.loss = self.loss or loss
        self._kill()

    def _spend(self, what: str, size: int) -> None:
        with self._lock:
            self._spent[what] += size
            most = getattr(self.budget, what)
            over = self._spent[what] > most
        if over and self.loss is None:
            self.stop(used_up(what, most))

    def _say(self, message: dict, descriptors: list[int] | None = None) -> bool:
        line = json.dumps(message).encode() + b"\n"
        try:
            with self._lock:
                socket.send_fds(self._control, [line], descriptors or [])
        except OSError:
            return False
        return True

    def _listen(self) -> None:
        """Take in what the first process says, until it ends."""
        with contextlib.suppress(OSError), self._control.makefile("rb") as lines:
            for line in lines:
                message = json.loads(line)
                if "ready" in message:
                    self.lacks = tuple(message["lacks"])
                    self._ready.set()
                elif "tidied" in message:
                    self._workers[message["tidied"]].tidied()
                else:
                    self._workers[message["ended"]].ended(message["code"], None)
        with self._lock:
            self._failed |= self.loss is None and not self._ready.is_set()
            self.loss = self.loss or OVER
            for worker in self._workers.values():
                worker.ended(-signal.SIGKILL, self.loss)
        self._ready.set()

    def _watch(self) -> None:
        """Look now and then at what is used, and stop it where it is too much."""
        first, rounds = self._first, 0
        while not self._closing.wait(LOOK_SECONDS) and self.loss is None:
            rounds += 1
            used = {"wall": time.monotonic() - (self._began or time.monotonic())}
            if POSSIBLE:
                usage = usage_of(first)
                # The first process does not count.
                used |= {"cpu": usage.cpu, "memory": usage.memory, "processes": usage.processes - 1}
                used["ahead"] = usage.cpu - used["wall"]
            if self.level == NAMESPACES:
                used["files"] = files_of_mounts(first, TEMPORARY)
            elif rounds % 10 == 0:
                used["files"], used["disk"] = files_in(self._desks, self.budget.files)
            for what, amount in used.items():
                if amount > getattr(self.budget, what):
                    self.stop(used_up(what, getattr(self.budget, what)))
                    return

    def _kill(self) -> None:
        """End the first process, and with it all others."""
        if self.level == NAMESPACES:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if self._process.poll() is None:
                    os.kill(self._first, signal.SIGKILL)  # the system then ends all that its namespace holds
        else:
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)  # the first process ends all others, and then itself
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()

    def _end(self) -> None:
        self._closing.set()
        with self._lock:
            self.loss = self.loss or OVER
        if hasattr(self, "_process"):
            self._kill()
        for thread in self._threads:
            thread.join(END_SECONDS)

    def _in_background(self, function, *arguments) -> None:
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()


def best_level() -> str:
    """The strongest level that this machine permits."""
    return next(level for level in LEVELS if obstacle(level) is None)


def require(level: str) -> None:
    """UsageError where this machine permits neither a level nor a stronger one."""
    if level not in LEVELS or LEVELS.index(best_level()) > LEVELS.index(level):
        raise UsageError(f"there is no isolation of level {level} here: {obstacle(level)}")


@functools.cache
def obstacle(level: str) -> str | None:
    """Why this machine does not permit a level; None where it does, which is tried."""
    why = unavailable(level)
    if why is not None:
        return why
    try:
        with tempfile.TemporaryDirectory(prefix="course-") as folder, Sandbox(level, Path(folder)) as sandbox:
            sandbox.wait()
            return None
    except (CourseError, OSError) as error:
        return str(error)


def unavailable(level: str) -> str | None:
    """What a level needs and this machine does not have, as far as can be said before it is tried."""
    if level == PROCESS:
        return None
    if sys.platform != "linux":
        return "it needs Linux"
    if level == NAMESPACES:
        return INSTALL if bubblewrap() is None else None
    if os.geteuid() != 0:
        return "it needs root"
    closed = closed_folder([*needed(), os.path.join(tempfile.gettempdir(), "any")])
    if closed is not None:
        return f"{closed} is closed to other users, and holds what every submission needs (Python, or TMPDIR)"
    if "Landlock" in confine.lacks() and closed_folder([str(REPOSITORY / "grader")]) is None:
        return f"the system has no Landlock, and every user can read {REPOSITORY}: chmod 700 {REPOSITORY}"
    return None


def environment() -> dict[str, str]:
    """All variables that a process in a sandbox has."""
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**passed_on, **dict.fromkeys(BLAS_THREADS, "1"), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"}


def kernel() -> tuple[int, ...]:
    """The version of Linux."""
    return tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
