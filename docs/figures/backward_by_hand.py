"""One backward by hand through (w x + b - t)², with the numbers of the reference."""

from __future__ import annotations

from proofs.lessons.tables.milestone2 import backward_by_hand

from .svg import Picture, signed

ROWS = 5
BOX, HEIGHT, GAP = 150, 52, 58  # the results, one below the other
SIDE, SIDE_BOX = 312, 96  # the inputs that come in from the right
LEFT, TOP = 12, 12
NAMES = {"w": "w", "m": "m = w x", "p": "p = m + b", "e": "e = p − t", "L": "L = e²"}
LOCAL = {"e": "2e = ", "w": "x = ", "x": "w = "}  # where a local derivative is not a number by itself


def draw() -> str:
    """The picture."""
    steps = {row[1]: row for row in backward_by_hand()[1:]}  # step, for, value, local, upstream, sent
    values = {name: row[2] for name, row in steps.items()}
    sent = {name: row[5] for name, row in steps.items()} | {"L": steps["e"][4]}
    values["L"] = values["e"] ** 2
    picture = Picture(
        420,
        2 * TOP + ROWS * HEIGHT + (ROWS - 1) * GAP,
        "One backward by hand: L = (w x + b − t)² at w = 2, x = 3, b = 1, t = 5",
        "The values go down from w to L = 4. The gradients go back up from dL/dL = 1: at each edge, the local "
        "derivative times the upstream gradient is what is sent on. "
        + " ".join(
            f"To {name}: {signed(local)} times {signed(upstream)} is {signed(result)}."
            for _, name, _, local, upstream, result in steps.values()
        ),
    )
    _legend(picture)
    for row, (name, label) in enumerate(NAMES.items()):
        y = TOP + row * (HEIGHT + GAP)
        _box(picture, LEFT, y, BOX, f"{label} = {signed(values[name])}", name, sent[name], leaf=row == 0)
        if row + 1 < ROWS:
            following = list(NAMES)[row + 1]
            _down(picture, y + HEIGHT, following, steps[name])
    for row, name in enumerate(("x", "b", "t"), start=1):
        y = TOP + row * (HEIGHT + GAP)
        _box(picture, SIDE, y, SIDE_BOX, f"{name} = {signed(values[name])}", name, sent[name], leaf=True)
        _across(picture, y, steps[name])
    return picture.svg()


def _box(picture: Picture, x: float, y: float, width: float, words: str, name: str, grad: float, leaf: bool) -> None:
    picture.box(x, y, width, HEIGHT, "forward" if leaf else "", round=14 if leaf else 4)
    picture.text(x + width / 2, y + 22, words, "bold", "middle", 15)
    picture.text(x + width / 2, y + 41, f"dL/d{name} = {signed(grad)}", "backward", "middle", 13.5)


def _labels(step: tuple) -> tuple[str, str]:
    _, name, _, local, upstream, sent = step
    return f"local {LOCAL.get(name, '')}{signed(local)}", f"{signed(local)} × {signed(upstream)} = {signed(sent)}"


def _down(picture: Picture, y: float, following: str, step: tuple) -> None:
    """An edge from a result to the one below it."""
    x = LEFT + BOX / 2
    picture.arrow([(x - 16, y + 3), (x - 16, y + GAP - 3)], "forward")
    picture.arrow([(x, y + GAP - 3), (x, y + 3)], "backward")
    local, product = _labels(step)
    picture.text(x + 11, y + 25, local, "soft", size=13)
    picture.text(x + 11, y + 43, product, "backward bold", size=14)


def _across(picture: Picture, y: float, step: tuple) -> None:
    """An edge from an input on the right."""
    left, right, middle = LEFT + BOX, SIDE, y + HEIGHT / 2
    picture.arrow([(right - 3, middle - 8), (left + 3, middle - 8)], "forward")
    picture.arrow([(left + 3, middle + 8), (right - 3, middle + 8)], "backward")
    local, product = _labels(step)
    centre = (left + right) / 2
    picture.text(centre, middle - 17, local, "soft", "middle", 13)
    picture.text(centre, middle + 28, product, "backward bold", "middle", 14)


def _legend(picture: Picture) -> None:
    x = 196
    picture.arrow([(x, TOP + 12), (x + 34, TOP + 12)], "forward")
    picture.text(x + 42, TOP + 17, "forward: the value", "forward", size=13.5)
    picture.arrow([(x + 34, TOP + 36), (x, TOP + 36)], "backward")
    picture.text(x + 42, TOP + 41, "backward: the gradient", "backward", size=13.5)
    picture.text(x, TOP + 65, "local × upstream = sent on", "backward bold", size=14)
