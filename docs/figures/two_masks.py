"""Two masks over the same scores, and the weights that each leaves."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

import neural_framework as nf

from .svg import Picture

POWERS = np.array([[2, 1, 3, 2], [1, 3, 4, 2], [4, 1, 3, 2], [1, 2, 1, 4]])  # e to the power of each score
REAL = 3  # keys that are not padding
CELL = (38, 28)
LEFT, RIGHT = 16, 240


def masks() -> dict[str, np.ndarray]:
    """The two masks."""
    size = len(POWERS)
    return {"causal": nf.causal_mask(size), "padding": np.tile(np.arange(size) < REAL, (size, 1))}


def weights(mask: np.ndarray) -> np.ndarray:
    """What softmax makes of the scores under a mask."""
    size = len(POWERS)
    query, key = nf.Tensor(np.log(POWERS) * np.sqrt(size)), nf.Tensor(np.eye(size))  # their scores are log POWERS
    return nf.scaled_dot_product_attention(query, key, nf.Tensor(np.eye(size)), mask).numpy()


def draw() -> str:
    """The picture."""
    found = {name: [[_fraction(w) for w in row] for row in weights(mask)] for name, mask in masks().items()}
    picture = Picture(
        420,
        548,
        "Two masks over one score matrix",
        f"Four queries, the rows, and four keys, the columns. e to the power of the scores is {POWERS.tolist()}. "
        "Above, a causal mask: the query t sees the keys 0 to t. Below, a padding mask: no query sees the last key. "
        "The weights of a row are its numbers that are not hidden, divided by their sum. "
        + " ".join(f"Under the {name} mask the last row is {', '.join(rows[-1])}." for name, rows in found.items()),
    )
    picture.text(16, 28, "The same scores under two masks", "bold", size=15)
    picture.text(16, 48, "rows: queries; columns: keys; hatched: hidden", "soft", size=13)
    titles = {
        "causal": (
            "causal: no query sees a later key",
            "row 3 sees all:  8 = 1 + 2 + 1 + 4",
            "A hidden score counts as −∞: its weight is exactly 0.",
        ),
        "padding": (
            "padding: the last key is not a symbol",
            "row 3 sees three:  4 = 1 + 2 + 1",
            "What is left is divided by its sum: a row adds up to 1.",
        ),
    }
    for (name, mask), top in zip(masks().items(), (80, 312), strict=True):
        title, last, why = titles[name]
        picture.text(16, top, title, "bold", size=14)
        picture.text(LEFT, top + 26, "e to the score", size=13)
        picture.text(RIGHT, top + 26, "weights", size=13)

        def kind(i: int, j: int, mask: np.ndarray = mask) -> str:
            return "forward" if mask[i, j] else "hatched"

        picture.matrix(LEFT, top + 36, POWERS.tolist(), kind, CELL)
        picture.matrix(RIGHT, top + 36, found[name], kind, CELL)
        picture.arrow([(LEFT + 4 * CELL[0] + 10, top + 92), (RIGHT - 8, top + 92)], "forward")
        picture.text(16, top + 172, last, "forward bold", size=14)
        picture.text(16, top + 192, why, "soft", size=13)
    picture.text(16, 534, "With both masks, a key must be allowed by both.", size=13)
    return picture.svg()


def _fraction(weight: float) -> str:
    return str(Fraction(float(weight)).limit_denominator(100))
