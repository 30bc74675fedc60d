"""Moves the numbers of a check file by a map that a seed draws, so that answers to another seed's numbers are wrong.

The map keeps order, sign, equality, 0 and the number of lines. It is one for the whole file, so that what a check puts
in moves along with what it expects. Whether a check still says something right, the reference decides (answer_key.py).
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import math
import random
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from grader.sealed import table
from grader.source.cuts import Cut, bounds, with_cuts, with_lines_kept
from grader.source.syntax import first_line, parse

from .milestones import Check, Moved
from .shuffled import is_see, of_module, shuffled

AS_WRITTEN = "as written"
# What moves in each mode, the farthest last: floats other than 1; then 1 and arrays of ones or of steps; integers of
# the checks; those around the checks, and all of them farther. Shuffled: names and the order of things as well.
LEVELS = NUMBERS, FLOATS, SIZES, WIDE = ("numbers", "floats", "sizes", "wide")
SHUFFLED = "shuffled "
MODES = (AS_WRITTEN, *LEVELS, *(SHUFFLED + level for level in LEVELS[1:]))
# Arguments that choose a branch, or that are measured.
FIXED_KEYWORDS = {"axis", "start_axis", "keepdims", "ndmin", "batch_size", "step_size", "T_max", "tolerance"}
FIXED_METHODS = {"transpose", "swapaxes", "unsqueeze", "squeeze", "flatten"}
BOUNDS = {"at_least", "at_most", "most_agree"}
STEPS = {"arange", "linspace"}
SIZE = re.compile(r"(?<![-.\w])\d+(?![.\w])")
EXACT = 2**10  # a float that is a whole number of these parts moves to another, so that sums stay exact


def limit_of(check: Check) -> str:
    """The farthest mode in which a check still accepts what is right and catches what is wrong (proofs/replay)."""
    return limits(check.path.parent).get(check.id, MODES[-1])


@functools.cache
def limits(folder: Path) -> Mapping[str, str]:
    """The farthest modes of a milestone's checks, by their ids; those that are not named move as far as there is."""
    return table(folder / "moved.json")


def moved_checks_of(checks: Iterable[Check], mode: str, seed: int) -> list[Check]:
    """The checks with their files' texts moved; of a file, no other check is left."""
    by_file: dict[Path, list[Check]] = {}
    for check in checks:
        by_file.setdefault(check.path, []).append(check)
    found = []
    for path, own in by_file.items():
        text = only(moved(path.read_text(encoding="utf-8"), mode, seed), frozenset(check.name for check in own))
        found += [dataclasses.replace(check, moved=Moved(text, mode, seed)) for check in own]
    return found


@functools.lru_cache(maxsize=1_000)
def only(source: str, names: frozenset[str]) -> str:
    """The text of a check file without its other checks; lines keep their numbers."""
    cuts = []
    for node in parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and node.name not in names:
            cuts.append(((first_line(node), 0), (node.end_lineno, node.end_col_offset), ""))
    return with_lines_kept(source, cuts)


@functools.lru_cache(maxsize=1_000)
def moved(source: str, mode: str, seed: int) -> str:
    """The text of a check file, moved; the same text for the same seed."""
    if mode == AS_WRITTEN:
        return source
    if mode.startswith(SHUFFLED):
        source = shuffled(source, seed)
    level = LEVELS.index(mode.removeprefix(SHUFFLED))
    module = parse(source)
    found = list(_literals(module, level))
    floats = {node.value for node in found if isinstance(node.value, float)}
    integers = {node.value for node in found if isinstance(node.value, int)}
    new = _moved_floats(floats, random.Random(f"floats {seed}"))
    new |= _moved_integers(integers, 6 if level == LEVELS.index(WIDE) else 3, random.Random(f"integers {seed}"))
    cuts = [(*bounds(node), repr(new[type(node.value), node.value])) for node in found]
    cuts += _in_words(module, new)
    if level >= LEVELS.index(FLOATS):
        cuts += _other_arrays(module, random.Random(f"arrays {seed}"))
    return with_cuts(source, cuts)


