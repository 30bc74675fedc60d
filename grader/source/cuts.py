"""Cuts in a source text, at the places that ast and tokenize name."""

from __future__ import annotations

import ast
from collections.abc import Iterable

Place = tuple[int, int]  # line, and column in bytes, as ast counts
Cut = tuple[Place, Place, str]  # from, to, and what takes the place


def bounds(node: ast.expr | ast.stmt | ast.keyword) -> tuple[Place, Place]:
    """Where a node begins and ends."""
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def with_cuts(source: str, cuts: Iterable[Cut]) -> str:
    """The text with the cuts made, of which none is inside another; what is put in comes as it is."""
    lines = source.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    text = b"".join(lines)
    for (line, column), (end_line, end_column), new in sorted(cuts, reverse=True):
        first, last = starts[line - 1] + column, starts[end_line - 1] + end_column
        text = text[:first] + new.encode() + text[last:]
    return text.decode()


def with_lines_kept(source: str, cuts: Iterable[Cut]) -> str:
    """The same, where what is put in has one line: ends of lines that were cut out come back behind it."""
    return with_cuts(source, [(first, last, new + "\n" * (last[0] - first[0])) for first, last, new in cuts])
