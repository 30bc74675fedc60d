"""The three rectangles of a matrix product, forward and backward, with one entry traced in each."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

import neural_framework as nf

from .svg import Picture, signed

X, Y, GRAD = [[1.0, 2.0]], [[3.0, 4.0, 5.0], [6.0, 7.0, 8.0]], [[1.0, 0.0, 10.0]]
CELL = (38, 30)
SPLIT = 150  # left of it stands the first factor, right of it the second one, and below that the product


def draw() -> str:
    """The picture."""
    x, y = (nf.Tensor(values, requires_grad=True) for values in (X, Y))
    z = x @ y
    z.backward(np.array(GRAD))
    picture = Picture(
        420,
        636,
        "A matrix product and its two gradients: x (1, 2), y (2, 3), z = x @ y (1, 3)",
        "Each product stands where its rows and columns meet. Forward: z[0, 0] = 1 · 3 + 2 · 6 = 15. Gradient of x: "
        "grad @ yᵀ = [53, 86], and 53 = 1 · 3 + 0 · 4 + 10 · 5. Gradient of y: xᵀ @ grad, and its entry [1, 2] is "
        "2 · 10 = 20. No other product of the two matrices, transposed or not, in either order, has the right shape.",
    )
    _block(picture, 30, "Forward", ("x", x.numpy()), ("y", y.numpy()), ("z = x @ y", z.numpy()), (0, 0), "forward")
    grad = np.array(GRAD)
    _block(
        picture,
        216,
        "For x: the row of z that x₀ reached",
        ("grad", grad),
        ("yᵀ", y.numpy().T),
        ("dL/dx = grad @ yᵀ", x.grad.numpy()),
        (0, 0),
        "backward",
        _ways("grad", grad, "y", y.numpy(), x.shape),
    )
    _block(
        picture,
        456,
        "For y: the column of z that y₁₂ reached",
        ("xᵀ", x.numpy().T),
        ("grad", grad),
        ("dL/dy = xᵀ @ grad", y.grad.numpy()),
        (1, 2),
        "backward",
        _ways("x", x.numpy(), "grad", grad, y.shape),
    )
    return picture.svg()


def _ways(first: str, a: np.ndarray, second: str, b: np.ndarray, shape: tuple[int, int]) -> str:
    """Which products of the two, transposed or not, in either order, have the wanted shape."""
    ways = {}
    for (name, value), (other, more) in product([(first, a), (f"{first}ᵀ", a.T)], [(second, b), (f"{second}ᵀ", b.T)]):
        ways[f"{name} @ {other}"] = (value.shape, more.shape)
        ways[f"{other} @ {name}"] = (more.shape, value.shape)
    fit = [way for way, (left, right) in ways.items() if left[1] == right[0] and (left[0], right[1]) == shape]
    return f"Of all {len(ways)} ways to multiply them, only {' and '.join(fit)} is {shape}."


def _block(
    picture: Picture,
    top: float,
    title: str,
    first: tuple[str, np.ndarray],
    second: tuple[str, np.ndarray],
    result: tuple[str, np.ndarray],
    entry: tuple[int, int],
    kind: str,
    note: str = "",
) -> None:
    """The first factor at the left, the second above, the product where they meet; the entry's row and column lit."""
    picture.text(16, top, title, f"{kind} bold", size=15)
    (width, height), (row, column) = CELL, entry
    low = top + 22 + len(second[1]) * height + 10  # the top of the product
    left = SPLIT - 10 - first[1].shape[1] * width

    def lit(is_lit: Callable[[int, int], bool]) -> Callable[[int, int], str]:
        return lambda i, j: kind if is_lit(i, j) else ""

    picture.matrix(left, low, first[1].tolist(), lit(lambda i, j: i == row), CELL)
    picture.matrix(SPLIT, top + 22, second[1].tolist(), lit(lambda i, j: j == column), CELL)
    picture.matrix(SPLIT, low, result[1].tolist(), lit(lambda i, j: (i, j) == entry), CELL)
    bottom = low + len(result[1]) * height + 18
    right = SPLIT + second[1].shape[1] * width + 10
    for (name, values), x, y, anchor in (
        (first, SPLIT - 10, low - 8, "end"),
        (second, right, top + 22 + len(second[1]) * height / 2, "start"),
        (result, right, low + 14, "start"),
    ):
        picture.text(x, y, name, "bold", anchor, 14)
        below = low + len(values) * height + 16 if anchor == "end" else y + 17
        picture.text(x, below, f"{values.shape}", "soft", anchor, 13)
    terms = " + ".join(f"{signed(a)} · {signed(b)}" for a, b in zip(first[1][row], second[1][:, column], strict=True))
    picture.text(SPLIT, bottom + 4, f"{terms} = {signed(result[1][entry])}", f"{kind} bold", size=14)
    if note:
        picture.text(16, bottom + 30, note, size=13)
