"""Changes one passage of a function (a mutation)."""

from __future__ import annotations

import ast

from grader.errors import CourseError

from .syntax import first_line, functions, lines_of, parse


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


def _span(source: str, name: str) -> tuple[int, int]:
    node = _find(source, name)
    return first_line(node), node.end_lineno


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
