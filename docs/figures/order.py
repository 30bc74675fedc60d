"""Two orders of the same backward through y = a + |a|: one sends a sum on too early."""

from __future__ import annotations

import numpy as np

import neural_framework as nf

from .svg import Picture

NAMES = ("|a|", "a", "x")
LEFT, COLUMNS = 16, (186, 276, 366)  # of the sums of |a|, a and x
ROW = 32


def draw() -> str:
    """The picture."""
    early, right = (_backward(names) for names in (("Add", "Exp", "Abs"), ("Add", "Abs", "Exp")))
    picture = Picture(
        420,
        610,
        "Two orders of one backward: y = a + |a| with a = exp(x) at x = 1",
        "Level by level, Exp sends the sum of a on while it is 1; Abs adds to it too late, and the gradient of x is "
        f"{early[-1]['x']:.3f}, which is wrong. In topological order Abs comes first: the sum of a is 2 before Exp "
        f"multiplies it, and the gradient of x is {right[-1]['x']:.3f}, twice e, which is right.",
    )
    _graph(picture)
    _table(picture, 196, "Level by level: Exp before Abs", ("Add", "Exp", "Abs"), early, "✗ wrong: a path is lost")
    _table(picture, 418, "Topological: Abs before Exp", ("Add", "Abs", "Exp"), right, "✓ right: 2e")
    return picture.svg()


def _backward(names: tuple[str, ...]) -> list[dict[str, float]]:
    """The running sums at the start and after each operation, in this order."""
    x = nf.Tensor(1.0, requires_grad=True)
    a = x.exp()
    absolute = a.abs()
    y = a + absolute
    operations = {type(each.grad_fn).__name__: each.grad_fn for each in (y, absolute, a)}
    tensors = {"x": x, "a": a, "|a|": absolute}
    sums = {"y": 1.0}
    results = {"Add": "y", "Abs": "|a|", "Exp": "a"}
    history = [dict(sums)]
    for name in names:
        operation = operations[name]
        parts = operation.backward(np.array(sums[results[name]]))
        for source, part in zip(operation.inputs, parts if isinstance(parts, tuple) else (parts,), strict=True):
            target = next(each for each, tensor in tensors.items() if tensor is source)
            sums[target] = sums.get(target, 0.0) + float(part)
        history.append(dict(sums))
    return history


def _graph(picture: Picture) -> None:
    middle, above = 108, 46
    picture.text(LEFT, 30, "y = a + |a|", "bold", size=15)
    picture.text(404, 30, "a is used twice", "soft", "end", 13)
    for x, y, words, operation in (
        (34, middle, "x", False),
        (104, middle, "Exp", True),
        (174, middle, "a", False),
        (244, above + 18, "Abs", True),
        (310, above + 18, "|a|", False),
        (322, middle + 22, "Add", True),
        (387, middle + 22, "y", False),
    ):
        half = 25 if operation else 17
        picture.box(x - half, y - 16, 2 * half, 32, "" if operation else "forward", 4 if operation else 16)
        picture.text(x, y + 5, words, "bold", "middle", 14)
    for points in (
        [(53, middle), (77, middle)],
        [(131, middle), (155, middle)],
        [(190, middle - 8), (217, above + 26)],
        [(271, above + 18), (291, above + 18)],
        [(313, above + 36), (318, middle + 4)],
        [(192, middle + 6), (215, middle + 22), (295, middle + 22)],
        [(349, middle + 22), (368, middle + 22)],
    ):
        picture.arrow(points, "forward")


def _table(picture: Picture, top: float, title: str, names: tuple[str, ...], sums: list[dict], verdict: str) -> None:
    """A row a step: the sums after it. What the step has changed stands in a box."""
    picture.line([(LEFT, top - 26), (404, top - 26)], "rule")
    picture.text(LEFT, top, title, "bold", size=15)
    picture.text(LEFT, top + 26, "step", "soft", size=13)
    for name, x in zip(NAMES, COLUMNS, strict=True):
        picture.text(x, top + 26, f"dL/d{name}", "soft", "middle", 13)
    for row, (before, after) in enumerate(zip([{}, *sums], sums, strict=False)):
        y = top + 52 + row * ROW
        words = f"{row}. {names[row - 1]} sends" if row else "start: dL/dy = 1"
        picture.text(LEFT, y, words, size=14)
        for name, x in zip(NAMES, COLUMNS, strict=True):
            new = after.get(name) != before.get(name)
            if new:
                picture.box(x - 30, y - 19, 60, 27, "backward")
            number = f"{after[name]:.3f}".removesuffix(".000") if name in after else "–"
            picture.text(x, y, number, "backward bold" if new else "soft", "middle", 14)
    picture.text(404, top + 56 + 4 * ROW, verdict, "bold", "end", 14)