def _literals(module: ast.Module, level: int) -> Iterator[ast.Constant]:
    """The numbers that move."""
    for statement in module.body:
        in_check = isinstance(statement, ast.FunctionDef) and statement.name.startswith("test_")
        for node in _numbers(statement):
            if isinstance(node.value, float):
                least = FLOATS if node.value == 1 else NUMBERS
            else:
                least = SIZES if in_check else WIDE
            if node.value and (node.value != 1 or isinstance(node.value, float)) and level >= LEVELS.index(least):
                yield node


def _in_words(module: ast.Module, new: Mapping[tuple[type, float], float]) -> Iterator[Cut]:
    """The sizes in the words that a message must have; a number with a sign is an axis."""
    for node in ast.walk(module):
        if is_see(node) and node.func.attr == "raises":
            for each in [one for keyword in node.keywords for one in ast.walk(keyword.value)]:
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.lineno == each.end_lineno:
                    words = SIZE.sub(lambda match: str(new.get((int, int(match[0])), match[0])), each.value)
                    if words != each.value:
                        yield *bounds(each), repr(words)


def _numbers(node: ast.AST) -> Iterator[ast.Constant]:
    """The literal numbers in a node that are not settings."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float) and math.isfinite(node.value):
        yield node
    parts = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.JoinedStr):
        parts = []
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        parts = [] if isinstance(node.left, ast.Constant) and isinstance(node.left.value, int) else [node.left]
    elif isinstance(node, ast.Subscript):
        parts = [node.value]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if is_see(node) and node.func.attr in BOUNDS:
            parts = node.args[:1]
        elif node.func.attr in FIXED_METHODS | STEPS or of_module(node, "math"):
            parts = [node.func]
    for part in parts:
        if not (isinstance(part, ast.keyword) and part.arg in FIXED_KEYWORDS):
            yield from _numbers(part)


def _moved_floats(values: Collection[float], drawn: random.Random) -> dict[tuple[type, float], float]:
    """Where each float goes: at most 12 % of itself, and never past the middle of the way to its neighbour."""
    ordered, found = sorted({0.0, 1.0} | values), {}
    for value in sorted(values):
        place = ordered.index(value)
        above = ordered[place + 1] - value if place + 1 < len(ordered) else math.inf
        farthest = min(0.45 * above, 0.45 * (value - ordered[place - 1]), 0.12 * value)
        found[float, value] = _drawn(value, farthest, drawn)
    return found


def _drawn(value: float, farthest: float, drawn: random.Random) -> float:
    """Another number not farther away, with few digits: of the binary kind where the value is."""
    if (value * EXACT).is_integer() and value < EXACT:
        step = 2.0 ** (math.floor(math.log2(value)) - 6)
        while farthest < 16 * step:
            step /= 2
        return value + drawn.choice([-1, 1]) * drawn.randint(1, math.floor(farthest / step)) * step
    for digits in range(4, 16):
        other = float(f"{value + drawn.uniform(-farthest, farthest):.{digits}e}")
        if other != value and abs(other - value) <= farthest:
            return other
    return value


def _moved_integers(values: Collection[int], farthest: int, drawn: random.Random) -> dict[tuple[type, int], int]:
    """Where each integer goes: up, the farther the larger it is."""
    shift, found = 0, {}
    for position, value in enumerate(sorted(values)):
        shift += drawn.randint(0, farthest // 2) if position else drawn.randint(1, farthest)
        found[int, value] = value + shift
    return found


def _other_arrays(module: ast.Module, drawn: random.Random) -> Iterator[Cut]:
    """np.ones(shape) becomes an array of numbers around 1, and np.arange(3.0) other steps."""
    for node in ast.walk(module):
        if not (isinstance(node, ast.Call) and of_module(node, "np")):
            continue
        begin, end = bounds(node)
        line, column = bounds(node.func)[1]
        behind = (line, column + 1)  # the bracket
        if node.func.attr == "ones" and len(node.args) == 1 and not node.keywords:
            yield begin, behind, f"(np.random.default_rng({drawn.randint(100, 999)}).integers(52, 80, "
            yield end, end, " / 64)"
        elif node.func.attr == "arange" and any(type(getattr(one, "value", None)) is float for one in node.args):
            yield begin, begin, f"({(64 + drawn.choice([-1, 1]) * drawn.randint(1, 9)) / 64!r} * "
            yield end, end, ")"
