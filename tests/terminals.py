"""A command on a pseudo-terminal: what stands on its screen, and keys that are pressed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.run.launch import end
from tests.waiting import SECONDS, until

# A session of its own, whose terminal this is, so that Ctrl-C reaches the command.
START = "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
START += "os.execv(sys.argv[1], sys.argv[1:])"


class Terminal:
    """A process whose standard streams are a terminal of its own."""

    def __init__(self, command: Sequence[object], cwd: Path, settings: Mapping[str, str], rows: int = 40):
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 110, 0, 0))
        self.before = termios.tcgetattr(self.theirs)
        self.output = b""
        environment = {**os.environ, "TERM": "xterm-256color", **settings}
        for name in ("COLUMNS", "LINES"):  # which would hide the terminal's own size
            environment.pop(name, None)
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), self.theirs)
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, *map(str, command)], cwd=cwd, env=environment, **streams
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while piece := os.read(self.ours, 65_536):
                self.output += piece

    @property
    def text(self) -> str:
        """All that was written, without colours."""
        return re.sub(r"\x1b\[[0-9;]*[mK]", "", self.output.decode(errors="replace")).replace("\r\n", "\n")

    @property
    def screen(self) -> str:
        """What stands on it: what was written since the cursor went home, without a drawing that is not complete."""
        return next((part for part in reversed(self.text.split("\x1b[H")) if "\x1b[J" in part), "")

    @property
    def settings(self) -> list:
        """The terminal's settings now."""
        return termios.tcgetattr(self.theirs)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.ours, keys.encode())

    def shows(self, text: str) -> str:
        """The screen, once it shows a text."""
        seen = [""]

        def is_there() -> bool:
            seen[0] = self.screen
            return text in seen[0]

        until(is_there, lambda: f"no {text!r} in:\n{seen[0]}")
        return seen[0]

    def ended(self) -> int:
        """The exit code, once the process has ended."""
        until(lambda: self.process.poll() is not None, lambda: f"it goes on:\n{self.screen}")
        return self.process.returncode

    def close(self) -> None:
        """End the process, and what it has started, if they go on."""
        end(self.process)
        os.close(self.theirs)
        self._reader.join(SECONDS)  # or it would read from the next terminal that gets the number of this one
        os.close(self.ours)
