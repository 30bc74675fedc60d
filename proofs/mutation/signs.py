"""Changes to single signs, constants, conditions, arguments and statements: those of any program."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from .source import Edit, Source

# Operators, their sign, and what takes its place.
ARITHMETIC = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.MatMult: ("@", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
}
ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)  # their operands don't commute
COMPARISONS = {
    ast.Lt: ("<", "<=", ">="),
    ast.LtE: ("<=", "<", ">"),
    ast.Gt: (">", ">=", "<="),
    ast.GtE: (">=", ">", "<"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
BOOLEAN = {ast.And: ("and", "or"), ast.Or: ("or", "and")}
DELETED = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Raise, ast.Continue, ast.Break)


def edits(node: ast.AST, source: Source) -> Iterator[Edit]:
    """The changes to one node itself, not to those that it holds."""
    if isinstance(node, DELETED) or (isinstance(node, ast.Return) and node.value is None):
        yield source.replaced("statement deleted", node, "pass")
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            yield _sign("arithmetic", source, left, right, *ARITHMETIC[type(op)])
            yield from _one_of(node, [left, right], source)
            if isinstance(op, ORDERED):
                yield source.swapped("operands swapped", left, right)
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in ARITHMETIC:
            old, new = ARITHMETIC[type(op)]
            yield _sign("augmented assignment", source, target, value, f"{old}=", f"{new}=")
            yield _sign("augmented assignment", source, target, value, f"{old}=", "=")
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for before, op, after in zip([left, *comparators], ops, comparators, strict=False):
                old, *others = COMPARISONS[type(op)]
                for new in others:
                    yield _sign("comparison", source, before, after, old, new)
        case ast.BoolOp(op=op, values=values):
            for before, after in itertools.pairwise(values):
                yield _sign("boolean", source, before, after, *BOOLEAN[type(op)])
            yield from _one_of(node, values, source)
        case ast.UnaryOp():
            sign = "not" if isinstance(node.op, ast.Not) else source.of(node)[0]
            rest = source.of(node)[len(sign) :].lstrip()
            yield source.replaced("unary", node, rest)
        case ast.Constant(value=value):
            for new in _other_constants(value):
                yield source.replaced("constant", node, new)
        case ast.JoinedStr():
            yield source.replaced("constant", node, '"?"')
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield Edit("None returned", source.start(value), source.end(node), "None")
        case ast.Call(args=arguments, keywords=keywords):
            for first, second in itertools.pairwise(arguments):
                yield source.swapped("arguments swapped", first, second)
            for keyword in keywords:
                yield source.removed(keyword)
        case ast.Tuple(elts=elements):
            for first, second in itertools.pairwise(elements):
                yield source.swapped("elements swapped", first, second)
    for condition in _conditions(node):
        for new in (f"not ({source.of(condition)})", "True", "False"):
            yield source.replaced("condition", condition, new)


def _sign(operator: str, source: Source, left: ast.AST, right: ast.AST, old: str, new: str) -> Edit:
    """The sign between two nodes replaced."""
    start = source.text.index(old, source.end(left), source.start(right))
    return Edit(operator, start, start + len(old), new)


def _one_of(node: ast.AST, operands: list[ast.expr], source: Source) -> Iterator[Edit]:
    """An expression replaced by one of its operands."""
    for operand in operands:
        yield source.replaced("operands dropped", node, f"({source.of(operand)})")


def _other_constants(value: object) -> list[str]:
    if isinstance(value, bool):
        return [repr(not value)]
    if isinstance(value, int):
        return [repr(value + 1), repr(value - 1)]
    if isinstance(value, float):
        return [repr(2 * value if value else 1.0)]
    if isinstance(value, str):
        return ['"?"']
    return []


def _conditions(node: ast.AST) -> list[ast.expr]:
    """The conditions that a node decides by."""
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return [test]
        case ast.comprehension(ifs=tests):
            return tests
    return []
