"""`see`, the one helper through which a check states its facts: what came back first, what must hold second.

`See` copies what it is shown as plain data, passes it on as a fact and goes on; it never decides. On a student's tree
it passes on what came back alone, and what must hold comes from the answer key.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from grader.protocol import SHORT, WORDS
from grader.source.package import PACKAGE
from grader.source.stubs import stub_id

from .plain import plain

STEP = 3e-5  # of the differences, in float64: of fourth order, so that truncation and rounding are about 1e-10
GRADIENT_TOLERANCE = 1e-8  # of float64: less than what a float32 on the way keeps
ANOTHER = "another object"
# What a check may ask of an error: the contract's attributes.
ERROR_ATTRIBUTES = ("shape1", "shape2", "step_analysis", "shapes", "operation", "nan_count", "inf_count")


class See:
    """Passes facts to `record`, each as a dict with "kind" and "observed".

    expectations: whether a fact also says what must hold, with the other keys of a protocol.Expectation. Where it does
    not, the arguments that state it are not looked at. seed_shift: that of the run, for upstream gradients. show: takes
    what makes a picture of what was learnt; without it, nothing is shown.
    """

    def __init__(
        self,
        record: Callable[[dict], None],
        expectations: bool = True,
        seed_shift: int = 0,
        show: Callable[[Callable[[], dict]], None] | None = None,
    ):
        self._record = record
        self._show = show
        self._expectations = expectations
        self._seed_shift = seed_shift

    def close(self, observed, expected=None, tolerance: float | None = None) -> None:
        """Same shape, and values within the tolerance of the observed dtype (or a looser one that is given)."""
        self._fact("close", observed, expected, tolerance=tolerance)

    def equal(self, observed, expected=None) -> None:
        """Exactly the same shape, dtype name, string, number, list or array."""
        self._fact("equal", observed, expected)

    def same(self, observed, given=None, what: str = "") -> None:
        """The very object that the check gave, with what it holds; another one that holds the same does not count."""
        seen = observed if observed is given else [ANOTHER, observed]
        self._fact("equal", seen, given, what=what)

    def true(self, condition, what: str = "") -> None:
        """Only for shared memory and other things of which there is no value to show."""
        self._fact("equal", bool(condition), True, what=what)

    def at_least(self, value, bound=None) -> None:
        """A number that must reach a bound."""
        self._fact("at_least", value, bound)

    def at_most(self, value, bound=None) -> None:
        """A number that must not exceed a bound."""
        self._fact("at_most", value, bound)

    def most_agree(self, labels: Sequence, expected=(), share=None) -> None:
        """Most of these arrays of labels, one a seed, must agree with those expected in at least this share."""
        self._fact("most_agree", list(labels), {"labels": list(expected), "share": share})

    def raises(self, call: Callable[[], object], names=(), mentions=(), **attributes) -> None:
        """The call raises one of the named exceptions (or a subclass), with these facts in message and attributes.

        A stub's NotImplementedError is never taken for the error asked for: it goes on to the grader.
        """
        raised = {"types": [], "message": "", "attributes": {}, "where": None}
        try:
            call()
        except Exception as error:
            if stub_id(error):
                raise
            raised = describe_raised(error)
        wanted = {
            "types": [names] if isinstance(names, str) else list(names),
            "mentions": [str(mention) for mention in mentions],
            "attributes": {name: plain(value) for name, value in attributes.items()},
        }
        self._fact("raises", raised, wanted, already_plain=True)

    def without_warnings(self, call: Callable[[], object]):
        """The call emits no warning, of which each kind is reported once; returns its result."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = call()
        self._fact("equal", list(dict.fromkeys(str(warning.message) for warning in caught)), [], what="warnings")
        return result

    def steps(self, call: Callable[[], object]) -> int:
        """How many lines of Python a call runs, without those of imports; states no fact."""
        count = 0

        def line(frame, event, argument):
            nonlocal count
            if frame.f_code.co_filename.startswith("<frozen importlib"):  # a module may call itself what it likes
                return None
            count += event == "line"
            return line

        before = sys.gettrace()
        sys.settrace(line)
        try:
            call()
        finally:
            sys.settrace(before)
        return count

    def gradients(self, f: Callable, inputs: Sequence, like: Callable | None = None) -> None:
        """The gradients of f's inputs equal central differences of `like` (or f itself) on plain NumPy arrays.

        The expectation never touches the tree: `like` computes the same function with NumPy. An uneven gradient of
        both signs goes backward, so that no row or column can cancel another. A second tensor receives the same array
        as f's operation, as in a sum: nothing on the way back may change that array, nor an input. All of them are
        stored column by column, as after a transpose: no result depends on the order in memory.
        """
        package = importlib.import_module(PACKAGE)
        arrays = [np.array(array, dtype=np.float64) for array in inputs]
        tensors = [package.from_numpy(array.copy(order="F"), requires_grad=True) for array in arrays]
        result = f(*tensors)
        reference = like or f
        self._fact("equal", result.shape, compute=lambda: np.shape(reference(*arrays)), what="shape of the result")
        upstream = uneven(result.shape, self._seed_shift)
        witness = package.Tensor(np.zeros(result.shape), requires_grad=True)
        package.apply(sum_of_two(package.Operation)(), result, witness).backward(upstream.copy(order="F"))
        for position, tensor in enumerate(tensors):
            what = f"gradient of input {position + 1} of {len(tensors)}" if len(tensors) > 1 else "gradient"
            differences = functools.partial(central_differences, reference, arrays, position, upstream)
            self._fact(
                "close", tensor.grad, compute=differences, tolerance=GRADIENT_TOLERANCE, what=what, upstream=upstream
            )
        seen, given = [witness.grad, *tensors], [upstream, *arrays]
        self._fact("equal", seen, given, what="the upstream gradient and the inputs, which backward only reads")

    def shows(self, kind: str, title: str, make: Callable[[], dict]) -> None:
        """A picture of what was learnt: its kind, and the data that `make` returns (schema.py has the fields).

        It is not a fact: whatever `make` raises costs nothing. So it comes after a check's last fact.
        """
        if self._show is not None:
            with contextlib.suppress(Exception):
                self._show(lambda: {"kind": kind, "title": title, "data": _as_lists(make())})

    def _fact(
        self,
        kind,
        observed,
        expected=None,
        *,
        compute=None,
        what="",
        tolerance=None,
        upstream=None,
        already_plain=False,
    ) -> None:
        """compute: makes the expectation, which is called only where it is asked for."""
        __tracebackhide__ = True
        fact = {"kind": kind, "observed": observed if already_plain else plain(observed)}
        if self._expectations:
            expected = compute() if compute is not None else expected
            expected = np.asarray(expected) if kind == "close" else expected
            fact["expected"] = expected if already_plain else plain(expected)
            shown = "" if upstream is None else np.array2string(upstream, precision=8, separator=", ", threshold=60)
            fact.update(tolerance=tolerance, what=what, line=_line_in_check(), upstream=shown)
        self._record(fact)


