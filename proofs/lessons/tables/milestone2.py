"""The tables of milestone 2."""

from __future__ import annotations

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
