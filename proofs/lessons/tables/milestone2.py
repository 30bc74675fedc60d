"""The tables of milestone 2."""

from __future__ import annotations

import numpy as np

import neural_framework as nf

from . import Rows


def backward_by_hand() -> Rows:
    """One backward through L = (w x + b - t)² at w, x, b, t = 2, 3, 1, 5: each step with local times upstream."""
    w, x, b, t = (nf.Tensor(value, requires_grad=True) for value in (2.0, 3.0, 1.0, 5.0))
    product = w * x
    prediction = product + b
    error = prediction - t
    loss = error**2
    for tensor in (product, prediction, error, loss):
        tensor.retain_grad()
    loss.backward()
    steps = [
        ("e² = L", "e", error, 2 * error.item(), loss),
        ("p - t = e", "p", prediction, 1.0, error),
        ("p - t = e", "t", t, -1.0, error),
        ("m + b = p", "m", product, 1.0, prediction),
        ("m + b = p", "b", b, 1.0, prediction),
        ("w x = m", "w", w, x.item(), product),
        ("w x = m", "x", x, w.item(), product),
    ]
    rows = [("step", "for", "value", "local", "upstream", "sent on: local · upstream")]
    for step, name, tensor, local, result in steps:
        rows.append((step, name, tensor.item(), local, result.grad.item(), tensor.grad.item()))
    return rows


def order_trace() -> Rows:
    """The depth-first search through a + a.abs() for a = x.exp(): what it takes from its stack, and what it does."""
    x = nf.Tensor(1.0, requires_grad=True)
    a = x.exp()
    y = a + a.abs()
    stack, visited, listed = [y.grad_fn], set(), []
    rows = [("taken from the stack", "so", "stack afterwards, top at the right", "list")]
    while stack:
        operation = stack.pop()
        producers = [source.grad_fn for source in operation.inputs if source.grad_fn is not None]
        if operation in listed:
            done = "listed before: drop it"
        elif operation in visited:
            done = "second visit: list it"
            listed.append(operation)
        else:
            done = "first visit: put it back, and its producers on top" if producers else "first visit: put it back"
            visited.add(operation)
            stack += [operation, *producers]
        rows.append((_name(operation), done, _names(stack), _names(listed)))
    if listed[::-1] != nf.topological_sort(y):
        raise ValueError("the search that the lesson shows finds another order than the reference")
    return rows


def diamond() -> Rows:
    """The running sums in L = a + 4 b with a = 2 x and b = x² at x = 3."""
    x = nf.Tensor(3.0, requires_grad=True)
    a, b = 2 * x, x**2
    loss = a + 4 * b
    for tensor in (a, b):
        tensor.retain_grad()
    loss.backward()
    to_a, to_b, from_b, from_a = 1.0, 4.0, 2 * x.item() * b.grad.item(), 2.0 * a.grad.item()
    if (a.grad.item(), b.grad.item(), x.grad.item()) != (to_a, to_b, from_b + from_a):
        raise ValueError("the sums that the lesson shows are not those of the reference")
    return [
        ("step", "upstream", "sends", "sum of a", "sum of b", "sum of x"),
        ("L = a + 4 b", 1.0, f"{to_a:g} to a, {to_b:g} to b", to_a, to_b, ""),
        ("b = x²", to_b, f"{to_b:g} · {2 * x.item():g} = {from_b:g} to x", to_a, "", from_b),
        ("a = 2 x", to_a, f"{to_a:g} · 2 = {from_a:g} to x", "", "", x.grad.item()),
    ]


def broadcast_and_back() -> Rows:
    """The gradient [[0, 1, 2], [3, 4, 5]] summed back to (3,) and to (2, 1)."""
    grad = np.arange(6.0).reshape(2, 3)
    rows = [("y", "copies going forward", "sums going back", "dL/dy")]
    row, column = (nf.unbroadcast_gradient(grad, shape) for shape in ((3,), (2, 1)))
    rows.append(("(3,)", "one in each row", _sums(grad.T), _matrix(row)))
    rows.append(("(2, 1)", "one in each column", _sums(grad), _matrix(column)))
    return rows


def matrix_product() -> Rows:
    """One matrix product and its two gradients, with shapes."""
    x = nf.Tensor([[1.0, 2.0]], requires_grad=True)
    y = nf.Tensor([[3.0, 4.0, 5.0], [6.0, 7.0, 8.0]], requires_grad=True)
    grad = np.array([[1.0, 0.0, 10.0]])
    z = x @ y
    z.backward(grad)
    named = {
        "x": x.data,
        "y": y.data,
        "z = x @ y": z.data,
        "upstream gradient": grad,
        "dL/dx = grad @ yᵀ": x.grad.data,
        "dL/dy = xᵀ @ grad": y.grad.data,
    }
    lines = [(name, ", ".join(_matrix(row) for row in array), str(array.shape)) for name, array in named.items()]
    return [("", "numbers", "shape"), *lines]


def log_softmax_slopes() -> Rows:
    """All dy_i/dx_j of y = log_softmax([1, 2, 3])."""
    rows = [("", *(f"x{'₀₁₂'[j]}" for j in range(3)))]
    for i in range(3):
        x = nf.Tensor([1.0, 2.0, 3.0], requires_grad=True, dtype=np.float64)
        x.log_softmax()[i].backward()
        rows.append((f"y{'₀₁₂'[i]}", *(f"{slope:.3f}" for slope in x.grad.tolist())))
    return rows


def _name(operation: object) -> str:
    return type(operation).__name__


def _names(operations: list) -> str:
    return ", ".join(map(_name, operations)) or "empty"


def _matrix(array: np.ndarray) -> str:
    return "[" + ", ".join(_matrix(part) if part.ndim else f"{part:g}" for part in array) + "]"


def _sums(rows: np.ndarray) -> str:
    return ", ".join(" + ".join(f"{number:g}" for number in row) for row in rows)
