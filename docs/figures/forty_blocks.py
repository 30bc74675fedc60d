"""The size of the signal and of its gradient through 40 blocks, with residuals, normalisation, both, and neither."""

from __future__ import annotations

import numpy as np

import datasets
import neural_framework as nf

from .measured import digits, kept, measure
from .svg import Axes, Picture, power_of_ten

NAME = "forty_blocks"
BLOCKS, SEEDS = 40, 5
# Name -> whether a block is added to what came before it, whether it is normalised; the line's kind.
VARIANTS = {
    "both": (True, True, "forward thick"),
    "normalisation alone": (False, True, "forward"),
    "residuals alone": (True, False, "backward thick"),
    "neither": (False, False, "third thick"),
}
RANGES = ((1e-9, 1e7), (1e-9, 1e7))  # of the signal, and of its gradient
# Where each name is written: the block, the factor above the curve there, and which end of the words stands there.
LABELS = (
    {
        "both": (24, 8, "middle"),
        "normalisation alone": (24, 0.02, "middle"),
        "residuals alone": (33, 1.5, "end"),
        "neither": (30, 0.02, "end"),
    },
    {
        "both": (21, 0.02, "middle"),
        "normalisation alone": (3, 0.03, "start"),
        "residuals alone": (9, 4, "start"),
        "neither": (13, 0.01, "start"),
    },
)


def draw() -> str:
    """The picture."""
    sizes = kept(NAME)
    last = {name: sizes[name]["signal"][-1] for name in VARIANTS}
    first = {name: sizes[name]["gradient"][0] for name in VARIANTS}
    picture = Picture(
        420,
        596,
        f"Signals and gradients through {BLOCKS} blocks before training, in four variants",
        f"Both axes are logarithmic; medians of {SEEDS} networks. The signal begins with a standard deviation of 0.5. "
        + " ".join(f"With {name} it is {_shown(size)} after block {BLOCKS}." for name, size in last.items())
        + f" The length of the gradient of the loss is about 0.2 after block {BLOCKS} and goes back. "
        + " ".join(f"With {name} it is {_shown(size)} before block 1." for name, size in first.items()),
    )
    for which, top in ((0, 62), (1, 352)):
        title = ("Forward: standard deviation of the signal", "Backward: length of dL/dsignal")[which]
        picture.text(16, top - 30, title, "bold", size=15)
        picture.text(16, top - 11, f"medians of {SEEDS} networks before training", "soft", size=13)
        axes = Axes(picture, (56, top), (348, 186), (0, BLOCKS), RANGES[which], log=True)
        axes.frame(
            {at: str(at) for at in range(0, BLOCKS + 1, 10)},
            {10.0**power: power_of_ten(power) for power in range(-8, 8, 4)},
        )
        picture.text(230, top + 222, ("after block  →", "←  after block")[which], "soft", "middle", 13)
        for name, (_, _, kind) in VARIANTS.items():
            values = sizes[name][("signal", "gradient")[which]]
            axes.curve(range(BLOCKS + 1), values, kind)
        for name, (_, _, kind) in VARIANTS.items():
            values = sizes[name][("signal", "gradient")[which]]
            at, factor, anchor = LABELS[which][name]
            x, y = axes.place(at, values[at] * factor)
            words = name.replace("normalisation", "norm")
            picture.text(x, y + 5, words, f"{kind.split()[0]} bold over", anchor, 14)
    return picture.svg()


def measured() -> dict[str, dict[str, list[float]]]:
    """For each variant, the medians before and after each block, and the shares of held-out digits after training."""
    found = {}
    for name, (residual, norm, _) in VARIANTS.items():
        runs = [_sizes(residual, norm, seed) for seed in range(SEEDS)]
        signals, gradients = (np.median([run[which] for run in runs], axis=0) for which in (0, 1))
        found[name] = {
            "signal": [digits(float(each)) for each in signals],
            "gradient": [digits(float(each)) for each in gradients],
            "read": sorted(digits(_trained(residual, norm, seed), 2) for seed in range(SEEDS)),
        }
    return found


def _network(residual: bool, norm: bool) -> nf.Sequential:
    blocks = []
    for _ in range(BLOCKS):
        normalised = [nf.BatchNorm1d(32)] if norm else []
        block = nf.Sequential(nf.Linear(32, 32), *normalised, nf.ReLU())
        blocks.append(nf.Residual(block) if residual else block)
    return nf.Sequential(nf.Linear(64, 32), *blocks, nf.Linear(32, 10))


def _sizes(residual: bool, norm: bool, seed: int) -> tuple[list[float], list[float]]:
    """The signal's standard deviation before and after each block, and the length of the gradient there."""
    nf.manual_seed(seed)
    (images, labels), _ = datasets.digits()
    signal, signals = nf.Tensor(images[:64]), []
    for layer in _network(residual, norm):
        signal = layer(signal)
        signal.retain_grad()
        signals.append(signal)
    nf.CrossEntropyLoss()(signal, nf.Tensor(labels[:64])).backward()
    numbers = [(each.numpy().astype(float), each.grad.numpy().astype(float)) for each in signals[:-1]]
    return [float(data.std()) for data, _ in numbers], [float(np.linalg.norm(grad)) for _, grad in numbers]


def _trained(residual: bool, norm: bool, seed: int) -> float:
    """The share of the held-out digits that are read after 5 epochs."""
    nf.manual_seed(seed)
    training, (unseen, answers) = datasets.digits()
    model = _network(residual, norm)
    loader, optimizer = nf.DataLoader(training, batch_size=64), nf.Adam(model.parameters(), lr=0.003)
    for _ in range(5):
        nf.train_epoch(model, loader, optimizer, nf.CrossEntropyLoss())
    model.eval()
    with nf.no_grad():
        return nf.accuracy(model(nf.Tensor(unseen)), answers)


def _shown(size: float) -> str:
    """To two digits: no more is of interest."""
    power = int(np.floor(np.log10(size)))
    return f"{size:.2g}" if -2 < power < 4 else f"{size / 10.0**power:.1f} · {power_of_ten(power)}"


if __name__ == "__main__":
    measure(NAME, measured)
