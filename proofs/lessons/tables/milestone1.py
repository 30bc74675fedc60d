"""The tables of milestone 1."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np

import neural_framework as nf

from . import Rows


def kinds_of_data() -> Rows:
    """Which dtype data of each kind has in NumPy and in a tensor, and whether its first number brings its own."""
    rows = [("data", "NumPy's dtype", "first number inside, and its own dtype", "the tensor's dtype")]
    for text in ("[1, 2.5]", "[[1], [2.5]]", "[1, 2]", "[True]", "[]", "np.array([1, 2.5])", "[np.float64(2.5)]"):
        data = eval(text, {"np": np})
        first = data
        while isinstance(first, list) and first:
            first = first[0]
        has = "none" if isinstance(first, list) else f"{_first(first)}: {getattr(first, 'dtype', 'none')}"
        rows.append((f"`{text}`", np.asarray(data).dtype, has, nf.Tensor(data).dtype))
    return rows


def sizes_from_the_right() -> Rows:
    """How the shapes (2, 1, 3) and (5, 1) broadcast, from the right to the left."""
    shape1, shape2 = (2, 1, 3), (5, 1)
    rows, joint = [("from the right", "(2, 1, 3)", "(5, 1)", "joint size", "because")], []
    names = ("last", "second to last", "third to last")
    pairs = zip_longest(reversed(shape1), reversed(shape2))
    for name, (one, other) in zip(names, pairs, strict=True):
        size1, size2 = one or 1, other or 1
        joint.append(size2 if size1 == 1 else size1)
        because = "a missing size counts as 1, and 1 stretches" if other is None else "1 stretches"
        rows.append((name, one, "missing" if other is None else other, joint[-1], because))
    if tuple(reversed(joint)) != nf.broadcast_shapes(shape1, shape2):
        raise ValueError("the walk that the lesson shows finds another shape than the reference")
    return rows


def recorded() -> Rows:
    """What y = w x + b records, w and b requiring grad, x not."""
    w, x, b = nf.Tensor(2.0, requires_grad=True), nf.Tensor(3.0), nf.Tensor(1.0, requires_grad=True)
    m = w * x
    y = m + b
    named = {"w": w, "x": x, "b": b, "m = w * x": m, "y = m + b": y}
    rows = [("tensor", "value", "requires_grad", "grad_fn", "grad_fn.inputs")]
    for name, tensor in named.items():
        sources = tensor.grad_fn.inputs if tensor.grad_fn else ()
        inputs = ", ".join(next(key[0] for key, one in named.items() if one is source) for source in sources)
        operation = type(tensor.grad_fn).__name__ if tensor.grad_fn else "None"
        rows.append((name, tensor.item(), tensor.requires_grad, operation, inputs))
    return rows


def nested_blocks() -> Rows:
    """The count of open no_grad blocks, next to what a switch says."""
    x = nf.Tensor(1.0, requires_grad=True)
    rows = [("you", "count", "recorded?", "with an on/off switch")]

    def row(what: str, count: int, switch: str) -> None:
        now = "yes" if (x + x).requires_grad else "no"
        rows.append((what, count, now, switch if switch == now else f"{switch}: wrong"))

    row("begin", 0, "yes")
    with nf.no_grad():
        row("enter a block", 1, "no")
        with nf.no_grad():
            row("enter a block inside it", 2, "no")
        row("leave the inner block", 1, "yes")
    row("leave the outer block", 0, "yes")
    return rows


def reflected() -> Rows:
    """Which method Python calls for an operator with a tensor x = [1, 2, 4]."""
    x = nf.Tensor([1.0, 2.0, 4.0])
    rows = [("you write", "Python calls", "`self` is", "result")]
    for text, call, side in (
        ("x - 10", "x.__sub__(10)", "on the left"),
        ("10 - x", "x.__rsub__(10)", "on the right"),
        ("8 / x", "x.__rtruediv__(8)", "on the right"),
    ):
        result, called = (eval(code, {"x": x}).tolist() for code in (text, call))
        if result != called:
            raise ValueError(f"{text} is not {call}")
        rows.append((f"`{text}`", f"`{call}`", side, _list(result)))
    return rows


def product_shapes() -> Rows:
    """The inner sizes, batches and result shapes of matrix products."""
    rows = [("x", "y", "inner sizes", "batch of x, of y", "x @ y")]
    for shape1, shape2 in (((2, 3), (3, 4)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 1, 3, 4), (5, 4, 2))):
        inner = f"{shape1[-1]} and {shape2[-2 if len(shape2) > 1 else 0]}"
        batches = f"{shape1[:-2]}, {shape2[:-2]}"
        rows.append((shape1, shape2, inner, batches, (nf.ones(shape1) @ nf.ones(shape2)).shape))
    return rows


def softmax_steps() -> Rows:
    """The steps of log_softmax and softmax for two rows that differ by 999."""
    rows = [("x", "s = x - max x", "eˢ", "Σ eˢ", "log_softmax = s - log Σ eˢ", "softmax")]
    for scores in ([1.0, 2.0, 3.0], [1000.0, 1001.0, 1002.0]):
        x = nf.Tensor(scores, dtype=np.float64)
        s = x - x.max()
        powers = s.exp()
        total = f"{powers.sum().item():.3f}"
        rows.append((_list(scores), _list(s), _list(powers), total, _list(x.log_softmax()), _list(x.softmax())))
    return rows


def pieces() -> Rows:
    """The functions with kinks at a few numbers."""
    numbers = [-2.0, 0.5, 3.0, float("inf"), float("nan")]
    x = nf.Tensor(numbers)
    functions = {
        "relu": x.relu(),
        "leaky_relu(0.5)": x.leaky_relu(0.5),
        "clip(None, 1.0)": x.clip(None, 1.0),
        "maximum(x, 1.0)": nf.maximum(x, 1.0),
        "where(x > 0, x, 7.0)": nf.where(x > 0, x, 7.0),
    }
    heading = ("x", *(f"{number:g}" for number in numbers))
    return [heading, *((f"`{name}`", *(f"{value:g}" for value in y.tolist())) for name, y in functions.items())]


def combined() -> Rows:
    """Means and variances of [[1, 2, 6], [3, 8, 4]] along each axis, and how many numbers each combines."""
    x = nf.Tensor([[1.0, 2.0, 6.0], [3.0, 8.0, 4.0]])
    rows = [("axis", "n", "mean", "with keepdims", "var")]
    for axis in (0, 1, (0, 1)):
        mean = x.mean(axis=axis)
        kept = x.mean(axis=axis, keepdims=True).shape
        rows.append((axis, x.size // mean.size, _list(mean), kept, _list(x.var(axis=axis))))
    return rows


def moved_axes() -> Rows:
    """Where the axes of a (2, 3, 4) tensor are after transpose(2, 0, 1)."""
    x, axes = nf.ones((2, 3, 4)), (2, 0, 1)
    shape = x.transpose(axes).shape
    return [("axis of the result", "is axis of x", "size"), *zip(range(3), axes, shape, strict=True)]


def _first(number: object) -> str:
    return f"{number}" if np.ndim(number) == 0 else "the array itself"


def _list(values: object) -> str:
    array = np.asarray(values.data if isinstance(values, nf.Tensor) else values)
    if array.ndim == 0:
        return f"{array:.4g}"
    return "[" + ", ".join(f"{round(number, 3) + 0.0:g}" for number in array.tolist()) + "]"
