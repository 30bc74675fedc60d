"""Reads formulas as lessons print them: `grad · n xⁿ⁻¹`, `1 / (2y)`, `σ(x) (1 - σ(x))`, `log(1 + eˣ)`, `√x`, `|x|`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np

Values = Mapping[str, float]
Formula = Callable[[Values], float]

RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵃᵇᵏᵐⁿᵗˣʸ"
LOWERED = str.maketrans(RAISED, "0123456789+-()abkmntxy")
PLAIN = str.maketrans({"−": "-", "·": "*", "×": "*", "½": "0.5"})
FUNCTIONS: dict[str, Callable[..., float]] = {
    "log": np.log,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "√": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "abs": np.abs,
    "max": np.maximum,
    "min": np.minimum,
    "relu": lambda x: np.maximum(x, 0.0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "σ": lambda x: 1 / (1 + np.exp(-x)),
}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
}
TOKEN = re.compile(r"\s*(\d+\.?\d*|[^\W\d_]+|√|<=|>=|[-+*/^()|,<>])")


class FormulaError(ValueError):
    """What was printed is not a formula that can be read safely."""


def formula(text: str, names: set[str]) -> Formula:
    """The function that a text states, of the names that it may use."""
    return Reader(text, names).whole(Reader.sum)


def condition(text: str, names: set[str]) -> Formula:
    """The condition that a text states, such as `0 < x < 1`."""
    return Reader(text, names).whole(Reader.comparison)


def names_in(text: str) -> set[str]:
    """The names in a formula that are not functions."""
    return {token for token in tokens(text) if token[0].isalpha() and token not in FUNCTIONS}


def tokens(text: str) -> list[str]:
    """A text's pieces."""
    text = re.sub(r"[`$]|\\(?=[|*])", "", text)
    text = re.sub(f"[{RAISED}]+", lambda found: f"^({found[0].translate(LOWERED)})", text.translate(PLAIN))
    found, place = [], 0
    while text[place:].strip():
        token = TOKEN.match(text, place)
        if token is None:
            raise FormulaError(f"can't read {text[place:].strip()!r}")
        found.append(token[1])
        place = token.end()
    return found


class Reader:
    """Reads by recursive descent: sums of products of powers."""

    def __init__(self, text: str, names: set[str]):
        self.text, self.names = text, names
        self.left = tokens(text)

    def whole(self, read: Callable[[Reader], Formula]) -> Formula:
        """All of the text."""
        found = read(self)
        if self.left:
            raise FormulaError(f"can't read {' '.join(self.left)!r} in {self.text!r}")
        return found

    def comparison(self) -> Formula:
        """`0 < x < 1`."""
        parts, signs = [self.sum()], []
        while self.left and self.left[0] in COMPARISONS:
            signs.append(COMPARISONS[self.left.pop(0)])
            parts.append(self.sum())
        if not signs:
            raise FormulaError(f"{self.text!r} compares nothing")
        pairs = list(zip(signs, parts[:-1], parts[1:], strict=True))
        return lambda values: all(compare(a(values), b(values)) for compare, a, b in pairs)

    def sum(self) -> Formula:
        """`a + b - c`."""
        total = self.product()
        while self.left and self.left[0] in "+-":
            total = combined(np.add if self.left.pop(0) == "+" else np.subtract, total, self.product())
        return total

    def product(self) -> Formula:
        """`a b · c / d`; what follows a / without a sign needs parentheses."""
        total, divided = self.factor(), False
        while self.left and self.left[0] not in "+-),|<=>=":
            if self.left[0] in "*/":
                divided = self.left.pop(0) == "/"
                total = combined(np.divide if divided else np.multiply, total, self.factor())
            elif divided:
                raise FormulaError(f"put into parentheses what stands below the / in {self.text!r}")
            else:
                total = combined(np.multiply, total, self.factor())
        return total

    def factor(self) -> Formula:
        """`-a`, `aⁿ`."""
        if self.left and self.left[0] == "-":
            self.left.pop(0)
            inner = self.factor()
            return lambda values: -inner(values)
        base = self.atom()
        if self.left and self.left[0] == "^":
            self.left.pop(0)
            return combined(np.power, base, self.factor())
        return base

    def atom(self) -> Formula:
        """A number, a name, a function of something, or what is in parentheses."""
        if not self.left:
            raise FormulaError(f"{self.text!r} ends too early")
        token = self.left.pop(0)
        if token in "(|":
            inner = self.sum()
            self.close(")" if token == "(" else "|")
            return inner if token == "(" else lambda values: abs(inner(values))
        if token in FUNCTIONS:
            return self.function(FUNCTIONS[token])
        if token[0].isdigit():
            return lambda values: float(token)
        if token in self.names:
            return lambda values: values[token]
        if token == "e":
            return lambda values: np.e
        if token == "π":
            return lambda values: np.pi
        raise FormulaError(f"{token!r} in {self.text!r} is not a name of this table: products need a space")

    def function(self, function: Callable[..., float]) -> Formula:
        """`log x`, `max(x, 0)`."""
        if not self.left or self.left[0] != "(":
            return combined(function, self.factor())
        self.left.pop(0)
        arguments = [self.sum()]
        while self.left and self.left[0] == ",":
            self.left.pop(0)
            arguments.append(self.sum())
        self.close(")")
        return combined(function, *arguments)

    def close(self, bracket: str) -> None:
        """Take the bracket that has to come now."""
        if not self.left or self.left.pop(0) != bracket:
            raise FormulaError(f"{bracket!r} is missing in {self.text!r}")


def combined(function: Callable[..., float], *parts: Formula) -> Formula:
    """A function of what formulas give."""
    return lambda values: function(*(part(values) for part in parts))
