"""Finds differences of values at nearby places, by the syntax tree alone: gradients without derivatives."""

from __future__ import annotations

import ast
import math
from collections.abc import Collection, Iterable, Iterator, Sequence

SMALL = 0.02  # a step that someone might try nearby values with
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def small_names(nodes: Iterable[ast.AST]) -> set[str]:
    """The names to which modules and classes give small numbers."""
    statements = [one for node in nodes if isinstance(node, ast.Module | ast.ClassDef) for one in node.body]
    return {name for one in statements for name in _small_targets(one)}


def nearby_values(nodes: Sequence[ast.AST], small: Collection[str]) -> Iterator[tuple[int, str]]:
    """Differences of a function's values at nearby places: `x + h`, and a difference divided by the same small `h`; or
    another forward within backward. nodes: of the function, and of those in it. small: names that hold small numbers.
    Lines, and what there is."""
    functions = [node for node in nodes if isinstance(node, Function)]
    defaults = [pair for function in functions for pair in _defaults(function)]
    steps = {*small, *(argument for argument, default in defaults if _small(default))}
    steps |= {name for node in nodes for name in _small_targets(node)}
    differences = {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and isinstance(node.value.op, ast.Sub)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    added: dict[str, int] = {}
    divided = set()
    for node in nodes:
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
            step = _step(node.right if isinstance(node, ast.BinOp) else node.value, steps)
            added |= {step: node.lineno} if step else {}
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _has_difference(node.left, differences):
            divided.add(_step(node.right, steps))
    for step in sorted(divided & added.keys()):
        yield added[step], f"differences between values that are {step} apart"
    for function in functions:
        if getattr(function, "name", "").lstrip("_").startswith("backward"):
            yield from _forwards(function)


def _forwards(backward: Function) -> Iterator[tuple[int, str]]:
    for node in ast.walk(backward):
        again = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "forward"
        if again and any(isinstance(one, ast.BinOp) and isinstance(one.op, ast.Add | ast.Sub) for one in node.args):
            yield node.lineno, f"{backward.name} calls forward at another place"


def _small_targets(node: ast.AST) -> Iterator[str]:
    """The names that a statement gives small numbers."""
    if isinstance(node, ast.AnnAssign):
        pairs = [(node.target, node.value)]
    else:
        pairs = [(target, node.value) for target in node.targets] if isinstance(node, ast.Assign) else []
    for target, value in pairs:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            pairs += zip(target.elts, value.elts, strict=True)
        elif isinstance(target, ast.Name | ast.Attribute) and _small(value):
            yield target.id if isinstance(target, ast.Name) else target.attr


def _step(node: ast.expr, steps: set[str]) -> str | None:
    """The small step that an expression is, or is a multiple of."""
    if isinstance(node, ast.UnaryOp):
        return _step(node.operand, steps)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _step(node.left, steps) or _step(node.right, steps)
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", None)
    if name in steps:
        return name
    return str(_number(node)) if _small(node) else None


def _defaults(function: Function) -> Iterator[tuple[str, ast.expr]]:
    positional = [*function.args.posonlyargs, *function.args.args]
    values = function.args.defaults
    last = zip(positional[len(positional) - len(values) :], values, strict=True)
    yield from ((argument.arg, value) for argument, value in last)
    named = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    yield from ((argument.arg, value) for argument, value in named if value is not None)


def _has_difference(node: ast.expr, differences: set[str]) -> bool:
    """Whether a difference, or the name of one, is in an expression."""
    return any(
        isinstance(one.op, ast.Sub) if isinstance(one, ast.BinOp) else getattr(one, "id", None) in differences
        for one in ast.walk(node)
    )


def _small(node: ast.expr | None) -> bool:
    number = _number(node)
    return number is not None and 0 < abs(number) <= SMALL


def _number(node: ast.expr | None) -> float | None:
    """The number that an expression of literals is, such as 1e-6, 2.0**-20, 1 / 1000, float("1e-6"), or one that
    np.finfo() has; None for all others."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = _number(node.operand)
        return None if number is None else -number
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call) and node.attr in ("eps", "resolution"):
        return 2.0**-23 if getattr(node.value.func, "attr", "") == "finfo" else None
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        return _converted(getattr(node.func, "attr", getattr(node.func, "id", "")), node.args[0])
    if isinstance(node, ast.BinOp):
        left, right = _number(node.left), _number(node.right)
        try:
            if left is not None and right is not None:
                return _computed(node.op, float(left), float(right))
        except (ArithmeticError, ValueError):
            return None
    return None


def _converted(function: str, argument: ast.expr) -> float | None:
    if function == "float" and isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        try:
            return float(argument.value)
        except ValueError:
            return None
    number = _number(argument)
    if function == "sqrt" and number is not None and number >= 0:
        return math.sqrt(number)
    return number if function in ("float", "float32", "float64") else None


def _computed(operator: ast.operator, left: float, right: float) -> float | None:
    if isinstance(operator, ast.Div):
        return left / right
    if isinstance(operator, ast.Mult):
        return left * right
    if isinstance(operator, ast.Pow) and left > 0:
        return left**right
    return None
