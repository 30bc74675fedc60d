"""`see`, the one helper through which a check states its facts: what came back first, what must hold second.

`See` copies what it is shown as plain data, hands it on as a fact and goes on; it never decides. A fact is a dict
with the keys "kind", "line" (in the check), "what" (a few words, may be empty), "observed" and "expected".
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from grader.source.package import PACKAGE
from grader.source.stubs import stub_id

# An array beyond this is recorded by shape and dtype alone: no check needs more, a wrong broadcast may make millions.
LARGEST_RECORDED_ARRAY = 20_000

STEP = 1e-5  # of the central differences, in float64: truncation about 1e-10, rounding about 1e-11


class See:
    """Records facts. `record` receives each fact; what it does with it (stream it, judge it) is its own affair."""

    def __init__(self, record: Callable[[dict], None]):
        self._record = record

    def close(self, observed, expected, tolerance: float | None = None) -> None:
        """Same shape, and values within the tolerance of the observed dtype (or a looser one that is given)."""
        self._fact("close", observed, np.asarray(expected), tolerance=tolerance)

    def equal(self, observed, expected) -> None:
        """Exactly the same shape, dtype name, string, number, list or array."""
        self._fact("equal", observed, expected)

    def true(self, condition, what: str = "") -> None:
        """Only for identity and shared memory, where there is no value to show."""
        self._fact("equal", bool(condition), True, what=what)

    def at_least(self, value, bound) -> None:
        """A number that must reach a bound."""
        self._fact("at_least", value, bound)

    def at_most(self, value, bound) -> None:
        """A number that must not pass a bound."""
        self._fact("at_most", value, bound)

    def most_at_least(self, values: Sequence[float], bound: float) -> None:
        """At least two of three numbers (say, accuracies of three seeds) must reach a bound."""
        self._fact("most_at_least", list(values), bound)

    def raises(self, call: Callable[[], object], names: str | tuple[str, ...], mentions=(), **attributes) -> None:
        """The call raises one of the named exceptions (or a subclass), with these facts in message and attributes.

        A stub's NotImplementedError is never taken for the error asked for: it goes on to the grader.
        """
        raised = {"types": [], "message": "", "attributes": {}, "where": None}
        try:
            call()
        except Exception as error:
            if stub_id(error):
                raise
            raised["types"] = [cls.__name__ for cls in type(error).__mro__]
            raised["message"] = str(error)[:2000]
            raised["where"] = _place_in_package(error)
            raised["attributes"] = {name: plain(getattr(error, name, "no such attribute")) for name in attributes}
        wanted = {
            "types": [names] if isinstance(names, str) else list(names),
            "mentions": [str(mention) for mention in mentions],
            "attributes": {name: plain(value) for name, value in attributes.items()},
        }
        self._fact("raises", raised, wanted, already_plain=True)

    def without_warnings(self, call: Callable[[], object]):
        """The call emits no warning; hands on its result."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = call()
        self._fact("equal", [str(warning.message) for warning in caught], [], what="warnings")
        return result

    def gradients(self, f: Callable, inputs: Sequence, like: Callable | None = None) -> None:
        """The gradients of f's inputs equal central differences of `like` (or f itself) on plain NumPy arrays.

        The expectation never touches the tree: `like` computes the same function with NumPy. A seeded gradient of
        the output's shape goes backward, so that no row or column can cancel another.
        """
        tensor_class = importlib.import_module("neural_framework").Tensor
        arrays = [np.array(array, dtype=np.float64) for array in inputs]
        reference = like or f
        expected_result = reference(*arrays)
        if isinstance(expected_result, tensor_class):
            raise TypeError("see.gradients: on arrays, f must give an array; name `like`, the same function in NumPy")
        shape = np.shape(expected_result)
        seed_gradient = np.random.default_rng(7).uniform(0.5, 1.5, size=shape)
        tensors = [tensor_class(array.copy(), requires_grad=True) for array in arrays]
        result = f(*tensors)
        if tuple(result.shape) != shape:
            self._fact("equal", result.shape, shape, what="shape of the result")
            return
        result.backward(seed_gradient)
        for position, tensor in enumerate(tensors):
            expected = _central_differences(reference, arrays, position, seed_gradient)
            what = f"gradient of input {position + 1} of {len(tensors)}" if len(tensors) > 1 else "gradient"
            self._fact("close", tensor.grad, expected, tolerance=1e-6, what=what)

    def _fact(self, kind, observed, expected, *, what="", tolerance=None, already_plain=False) -> None:
        __tracebackhide__ = True
        if not already_plain:
            observed, expected = plain(observed), plain(expected)
        fact = {"kind": kind, "line": _line_in_check(), "what": what, "observed": observed, "expected": expected}
        if tolerance is not None:
            fact["tolerance"] = tolerance
        self._record(fact)


def plain(value):
    """`value` as data that JSON can carry: an array becomes {"array": nested lists, "dtype": ..., "shape": ...}."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return _plain_array(np.asarray(value))
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, type):
        return np.dtype(value).name if issubclass(value, np.generic) else value.__name__
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {"mapping": {str(key): plain(item) for key, item in value.items()}}
    data = getattr(value, "data", None)
    if isinstance(data, np.ndarray):  # the tree's Tensor
        return _plain_array(data)
    described = {"object": type(value).__name__}
    return described if data is None else {**described, "data": type(data).__name__}


def _plain_array(array: np.ndarray) -> dict:
    array = np.array(array, subok=False)
    plain_array = {"array": None, "dtype": array.dtype.name, "shape": list(array.shape)}
    if array.dtype.kind in "biuf" and array.dtype.itemsize <= 8 and array.size <= LARGEST_RECORDED_ARRAY:
        plain_array["array"] = array.tolist()
    if array.dtype == object and array.size == 1:
        plain_array["holds"] = type(array.item()).__name__
    return plain_array


def _central_differences(f, arrays, position, seed_gradient) -> np.ndarray:
    """d(sum(f(*arrays) * seed_gradient)) / d(arrays[position]), element by element."""
    changed = [array.copy() for array in arrays]
    gradient = np.zeros_like(changed[position])
    for index in np.ndindex(gradient.shape):
        middle = arrays[position][index]
        changed[position][index] = middle + STEP
        above = np.sum(f(*changed) * seed_gradient)
        changed[position][index] = middle - STEP
        below = np.sum(f(*changed) * seed_gradient)
        changed[position][index] = middle
        gradient[index] = (above - below) / (2 * STEP)
    return gradient


def _place_in_package(error: BaseException) -> str | None:
    """File and line of the package where an error came from; None where it came from elsewhere."""
    place, trace = None, error.__traceback__
    while trace is not None:
        _, found, inside = Path(trace.tb_frame.f_code.co_filename).as_posix().rpartition(f"/{PACKAGE}/")
        if found:
            place = f"{PACKAGE}/{inside}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _line_in_check() -> int:
    """The line of the running check, also where a helper of its file called `see`."""
    frame = sys._getframe(1)
    while frame is not None and not frame.f_code.co_name.startswith("test_"):
        frame = frame.f_back
    return frame.f_lineno if frame is not None else 0
