"""Runs functions in processes that have a changed copy of the reference's package."""

from __future__ import annotations

import contextlib
import functools
import importlib
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import wait
from types import CodeType, ModuleType

from grader.files import REPOSITORY, SOLUTIONS
from grader.inside.trials import Package
from grader.source.package import PACKAGE
from grader.source.reference import reference

SECONDS = 60  # of processor time for one process: 4.12 trains networks for about 10
PATIENCE = 10  # times as long may it take by the clock
MEMORY = 4 << 30  # bytes, which a search without an end would use up
context = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Lost:
    """A process that gave no answer."""

    reason: str


@functools.cache
def compiled(file: str, text: str) -> CodeType:
    """A text's code; a process that is forked off also has what this one has compiled."""
    return compile(text, str(SOLUTIONS / file), "exec", dont_inherit=True)


def package(changes: Mapping[str, str]) -> ModuleType:
    """The package with some files changed, in the place of any that this process has imported."""
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Package)]
    codes = {file: compiled(file, text) for file, text in {**reference(), **changes}.items()}
    sys.meta_path.insert(0, Package(SOLUTIONS, codes))
    return importlib.import_module(PACKAGE)


def warm_up() -> None:
    """Do once what every process needs."""
    for file, text in reference().items():
        compiled(file, text)
    if str(REPOSITORY) not in sys.path:
        sys.path.insert(0, str(REPOSITORY))
    importlib.import_module("datasets")


def run_each(jobs: Mapping[str, Callable[[], object]], seconds: int = SECONDS) -> dict:
    """What each job returns, in a process of its own, by the jobs' names; Lost where it ends without an answer."""
    warm_up()
    workers = os.cpu_count() or 1
    waiting, running, answers = list(jobs), {}, {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                name = waiting.pop(0)
                end, other = context.Pipe(duplex=False)
                process = context.Process(target=_answer, args=(jobs[name], other, seconds), daemon=True)
                process.start()
                other.close()
                running[end] = (name, process, time.monotonic() + PATIENCE * seconds)
            first = min(deadline for _, _, deadline in running.values())
            ready = wait(list(running), max(0.0, first - time.monotonic()))
            for end, (name, process, deadline) in list(running.items()):
                if end in ready:
                    answers[name] = _received(end, seconds)
                elif time.monotonic() >= deadline:
                    answers[name] = Lost(f"it had not ended after {PATIENCE * seconds} s")
                else:
                    continue
                del running[end]
                process.kill()
                process.join()
                end.close()
    finally:
        for _, process, _ in running.values():
            process.kill()
    return {name: answers[name] for name in jobs}


def _answer(job: Callable[[], object], end, seconds: int) -> None:
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what fences print is not ours to say
    try:
        answer = job()
    except Exception as error:
        answer = Lost(f"{type(error).__name__}: {error}")
    end.send(answer)


def _received(end, seconds: int) -> object:
    try:
        return end.recv()
    except EOFError:
        return Lost(f"its process died, or did not end after {seconds} s")
