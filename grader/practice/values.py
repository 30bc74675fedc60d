"""Values as students type and read them: numbers, lists of them, words."""

from __future__ import annotations

import ast
import math
import operator
import re

RELATIVE, ABSOLUTE = 0.01, 1e-6  # a prediction may be rounded
SIGNS = {"·": "*", "×": "*", "−": "-", "^": "**", "²": "**2", "³": "**3", "ᵀ": ".T"}  # as the lessons write them
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
CONSTANTS = {"nan": math.nan, "inf": math.inf}


def typed(text: str) -> str:
    """What was typed, with Python's signs in the place of those of mathematics."""
    return "".join(SIGNS.get(sign, sign) for sign in text.strip())


def read(text: str) -> object:
    """The value that a text spells: a number such as 1/3 or -inf, a list or tuple, or a word. ValueError otherwise."""
    try:
        return _value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ArithmeticError, TypeError, RecursionError, MemoryError):
        raise ValueError(f"{text!r} is neither a number nor a list of numbers") from None


def _value(node: ast.expr) -> object:
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool | int | float | str)):
        return node.value
    if isinstance(node, ast.Name):
        return CONSTANTS.get(node.id, node.id)
    if isinstance(node, ast.Attribute):  # the name of a parameter, such as encoder.bias
        return f"{_value(node.value)}.{node.attr}"
    if isinstance(node, ast.List):
        return [_value(each) for each in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(_value(each) for each in node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _value(node.operand)
        return -value if isinstance(node.op, ast.USub) else +value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](_number(node.left), _number(node.right))
    raise ValueError("neither a number nor a list of numbers")


def _number(node: ast.expr) -> float:
    value = _value(node)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return value


def shown(value: object) -> str:
    """A value as it is written in a question: four digits are enough."""
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(shown, value))}{',' * (len(value) == 1)})"
    if isinstance(value, float) and math.isfinite(value):
        whole = value == int(value) and abs(value) < 1e7
        return str(int(value)) if whole else f"{value:.4g}"
    if isinstance(value, str) and not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", value):
        return repr(value)
    return str(value)


def same(one: object, other: object) -> bool:
    """Whether two values are the same prediction: rounded numbers are, and so are lists and tuples of the same."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return math.isclose(one, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    if isinstance(one, str) and isinstance(other, str):
        return re.sub(r"\s+", " ", one.strip().lower()) == re.sub(r"\s+", " ", other.strip().lower())
    return one is other
