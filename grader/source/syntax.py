"""Functions, classes and lines of a source text."""

from __future__ import annotations

import ast
import io
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_PARSING = threading.Lock()


@dataclass(frozen=True)
class Definition:
    """A function or class of a file, decorators included: its first line and its text."""

    first: int
    text: str


def parse(source: str) -> ast.Module:
    """A text as a syntax tree; one at a time, as two threads that parse at once can fail in CPython 3.11."""
    with _PARSING:
        return ast.parse(source)


def functions(module: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function with its dotted name; functions inside a function belong to it."""

    def walk(node: ast.AST, prefix: str):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield prefix + child.name, child
            elif isinstance(child, ast.ClassDef):
                yield from walk(child, f"{prefix}{child.name}.")
            else:
                yield from walk(child, prefix)

    return walk(module, "")


def definitions(source: str) -> dict[str, Definition]:
    """The functions and classes at the top level of a file, by name."""
    lines, found = lines_of(source), {}
    for node in parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = first_line(node)
            found[node.name] = Definition(first, "".join(lines[first - 1 : node.end_lineno]))
    return found


def lines_of(source: str) -> list[str]:
    """The lines of a text with their ends; not splitlines, which knows more ends of lines than Python."""
    return list(io.StringIO(source, newline=""))


def first_line(node: ast.stmt) -> int:
    """The line where a statement begins; of a function or class, decorators included."""
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])


def function_at(found: Iterable[tuple[str, ast.FunctionDef]], line: int) -> str | None:
    """The dotted name of the function in which a line lies, of those that were found."""
    return next((name for name, node in found if first_line(node) <= line <= node.end_lineno), None)


def names_in(node: ast.AST) -> set[str]:
    """The names and attributes that a piece of code reads or sets."""
    found = [each.id if isinstance(each, ast.Name) else getattr(each, "attr", None) for each in ast.walk(node)]
    return {name for name in found if name is not None}


def imports_begin(module: ast.Module) -> int:
    """How many lines come before a file's imports: its docstring, and what has to come first."""
    line = 0
    for position, node in enumerate(module.body):
        docstring = position == 0 and ast.get_docstring(module, clean=False) is not None
        if docstring or (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            line = node.end_lineno
    return line
