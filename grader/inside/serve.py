"""Where a process next to a student's code begins: it reads on standard input what it is for, and does that."""

from __future__ import annotations

import json
import os

from grader.protocol import Request, Setting

from . import trials, worker


def main() -> None:
    """Serve one Request, or one Setting."""
    supervisor = os.fdopen(os.dup(0), encoding="utf-8")
    with open(os.devnull, encoding="utf-8") as nothing:
        os.dup2(nothing.fileno(), 0)  # a tree that asks for input gets none
    line = supervisor.readline()
    if not line:  # the grader ended before it had anything to do
        return
    job = json.loads(line)
    if job["job"] == "trials":
        trials.serve(Setting(**job), supervisor)
    else:
        worker.serve(Request(**job), supervisor)
