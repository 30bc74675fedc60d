"""The size of the signal and of its gradient through ten linear layers, for three sizes of the initial weights."""

from __future__ import annotations

import numpy as np

import neural_framework as nf

from .svg import Axes, Picture, power_of_ten

LAYERS, UNITS = 10, 100
GAINS = {"½ × Xavier": (0.5, "third"), "Xavier": (1.0, "forward"), "2 × Xavier": (2.0, "backward")}


def draw() -> str:
    """The picture."""
    sizes = {name: _sizes(gain) for name, (gain, _) in GAINS.items()}
    ends = {name: (forward[-1], backward[0]) for name, (forward, backward) in sizes.items()}
    picture = Picture(
        420,
        516,
        "Standard deviations through ten layers, for three sizes of the initial weights",
        f"Ten linear layers of {UNITS} units without activation. The signal begins with the standard deviation 1. "
        + " ".join(f"With {name} it is {_shown(end)} after layer ten." for name, (end, _) in ends.items())
        + " The gradient begins with 1 at layer ten and goes back. "
        + " ".join(f"With {name} it is {_shown(end)} at the input." for name, (_, end) in ends.items()),
    )
    for which, top in ((0, 56), (1, 312)):
        title = ("Forward: standard deviation of the signal", "Backward: standard deviation of its gradient")[which]
        picture.text(16, top - 26, title, "bold", size=15)
        axes = Axes(picture, (56, top), (348, 156), (0, LAYERS), (1e-4, 1e4), log=True)
        layers = {layer: str(layer) for layer in range(0, LAYERS + 1, 2)}
        axes.frame(layers, {10.0**power: power_of_ten(power) for power in (-3, 0, 3)})
        picture.text(230, top + 192, ("layer  →", "←  layer")[which], "soft", "middle", 13)
        for name, (_, kind) in GAINS.items():
            axes.curve(range(LAYERS + 1), sizes[name][which], f"{kind} thick")
            end = ends[name][which]
            x, y = axes.place((9, 1)[which], 10.0 ** round(np.log10(end)))
            words = f"{name}: {_shown(end)}"
            picture.text(x, y + (12 if end < 0.1 else -4), words, f"{kind} over bold", ("end", "start")[which], 14)
    return picture.svg()


def _sizes(gain: float) -> tuple[list[float], list[float]]:
    """Standard deviations of the signal before and after each layer, and of the gradients at these places."""
    nf.manual_seed(0)
    generator = np.random.default_rng(0)
    signals = [nf.Tensor(generator.normal(size=(UNITS, UNITS)), requires_grad=True)]
    for _ in range(LAYERS):
        weight = nf.init.xavier_uniform_(nf.zeros((UNITS, UNITS), dtype=np.float64), gain)
        signals.append(signals[-1] @ weight.T)
        signals[-1].retain_grad()
    signals[-1].backward(generator.normal(size=(UNITS, UNITS)))
    return [float(each.numpy().std()) for each in signals], [float(each.grad.numpy().std()) for each in signals]


def _shown(size: float) -> str:
    """To two digits: no more is of interest."""
    return f"{float(f'{size:.1e}'):,.4g}"
