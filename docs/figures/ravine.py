"""Forty steps of SGD, of momentum and of Adam in a ravine, and the loss on the way."""

from __future__ import annotations

import math

import numpy as np

import neural_framework as nf

from .svg import Axes, Picture, power_of_ten, signed

STEPS = 40
START = (10.0, 1.0)  # as in 4.4
STEEPNESS = 25.0  # how much more steeply the ravine rises across than along
LEVELS = (1.0, 5.0, 13.0, 23.0)  # of the loss, where a contour is drawn
OPTIMIZERS = {
    "SGD, lr 0.07": ("backward", lambda p: nf.SGD(p, lr=0.07)),
    "SGD with momentum 0.7, lr 0.07": ("third", lambda p: nf.SGD(p, lr=0.07, momentum=0.7)),
    "Adam, lr 0.35": ("forward", lambda p: nf.Adam(p, lr=0.35)),
}
HEIGHT = 130  # of a map


def draw() -> str:
    """The picture."""
    ways = {name: _way(made) for name, (_, made) in OPTIMIZERS.items()}
    losses = {name: [_loss(x, y) for x, y in way] for name, way in ways.items()}
    picture = Picture(
        420,
        3 * (HEIGHT + 44) + 268,
        f"{STEPS} steps of SGD, momentum and Adam in the ravine (x² + {STEEPNESS:g} y²) / 2",
        f"All begin at x = {signed(START[0])}, y = {signed(START[1])}, with the loss {_loss(*START):.4g}; the lowest "
        "point is 0, 0. SGD jumps from side to side and creeps along. Momentum adds up what stays the same, and is "
        "much faster along. Adam divides by the size of the gradient, and begins with equally long steps in both "
        f"directions. After {STEPS} steps the losses are "
        + ", ".join(f"{_shown(each[-1])} ({name})" for name, each in losses.items())
        + ".",
    )
    for row, (name, way) in enumerate(ways.items()):
        _map(picture, 40 + row * (HEIGHT + 44), name, OPTIMIZERS[name][0], way)
    top = 3 * (HEIGHT + 44) + 44
    picture.text(16, top - 14, f"Loss (x² + {STEEPNESS:g} y²) / 2 after each step", "bold", size=15)
    axes = Axes(picture, (56, top), (348, 164), (0, STEPS), (1e-5, 1e3), log=True)
    axes.frame({at: str(at) for at in range(0, STEPS + 1, 10)}, {10.0**at: power_of_ten(at) for at in (-4, -2, 0, 2)})
    picture.text(230, top + 202, "step", "soft", "middle", 13)
    for (name, (kind, _)), (word, *at) in zip(
        OPTIMIZERS.items(), [("SGD", 25, 0.09), ("momentum", 6, 0.02), ("Adam", 19, 28.0)], strict=True
    ):
        axes.curve(range(STEPS + 1), losses[name], f"{kind} thick")
        picture.text(*axes.place(*at), word, f"{kind} bold over", size=14)
    return picture.svg()


def _loss(x: float, y: float) -> float:
    return (x * x + STEEPNESS * y * y) / 2


def _shown(loss: float) -> str:
    return f"{loss:.2f}" if loss > 0.01 else f"{loss:.5f}"


def _way(made) -> list[tuple[float, float]]:
    """The places of the parameter, before the first step and after each."""
    place = nf.Parameter(np.array(START))
    optimizer = made([place])
    way = [START]
    for _ in range(STEPS):
        optimizer.zero_grad()
        ((place**2 * np.array([1.0, STEEPNESS])).sum() / 2).backward()
        optimizer.step()
        way.append(tuple(place.tolist()))
    return way


def _map(picture: Picture, top: float, name: str, kind: str, way: list[tuple[float, float]]) -> None:
    """The ravine from above, with the way that the optimizer took."""
    picture.text(16, top - 12, name, f"{kind} bold", size=15)
    axes = Axes(picture, (16, top), (388, HEIGHT), (-7.4, 11.4), (-1.42, 1.42))
    picture.box(16, top, 388, HEIGHT, round=0)
    for level in LEVELS:
        across, along = math.sqrt(2 * level), math.sqrt(2 * level / STEEPNESS)
        turns = np.linspace(0, 2 * math.pi, 49)
        axes.curve(across * np.cos(turns), along * np.sin(turns), "rule")
    axes.curve([x for x, _ in way], [y for _, y in way], kind)
    for x, y in way:
        picture.dot(*axes.place(x, y), 2.2, kind)
    x, y = axes.place(*START)
    picture.text(x - 10, y, "start", "over", "end", 13)
    x, y = axes.place(0, 0)
    picture.line([(x - 5, y), (x + 5, y)], "thick")
    picture.line([(x, y - 5), (x, y + 5)], "thick")
    picture.text(396, top + HEIGHT - 10, f"after {STEPS} steps: loss {_shown(_loss(*way[-1]))}", "over", "end", 13)
