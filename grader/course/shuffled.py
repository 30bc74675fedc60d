"""Draws the order of things in a check file, and the names of attributes that the file itself makes up.

What belongs together stays together: a loop's cases with what is expected of each, the elements of lists of one length.
Whether a check still says something right, the reference decides (answer_key.py).
"""

from __future__ import annotations

import ast
import functools
import itertools
import random
import re
from collections.abc import Iterator, Mapping, Sequence

from grader.source.cuts import Cut, bounds, with_cuts
from grader.source.reference import reference
from grader.source.syntax import parse

LETTERS = "bcdfghjklmnpqrstvwxz"


def shuffled(source: str, seed: int) -> str:
    """The text of a check file in another order and with other names; it has as many lines."""
    source = with_cuts(source, _statements(source, random.Random(f"statements {seed}")))
    source = with_cuts(source, _cases(source, random.Random(f"cases {seed}")))
    source = with_cuts(source, _elements(source, seed))
    return with_cuts(source, _names(source, random.Random(f"names {seed}")))


def _statements(source: str, drawn: random.Random) -> Iterator[Cut]:
    """Facts that are stated one after the other."""
    lines = source.encode().splitlines(keepends=True)
    for node in ast.walk(parse(source)):
        for block in (getattr(node, name, ()) for name in ("body", "orelse", "finalbody")):
            if not isinstance(block, list):
                continue
            for states, group in itertools.groupby(block, lambda one: isinstance(one, ast.Expr) and is_see(one.value)):
                if states:
                    yield from _permuted([[one.value for one in group]], lines, drawn)


def _cases(source: str, drawn: random.Random) -> Iterator[Cut]:
    """The cases of a loop that states facts, and lists that are observed, each with what is expected."""
    lines, inside = source.encode().splitlines(keepends=True), set()
    for node in ast.walk(parse(source)):
        displays = _displays(node)
        if displays and not any(id(one) in inside for one in displays):
            inside |= {id(one) for display in displays for one in ast.walk(display)}
            yield from _permuted([display.elts for display in displays], lines, drawn)


def _displays(node: ast.AST) -> list[ast.List | ast.Tuple]:
    """The displays of a statement that another order does not harm, as long as it is the same for all of them."""
    found = []
    if isinstance(node, ast.For) and any(is_see(one) for statement in node.body for one in ast.walk(statement)):
        found = [node.iter] if isinstance(node.iter, ast.List | ast.Tuple) else []
    elif is_see(node) and len(node.args) == 2 and all(isinstance(one, ast.List) for one in node.args):
        found = node.args if len(node.args[0].elts) == len(node.args[1].elts) else []
    if any(_is_float(one) for display in found for one in display.elts):
        return []  # _elements has them
    return [] if any(isinstance(one, ast.Starred) for display in found for one in display.elts) else found


def _elements(source: str, seed: int) -> Iterator[Cut]:
    """Lists of floats; those of one length keep to one order."""
    lines = source.encode().splitlines(keepends=True)
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.List) and any(map(_is_float, node.elts)) and all(map(_is_number, node.elts)):
            yield from _permuted([node.elts], lines, random.Random(f"{len(node.elts)} elements {seed}"))


def _is_float(node: ast.expr) -> bool:
    node = node.operand if isinstance(node, ast.UnaryOp) else node
    constant = isinstance(node, ast.Constant) and isinstance(node.value, float)
    return constant or (isinstance(node, ast.Attribute) and node.attr in ("inf", "nan"))


def _is_number(node: ast.expr) -> bool:
    return _is_float(node) or (isinstance(node, ast.Constant) and type(node.value) is int)


def _permuted(rows: Sequence[Sequence[ast.expr]], lines: Sequence[bytes], drawn: random.Random) -> Iterator[Cut]:
    """Each row's expressions in another order, the same for all rows."""
    order = drawn.sample(range(len(rows[0])), len(rows[0]))
    for row in rows:
        for one, place in zip(row, order, strict=True):
            yield *bounds(one), _text(row[place], lines)


def _names(source: str, drawn: random.Random) -> Iterator[Cut]:
    """Names of attributes that the file gives to objects and that no class of the package which it uses knows."""
    module = parse(source)
    nodes = list(ast.walk(module))
    stored = {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    used = {node.attr for node in nodes if isinstance(node, ast.Attribute) and _root(node) == "nf"}
    new = {name: f"{name}_{''.join(drawn.sample(LETTERS, 2))}" for name in sorted(stored - _known(used, nodes))}
    if not new:
        return
    lines = source.encode().splitlines(keepends=True)
    word = re.compile("|".join(rf"\b{name}\b" for name in new))
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr in new and _root(node) not in ("nf", "np"):
            end = node.end_lineno, node.end_col_offset
            yield (end[0], end[1] - len(node.attr.encode())), end, new[node.attr]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[\w.]+", node.value):
            text = _text(node, lines)
            if word.search(text) and node.lineno == node.end_lineno:
                yield *bounds(node), word.sub(lambda match: new[match[0]], text)


def _known(classes: set[str], nodes: Sequence[ast.AST]) -> set[str]:
    """The attributes of these classes of the package and of those that they come from, and keywords of the file."""
    found = {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}
    waiting, seen = [*classes, "Module", "Tensor"], set()
    while waiting:
        name = waiting.pop()
        if name in _classes() and name not in seen:
            seen.add(name)
            bases, attributes = _classes()[name]
            waiting += bases
            found |= attributes
    return found


@functools.cache
def _classes() -> Mapping[str, tuple[list[str], set[str]]]:
    """The classes of the package: what each comes from, and its attributes."""
    found = {}
    for body in [body for text in reference().values() for body in parse(text).body if isinstance(body, ast.ClassDef)]:
        attributes = set()
        for node in ast.walk(body):
            if isinstance(node, ast.FunctionDef):
                attributes.add(node.name)
            elif isinstance(node, ast.Attribute) and _root(node) == "self":
                attributes.add(node.attr)
        for node in [node for statement in body.body for node in _of_class(statement)]:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                attributes.add(node.id)
        found[body.name] = [base.id for base in body.bases if isinstance(base, ast.Name)], attributes
    return found


def _of_class(statement: ast.stmt) -> Iterator[ast.AST]:
    """A statement of a class body with its parts; of a method, none: its names are its own."""
    return iter(()) if isinstance(statement, ast.FunctionDef) else ast.walk(statement)


def _root(node: ast.Attribute) -> str:
    return node.value.id if isinstance(node.value, ast.Name) else ""


def _text(node: ast.expr, lines: Sequence[bytes]) -> str:
    """A node's own text; ast.get_source_segment splits the whole source each time."""
    own = lines[node.lineno - 1 : node.end_lineno]
    own[-1] = own[-1][: node.end_col_offset]
    own[0] = own[0][node.col_offset :]
    return b"".join(own).decode()


def of_module(call: ast.Call, module: str) -> bool:
    """Whether a call is of a function that is asked of this name."""
    function = call.func
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == module


def is_see(node: ast.AST) -> bool:
    """Whether a node is a call of a method of `see`."""
    return isinstance(node, ast.Call) and of_module(node, "see")
