"""The acting part of a check file: the checks as a student's process runs them, without what they expect.

Comments and docstrings are cut, what a call of `see` expects, and what only that was for: values that no name needs any
more become None. Lines keep their numbers.
"""

from __future__ import annotations

import ast
import functools
import io
import tokenize
from collections.abc import Iterator, Sequence

from grader.errors import CourseError
from grader.source.cuts import Cut, bounds, with_lines_kept
from grader.source.syntax import first_line, parse

from .shuffled import is_see

# How many arguments of `see.close(...)` and its siblings say what is observed; the others say what is expected.
OBSERVED = {
    "close": 1,
    "equal": 1,
    "same": 2,
    "true": 1,
    "at_least": 1,
    "at_most": 1,
    "most_agree": 1,
    "raises": 1,
    "without_warnings": 1,
    "steps": 1,
    "gradients": 2,
}
SHOWS = "shows"  # states no fact
# Functions that do nothing but compute; so do those of NumPy and math.
PURE = {"abs", "dict", "enumerate", "float", "int", "len", "list", "max", "min", "range", "reversed", "round"}
PURE |= {"set", "sorted", "str", "sum", "tuple", "zip"}
MODULES = {"np", "math"}
ENDLESS = "range(10**9)"


@functools.lru_cache(maxsize=1_000)
def acting_part(source: str, name: str = "the check file", shows: bool = False) -> str:
    """The text of a check file without expectations; CourseError, with its name, where a call of `see` can't be cut.

    shows: with what it shows of what was learnt.
    """
    source = with_lines_kept(source, _words(source))
    if not shows:
        source = with_lines_kept(source, _pictures(source))
    source = with_lines_kept(source, _expectations(source, name))
    while cuts := list(_unused(parse(source))):
        source = with_lines_kept(source, cuts)
    return source


def _words(source: str) -> Iterator[Cut]:
    """Comments and docstrings: they may say what is expected."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            column = len(token.line[: token.start[1]].encode())
            yield (token.start[0], column), (token.end[0], column + len(token.string.encode())), ""
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node, clean=False) is not None:
            yield *bounds(node.body[0]), '""'


def _pictures(source: str) -> Iterator[Cut]:
    """The calls of `see.shows`."""
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.Expr) and is_see(node.value) and node.value.func.attr == SHOWS:
            yield *bounds(node), "pass"


def _expectations(source: str, name: str) -> Iterator[Cut]:
    commas = [
        (token.start[0], len(token.line[: token.start[1]].encode()))
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.string == ","
    ]
    for node in ast.walk(parse(source)):
        if not is_see(node) or node.func.attr == SHOWS:
            continue
        kept = OBSERVED.get(node.func.attr, 0)
        if kept == 0 or len(node.args) < kept or any(isinstance(one, ast.Starred) for one in node.args[:kept]):
            where = f"{name}:{node.lineno}"
            raise CourseError(f"{where}: see.{node.func.attr} takes what is observed first, as positional arguments")
        rest = [*node.args[kept:], *(keyword.value for keyword in node.keywords)]
        if rest:
            end = node.args[kept - 1].end_lineno, node.args[kept - 1].end_col_offset
            yield min(comma for comma in commas if comma >= end), (node.end_lineno, node.end_col_offset - 1), ""


def _unused(module: ast.Module) -> Iterator[Cut]:
    """The values that are given to names of a function which nothing reads, and can be left out; helpers that nothing
    calls."""
    names = {node.id for node in ast.walk(module) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("test_") and node.name not in names:
            yield (first_line(node), 0), (node.end_lineno, node.end_col_offset), ""
    pure = PURE | {node.name for node in module.body if isinstance(node, ast.FunctionDef) and _computes(node)}
    for function in [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]:
        nodes = list(ast.walk(function))
        read = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
        displays = _read_once(nodes)
        attributes = {id(one) for node in nodes if isinstance(node, ast.ClassDef) for one in node.body}
        for node in nodes:
            if id(node) in attributes:  # what a class body names is read in other ways
                continue
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                pairs = [(node.targets[0], node.value)]
                if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(node.targets[0].elts, node.value.elts, strict=False))
                elif (
                    isinstance(node.targets[0], ast.Tuple)
                    and isinstance(node.value, ast.Call)
                    and not read & _stored(node.targets[0])
                    and _droppable(node.value, pure)
                ):
                    yield *bounds(node.value), _nothing(node.targets[0])
            elif isinstance(node, ast.For) and isinstance(node.target, ast.Tuple):
                named = isinstance(node.iter, ast.Name) and displays.get(node.iter.id)
                pairs = list(_items(node.target, named or node.iter))
                yield from _endless(node.target, node.iter, read, pure)
            else:
                continue
            for target, value in pairs:
                unread = isinstance(target, ast.Name) and target.id not in read
                constant = isinstance(value, ast.Constant) and value.value is None
                if unread and not constant and _droppable(value, pure):
                    yield *bounds(value), "None"


def _read_once(nodes: Sequence[ast.AST]) -> dict[str, ast.expr]:
    """The values of names that a function gives a value once and reads once."""
    names = [one.id for one in nodes if isinstance(one, ast.Name)]
    assigned = [one for one in nodes if isinstance(one, ast.Assign) and len(one.targets) == 1]
    found = {one.targets[0].id: one.value for one in assigned if isinstance(one.targets[0], ast.Name)}
    return {name: value for name, value in found.items() if names.count(name) == 2}


def _endless(target: ast.Tuple, value: ast.expr, read: set[str], pure: set[str]) -> Iterator[Cut]:
    """What zip() takes for a name that nothing reads becomes a range as long as any."""
    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "zip"):
        return
    unread = [
        each
        for name, each in zip(target.elts, value.args, strict=False)
        if isinstance(name, ast.Name) and name.id not in read and not _is_range(each) and _droppable(each, pure)
    ]
    if len(unread) < len(value.args):
        for each in unread:
            yield *bounds(each), ENDLESS
        for keyword in value.keywords if unread else ():  # strict
            yield *bounds(keyword.value), "False"


def _is_range(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range"


def _stored(target: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def _nothing(target: ast.expr) -> str:
    """None for each name of a target, in its form."""
    if not isinstance(target, ast.Tuple):
        return "None"
    return f"({', '.join(map(_nothing, target.elts))},)"


def _items(target: ast.Tuple, display: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each name of a loop's target with each value that a display gives it."""
    for row in display.elts if isinstance(display, ast.List | ast.Tuple) else ():
        if isinstance(row, ast.Tuple) and len(row.elts) == len(target.elts):
            yield from zip(target.elts, row.elts, strict=True)


def _droppable(value: ast.expr, pure: set[str]) -> bool:
    """Whether leaving out an expression changes nothing else: it calls only what computes."""
    for node in ast.walk(value):
        if isinstance(node, ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Await):
            return False
        if isinstance(node, ast.Call):
            root = node.func
            while isinstance(root, ast.Attribute | ast.Subscript):
                root = root.value
            known = MODULES if isinstance(node.func, ast.Attribute) else pure
            if not (isinstance(root, ast.Name) and root.id in known) and not isinstance(root, ast.Call):
                return False
    return True


def _computes(function: ast.FunctionDef) -> bool:
    """Whether a function of the file touches neither the tree nor the random numbers of the check."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return not names & {"nf", "see", "rng", "seed", "datasets"}
