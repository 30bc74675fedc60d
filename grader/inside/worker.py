"""The worker: a process that imports a tree, runs checks with pytest and streams what they observed; it judges nothing.

Started by supervise.py as `python -m grader.worker` with the tree first on PYTHONPATH. It reads one JSON request, a
line, on standard input, and ends when that does. Events leave on what was standard output, a JSON object a line; all
that the tree prints goes to standard error, where a line with the request's token announces each check.
"""

from __future__ import annotations

import builtins
import contextlib
import difflib
import importlib
import json
import linecache
import os
import re
import signal
import sys
import threading
import time
import traceback
from collections import deque
from pathlib import Path

import pytest

from grader.inside.fixtures import record_key
from grader.source.package import PACKAGE
from grader.source.stubs import stub_id
from grader.verdict.compare import disagreement

FRAMES_SHOWN = 6
NOT_FOUND = re.compile(r"cannot import name '(\w+)' from '")  # but not "from partially initialized", a circle


class Suite:
    """The pytest plugin: chooses the checks asked for, announces each, streams its facts and its end."""

    def __init__(self, request: dict, send):
        self.wanted = {check["id"]: check for check in request["checks"]}
        self.token = request["token"]
        self.tree = Path(request["tree"])
        self.send = send
        self.prints = os.dup(2)  # a tree may close or replace its own streams
        self.running: str | None = None
        self.error: dict | None = None
        self.leaves_doubt = False
        self.started = 0.0
        self.hurried = request["hurried"]
        self.import_seconds = request["import_seconds"]
        self.modules: set = set()

    def pytest_configure(self, config) -> None:
        config.stash[record_key] = self.record

    def pytest_sessionstart(self) -> None:
        sys.stdout = sys.__stdout__  # pytest's own reporter keeps the null device it was started with

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector):
        outcome = yield
        report = outcome.get_result()
        if report.failed and report.longrepr is not None:
            stem = Path(str(collector.path)).stem
            message = str(report.longrepr).strip().splitlines()[-1].removeprefix("E").strip()
            for check_id in self.wanted:
                if check_id.startswith(f"{stem}::"):
                    self.start(check_id)
                    self.end({**self.describe(ImportError(message)), "type": "CollectionError"})

    def pytest_collection_modifyitems(self, items) -> None:
        order = {check_id: position for position, check_id in enumerate(self.wanted)}
        items[:] = sorted((item for item in items if identity(item) in order), key=lambda item: order[identity(item)])
        self.modules = {item.module for item in items}

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        seconds = self.start(identity(item))
        if hasattr(signal, "SIGALRM"):  # elsewhere the supervisor alone keeps the time
            item.add_marker(pytest.mark.timeout(seconds, method="signal"))
        outcome = yield
        if outcome.excinfo is not None and self.error is None:  # pytest.exit(), KeyboardInterrupt: the session ends
            self.error = self.describe(outcome.excinfo[1], item.path)
        self.end(self.error)
        if self.leaves_doubt:
            self.fresh_import()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item, call):
        """Note the error, and spare pytest the telling: formatting its traceback takes longer than the check."""
        if call.when == "call" and call.excinfo is None:
            self.leaves_doubt |= self.recording_is_off()  # here, where the check's time still runs
        if call.excinfo is not None and self.error is None:
            self.error = self.describe(call.excinfo.value, item.path)
            self.leaves_doubt |= self.error["stub"] is None
            self.hurried |= self.error["timeout"]
        outcome = "passed" if call.excinfo is None else "failed"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)

    def start(self, check_id: str) -> float:
        """Announce a check, to the supervisor and in what the tree prints; the seconds that it may take.

        After a first check that took too long, the others get a fifth of their time: a tree that hangs everywhere
        still has its verdict in minutes, and a sound check needs far less.
        """
        self.running, self.error, self.leaves_doubt = check_id, None, False
        seconds = self.wanted[check_id]["seconds"] / (5 if self.hurried else 1)
        restore_streams()
        os.write(self.prints, f"\n{self.token} {check_id}\n".encode())
        self.send({"event": "start", "check": check_id, "seconds": seconds})
        self.started = time.perf_counter()
        return seconds

    def record(self, fact: dict) -> None:
        """Stream what the running check observed."""
        self.send({"event": "fact", "check": self.running, "fact": fact})
        self.leaves_doubt |= disagreement(fact) is not None

    def end(self, error: dict | None) -> None:
        """Announce that the running check came to its end, with the error that stopped it if one did."""
        seconds = time.perf_counter() - self.started
        restore_streams()
        self.send({"event": "end", "check": self.running, "error": error, "seconds": seconds})

    def describe(self, error: BaseException, check_path: Path | None = None) -> dict:
        """An exception as plain data: type, message, the line in the check, the frames in the tree's files."""
        line, places = None, deque(maxlen=FRAMES_SHOWN)
        inside, in_check = str(self.tree) + os.sep, str(check_path)
        trace = error.__traceback__
        while trace is not None:  # may be long: a recursion without end
            code = trace.tb_frame.f_code
            place = (code.co_filename, trace.tb_lineno)
            if code.co_filename.startswith(inside) and (not places or places[-1] != place):
                places.append(place)
            elif code.co_filename == in_check and code.co_name.startswith("test_"):
                line = trace.tb_lineno
            trace = trace.tb_next
        frames = [
            {"file": self.in_tree(name), "line": number, "source": linecache.getline(name, number).strip()}
            for name, number in places
        ]
        try:
            message, stub = str(error)[:4000].replace(inside, ""), stub_id(error)  # no scratch paths
        except Exception:  # a student's exception may fail to describe itself
            message, stub = "", None
        meant = None
        with contextlib.suppress(Exception):  # and so may an object its attributes
            meant = did_you_mean(error)
        return {
            "type": type(error).__name__,
            "message": message + (f". Did you mean {meant}?" if meant else ""),
            "misspelt": meant is not None or isinstance(error, NameError),
            "stub": stub,
            "timeout": isinstance(error, pytest.fail.Exception) and "pytest-timeout" in message,
            "line": line,
            "frames": frames,
        }

    def recording_is_off(self) -> bool:
        """Whether the check left a no_grad() that never ended."""
        try:
            tensor = importlib.import_module(PACKAGE).Tensor([1.0], requires_grad=True)
            return not (tensor + tensor).requires_grad
        except Exception:  # a tree that can't yet add has nothing to leave behind
            return False

    def fresh_import(self) -> None:
        """Import the tree anew after a check that failed, so that what it left behind costs no other check."""
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]
        with alarm(self.import_seconds):
            package = self.load()
        for module in self.modules:
            module.nf = package

    def load(self):
        """The package, which is the tree's own and no other that lies about."""
        package = importlib.import_module(PACKAGE)
        if self.in_tree(str(package.__file__)) is None:
            raise ImportError(f"{PACKAGE} was found outside of the tree")
        return package

    def import_tree(self) -> dict | None:
        """Import the package; None, or a description of what went wrong and the files that may be to blame."""
        try:
            with alarm(self.import_seconds):
                self.load()
        except BaseException as error:  # sys.exit() and KeyboardInterrupt included: the worker must tell
            return {**self.describe(error), "missing": self.missing(error), "suspects": self.suspects(error)}
        return None

    def missing(self, error: BaseException) -> tuple[str, str] | None:
        """The file of the tree and the name that another file looked for in it, in vain; None for other errors."""
        found = NOT_FOUND.match(str(error)) if isinstance(error, ImportError) else None
        file = self.in_tree(error.path or "") if found else None
        return (file, found[1]) if file is not None else None

    def suspects(self, error: BaseException) -> list[tuple[str, int]]:
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
        return [(self.in_tree(name), line) for name, line in running if self.in_tree(name)]

    def in_tree(self, filename: str) -> str | None:
        """A file's name within the tree, or None where it lies outside."""
        path = Path(filename)
        return path.relative_to(self.tree).as_posix() if path.is_relative_to(self.tree) else None


