"""What recording leaves behind: the pointers from a result to what it was computed from, and none under no_grad."""

from __future__ import annotations

import neural_framework as nf

from .svg import Picture, signed

WIDTH, HEIGHT = 112, 46  # of a box
ROW = 84  # from one row of boxes to the next
TOP = 50
# The middle of each box: column and row.
PLACES = {
    "y": (240, 0),
    "Add": (240, 1),
    "m": (170, 2),
    "b": (310, 2),
    "Multiply": (170, 3),
    "w": (100, 4),
    "x": (240, 4),
}
APART = TOP + 4 * ROW + HEIGHT + 44  # where the second half begins


def draw() -> str:
    """The picture."""
    w, b = (nf.Tensor(value, requires_grad=True) for value in (2.0, 1.0))
    x = nf.Tensor(3.0)
    m = w * x
    y = m + b
    with nf.no_grad():
        z = w * x + b
    tensors = {"w": w, "x": x, "b": b, "m": m, "y": y}
    picture = Picture(
        420,
        APART + 106,
        "What recording leaves behind: y = w x + b at w = 2, x = 3, b = 1",
        "Arrows point from a result back to its sources. y points with grad_fn to Add; Add points with inputs to m and "
        "b; m points with grad_fn to Multiply; Multiply points with inputs to w and x. w, x and b are leaves: their "
        f"grad_fn is None. Below, the same computation under no_grad: z has the same value, {signed(z.item())}, and "
        "points to nothing.",
    )
    picture.text(16, 30, "y = w * x + b", "code bold", size=15)
    picture.text(404, 30, "an arrow is a pointer", "soft", "end", 13)
    operations = {}
    for name in ("y", "m"):
        operation = tensors[name].grad_fn
        operations[type(operation).__name__] = operation
        _point(picture, name, type(operation).__name__, "grad_fn")
    for name, operation in operations.items():
        for position, source in enumerate(operation.inputs):
            target = next(each for each, tensor in tensors.items() if tensor is source)
            _point(picture, name, target, f"inputs[{position}]", left=position == 0)
    for name, tensor in tensors.items():
        _tensor(picture, PLACES[name][0], TOP + PLACES[name][1] * ROW, name, tensor)
    for name in operations:
        _box(picture, PLACES[name][0], TOP + PLACES[name][1] * ROW, name, "an operation", "", 4)
    _without(picture, {"w": w, "x": x, "b": b, "z": z})
    return picture.svg()


def _tensor(picture: Picture, x: float, y: float, name: str, tensor: nf.Tensor) -> None:
    words = f"{name} = {signed(tensor.item())}"
    asks = "requires grad" if tensor.requires_grad else "no grad"
    _box(picture, x, y, words, f"leaf, {asks}" if tensor.is_leaf else asks, "forward", 16)


def _box(picture: Picture, x: float, y: float, words: str, below: str, kind: str, round: float) -> None:
    width = 138 if "leaf, requires" in below else WIDTH
    picture.box(x - width / 2, y, width, HEIGHT, kind, round)
    picture.text(x, y + 20, words, "bold", "middle", 15)
    picture.text(x, y + 38, below, "soft", "middle", 13)


def _point(picture: Picture, source: str, target: str, label: str, left: bool = False) -> None:
    (x0, row0), (x1, row1) = PLACES[source], PLACES[target]
    start, end = (x0, TOP + row0 * ROW + HEIGHT), (x1, TOP + row1 * ROW - 2)
    picture.arrow([start, end], "forward")
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + 5)
    aside = 12 if x0 == x1 else 30
    picture.text(middle[0] + (-aside if left else aside), middle[1], label, "code", "end" if left else "start", 13)


def _without(picture: Picture, tensors: dict[str, nf.Tensor]) -> None:
    """The same under no_grad: values, and no arrow."""
    picture.line([(16, APART - 26), (404, APART - 26)], "rule")
    picture.text(16, APART, "with nf.no_grad(): z = w * x + b", "code bold", size=15)
    y = APART + 18
    for name, x in {"w": 48, "x": 126, "b": 204}.items():
        picture.box(x - 32, y, 64, HEIGHT, "forward", 16)
        picture.text(x, y + 28, f"{name} = {signed(tensors[name].item())}", "bold", "middle", 15)
    z = tensors["z"]
    _box(picture, 326, y, f"z = {signed(z.item())}", "no grad", "forward", 16)
    picture.text(404, y + 68, f"z.grad_fn is {z.grad_fn}: nothing points back", "", "end", 14)
