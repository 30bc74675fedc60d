"""Describes an error that student's code raised, as plain data."""

from __future__ import annotations

import builtins
import contextlib
import difflib
import linecache
import os
import traceback
from collections import deque
from pathlib import Path

from grader.protocol import FRAMES, SHORT, WORDS, Failure, Frame, Hang
from grader.source.stubs import stub_id


class StoppedError(BaseException):
    """A check is stopped early: it is in a function that did not end in an earlier check."""

    def __init__(self, hang: Hang):
        super().__init__()
        self.hang = hang


class TimeIsUpError(BaseException):
    """A check used up its time."""


class BreakpointError(Exception):
    """A breakpoint() in what the grader runs."""

    def __init__(self):
        super().__init__("breakpoint() has no terminal here: run the check with --raw")


def describe(error: BaseException, tree: Path, check_path: Path | None = None) -> Failure:
    """An error: type, message, the line in the check, the frames in the tree's files."""
    line, places = None, deque(maxlen=FRAMES)
    inside, in_check = str(tree) + os.sep, str(check_path)
    trace = error.__traceback__
    while trace is not None:  # may be long: an endless recursion
        code = trace.tb_frame.f_code
        number = max(trace.tb_lineno or 0, code.co_firstlineno)  # some of Python's instructions are of no line
        place = (code.co_filename, number)
        if code.co_filename.startswith(inside) and (not places or places[-1] != place):
            places.append(place)
        elif code.co_filename == in_check and code.co_name.startswith("test_"):
            line = number
        trace = trace.tb_next
    frames = tuple(
        Frame(
            name[len(inside) :].replace(os.sep, "/")[:SHORT],
            number,
            _text(linecache.getline(name, number).strip(), SHORT),
        )
        for name, number in places
    )
    try:
        message, stub = _text(str(error), WORDS).replace(inside, ""), stub_id(error)  # no scratch paths
    except Exception:  # a student's exception may fail to describe itself
        message, stub = "", None
    again = isinstance(error, StoppedError)
    meant = attribute = None
    with contextlib.suppress(Exception):  # and so may an object its attributes
        meant, attribute = did_you_mean(error), lacking(error)
    return Failure(
        type=_text(type(error).__name__, SHORT),
        message=(message + (f". Did you mean {meant}?" if meant else ""))[:WORDS],
        line=line,
        frames=frames,
        stub=stub,
        timeout=again or isinstance(error, TimeIsUpError),
        hang=error.hang if again else None,
        again=again,
        misspelt=meant is not None or isinstance(error, NameError),
        attribute=attribute,
    )


def in_tree(filename: str, tree: Path) -> str | None:
    """A file's name within the tree, or None where it lies outside."""
    path = Path(filename)
    return path.relative_to(tree).as_posix() if path.is_relative_to(tree) else None


def lacking(error: BaseException) -> tuple[str, str] | None:
    """The class and the attribute that it lacks, where that is the error."""
    if isinstance(error, AttributeError) and error.name and error.obj is not None:
        return type(error.obj).__name__[:SHORT], error.name[:SHORT]
    return None


def did_you_mean(error: BaseException) -> str | None:
    """A name that looks like the one that was not found; Python's own suggestions are only in its tracebacks."""
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


def _text(text: str, most: int) -> str:
    """A text that UTF-8 can carry: half a surrogate pair as its escape."""
    return text[:most].encode(errors="backslashreplace").decode()[:most]
