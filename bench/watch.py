"""`nox -s bench -- --watch`: seconds from a save to the verdict of the task it is about, and to that of its milestone.

The loop runs as a student starts it, on the reference with one broken function, which each save breaks in another way.
"""

from __future__ import annotations

import argparse
import os
import queue
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from grader.files import REPOSITORY, SOLUTIONS, temporary_folder
from grader.option_types import count
from grader.source.package import PACKAGE, read_source

FILE, TASK, MILESTONE = "operations/arithmetic.py", "2.5", 2
VERDICT, WHOLE = re.compile(rf"{re.escape(TASK)} .* checks .* s\)$"), re.compile(rf"milestone {MILESTONE}: .* done")
RIGHT, WRONG = "grad * self.y, self.x.shape", "grad * self.y + {number}, self.x.shape"
GOAL = 1.0  # seconds to the verdict of the task
PATIENCE = 120.0
PAUSE = 3.0  # between a verdict and the next save, as a student also takes longer than the search for the fault


def main() -> int:
    """Measure, and print the medians."""
    parser = argparse.ArgumentParser(prog="nox -s bench -- --watch", description=__doc__)
    parser.add_argument("--rounds", type=count, default=20, help="saves, of which the median counts; default: 20")
    rounds = parser.parse_args().rounds
    with temporary_folder() as folder:
        tree = folder / "tree"
        shutil.copytree(SOLUTIONS, tree, ignore=shutil.ignore_patterns("__pycache__"))
        path = tree / PACKAGE / FILE
        text = read_source(path)
        if text.count(RIGHT) != 1:
            parser.error(f"{FILE} no longer has {RIGHT!r}: choose another function to break")
        task, milestone = measured(tree, path, text, rounds)
    for name, seconds in ((f"task {TASK}", task), (f"milestone {MILESTONE}", milestone)):
        low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
        print(f"{name:12} {middle:.2f} s after the save (median of {len(seconds)}; {low:.2f} to {high:.2f})")
    print(f"goal for a task: {GOAL:g} s: {'reached' if statistics.median(task) < GOAL else 'not reached'}")
    return 0


def measured(tree: Path, path: Path, text: str, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds to the verdict of the task, and to that of the milestone."""
    command = [sys.executable, "-I", "-X", "utf8", "-m", "grader"]
    command += ["watch", str(MILESTONE), "--tree", str(tree), "--plain"]
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "encoding": "utf-8"}
    task, milestone = [], []
    with subprocess.Popen(command, cwd=REPOSITORY, **streams) as loop:
        try:
            lines = lines_of(loop)
            wait(lines, WHOLE)
            for number in range(1, rounds + 1):
                time.sleep(PAUSE)
                while not lines.empty():  # what was found at fault
                    lines.get()
                saved(path, text.replace(RIGHT, WRONG.format(number=number)))
                began = time.monotonic()
                task.append(wait(lines, VERDICT) - began)
                milestone.append(wait(lines, WHOLE) - began)
        finally:
            loop.terminate()
    return task, milestone


def saved(path: Path, text: str) -> None:
    """Write a file as most editors do: another one, which then takes its name."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8", newline="")
    os.replace(new, path)


def lines_of(loop: subprocess.Popen) -> queue.SimpleQueue[tuple[float, str]]:
    """What it prints, with the times."""
    lines: queue.SimpleQueue[tuple[float, str]] = queue.SimpleQueue()

    def read() -> None:
        for line in loop.stdout:
            lines.put((time.monotonic(), line))

    threading.Thread(target=read, daemon=True).start()
    return lines


def wait(lines: queue.SimpleQueue[tuple[float, str]], what: re.Pattern) -> float:
    """When the next line came that is such a one."""
    while True:
        when, line = lines.get(timeout=PATIENCE)
        if what.match(line):
            return when


if __name__ == "__main__":
    sys.exit(main())
