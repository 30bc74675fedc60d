"""How a network learns to tell two spirals apart: its boundary, the loss, and the gradients of its layers."""

from __future__ import annotations

import itertools

import numpy as np

import datasets
import neural_framework as nf

from .measured import digits, kept, measure
from .svg import Axes, Picture, number, power_of_ten

NAME = "separating"
SHOWN = (0, 20, 100, 400)  # epochs
LOGGED = (*range(20), *range(20, 100, 4), *range(100, 401, 10))
RATE = 0.003  # slow, so that there is something to see
CELLS = 40  # of a map, to both sides
REACH = 1.2  # of a map, from the middle
SIDE = 186
LAYERS = {"first layer": "backward", "second layer": "third", "third layer": "forward"}


def draw() -> str:
    """The picture."""
    numbers = kept(NAME)
    shares = [numbers[f"accuracy {epoch}"] for epoch in SHOWN]
    picture = Picture(
        420,
        912,
        f"Two spirals told apart: the boundary after {SHOWN[0]}, {SHOWN[1]}, {SHOWN[2]} and {SHOWN[3]} epochs",
        "Four maps of the plane show what the network takes each place for, with the points of the two spirals, round "
        "and square. "
        + " ".join(f"After {at} epochs it is right for {share:.0%}." for at, share in zip(SHOWN, shares, strict=True))
        + f" Below, the loss falls from {numbers['loss'][0]:.2f} to {numbers['loss'][-1]:.4f}; it begins near log 2. "
        "The gradients of the three layers rise while the network finds the shape, and fall when all points are right.",
    )
    for place, (epoch, share) in enumerate(zip(SHOWN, shares, strict=True)):
        x, y = 16 + place % 2 * (SIDE + 16), 34 + place // 2 * (SIDE + 40)
        picture.text(x, y - 10, f"epoch {epoch}: {share:.0%} right", "bold", size=14)
        _map(picture, x, y, numbers[f"map {epoch}"])
    below = 34 + 2 * (SIDE + 40)
    picture.text(16, below - 20, "hatched: what the network takes for the spiral of squares", "soft", size=13)
    _plots(picture, below + 34, numbers)
    return picture.svg()


def _map(picture: Picture, left: float, top: float, rows: list[str]) -> None:
    """Class 1 hatched; the points of class 0 round, those of class 1 square."""
    cell = SIDE / CELLS
    picture.box(left, top, SIDE, SIDE, "forward", round=0)
    pieces = []
    for row, line in enumerate(rows):
        start = 0
        for label, cells in itertools.groupby(line):
            width = len(list(cells))
            if label == "1":
                across, down = number(left + start * cell), number(top + row * cell)
                pieces.append(f"M{across} {down}h{number(width * cell)}v{number(cell)}h{number(-width * cell)}z")
            start += width
    if pieces:
        picture.path("".join(pieces), "area hatched")
    points, labels = datasets.spirals()
    axes = Axes(picture, (left, top), (SIDE, SIDE), (-REACH, REACH), (-REACH, REACH))
    for label, kind in enumerate(("points forward", "points backward square")):
        places = [axes.place(float(x), float(y)) for x, y in points[labels == label]]
        picture.path("".join(f"M{number(x)} {number(y)}h0" for x, y in places), kind)


def _plots(picture: Picture, top: float, numbers: dict) -> None:
    """Loss and gradients on the same axis of epochs; lines mark the maps."""
    picture.text(16, top - 10, "Loss", "bold", size=15)
    _plot(picture, top, {"forward": numbers["loss"]})
    top += 200
    picture.text(16, top - 32, "Length of each layer's gradient", "bold", size=15)
    for x, (name, kind) in zip((56, 170, 300), LAYERS.items(), strict=True):
        picture.line([(x, top - 15), (x + 26, top - 15)], f"{kind} thick")
        picture.text(x + 32, top - 10, name, kind, size=13)
    _plot(picture, top, {kind: numbers[name] for name, kind in LAYERS.items()})
    picture.text(226, top + 152, "epoch", "soft", "middle", 13)
    picture.text(16, top + 176, f"The network of 4.11 with a learning rate of {RATE:g}", "soft", size=13)


def _plot(picture: Picture, top: float, curves: dict[str, list[float]]) -> None:
    axes = Axes(picture, (56, top), (340, 116), (0, _place(SHOWN[-1])), (1e-4, 1.0), log=True)
    axes.frame({_place(at): str(at) for at in SHOWN}, {10.0**power: power_of_ten(power) for power in (-4, -2, 0)})
    for kind, sizes in curves.items():
        axes.curve(map(_place, LOGGED), sizes, f"{kind} thick")


def _place(epoch: float) -> float:
    """The axis gives the first epochs more room."""
    return epoch**0.5


def measured(epochs: int = SHOWN[-1]) -> dict[str, object]:
    """The training of 4.11, slower and for longer."""
    nf.manual_seed(0)
    inputs, labels = (nf.Tensor(each) for each in datasets.spirals())
    model = nf.Sequential(nf.Linear(2, 32), nf.ReLU(), nf.Linear(32, 32), nf.ReLU(), nf.Linear(32, 2))
    optimizer, loss_fn = nf.Adam(model.parameters(), lr=RATE), nf.CrossEntropyLoss()
    loader = nf.DataLoader(datasets.spirals(), batch_size=50)
    middles = (np.arange(CELLS) + 0.5) / CELLS * 2 * REACH - REACH
    places = nf.Tensor([[x, y] for y in middles[::-1] for x in middles])
    found = {"loss": [], **{name: [] for name in LAYERS}}
    for epoch in range(epochs + 1):
        if epoch in LOGGED:
            model.zero_grad()
            loss = loss_fn(model(inputs), labels)
            loss.backward()
            found["loss"].append(digits(loss.item()))
            for name, layer in zip(LAYERS, (model[0], model[2], model[4]), strict=True):
                lengths = [np.linalg.norm(parameter.grad.numpy()) for parameter in layer.parameters()]
                found[name].append(digits(float(np.linalg.norm(lengths))))
        if epoch in SHOWN:
            with nf.no_grad():
                guesses = model(places).numpy().argmax(axis=1).reshape(CELLS, CELLS)
                found[f"accuracy {epoch}"] = round(nf.accuracy(model(inputs), labels), 3)
            found[f"map {epoch}"] = ["".join(map(str, row)) for row in guesses.tolist()]
        if epoch < epochs:
            nf.train_epoch(model, loader, optimizer, loss_fn)
    return found


if __name__ == "__main__":
    measure(NAME, measured)
