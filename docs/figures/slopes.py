"""Sigmoid, tanh and log-softmax above their slopes, and where their textbook forms fail in float32."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import neural_framework as nf

from .svg import Axes, Picture, signed

LEFT, WIDTH = 52, 352
BLOCK = 306  # from one function to the next
REACH = 120.0  # of the strip, to both sides


@dataclass(frozen=True)
class Function:
    """What is drawn of one function. fails: below and above which x its textbook forms fail, with what is computed."""

    title: str
    slope: str
    apply: Callable[[nf.Tensor], nf.Tensor]
    values: tuple[float, float]
    slopes: tuple[float, float]
    below: tuple[str, Callable[[np.ndarray], np.ndarray]]
    above: tuple[str, Callable[[np.ndarray], np.ndarray]]


def _log_softmax(x: nf.Tensor) -> nf.Tensor:
    return nf.stack([x, x * 0.0], axis=1).log_softmax(axis=1)[:, 0]


def _tanh(x: np.ndarray) -> np.ndarray:
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


FUNCTIONS = (
    Function(
        "y = sigmoid(x)",
        "slope y (1 − y)",
        lambda x: x.sigmoid(),
        (0.0, 1.0),
        (0.0, 0.25),
        ("1 / (1 + e⁻ˣ): e⁻ˣ is inf", lambda x: np.exp(-x)),
        ("eˣ / (1 + eˣ): nan", lambda x: np.exp(x) / (1 + np.exp(x))),
    ),
    Function(
        "y = tanh(x)",
        "slope 1 − y²",
        lambda x: x.tanh(),
        (-1.0, 1.0),
        (0.0, 1.0),
        ("(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ): nan", _tanh),
        ("nan", _tanh),
    ),
    Function(
        "y₀ = log_softmax([x, 0])₀",
        "slope 1 − softmax₀",
        _log_softmax,
        (-6.0, 0.0),
        (0.0, 1.0),
        ("log(eˣ / (eˣ + 1)): log 0 = −inf", lambda x: np.log(np.exp(x) / (np.exp(x) + 1))),
        ("nan", lambda x: np.log(np.exp(x) / (np.exp(x) + 1))),
    ),
)


def draw() -> str:
    """The picture."""
    limits = [(_limit(each.below[1], -REACH), _limit(each.above[1], REACH)) for each in FUNCTIONS]
    picture = Picture(
        420,
        3 * BLOCK + 16,
        "Sigmoid, tanh and log-softmax above their slopes, and where the textbook forms fail in float32",
        "Each function is drawn from −6 to 6, with its slope below on the same axis: that of sigmoid is at most 0.25, "
        "that of tanh at most 1, that of log-softmax is 1 far left and 0 far right. A strip from −120 to 120 shows "
        "where the textbook form fails in float32: "
        + "; ".join(
            f"{each.title}: below {signed(round(low, 1))} and above {signed(round(high, 1))}"
            for each, (low, high) in zip(FUNCTIONS, limits, strict=True)
        )
        + ".",
    )
    for row, (function, (low, high)) in enumerate(zip(FUNCTIONS, limits, strict=True)):
        _curves(picture, 16 + row * BLOCK, function)
        _strip(picture, 16 + row * BLOCK + 226, function, low, high)
    return picture.svg()


def _curves(picture: Picture, top: float, function: Function) -> None:
    x = nf.Tensor(np.linspace(-6, 6, 61), requires_grad=True)
    y = function.apply(x)
    y.backward()
    on_the_right = function.values == (-6.0, 0.0)  # where there is room for words
    for corner, height, (low, high), values, kind, words in (
        (top + 8, 84, function.values, y.numpy(), "forward", function.title),
        (top + 108, 66, function.slopes, x.grad.numpy(), "backward", function.slope),
    ):
        axes = Axes(picture, (LEFT, corner), (WIDTH, height), (-6, 6), (low, high))
        labels = {at: signed(at) if kind == "backward" else "" for at in range(-6, 7, 3)}
        axes.frame(labels, {at: signed(at) for at in (low, high)})
        axes.curve(x.numpy(), values, f"{kind} thick")
        if on_the_right:
            place = (LEFT + WIDTH - 8, corner + (height - 12 if kind == "forward" else 22))
            picture.text(*place, words, f"{kind} bold over", "end", 14)
        else:
            picture.text(LEFT + 8, corner + 22, words, f"{kind} bold over", size=14)


def _strip(picture: Picture, top: float, function: Function, low: float, high: float) -> None:
    """Where the textbook form fails, hatched."""

    def place(x: float) -> float:
        return LEFT + WIDTH * (x + REACH) / (2 * REACH)

    picture.text(LEFT, top - 8, "The textbook form in float32 fails where it is hatched:", "soft", size=13)
    picture.box(LEFT, top, WIDTH, 16, round=0)
    for left, right in ((-REACH, low), (high, REACH)):
        picture.box(place(left), top, place(right) - place(left), 16, "hatched", round=0)
    for x in (low, 0.0, high):
        picture.text(place(x), top + 32, signed(round(x, 1)), "bold" if x else "soft", "middle", 13)
    picture.text(LEFT, top + 50, function.below[0], "", "start", 13)
    picture.text(LEFT + WIDTH, top + 50, function.above[0], "", "end", 13)


def _limit(naive: Callable[[np.ndarray], np.ndarray], far: float) -> float:
    """The first x on the way from 0 to `far` where the form gives inf or nan in float32."""
    steps = np.linspace(0, far, 24_001, dtype=np.float32)
    with np.errstate(all="ignore"):
        return float(steps[np.argmin(np.isfinite(naive(steps)))])
