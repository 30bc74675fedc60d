"""Draws what the loop knows: on one screen, in place, or a line after the other."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.text import Text

from grader.report.screen import console

OTHER_SCREEN, BACK = "\x1b[?1049h", "\x1b[?1049l"
HOME, TO_LINE_END, TO_SCREEN_END = "\x1b[H", "\x1b[K", "\x1b[J"


class Screen:
    """Where the loop draws. in_place: on one screen, which is gone once the context is left."""

    def __init__(self, plain: bool):
        self.console: Console = console()
        able = self.console.is_terminal and not (self.console.is_dumb_terminal or self.console.legacy_windows)
        self.in_place = able and not plain
        self._size: tuple[int, int] | None = None  # of the terminal, when it was drawn
        self.writing = False
        self.missed: int | None = None  # a signal that came while it was writing: standard output is not re-entrant

    def __enter__(self) -> Screen:
        self.enter()
        return self

    def __exit__(self, *error: object) -> None:
        self.leave()

    def enter(self) -> None:
        """Have the screen for the loop alone; it has to be drawn."""
        self._size = None
        self.write(OTHER_SCREEN)

    def leave(self) -> None:
        """Show again what was there before."""
        self.write(BACK)

    @property
    def stale(self) -> bool:
        """Whether it has to be drawn again, as the terminal has another size."""
        before, self._size = self._size, self.console.size
        return self.in_place and before != self._size

    def clear(self) -> None:
        """Make room for another command."""
        self.write(HOME + TO_SCREEN_END)

    def draw(self, body: Callable[[], None], status: Sequence[Text], whole: str) -> None:
        """Draw what `body` prints, as far as there is room, and the status below it. whole: the command that shows all
        of it."""
        with self.console.capture() as captured:
            body()
        lines = captured.get().rstrip("\n").split("\n")
        with self.console.capture() as captured:
            for line in status:
                self.console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
        below = captured.get().rstrip("\n").split("\n")
        room = max(1, self.console.height - len(below) - 1)
        if len(lines) > room:
            with self.console.capture() as captured:
                hidden = len(lines) - room + 1
                self.console.print(Text(f"... {hidden} more lines: {whole}", style="dim"), no_wrap=True, crop=True)
            lines = [*lines[: room - 1], captured.get().rstrip("\n")]
        self.write(HOME + "".join(f"{line}{TO_LINE_END}\n" for line in [*lines, "", *below[:-1]]))
        self.write(f"{below[-1]}{TO_LINE_END}{TO_SCREEN_END}")

    def write(self, text: str) -> None:
        """Write as it is, in place only; a signal that was missed meanwhile is raised again."""
        if not self.in_place:
            return
        self.writing = True
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        finally:
            self.writing = False
        missed, self.missed = self.missed, None
        if missed is not None:
            signal.raise_signal(missed)
