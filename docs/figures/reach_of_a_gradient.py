"""How far back a gradient reaches: its size at the first of T steps, in an RNN and two LSTMs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import neural_framework as nf

from .measured import digits, kept, measure
from .svg import Axes, Picture, power_of_ten

NAME = "reach_of_a_gradient"
STEPS, SEEDS = 50, 15
INPUTS, HIDDEN = 8, 32  # as in 4.12
KINDS = {"RNN": (nf.RNN, None), "LSTM": (nf.LSTM, None), "LSTM, forget bias 5": (nf.LSTM, 5.0)}
LOWEST = -16  # power of ten


def draw() -> str:
    """The picture."""
    sizes = kept(NAME)
    last = {name: values[-1] for name, values in sizes.items()}
    picture = Picture(
        420,
        420,
        f"Size of the gradient at the first of T steps, T = 1 to {STEPS}",
        f"The length of dL/dx₁, where L reads the state after step T; medians of {SEEDS} networks before training, "
        f"on a logarithmic axis. After {STEPS} steps it is "
        + ", ".join(f"{_shown(size)} in the {name}" for name, size in last.items())
        + ". So an LSTM as it is initialised forgets like the RNN; open forget gates keep the gradient.",
    )
    picture.text(16, 28, "Length of dL/dx₁, if L reads the state after step T", "bold", size=14)
    picture.text(16, 48, f"medians of {SEEDS} networks before training", "soft", size=13)
    axes = Axes(picture, (56, 66), (348, 300), (0, STEPS), (10.0**LOWEST, 1.0), log=True)
    axes.frame(
        {at: str(at) for at in range(0, STEPS + 1, 10)},
        {10.0**power: power_of_ten(power) for power in range(LOWEST, 1, 4)},
    )
    picture.text(230, 406, "steps T between the input and the loss", "soft", "middle", 13)
    for name, kind, (at, off), anchor, side in (
        ("RNN", "backward", (23, -1.6), "end", ""),
        ("LSTM", "third", (23, 0.7), "start", " as it is initialised"),
        ("LSTM, forget bias 5", "forward", (49, -1.3), "end", ""),
    ):
        axes.curve(range(1, STEPS + 1), sizes[name], f"{kind} thick")
        place = axes.place(at, sizes[name][at - 1] * 10.0**off)
        picture.text(*place, name + side, f"{kind} bold over", anchor, 14)
    return picture.svg()


def measured(steps: Sequence[int] = range(1, STEPS + 1)) -> dict[str, list[float]]:
    """The medians, for each T."""
    medians = {}
    for name, (kind, bias) in KINDS.items():
        sizes = [[_size(kind, bias, each, seed) for seed in range(SEEDS)] for each in steps]
        medians[name] = [digits(float(np.median(each))) for each in sizes]
    return medians


def _size(kind: type[nf.Module], bias: float | None, steps: int, seed: int) -> float:
    """The length of dL/dx₁, where L is the part of the last state along a random direction of length 1."""
    nf.manual_seed(seed)
    layer = kind(INPUTS, HIDDEN)
    if bias is not None:
        layer.cell.bias_ih.data[HIDDEN : 2 * HIDDEN] = bias
    generator = np.random.default_rng(seed)
    x = nf.Tensor(generator.normal(size=(1, steps, INPUTS)), dtype=np.float32, requires_grad=True)
    direction = generator.normal(size=HIDDEN)
    outputs, _ = layer(x)
    (outputs[0, -1] * (direction / np.linalg.norm(direction)).astype(np.float32)).sum().backward()
    return float(np.linalg.norm(x.grad.numpy()[0, 0].astype(np.float64)))


def _shown(size: float) -> str:
    power = int(np.floor(np.log10(size)))
    return f"{size:.2g}" if power > -3 else f"{size / 10.0**power:.1f} · {power_of_ten(power)}"


if __name__ == "__main__":
    measure(NAME, measured)
