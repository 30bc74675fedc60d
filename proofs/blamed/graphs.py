"""Explores small graphs with the tree on Python's path, and prints as JSON which operations and sums are marked.

The graphs know no mistake: every operation, on ordinary numbers and at 0, ties, 1000, infinite gradients, an axis
without elements, and shapes that broadcast.
"""

import contextlib
import io
import json
import re
import sys
import tempfile
from pathlib import Path

import numpy as np

import neural_framework as nf
from neural_framework.explorer.facts import from_json

INF = float("inf")


def leaf(*shape, dtype=np.float64):
    """A tensor that requires grad, with numbers between 0.5 and 1.5 of either sign, the same in each run."""
    rng = np.random.default_rng(sum((i + 1) * size for i, size in enumerate(shape)))
    numbers = rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape)
    return nf.Tensor(numbers.astype(dtype), requires_grad=True)


def at(*numbers, dtype=np.float64):
    """A tensor that requires grad, with these numbers."""
    return nf.Tensor(np.array(numbers, dtype), requires_grad=True)


def weighted(y):
    """Σ of y times different numbers, so that no two elements get the same gradient."""
    return (y * np.arange(2, y.size + 2).reshape(y.shape)).sum()


def infinite(y):
    """Σ of y, with an infinite gradient for every element."""
    return (y * np.full(y.shape, INF)).sum()


def each(function, *inputs):
    """Graphs of a function of one or two tensors, with the inputs as they are and with one of them constant."""
    yield lambda: weighted(function(*inputs))
    if len(inputs) == 2:
        yield lambda: weighted(function(inputs[0], inputs[1].data))
        yield lambda: weighted(function(inputs[0].detach(), inputs[1]))


def arithmetic():
    """Sums, products, quotients and powers, with every way to broadcast."""
    shapes = [((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 1), (1, 3)), ((3,), ())]
    shapes += [((2, 2, 3), (1, 3)), ((2, 2), (2,)), ((0, 3), (1, 3))]
    functions = [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a * b,
        lambda a, b: a / b,
        nf.maximum,
        nf.minimum,
        lambda a, b: nf.where((a.data + b.data) > 0, a, b),
    ]
    for function in functions:
        for a, b in [*shapes, *[(b, a) for a, b in shapes]]:
            yield from each(function, leaf(*a), leaf(*b))
    yield from each(lambda a, b: a * b, leaf(3, dtype=np.float32), leaf(2, 3, dtype=np.float32))
    for exponent in (2, 3, 1, 0, -1, 0.5, 2.5):
        yield lambda e=exponent: weighted(at(0.5, 2.0, 3.0) ** e)
    yield lambda: weighted(at(-2.0, 0.0, 2.0) ** 2)
    yield lambda: weighted(at(-2.0, 0.0, 2.0) ** 0)
    yield lambda: infinite(at(0.0, 2.0) ** 0)
    yield lambda: weighted(-leaf(2, 3))
    yield lambda: weighted(at(1.0, 2.0) ** at(2.0, 3.0))


def functions():
    """Functions of each element, at ordinary numbers and where they are delicate."""
    for name in ("exp", "sin", "cos", "tanh", "sigmoid", "abs", "relu", "leaky_relu"):
        for values in ([[-1.5, 0.5, 2.0], [0.25, -0.75, 1.25]], [-1000.0, 1000.0, 0.0, -30.0, 30.0]):
            for dtype in (np.float64, np.float32):
                yield lambda n=name, v=values, d=dtype: weighted(getattr(at(*v, dtype=d), n)())
    for name in ("log", "sqrt"):
        yield lambda n=name: weighted(getattr(at(0.5, 2.0, 1e-3, 100.0), n)())
    yield lambda: weighted(at(-2.0, 0.0, 3.0).leaky_relu(0.2))
    for low, high in ((-1, 1), (None, 1), (-1, None), (0, 2)):
        yield lambda lo=low, hi=high: weighted(at(-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0).clip(lo, hi))
        yield lambda lo=low, hi=high: infinite(at(-2.0, 0.5, 3.0).clip(lo, hi))
    yield lambda: infinite(at(-2.0, 0.0, 3.0).relu())
    for function in (nf.maximum, nf.minimum):
        yield lambda f=function: weighted(f(at(1.0, 2.0, 3.0), at(2.0, 2.0, 2.0)))
        yield lambda f=function: weighted(f(at(1.0, 2.0, 2.0), at(2.0)))
        yield lambda f=function: infinite(f(at(1.0, 2.0), at(2.0, 1.0)))
    yield lambda: infinite(nf.where(np.array([True, False]), at(1.0, 2.0), at(3.0, 4.0)))


def reductions():
    """Reductions over every axis, with ties, and of no elements."""
    for name in ("sum", "mean", "max", "min", "var"):
        for axis in (None, 0, 1, -1, (0, 2), (-1, 0), (0, 1, 2)):
            for keepdims in (False, True):
                yield lambda n=name, a=axis, k=keepdims: weighted(getattr(leaf(2, 3, 4), n)(a, k))
        yield lambda n=name: getattr(leaf(), n)() * 2
    for name in ("max", "min"):
        for axis in (None, 0, 1):
            tied = [[1.0, 3.0, 3.0], [1.0, 0.0, 3.0]]
            yield lambda n=name, a=axis, t=tied: weighted(getattr(at(*t), n)(a))
        yield lambda n=name: infinite(getattr(at([1.0, 2.0], [4.0, 3.0]), n)(1))
    for name in ("sum", "mean"):
        yield lambda n=name: weighted(getattr(leaf(2, 0, 3), n)(1))
        yield lambda n=name: weighted(getattr(leaf(2, 0, 3), n)(0))
    for axis in (0, 1, -1, -2):
        yield lambda a=axis: weighted(leaf(3, 4).log_softmax(a))
        yield lambda a=axis: weighted(leaf(2, 3, 2).softmax(a))
    yield lambda: weighted(at([1000.0, 0.0, -1000.0], [0.0, 1.0, 1000.0]).log_softmax(1))
    yield lambda: weighted(leaf(2, 0).log_softmax(1))
    yield lambda: weighted(at(0.5).log_softmax(0))


