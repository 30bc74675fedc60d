"""Asks on the terminal, and wraps what is shown there."""

from __future__ import annotations

import sys
import textwrap

from grader.text import one_line

WIDTH = 100


def said(prompt: str) -> str:
    """What the student types; EOFError where the input ends, or for q."""
    line = input(prompt).strip()
    if not sys.stdin.isatty():
        print(one_line(line))  # which a terminal would show
    if line in ("q", "quit", "exit"):
        raise EOFError
    return line


def wrapped(text: str, indent: str = "", mark: str = "") -> str:
    """A paragraph in lines that a narrow terminal shows whole. mark: `1. `, which stands left of its lines."""
    first, others = indent + mark, indent + " " * len(mark)
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=others, break_long_words=False)
