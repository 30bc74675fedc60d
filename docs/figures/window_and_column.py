"""A window of an image becomes a column; on the way back, the numbers of a pixel's windows are added."""

from __future__ import annotations

import numpy as np

import neural_framework as nf

from .svg import Picture

KERNEL = 2
IMAGE = np.arange(1.0, 13.0).reshape(3, 4)
GRAD = np.arange(24.0).reshape(4, 6) % 7  # the upstream gradient of the columns
WINDOW, PIXEL = 1, (1, 1)  # the window that is shown, and the pixel whose way back is shown
CELL, SMALL = (34, 30), (32, 28)
RIGHT = 196


def draw() -> str:
    """The picture."""
    x = nf.Tensor(IMAGE[None, None], requires_grad=True)
    columns = nf.unfold(x, KERNEL)
    columns.backward(GRAD[None])
    folded = x.grad.numpy()[0, 0]
    inside = _places(PIXEL)
    parts = [GRAD[place] for place in inside]
    picture = Picture(
        420,
        566,
        "A window becomes a column, and on the way back overlaps add up",
        "Forward: a 2 x 2 kernel fits in 6 places of a 3 x 4 image with the numbers 1 to 12. Its second window, "
        "2, 3, 6, 7, is the second of 6 columns, read row by row. Backward: each number of the columns' gradient "
        f"goes back to the pixel that it was taken from. The pixel 6 is in four windows, and gets "
        f"{_sum(parts)} = {sum(parts):g}.",
    )
    picture.text(16, 28, "Forward: each window is a column", "bold", size=15)
    window = _window(WINDOW)
    picture.matrix(16, 72, IMAGE.tolist(), lambda i, j: "forward" if (i, j) in window else "", CELL)
    picture.text(16, 60, "image (3, 4)", size=14)
    picture.text(RIGHT, 60, "columns (4, 6)", size=14)
    numbers = columns.numpy()[0]
    picture.matrix(RIGHT, 72, numbers.tolist(), lambda _, j: "forward" if j == WINDOW else "", SMALL)
    picture.arrow([(156, 104), (RIGHT - 6, 104)], "forward")
    picture.text(16, 208, "the second window: 2, 3, 6, 7, read row by row", "forward bold", size=14)
    picture.text(16, 228, "Each row of the columns is one position in the kernel:", "soft", size=13)
    picture.text(16, 246, "a slice of the image.", "soft", size=13)
    picture.line([(16, 268), (404, 268)], "rule")
    picture.text(16, 298, "Backward: each number goes back to its pixel", "bold", size=15)
    picture.text(16, 330, "gradient (3, 4)", size=14)
    picture.text(RIGHT, 330, "gradient of the columns (4, 6)", size=14)
    picture.matrix(16, 342, folded.tolist(), lambda i, j: "backward" if (i, j) == PIXEL else "", CELL)
    picture.matrix(RIGHT, 342, GRAD.tolist(), lambda i, j: "backward" if (i, j) in inside else "", SMALL)
    picture.arrow([(RIGHT - 4, 374), (158, 374)], "backward")
    picture.text(16, 482, f"pixel 6 is in four windows:  {_sum(parts)} = {sum(parts):g}", "backward bold", size=14)
    picture.text(16, 506, "In each of them it stands at another position:", "soft", size=13)
    picture.text(16, 524, "lower right, lower left, upper right, upper left.", "soft", size=13)
    picture.text(16, 546, "With = in place of +=, only one of the four would be left.", size=13)
    return picture.svg()


def _window(number: int) -> set[tuple[int, int]]:
    """The pixels of a window."""
    top, left = divmod(number, IMAGE.shape[1] - KERNEL + 1)
    return {(top + i, left + j) for i in range(KERNEL) for j in range(KERNEL)}


def _places(pixel: tuple[int, int]) -> list[tuple[int, int]]:
    """Where a pixel stands in the columns: (row, column), window by window."""
    numbers = nf.unfold(nf.Tensor(IMAGE[None, None]), KERNEL).numpy()[0]
    found = [(int(i), int(j)) for i, j in np.argwhere(numbers == IMAGE[pixel])]
    return sorted(found, key=lambda place: place[1])


def _sum(parts: list[float]) -> str:
    return " + ".join(f"{part:g}" for part in parts)