def _as_lists(value: object) -> object:
    """Mappings, lists and plain values alone; arrays and NumPy's numbers become such."""
    if isinstance(value, dict):
        return {name: _as_lists(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_as_lists(each) for each in value]
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def describe_raised(error: Exception) -> dict:
    """An error as the fact `raises` observes it."""
    return {
        "types": [cls.__name__[:SHORT] for cls in type(error).__mro__],
        "message": str(error)[:WORDS],
        "attributes": {name: plain(getattr(error, name)) for name in ERROR_ATTRIBUTES if hasattr(error, name)},
        "where": _place_in_package(error),
    }


def uneven(shape: tuple[int, ...], seed_shift: int = 0) -> np.ndarray:
    """An upstream gradient: no two numbers alike, half of them negative (a single one is); the same in every run with
    these seeds."""
    random = np.random.default_rng(7 + seed_shift)
    size = int(np.prod(shape))
    return (random.permutation(np.resize([-1.0, 1.0], size)) * random.uniform(0.5, 1.5, size)).reshape(shape)


def sum_of_two(operation_class: type) -> type:
    """An operation, x + y, whose backward returns one and the same array for both."""

    class SumOfTwo(operation_class):
        def forward(self, x, y):
            return x + y

        def backward(self, grad):
            return grad, grad

    return SumOfTwo


def central_differences(f, arrays, position, upstream) -> np.ndarray:
    """d(sum(f(*arrays) * upstream)) / d(arrays[position]), element by element."""

    def at(index: tuple[int, ...], steps: int) -> np.ndarray:
        changed = [array.copy() for array in arrays]
        changed[position][index] += steps * STEP
        return f(*changed)

    gradient = np.zeros_like(arrays[position])
    for index in np.ndindex(gradient.shape):
        slopes = (8 * (at(index, 1) - at(index, -1)) - (at(index, 2) - at(index, -2))) / (12 * STEP)
        gradient[index] = np.sum(slopes * upstream)
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
