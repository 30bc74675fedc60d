"""One row of attention: a query meets three keys; scores become weights, and the weights mix the values."""

from __future__ import annotations

import numpy as np

import neural_framework as nf

from .svg import Picture, signed

QUERY = np.array([2.0, 0.0, 1.0, 0.0])
KEYS = np.array([[2.0, 1.0, 0.0, 5.0], [0.0, 3.0, 0.0, 1.0], [0.0, 1.0, 2.0, 0.0]])
VALUES = np.array([[10.0, 0.0], [0.0, 10.0], [10.0, 20.0]])
CELL = (30, 28)
BAR = 76  # of a weight of 1
ROWS = (146, 206, 266)  # the upper edges of the three keys


def row() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, weights and the result of the query."""
    query, key, value = (nf.Tensor(each) for each in (QUERY[np.newaxis], KEYS, VALUES))
    scores = (query @ key.T / np.sqrt(len(QUERY))).numpy()[0]
    unit = nf.scaled_dot_product_attention(query, key, nf.Tensor(np.eye(3)))  # values that show the weights
    return scores, unit.numpy()[0], nf.scaled_dot_product_attention(query, key, value).numpy()[0]


def draw() -> str:
    """The picture."""
    scores, weights, result = row()
    told = ", ".join(f"{weight:.3f}" for weight in weights)
    picture = Picture(
        420,
        436,
        "One row of attention: from scores to weighted values",
        f"The query {_list(QUERY)} is multiplied with three keys. Divided by 2, the root of 4, the scores are "
        f"{_list(scores)}. Softmax makes the weights {told} of them, which add up to 1. Each weight multiplies the "
        f"value of its key: {', '.join(map(_list, VALUES))}. Their sum is [{result[0]:.2f}, {result[1]:.2f}].",
    )
    picture.text(16, 28, "A query looks at three keys", "bold", size=15)
    picture.text(16, 58, "query", size=14)
    picture.matrix(70, 40, [QUERY.tolist()], "forward", CELL)
    picture.text(206, 58, "what is looked for", "soft", size=13)
    for x, words in ((16, "key"), (154, "score"), (206, "weight"), (346, "value")):
        picture.text(x, 108, words, size=14)
    picture.text(154, 126, "q·k/√4", "soft", size=13)
    picture.text(206, 126, "softmax of scores", "soft", size=13)
    for key, value, score, weight, top in zip(KEYS, VALUES, scores, weights, ROWS, strict=True):
        picture.matrix(16, top, [key.tolist()], "", CELL)
        picture.text(171, top + 19, signed(float(score)), "bold", "middle", 15)
        picture.box(206, top + 4, BAR, 20, "ghost", round=0)
        picture.box(206, top + 4, BAR * float(weight), 20, "forward", round=0)
        picture.text(206 + BAR + 8, top + 19, f"{weight:.3f}", "forward bold", size=13)
        picture.matrix(346, top, [value.tolist()], "", CELL)
    picture.line([(16, 318), (404, 318)], "rule")
    picture.text(16, 346, "Each weight times its value, added up:", "bold", size=14)
    for column, number in enumerate(result):
        terms = " + ".join(f"{w:.3f} · {v[column]:g}" for w, v in zip(weights, VALUES, strict=True))
        picture.text(16, 376 + 26 * column, f"{terms}  =", size=14)
        picture.text(404, 376 + 26 * column, f"{number:.2f}", "forward bold", "end", 15)
    picture.text(16, 426, "Key 0 fits best, so its value counts most; all count.", "soft", size=13)
    return picture.svg()


def _list(numbers: np.ndarray) -> str:
    return f"[{', '.join(f'{number:g}' for number in numbers)}]"
