"""Watches the stack while a check runs: says in which function a check hangs, and ends one that hangs there again."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Collection, Iterator
from pathlib import Path
from types import FrameType

from grader.protocol import SHORT, Hang

from .failures import StoppedError, in_tree

INTERVAL = 0.05  # seconds of this process's time between two looks
LOOKS = 5
DEEPEST = 500  # frames
PATIENCE = 1 / 50  # of a check's time: what one call of a function that hung before gets
POSSIBLE = hasattr(signal, "SIGPROF")  # not on Windows


class Watch:
    """Looks at the frames of the tree whenever the check has used some time.

    Only the frames of the last look stay alive: each holds what its function had, such as a whole graph.
    """

    def __init__(self, tree: Path):
        self.tree = tree
        self._frames: list[FrameType] = []  # of the last look, the outermost first
        self._looks: list[int] = []  # how many looks in a row found each of them

    @contextlib.contextmanager
    def over(self, seconds: float, hung: Collection[tuple[str, int]]) -> Iterator[None]:
        """Watch what runs inside; StoppedError in it, soon, where it is in one of the functions that hung before.

        hung: file and first line of each.
        """
        self.forget()
        if not POSSIBLE:
            yield
            return

        def look(signum, frame) -> None:
            frames = self._frames_from(frame)
            if not frames:  # none of the tree's: the check itself, or what takes over once time is up
                return
            self._note(frames)
            for one, looks in zip(self._frames, self._looks, strict=True):
                if looks * INTERVAL >= PATIENCE * seconds and self._place(one) in hung:
                    raise StoppedError(self._hang(one))

        signal.signal(signal.SIGPROF, look)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def hang(self) -> Hang | None:
        """The innermost function that the last looks all found running, and the line that it was in."""
        running = [frame for frame, looks in zip(self._frames, self._looks, strict=True) if looks >= LOOKS]
        return self._hang(running[-1]) if running else None

    def forget(self) -> None:
        """Let go of the frames and what they hold."""
        self._frames, self._looks = [], []

    def _note(self, frames: list[FrameType]) -> None:
        """Count the looks for those frames, from the outermost inwards, that the last look found as well."""
        same = [frame is before for frame, before in zip(frames, self._frames, strict=False)]
        shared = [*same, False].index(False)
        self._looks = [looks + 1 for looks in self._looks[:shared]] + [1] * (len(frames) - shared)
        self._frames = frames

    def _frames_from(self, frame: FrameType | None) -> list[FrameType]:
        """The frames of the tree's files, the outermost first; none in a deep recursion, which takes long to walk."""
        frames, depth, inside = [], 0, str(self.tree)
        while frame is not None:
            depth += 1
            if depth > DEEPEST:
                return []
            if frame.f_code.co_filename.startswith(inside):
                frames.append(frame)
            frame = frame.f_back
        return frames[::-1]

    def _hang(self, frame: FrameType) -> Hang:
        code, (file, first_line) = frame.f_code, self._place(frame)
        function = getattr(code, "co_qualname", code.co_name)  # from Python 3.11 on with its class
        return Hang(file[:SHORT], frame.f_lineno or first_line, function[:SHORT], first_line)

    def _place(self, frame: FrameType) -> tuple[str, int]:
        return in_tree(frame.f_code.co_filename, self.tree) or "", frame.f_code.co_firstlineno
