"""The same kernel over a digit at two places: the responses move with it, and their maximum stays."""

from __future__ import annotations

import numpy as np

import datasets
import neural_framework as nf

from .digits_that_moved import moved
from .svg import Picture

DIGIT = 5  # of the held-out digits: a 1 or 7 would be too simple
PLACES = ((-2, -2), (1, 1))
KERNEL = np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [-1.0, -1.0, -1.0]])  # bright above dark
PIXEL = 13


def draw() -> str:
    """The picture."""
    images, labels = datasets.digits()[1]
    canvases = [moved(images[DIGIT : DIGIT + 1], *place) for place in PLACES]
    weight = nf.Tensor(KERNEL[None, None], dtype=np.float32)
    responses = [nf.conv2d(nf.Tensor(canvas), weight, padding=1).relu() for canvas in canvases]
    largest = [nf.max_pool2d(each, each.shape[2:]).item() for each in responses]
    where = [np.unravel_index(int(each.numpy().argmax()), each.shape[2:]) for each in responses]
    picture = Picture(
        420,
        520,
        "One kernel over a digit at two places: the responses move with the digit",
        f"A {labels[DIGIT]} on a canvas of 12 x 12 pixels, once in the upper left and once {_moved()}. The kernel of "
        f"3 x 3 looks for lower edges of strokes. Its responses are the same numbers, moved by as much as the digit: "
        f"the largest is {largest[0]:.2f} at row {where[0][0]}, column {where[0][1]}, and {largest[1]:.2f} at row "
        f"{where[1][0]}, column {where[1][1]}.",
    )
    picture.text(16, 28, f"A {labels[DIGIT]} at two places, and one kernel", "bold", size=15)
    picture.text(16, 50, "the kernel: 1 1 1 / 0 0 0 / −1 −1 −1, bright above dark", "soft", size=13)
    for row, (canvas, response) in enumerate(zip(canvases, responses, strict=True)):
        top = 84 + row * 220
        picture.text(16, top - 8, "image (12, 12)", size=13)
        picture.text(236, top - 8, "responses after ReLU", size=13)
        _grid(picture, 16, top, canvas[0, 0], 1.0, "head")
        _grid(picture, 236, top, response.numpy()[0, 0], largest[0], "head forward")
        picture.arrow([(16 + 12 * PIXEL + 8, top + 6 * PIXEL), (228, top + 6 * PIXEL)], "forward")
        y, x = (top + (where[row][0] + 0.5) * PIXEL, 236 + (where[row][1] + 0.5) * PIXEL)
        picture.path(f"M{x - 8:g} {y - 8:g}h16v16h-16z", "line backward")
        picture.text(236, top + 12 * PIXEL + 18, f"maximum {largest[row]:.2f}", "backward bold", size=14)
    picture.text(16, 508, "The maximum says that the edge is there, and not where.", size=13)
    return picture.svg()


def _grid(picture: Picture, left: float, top: float, values: np.ndarray, largest: float, kind: str) -> None:
    """Squares whose area says how large a number is."""
    picture.box(left, top, values.shape[1] * PIXEL, values.shape[0] * PIXEL, round=0)
    commands = []
    for (i, j), value in np.ndenumerate(values):
        side = round(float(PIXEL * np.sqrt(max(value, 0) / largest)), 1)
        if side >= 1:
            x, y = (start + (at + 0.5) * PIXEL - side / 2 for start, at in ((left, j), (top, i)))
            commands.append(f"M{x:.4g} {y:.4g}h{side:g}v{side:g}h-{side:g}z")
    picture.path("".join(commands), kind)


def _moved() -> str:
    rows, columns = (b - a for a, b in zip(*PLACES, strict=True))
    return f"{rows} rows lower and {columns} columns further right"
