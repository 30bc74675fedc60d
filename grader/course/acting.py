"""The acting part of a check file: the checks as a student's process runs them, without what they expect."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

# How many arguments of `see.close(...)` and its siblings say what is observed; the others say what is expected.
OBSERVED = {
    "close": 1,
    "equal": 1,
    "true": 1,
    "at_least": 1,
    "at_most": 1,
    "most_at_least": 1,
    "raises": 1,
    "without_warnings": 1,
    "gradients": 2,
}


@functools.cache
def acting_part(path: Path) -> str:
    """The text of a check file in which no call of `see` states an expectation; its lines keep their numbers."""
    source = path.read_bytes()
    starts = [0]  # of each line, in bytes, as ast counts columns
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def place(line: int, column: int) -> int:
        return starts[line - 1] + column

    edits = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "see"):
            continue
        last = node.args[OBSERVED[node.func.attr] - 1]
        edits.append((place(last.end_lineno, last.end_col_offset), place(node.end_lineno, node.end_col_offset)))
    for first, end in sorted(edits, reverse=True):
        source = source[:first] + b"\n" * source.count(b"\n", first, end) + b")" + source[end:]
    return source.decode()
