"""Compares what a check observed with what it expected, and says in words where they differ."""

from __future__ import annotations

import numpy as np

# The one place where tolerances stand. A Python float does not tell how it was computed: it gets float32's.
TOLERANCES = {"float16": 1e-2, "float32": 1e-5, "float64": 1e-9}


def disagreement(fact: dict) -> tuple[str, str] | None:
    """None where the fact holds; otherwise what came back and what was expected, each in words."""
    try:
        return _COMPARISONS[fact["kind"]](fact)
    except (TypeError, ValueError, OverflowError):  # what came back can't even be compared
        return _show(fact["observed"]), _show(fact["expected"])


def _close(fact: dict) -> tuple[str, str] | None:
    observed, expected = _array(fact["observed"]), _array(fact["expected"])
    if observed is None or observed.dtype.kind not in "biuf":
        return _show(fact["observed"]), _show(fact["expected"])
    if observed.shape != expected.shape:
        return f"shape {observed.shape}: {_show(observed)}", f"shape {expected.shape}: {_show(expected)}"
    tolerance = fact.get("tolerance") or tolerance_of(fact["observed"])
    agrees = np.isclose(observed, expected, rtol=tolerance, atol=tolerance, equal_nan=True)
    return None if agrees.all() else _first_difference(observed, expected, agrees)


def tolerance_of(observed) -> float:
    """The tolerance, relative and absolute, that the observed dtype deserves."""
    dtype = observed["dtype"] if isinstance(observed, dict) else "float32"
    return TOLERANCES.get(dtype, TOLERANCES["float64"])


def _equal(fact: dict) -> tuple[str, str] | None:
    observed, expected = fact["observed"], fact["expected"]
    if _same(observed, expected):
        return None
    if _is_array(observed) and (array := _array(expected)) is not None and array.dtype.kind in "biuf":
        got = _array(observed)
        if got.shape != array.shape:
            return f"shape {got.shape}: {_show(observed)}", f"shape {array.shape}: {_show(expected)}"
        return _first_difference(got, array, got == array)
    return _show(observed), _show(expected)


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
    def compare(fact: dict) -> tuple[str, str] | None:
        value = _array(fact["observed"])
        is_number = value is not None and value.ndim == 0 and value.dtype.kind in "biuf"
        holds = is_number and reaches(value, fact["expected"])
        return None if holds else (_show(fact["observed"]), f"{words} {_show(fact['expected'])}")

    return compare


def _most_at_least(fact: dict) -> tuple[str, str] | None:
    values, bound = fact["observed"], fact["expected"]
    reached = sum(_bound_holds(value, bound) for value in values)
    if 2 * reached > len(values):
        return None
    return ", ".join(map(_show, values)), f"at least {bound} with most seeds"


def _bound_holds(value, bound) -> bool:
    return _COMPARISONS["at_least"]({"observed": value, "expected": bound}) is None


def _raises(fact: dict) -> tuple[str, str] | None:
    raised, wanted = fact["observed"], fact["expected"]
    names = " or ".join(wanted["types"])
    if not raised["types"]:
        return "no error at all", names
    got = f"{raised['types'][0]}: {raised['message']}"
    if not set(wanted["types"]) & set(raised["types"]):
        return got + (f"\n(raised at {raised['where']})" if raised["where"] else ""), names
    missing = [mention for mention in wanted["mentions"] if mention not in raised["message"]]
    if missing:
        return got, f"{names} whose message names {', '.join(missing)}"
    for name, value in wanted["attributes"].items():
        if raised["attributes"][name] != value:
            return f"{got}\nwith .{name} = {_show(raised['attributes'][name])}", f".{name} = {_show(value)}"
    return None


_COMPARISONS = {
    "close": _close,
    "equal": _equal,
    "at_least": _bound(lambda value, bound: value >= bound, "at least"),
    "at_most": _bound(lambda value, bound: value <= bound, "at most"),
    "most_at_least": _most_at_least,
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
    if value is None or isinstance(value, dict):
        return None
    try:
        array = np.array(value)
    except ValueError:  # ragged
        return None
    return None if array.dtype == object else array


def _first_difference(observed, expected, agrees) -> tuple[str, str]:
    if observed.size == 1:
        return _show(observed), _show(expected)
    wrong = np.argwhere(~np.atleast_1d(agrees))
    where = ", ".join(str(position) for position in wrong[0])
    count = f"{len(wrong)} of {observed.size} differ, the first at [{where}]"
    return f"{_show(observed)}\n({count})", _show(expected)


def _show(value) -> str:
    if _is_array(value):
        array = _array(value)
        shape = tuple(value["shape"])
        holds = f", which holds a {value['holds']}" if "holds" in value else ""
        value = (
            array
            if array is not None and array.dtype.kind in "biuf"
            else f"an array of shape {shape} and dtype {value['dtype']}{holds}"
        )
    if isinstance(value, np.ndarray):
        text = np.array2string(value, threshold=60, precision=8, separator=", ", max_line_width=90)
        return text if value.dtype.kind == "f" and value.size else f"{text} ({value.dtype})"
    if isinstance(value, dict):
        if "object" in value:
            return f"a {value['object']}" + (f" whose .data is a {value['data']}, no array" if "data" in value else "")
        return "{" + ", ".join(f"{key}: {_show(item)}" for key, item in value["mapping"].items()) + "}"
    if isinstance(value, list):  # tuples arrive as lists: shapes are what is shown most
        return "(" + ", ".join(_show(item) for item in value) + (",)" if len(value) == 1 else ")")
    return str(value) if isinstance(value, str) else repr(value)