def did_you_mean(error: BaseException) -> str | None:
    """A name that looks like the one that was not found; Python's own suggestions stand in its tracebacks alone."""
    if isinstance(error, AttributeError) and error.obj is not None and "has no attribute" in str(error):
        known = dir(error.obj)
    elif type(error) is NameError and error.name is not None and error.__traceback__ is not None:
        *_, (frame, _) = traceback.walk_tb(error.__traceback__)
        known = [*frame.f_locals, *frame.f_globals, *dir(builtins)]
    else:
        return None
    public = [name for name in known if isinstance(name, str) and name[:1] != "_"]
    long_enough = len(error.name) > 3 and error.name not in known
    close = difflib.get_close_matches(error.name, public, 1, cutoff=0.8) if long_enough else []
    return close[0] if close else None


def identity(item) -> str:
    """The id of a check: its file's stem and its name."""
    return f"{item.path.stem}::{item.name}"


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


def restore_streams() -> None:
    """Send on what was printed, and open the standard streams again where the tree has closed or replaced them."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        with contextlib.suppress(Exception):
            stream.flush()
        if getattr(stream, "closed", True):
            setattr(sys, name, open(descriptor, "w", encoding="utf-8", buffering=1, closefd=False))  # noqa: SIM115


def limit_memory(size: int) -> None:
    """Cap the process's memory where the system can, so that a runaway list ends in a MemoryError."""
    try:
        import resource  # not on Windows
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):  # macOS refuses
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def end_with(supervisor) -> None:
    """End this process when the other end of the supervisor's pipe is gone, whatever the tree is doing."""
    supervisor.read()
    os._exit(1)


def main() -> None:
    """Serve one request."""
    supervisor = os.fdopen(os.dup(0), encoding="utf-8")
    with open(os.devnull, encoding="utf-8") as nothing:
        os.dup2(nothing.fileno(), 0)  # a tree that asks for input gets none
    line = supervisor.readline()
    if not line:  # the grader ended before it had a request
        return
    request = json.loads(line)
    importlib.invalidate_caches()  # the tree may have come after Python looked for it
    threading.Thread(target=end_with, args=(supervisor,), daemon=True).start()
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # from here on, what the tree prints to standard output goes where its errors go
    sys.stdout.reconfigure(line_buffering=True)  # what was printed before a crash is told
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: os.close(events.fileno()))  # only this process reports

    def send(event: dict) -> None:
        events.write(json.dumps(event) + "\n")
        events.flush()

    limit_memory(request["memory"])
    suite = Suite(request, send)
    failure = suite.import_tree()
    send({"event": "imported", "error": failure})
    if failure is not None:
        return
    files = list(dict.fromkeys(check["path"] for check in request["checks"]))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # to search for plugins takes a tenth of a second
    options = ["-s", "-q", "--assert=plain", "--import-mode=importlib", "-c", request["configuration"]]
    plugins = ["pytest_timeout", "grader.inside.fixtures", "no:cacheprovider", "no:doctest", "no:faulthandler"]
    options += [option for name in plugins for option in ("-p", name)]
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        pytest.main([*options, *files], plugins=[suite])


if __name__ == "__main__":
    main()
