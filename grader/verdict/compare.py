"""Compares what a check observed with what it expected, and says in words where they differ."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.protocol import Expectation, Fact

# For facts that state no tolerance. A Python float does not show how it was computed: it gets float32's.
TOLERANCES = {"float16": 1e-2, "float32": 1e-5, "float64": 1e-9}
TEXT_SHOWN = 1_000  # characters
ITEMS_SHOWN = 60  # of a list
MOST_SHOWN = 4_000  # characters of any value, as of an error's message
EDGE = 3  # items at each end of an array's sides, where it is not shown in full
NUMBERS_SHOWN = 3_000  # of an array with more sides than anyone reads


@dataclass(frozen=True)
class Disagreement:
    """The first fact of a check that is not as expected: its place, and both sides in words.

    got: None where another kind of fact came back, which no check of its own accord does.
    """

    position: int
    expectation: Expectation
    got: str | None
    expected: str


def first_disagreement(facts: Sequence[Fact], expectations: Sequence[Expectation]) -> Disagreement | None:
    """Compare facts with expectations in order, as far as there are both."""
    for position, (fact, expectation) in enumerate(zip(facts, expectations, strict=False)):
        if fact.kind != expectation.kind:
            return Disagreement(position, expectation, None, "")
        words = disagreement(expectation, fact.observed)
        if words is not None:
            return Disagreement(position, expectation, *words)
    return None


def disagreement(expectation: Expectation, observed: object) -> tuple[str, str] | None:
    """None where what was observed is as expected; otherwise what came back and what was expected, each in words."""
    try:
        with np.errstate(all="ignore"):  # numbers that do not fit their dtype
            return _COMPARISONS[expectation.kind](expectation, observed)
    except (TypeError, ValueError, OverflowError):  # what came back can't even be compared
        if expectation.kind == "raises":
            return f"{observed['types'][0]}: {observed['message']}", " or ".join(expectation.expected["types"])
        return show(observed), show(expectation.expected)


def _close(expectation: Expectation, observed) -> tuple[str, str] | None:
    got, expected = _array(observed), _array(expectation.expected)
    if got is None or got.dtype.kind not in "biuf":
        return show(observed), show(expectation.expected)
    if got.shape != expected.shape:
        return f"shape {got.shape}: {show(got)}", f"shape {expected.shape}: {show(expected)}"
    tolerance = expectation.tolerance or tolerance_of(observed)
    agrees = np.isclose(got, expected, rtol=tolerance, atol=tolerance, equal_nan=True)
    return None if agrees.all() else _first_difference(got, expected, agrees)


def tolerance_of(observed) -> float:
    """The tolerance, relative and absolute, that the dtype of what was observed deserves."""
    dtype = observed["dtype"] if isinstance(observed, dict) else "float32"
    return TOLERANCES.get(dtype, TOLERANCES["float64"])


def _equal(expectation: Expectation, observed) -> tuple[str, str] | None:
    expected = expectation.expected
    if _same(observed, expected):
        return None
    if _is_array(observed) and (array := _array(expected)) is not None and array.dtype.kind in "biuf":
        got = _array(observed)
        if got.shape != array.shape:
            return f"shape {got.shape}: {show(observed)}", f"shape {array.shape}: {show(expected)}"
        return _first_difference(got, array, got == array)
    return show(observed, quoted=not _has_text(expected)), show(expected)


def _has_text(value) -> bool:
    """Whether there is text in plain data; where none is expected, text is shown in quotes: "(2, 3)" is not a shape."""
    if isinstance(value, dict):
        value = list(value.get("mapping", {}).values())
    return isinstance(value, str) or (isinstance(value, list) and any(map(_has_text, value)))


def _same(observed, expected) -> bool:
    """Exact equality of plain data; nan equals nan, and of arrays only shape and values count."""
    if _is_array(observed) or _is_array(expected):
        observed, expected = _array(observed), _array(expected)
        if observed is None or expected is None:
            return False
        numbers = observed.dtype.kind in "biuf" and expected.dtype.kind in "biuf"
        return np.array_equal(observed, expected, equal_nan=numbers)
    if isinstance(observed, list) and isinstance(expected, list):
        return len(observed) == len(expected) and all(map(_same, observed, expected))
    if isinstance(observed, dict) and isinstance(expected, dict) and "mapping" in observed and "mapping" in expected:
        observed, expected = observed["mapping"], expected["mapping"]
        return observed.keys() == expected.keys() and all(_same(observed[key], expected[key]) for key in expected)
    return observed == expected or (observed != observed and expected != expected)


def _bound(reaches, words):
    def compare(expectation: Expectation, observed) -> tuple[str, str] | None:
        value, bound = _array(observed), expectation.expected
        is_number = value is not None and value.ndim == 0 and value.dtype.kind in "biuf"
        return None if is_number and reaches(value, bound) else (show(observed), f"{words} {show(bound)}")

    return compare


_at_least = _bound(lambda value, bound: value >= bound, "at least")
_at_most = _bound(lambda value, bound: value <= bound, "at most")


def _most_agree(expectation: Expectation, observed) -> tuple[str, str] | None:
    """Labels, an array for each seed, of which most must agree with those expected in a certain share."""
    labels, share = expectation.expected["mapping"]["labels"], expectation.expected["mapping"]["share"]
    shares = [_agreement(got, expected) for got, expected in zip(observed, labels, strict=True)]
    if 2 * sum(one >= share for one in shares) > len(labels):
        return None
    return f"{', '.join(f'{one:.3g}' for one in shares)} right", f"at least {share} with most of {len(labels)} seeds"


def _agreement(observed, expected) -> float:
    """The share of the expected labels that were observed; 0 where there are others than these."""
    got, labels = _array(observed), _array(expected)
    return float(np.mean(got == labels)) if got is not None and got.shape == labels.shape else 0.0


def _raises(expectation: Expectation, raised) -> tuple[str, str] | None:
    wanted = expectation.expected
    names = " or ".join(wanted["types"])
    if not raised["types"]:
        return "no error", names
    got = f"{raised['types'][0]}: {raised['message']}"
    if not _one_family(raised["types"]):
        return got, f"{names}, and not several kinds of errors in one"
    if not set(wanted["types"]) & set(raised["types"]):
        return got + (f"\n(raised at {raised['where']})" if raised["where"] else ""), names
    missing = [mention for mention in wanted["mentions"] if mention not in raised["message"]]
    if missing:
        return got, f"{names} whose message names {', '.join(missing)}"
    for name, value in wanted["attributes"].items():
        found = raised["attributes"].get(name, "missing")
        if found != value:
            return f"{got}\nwith .{name} = {show(found)}", f".{name} = {show(value)}"
    return None


def _one_family(types: list[str]) -> bool:
    """Whether an error is of one kind: at most one of the contract's, and at most as many of Python's own as NumPy's
    AxisError, which is a ValueError and an IndexError; one that is everything at once answers no question."""
    families = {"ShapeError", "GradientError", "CheckpointError"} & set(types)
    known = [error for name in types if isinstance(error := getattr(builtins, name, None), type)]
    leaves = [one for one in known if not any(other is not one and issubclass(other, one) for other in known)]
    return len(families) <= 1 and len(leaves) <= (1 if families else 2)


_COMPARISONS = {
    "close": _close,
    "equal": _equal,
    "at_least": _at_least,
    "at_most": _at_most,
    "most_agree": _most_agree,
    "raises": _raises,
}


def _is_array(value) -> bool:
    return isinstance(value, dict) and "array" in value


def _array(value) -> np.ndarray | None:
    """The array that a plain value stands for, or None where it stands for none."""
    if _is_array(value):
        if value["array"] is None:
            return np.broadcast_to(np.array("too large to record"), value["shape"])
        return np.array(value["array"], dtype=value["dtype"]).reshape(value["shape"])
    if value is None or isinstance(value, dict) or _has_text(value):
        return None  # of texts, an array gives each the room of the longest
    try:
        array = np.array(value)
    except ValueError:  # ragged
        return None
    return None if array.dtype == object else array


def _first_difference(observed, expected, agrees) -> tuple[str, str]:
    if observed.size == 1:
        return show(observed), show(expected)
    wrong = np.argwhere(~np.atleast_1d(agrees))
    where = ", ".join(str(position) for position in wrong[0])
    count = f"{len(wrong)} of {observed.size} differ, the first at [{where}]"
    return f"{show(observed)}\n({count})", show(expected)


def show(value, quoted: bool = False) -> str:
    """Plain data as a student reads it, of a bounded length; with `quoted`, text stands in quotes."""
    text = _shown(value, quoted)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}... ({len(text):,} characters)"


def _shown(value, quoted: bool) -> str:
    if _is_array(value):
        holds = f", which holds a {value['holds']}" if "holds" in value else ""
        described = f"an array of shape {tuple(value['shape'])} and dtype {value['dtype']}{holds}"
        value = described if value["array"] is None else _array(value)
    if isinstance(value, np.ndarray):
        sides = ""
        if value.size > ITEMS_SHOWN and math.prod(min(side, 2 * EDGE) for side in value.shape) > NUMBERS_SHOWN:
            value, sides = value.ravel(), f" in shape {value.shape}"
        text = np.array2string(
            value, threshold=ITEMS_SHOWN, edgeitems=EDGE, precision=8, separator=", ", max_line_width=90
        )
        return (text if value.dtype.kind == "f" and value.size else f"{text} ({value.dtype})") + sides
    if isinstance(value, dict):
        if "object" in value:
            data = f" whose .data is a {value['data']}, not an array" if "data" in value else ""
            return f"a {value['object']}{data}"
        return "{" + ", ".join(f"{key}: {show(item, quoted)}" for key, item in value["mapping"].items()) + "}"
    if isinstance(value, list):  # a tuple is sent as a list, and shapes are what is shown most
        shown = [show(item, quoted) for item in value[:ITEMS_SHOWN]]
        rest = [f"... ({len(value):,} items)"] if len(value) > ITEMS_SHOWN else []
        return "(" + ", ".join(shown + rest) + (",)" if len(value) == 1 else ")")
    if isinstance(value, str):
        text = repr(value[:TEXT_SHOWN]) if quoted else value[:TEXT_SHOWN]
        return text if len(value) <= TEXT_SHOWN else f"{text}... ({len(value):,} characters)"
    return repr(value)
