"""Single keys from a terminal: they count as they are pressed, without Enter, and the terminal is left as it was."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

if os.name == "nt":
    import msvcrt
else:
    import select
    import termios
    import tty

END = "q"  # what the end of the input counts as


class Keys:
    """The keys that are pressed while the context is open; none where standard input is not a terminal."""

    def __init__(self) -> None:
        self.possible = sys.stdin is not None and sys.stdin.isatty()
        self._before: list | None = None  # the terminal's settings, where they are changed

    def __enter__(self) -> Keys:
        if self.possible:
            self._listen()
        return self

    def __exit__(self, *error: object) -> None:
        self._rest()

    @contextlib.contextmanager
    def at_rest(self) -> Iterator[None]:
        """While another command uses the terminal, it is as it was."""
        listened = self._before is not None
        self._rest()
        try:
            yield
        finally:
            if listened:
                self._listen()

    def pressed(self) -> str | None:
        """The next key that was pressed, in lower case; None where there is none. Arrows and the like are left out."""
        if not self.possible:
            return None
        return _of_windows() if os.name == "nt" else _of_terminal(sys.stdin.fileno())

    def _listen(self) -> None:
        if os.name != "nt" and self._before is None:
            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin, termios.TCSANOW)  # Ctrl-C and Ctrl-Z stay what they are

    def _rest(self) -> None:
        if self._before is not None:
            with contextlib.suppress(termios.error):  # the terminal is gone
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)
            self._before = None


def _of_terminal(descriptor: int) -> str | None:
    if not _waiting(descriptor):
        return None
    try:
        key = os.read(descriptor, 1)
        if key == b"\x1b":  # an arrow sends several bytes at once, of which the last is a letter or "~"
            if _waiting(descriptor) and os.read(descriptor, 1) in b"[O":
                while _waiting(descriptor) and not os.read(descriptor, 1) >= b"@":
                    pass
            return None
    except OSError:
        return END
    return END if key in (b"", b"\x04") else key.decode("ascii", errors="replace").lower()


def _waiting(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


def _of_windows() -> str | None:
    if not msvcrt.kbhit():
        return None
    key = msvcrt.getwch()
    if key in ("\x00", "\xe0"):  # an arrow: a second one says which
        msvcrt.getwch()
        return None
    if key == "\x03":
        raise KeyboardInterrupt
    return key.lower()
