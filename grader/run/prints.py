"""What a worker's tree prints, in the pieces in which it was printed."""

from __future__ import annotations

import contextlib
import queue
import threading

from grader.protocol import Cause, Loss

from .channel import EXIT_SECONDS, GRACE_SECONDS, LostError

PRINTS_KEPT = 4_000  # bytes a check
PRINTS_ALLOWED = 10_000_000  # bytes a check; beyond this it is a flood
PIECES_ALLOWED = 2  # that wait to be taken; a worker is never further ahead
FLOOD = Loss(Cause.PRINTS, f"it printed more than {PRINTS_ALLOWED // 1_000_000} MB and was stopped")


class Prints:
    """What a worker's tree prints, from a thread of its own: a line with the token ends what belongs together."""

    def __init__(self, pipe, token: str):
        self.flooding = False  # more was printed in one piece than is allowed
        self._pipe, self._token, self._kept = pipe, token.encode(), b""
        self._pieces: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def take(self) -> str:
        """The next piece, once it has ended; LostError where it is a flood."""
        try:
            piece = self._pieces.get(timeout=GRACE_SECONDS)
        except queue.Empty:  # the tree has closed the pipe
            piece = self._kept
        if self.flooding:
            raise LostError(FLOOD)
        return _as_text(piece)

    def rest(self) -> str:
        """What was printed and not taken, once the worker is gone."""
        self._thread.join(timeout=EXIT_SECONDS)  # a process that the tree started may hold the pipe open
        return _as_text(self._kept)

    def close(self) -> None:
        """Close the pipe once the worker is gone, unless a process that the tree started holds it open."""
        self._thread.join(timeout=EXIT_SECONDS)
        if not self._thread.is_alive():
            with contextlib.suppress(OSError):
                self._pipe.close()

    def _read(self) -> None:
        size = 0
        with contextlib.suppress(OSError, ValueError):  # closed while it was read
            for line in iter(lambda: self._pipe.readline(65_536), b""):
                if line.rstrip() == self._token and self._pieces.qsize() < PIECES_ALLOWED:
                    self._pieces.put(self._kept)
                    self._kept, size = b"", 0
                    continue
                size += len(line)
                self._kept = (self._kept + line)[-PRINTS_KEPT:]
                self.flooding |= size > PRINTS_ALLOWED


def _as_text(piece: bytes) -> str:
    return piece.decode("utf-8", "replace").strip()
