"""How many digits two kinds of networks read where they are, and moved by a pixel or two; a lesson's table."""

from __future__ import annotations

from itertools import product

import numpy as np

import datasets
import neural_framework as nf

from .measured import digits, measure

NAME = "digits_that_moved"
SEEDS = 5
CANVAS, SIDE, MARGIN = 12, 8, 2


def measured() -> dict[str, list[float]]:
    """For each network, the shares of the held-out digits that are read, moved by 0, 1 and 2 pixels; means."""
    return {
        "two Linear layers": _shares(_linear),
        "convolution, flattened, Linear": _shares(_flattened),
        "convolution, maximum over all places, Linear": _shares(_pooled),
    }


def _linear() -> nf.Module:
    return nf.Sequential(nf.Flatten(), nf.Linear(CANVAS**2, 64), nf.ReLU(), nf.Linear(64, 10))


def _flattened() -> nf.Module:
    kernels = nf.Conv2d(1, 64, 6, padding=3)  # 13 x 13 places
    return nf.Sequential(kernels, nf.ReLU(), nf.Flatten(), nf.Linear(64 * 13 * 13, 10))


def _pooled() -> nf.Module:
    kernels = nf.Conv2d(1, 64, 6, padding=3)
    return nf.Sequential(kernels, nf.ReLU(), nf.MaxPool2d(13), nf.Flatten(), nf.Linear(64, 10))


def _shares(network) -> list[float]:
    runs = [_run(network, seed) for seed in range(SEEDS)]
    return [digits(float(np.mean(shares)), 2) for shares in zip(*runs, strict=True)]


def _run(network, seed: int) -> list[float]:
    """Trained on centred digits for 8 epochs; the shares by how far a digit moved."""
    (images, labels), (unseen, answers) = datasets.digits()
    nf.manual_seed(seed)
    model = network()
    optimizer = nf.Adam(model.parameters(), lr=0.01)
    loader = nf.DataLoader((moved(images, 0, 0), labels), batch_size=64)
    for _ in range(8):
        nf.train_epoch(model, loader, optimizer, nf.CrossEntropyLoss())
    shares: list[list[float]] = [[], [], []]
    with nf.no_grad():
        for rows, columns in product(range(-MARGIN, MARGIN + 1), repeat=2):
            guesses = model(nf.Tensor(moved(unseen, rows, columns)))
            shares[max(abs(rows), abs(columns))].append(nf.accuracy(guesses, answers))
    return [float(np.mean(each)) for each in shares]


def moved(images: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Images (N, 64) on a canvas (N, 1, 12, 12), moved from its middle."""
    canvas = np.zeros((len(images), 1, CANVAS, CANVAS), dtype=np.float32)
    top, left = MARGIN + rows, MARGIN + columns
    canvas[:, 0, top : top + SIDE, left : left + SIDE] = images.reshape(-1, SIDE, SIDE)
    return canvas


if __name__ == "__main__":
    measure(NAME, measured)
