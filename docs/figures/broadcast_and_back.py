"""Broadcasting copies a number forward; on the way back the gradients of its copies are added."""

from __future__ import annotations

import numpy as np

import neural_framework as nf

from .svg import Picture

CELL = (36, 30)
LEFT, MIDDLE, RIGHT = 16, 156, 296  # three matrices in a row
GRAD = np.arange(6.0).reshape(2, 3)


def draw() -> str:
    """The picture."""
    picture = Picture(
        420,
        628,
        "Broadcasting forward copies a number; backward adds the gradients of the copies",
        "First, a (2, 3) matrix plus a row (3,): the row is used for both rows of the result, so that its gradient is "
        "the sum of each column of the upstream gradient: from 0, 1, 2 and 3, 4, 5 come 3, 5, 7. Then a (2, 3) matrix "
        "plus a column (2, 1): the column is used three times, so that its gradient is the sum of each row, kept as a "
        "column: 3 and 12.",
    )
    _row(picture, 30)
    picture.line([(16, 324), (404, 324)], "rule")
    _column(picture, 356)
    return picture.svg()


def _forward(picture: Picture, top: float, small: np.ndarray, own) -> np.ndarray:
    """x + small; a cell of the stretched operand that is not its `own` is a ghost. The gradient of small."""
    x = nf.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    operand = nf.Tensor(small, requires_grad=True)
    total = x + operand
    total.backward(GRAD)
    stretched = np.broadcast_to(small, x.shape)
    picture.matrix(LEFT, top, x.tolist(), "", CELL)
    picture.matrix(MIDDLE, top, stretched.tolist(), lambda i, j: "forward" if own(i, j) else "ghost", CELL)
    picture.matrix(RIGHT, top, total.tolist(), "", CELL)
    for x_sign, sign in ((MIDDLE - 16, "+"), (RIGHT - 16, "=")):
        picture.text(x_sign, top + CELL[1] + 5, sign, "bold", "middle", 15)
    return operand.grad.numpy()


def _row(picture: Picture, top: float) -> None:
    picture.text(16, top, "Forward: (2, 3) + (3,)", "bold", size=15)
    gradient = _forward(picture, top + 16, np.array([10.0, 20.0, 30.0]), lambda i, j: i == 0)
    picture.text(MIDDLE + 54, top + 96, "the row, and its copy", "soft", "middle", 13)
    y = top + 134
    picture.text(16, y, "Backward: sum the columns, (2, 3) → (3,)", "backward bold", size=15)
    _upstream(picture, y + 16)
    y += 16 + 2 * CELL[1]
    for j in range(3):
        x = MIDDLE + (j + 0.5) * CELL[0]
        picture.arrow([(x, y + 4), (x, y + 38)], "backward")
        picture.text(x + 5, y + 24, "+", "backward bold", size=14)
    picture.matrix(MIDDLE, y + 42, [gradient.tolist()], "backward", CELL)
    picture.text(404, y + 62, "the row's gradient", "backward", "end", 14)


def _column(picture: Picture, top: float) -> None:
    picture.text(16, top, "Forward: (2, 3) + (2, 1)", "bold", size=15)
    gradient = _forward(picture, top + 16, np.array([[100.0], [200.0]]), lambda i, j: j == 0)
    picture.text(MIDDLE + 54, top + 96, "the column, and two copies", "soft", "middle", 13)
    y = top + 134
    picture.text(16, y, "Backward: sum the rows, (2, 3) → (2, 1)", "backward bold", size=15)
    _upstream(picture, y + 16)
    y += 16
    for i in range(2):
        middle = y + (i + 0.5) * CELL[1]
        picture.arrow([(MIDDLE + 3 * CELL[0] + 4, middle), (RIGHT + 32, middle)], "backward")
        picture.text(RIGHT + 2, middle - 5, "+", "backward bold", "middle", 14)
    picture.matrix(RIGHT + 36, y, gradient.tolist(), "backward", CELL)
    picture.text(RIGHT + 32, y + 2 * CELL[1] + 22, "the column's gradient", "backward", "middle", 14)
    picture.text(16, y + 2 * CELL[1] + 50, "It keeps its axis of size 1: a gradient has its tensor's shape.", size=13)


def _upstream(picture: Picture, y: float) -> None:
    picture.matrix(MIDDLE, y, GRAD.tolist(), "", CELL)
    picture.text(LEFT, y + 24, "the upstream", size=14)
    picture.text(LEFT, y + 44, "gradient", size=14)
