"""A source text with its syntax tree's positions, and changes to it."""

from __future__ import annotations

import ast
import io
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Edit:
    """A span of the source and what takes its place."""

    operator: str
    start: int
    end: int
    new: str


class Source:
    """A source text in which nodes of its syntax tree have positions."""

    def __init__(self, text: str):
        self.text = text

    @cached_property
    def lines(self) -> list[str]:
        """The lines with their ends."""
        return list(io.StringIO(self.text, newline=""))

    @cached_property
    def line_starts(self) -> list[int]:
        """Where each line starts, and the text's end."""
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line))
        return starts

    def position(self, line: int, column: int) -> int:
        """Of a line that counts from 1 and a column that counts bytes, as `ast` has it."""
        return self.line_starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def start(self, node: ast.AST) -> int:
        """Where a node starts."""
        return self.position(node.lineno, node.col_offset)

    def end(self, node: ast.AST) -> int:
        """Where a node ends."""
        return self.position(node.end_lineno, node.end_col_offset)

    def of(self, node: ast.AST) -> str:
        """A node's text."""
        return self.text[self.start(node) : self.end(node)]

    def line_number(self, position: int) -> int:
        """The line, from 1, that holds a position."""
        return sum(start <= position for start in self.line_starts[:-1])

    def replaced(self, operator: str, node: ast.AST, new: str) -> Edit:
        """A node's text replaced."""
        return Edit(operator, self.start(node), self.end(node), new)

    def swapped(self, operator: str, first: ast.AST, second: ast.AST) -> Edit:
        """Two neighbours in each other's place."""
        between = self.text[self.end(first) : self.start(second)]
        return Edit(operator, self.start(first), self.end(second), self.of(second) + between + self.of(first))

    def removed(self, argument: ast.AST) -> Edit:
        """An argument of a call gone, with the comma that its going makes superfluous."""
        start, end = self.start(argument), self.end(argument)
        before = self.text[:start].rstrip()
        if before.endswith(","):
            start = len(before) - 1
        elif self.text[end:].lstrip().startswith(","):
            end = self.text.index(",", end) + 1
        return Edit("argument removed", start, end, "")