def matrices():
    """Matrix products of vectors, matrices and batches."""
    shapes = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((1, 3), (3, 1)), ((5, 2, 3), (3, 4))]
    shapes += [((2, 3), (5, 3, 4)), ((5, 2, 3), (5, 3, 4)), ((1, 2, 3), (5, 3, 4)), ((5, 1, 2, 3), (4, 3, 2))]
    shapes += [((5, 2, 3), (3,)), ((3,), (5, 3, 2)), ((3, 3), (3, 3)), ((0, 3), (3, 2))]
    for a, b in shapes:
        yield from each(lambda x, y: x @ y, leaf(*a), leaf(*b))
    yield lambda: weighted(leaf(2, 3) @ leaf(4, 3).T)
    yield lambda: weighted(nf.Linear(3, 2)(nf.Tensor(leaf(4, 3).data.astype(np.float32), requires_grad=True)))


def shapes():
    """What moves elements: other shapes, other orders, parts and joins."""
    for axes in ((), (1, 2, 0), (2, 0, 1), (0, 2, 1), (-1, 0, 1), (1, -1, 0)):
        yield lambda a=axes: weighted(leaf(2, 3, 4).transpose(*a))
    yield lambda: weighted(leaf(2, 3).T)
    yield lambda: weighted(leaf(2, 6).reshape(3, 4))
    stretched = [((3,), (2, 3)), ((2, 1), (2, 3)), ((1,), (4,)), ((), (2, 2)), ((1, 3), (2, 2, 3)), ((2,), (2,))]
    for shape, larger in stretched:
        yield lambda s=shape, t=larger: weighted(leaf(*s).broadcast_to(t))
    keys = [0, -1, slice(1, None), (slice(None), 1), (1, slice(None, None, 2)), [0, 0, 2], np.array([2, -1, 2, 0])]
    keys += [None, (slice(None), [1, 1]), ([0, 0], [1, 1]), ..., np.array([True, False, True]), (..., 0)]
    keys += [[[0, 1], [1, 0]]]
    for key in keys:
        yield lambda k=key: weighted(leaf(3, 4)[k])
    yield lambda: weighted(leaf(3, 4)[leaf(3, 4).data > 0])
    for function in (nf.concatenate, nf.stack):
        for axis in (0, 1, -1, -2):
            yield lambda f=function, a=axis: weighted(f([leaf(2, 3), leaf(2, 3) * 2.0, leaf(2, 3)], axis=a))
    yield lambda: weighted(nf.concatenate([leaf(1, 3), leaf(4, 3), leaf(2, 3)]))
    yield lambda: weighted(nf.concatenate([leaf(2, 1), leaf(2, 4)], axis=-1))
    for shape in ((), (1, 3), (2, 1), (1,)):
        yield lambda s=shape: weighted(nf.stack([leaf(*s), leaf(*s)]))


def shared():
    """Tensors with several uses, along paths of different lengths, in either order."""
    for function in (
        lambda a: a * a,
        lambda a: a + a.abs(),
        lambda a: a.abs() + a,
        lambda a: a + a.abs().exp(),
        lambda a: a.abs().exp() + a,
        lambda a: a.sin() * a.cos() + a,
        lambda a: (a + a) * (a - a.tanh()),
    ):
        yield lambda f=function: weighted(f(leaf(3)))
        yield lambda f=function: weighted(f(leaf(3).exp()))
        yield lambda f=function: weighted(f(f(leaf(3)).tanh()))


def marked(graph, page):
    """Of one graph: "all" its operations, "ops" that are marked, and "sums", the kinds of marked sums."""
    with contextlib.redirect_stdout(io.StringIO()):
        nf.explore(graph(), page)
    facts = from_json(re.search(r'id="facts">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)[1])
    ops, sums = set(), {tensor["bad"]["kind"] for tensor in facts["tensors"] if tensor["bad"]}
    for event in facts["events"]:
        own = [bad for bad in event["bad"] if bad["kind"] in ("wrote", "count")]
        sums |= {bad["kind"] for bad in event["bad"] if bad not in own}
        if own or event["error"] or any(edge["bad"] for edge in event["edges"]):
            ops.add(facts["ops"][event["op"]]["name"])
    return {"all": [op["name"] for op in facts["ops"]], "ops": sorted(ops), "sums": sorted(sums)}


def main():
    """Print what is marked, graph by graph: of all, or of those with these numbers. None: its forward fails."""
    chosen, found = {int(word) for word in sys.argv[1:]}, {}
    with tempfile.TemporaryDirectory() as folder, np.errstate(all="ignore"):
        graphs = [graph for group in (arithmetic, functions, reductions, matrices, shapes, shared) for graph in group()]
        for number, graph in enumerate(graphs):
            if not chosen or number in chosen:
                try:
                    found[number] = marked(graph, Path(folder, "page.html"))
                except Exception:  # such as a mistake in forward
                    found[number] = None
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
