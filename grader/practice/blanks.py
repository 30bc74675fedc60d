"""Judges what was typed into a blank: on random arrays, so that every equivalent form is right."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass

import numpy as np

from grader.text import one_line

from .questions import Blank
from .running import evaluated
from .values import same

NUMBERS = "biuf"  # kinds of dtypes


@dataclass(frozen=True)
class Verdict:
    """Whether an expression is right, what to say about it, and whether it counts as an answer: a slip does not."""

    right: bool
    message: str
    counts: bool = True


def verdict_on(blank: Blank, expression: str, seed: int) -> Verdict:
    """Compare an expression with the blank's answer."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of `1(2)`
            ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Verdict(False, "that is not a Python expression, such as x.T or 2 * x", counts=False)
    answers = evaluated([blank.code(blank.answer), blank.code(expression)], seed)
    wanted, given = answers
    if given.error is not None:
        unknown = given.error.startswith("NameError")
        hint = f" (there are np, {', '.join(names(blank))})" if unknown else ""
        return Verdict(False, f"{one_line(given.error)[:300]}{hint}", counts=not unknown)
    return compared(wanted.value, given.value)


def names(blank: Blank) -> list[str]:
    """What the setup names: its variables and its functions."""
    nodes = list(ast.walk(ast.parse(blank.setup)))
    functions = [node.name for node in nodes if isinstance(node, ast.FunctionDef)]
    stored = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return list(dict.fromkeys(functions + stored))


def compared(wanted: object, given: object) -> Verdict:
    """What an answer is, next to the one that is wanted."""
    one, other = array(wanted), array(given)
    if one is None or other is None:
        return Verdict(True, "right") if same(wanted, given) else Verdict(False, "not that")
    if one.shape != other.shape:
        return Verdict(False, f"the shape that comes out is {other.shape}, and {one.shape} is needed")
    if np.allclose(one, other, rtol=1e-6, atol=1e-9, equal_nan=True):
        return Verdict(True, "right")
    with np.errstate(all="ignore"):
        ratio = other / one
    if np.all(np.isfinite(ratio)) and np.allclose(ratio, ratio.flat[0], rtol=1e-6) and ratio.size > 1:
        return Verdict(False, f"the shape is right, and every number is {ratio.flat[0]:.4g} times what it should be")
    what = "the shape is right, the numbers are not" if one.ndim else "not that number, for the numbers put in"
    return Verdict(False, what)


def array(value: object) -> np.ndarray | None:
    """A value as an array of numbers; None where it is none."""
    try:
        made = np.asarray(value)
    except ValueError:  # rows of several lengths
        return None
    return made.astype(float) if made.dtype.kind in NUMBERS and not isinstance(value, bool) else None
