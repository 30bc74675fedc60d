"""Changes functions of a source text: one passage of a function (a mutation), or whole functions (another body)."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Collection

from grader.errors import CourseError

from .syntax import first_line, functions, imports_begin, lines_of, parse


class GraftError(CourseError):
    """The text does not hold what is to be changed, or does not parse once it is."""


def function_text(source: str, name: str) -> str:
    """The text of a function, decorators included, by its dotted name: `Multiply.backward`."""
    first, last = _span(source, name)
    return "".join(lines_of(source)[first - 1 : last])


def with_passage(source: str, name: str, old: str, new: str) -> str:
    """`source` with `new` in the place of `old`, which occurs exactly once in the function of that name."""
    text = function_text(source, name)
    if text.count(old) != 1:
        raise GraftError(f"{name} holds {text.count(old)} times, not once, the text {old!r}")
    first, last = _span(source, name)
    lines = lines_of(source)
    return _parsed("".join([*lines[: first - 1], text.replace(old, new), *lines[last:]]), name)


def with_functions(source: str, other: str, chosen: Collection[str] | None = None) -> str:
    """`source` with every function that `other` also defines taken from there, along with what else it defines.

    Names are dotted: a class in `other` holds only the methods to be taken. Its imports come to the top, functions
    that `source` does not have to the end. chosen: the names to take; None means all.
    """
    known = {name for name, _ in functions(parse(source))}
    taken = [name for name, _ in functions(parse(other)) if name in known and (chosen is None or name in chosen)]
    if not taken:
        raise GraftError("no function of the new text is one of the old")
    for name in taken:
        text = textwrap.dedent(function_text(other, name))
        first, last = _span(source, name)
        lines = lines_of(source)
        indent = " " * _indent_of(source, name)
        lines[first - 1 : last] = textwrap.indent(text, indent, lambda line: line.strip() != "")
        source = "".join(lines)
    imports, helpers = [], []
    for node in parse(other).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports.append(ast.unparse(node))
        elif (isinstance(node, ast.FunctionDef) and node.name not in known) or isinstance(node, ast.Assign):
            helpers.append(ast.unparse(node))
    return _parsed("\n".join([_after_docstring(source, imports), *helpers, ""]), ", ".join(taken))


def _after_docstring(source: str, imports: list[str]) -> str:
    """`source` with imports put after its docstring, and after what has to come first."""
    line, lines = imports_begin(parse(source)), lines_of(source)
    return "".join([*lines[:line], *(f"{one}\n" for one in imports), *lines[line:]])


def _span(source: str, name: str) -> tuple[int, int]:
    node = _find(source, name)
    return first_line(node), node.end_lineno


def _indent_of(source: str, name: str) -> int:
    return _find(source, name).col_offset


def _find(source: str, name: str) -> ast.FunctionDef:
    for found, node in functions(parse(source)):
        if found == name:
            return node
    raise GraftError(f"there is no function {name}")


def _parsed(source: str, name: str) -> str:
    try:
        parse(source)
    except SyntaxError as error:
        raise GraftError(f"{name} does not parse once it is changed: {error.msg}, line {error.lineno}") from None
    return source
