"""How the loss of a network for digits falls when all is right, and when one thing is wrong; a lesson's table."""

from __future__ import annotations

import numpy as np

import datasets
import neural_framework as nf

from .measured import digits, measure

NAME = "curves_of_loss"
EPOCHS = 6


def measured() -> dict[str, list[float]]:
    """For each run, the losses: before training, of the first, second and last epoch; and the accuracy held out."""
    (images, labels), _ = datasets.digits()
    shuffled = np.random.default_rng(0).permutation(labels)
    return {
        "all is right": _run(images, labels),
        "labels shuffled apart from the images": _run(images, shuffled),
        "learning rate 100 times too large": _run(images, labels, rate=100.0),
        "gradients never cleared": _run(images, labels, clear=False),
        "initial weights 20 times too large": _run(images, labels, scale=20.0),
    }


def _run(images: np.ndarray, labels: np.ndarray, rate: float = 1.0, scale: float = 1.0, clear: bool = True) -> list:
    nf.manual_seed(1)
    model = nf.Sequential(nf.Linear(64, 64), nf.ReLU(), nf.Linear(64, 10))
    for parameter in model.parameters():
        parameter.data *= scale
    optimizer = nf.Adam(model.parameters(), lr=0.01 * rate)
    loader = nf.DataLoader((images, labels), batch_size=64)
    losses = [nf.validate(model, loader, nf.CrossEntropyLoss())]
    for _ in range(EPOCHS):
        losses.append(_epoch(model, loader, optimizer, clear))
    _, (unseen, right) = datasets.digits()
    share = nf.accuracy(model(nf.Tensor(unseen)), right)
    return [digits(value, 2) for value in (losses[0], losses[1], losses[2], losses[-1], share)]


def _epoch(model: nf.Module, loader: nf.DataLoader, optimizer: nf.Adam, clear: bool) -> float:
    """The mean loss of one epoch."""
    if clear:
        return nf.train_epoch(model, loader, optimizer, nf.CrossEntropyLoss())
    losses = []
    for inputs, targets in loader:
        loss = nf.CrossEntropyLoss()(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return float(np.mean(losses))


if __name__ == "__main__":
    measure(NAME, measured)
