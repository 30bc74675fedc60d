"""A line finds its place: gradient descent with nothing but your tensors, milestones 1 and 2.

    nox -s python -- examples/line.py

Play with the settings below for ten minutes. Each time, say what you expect before you run it.

1. From which LEARNING_RATE on does the loss grow instead of falling, and what do w and b do then?
2. The loss never comes to 0, however many STEPS you take. What is left that no line can learn?
"""

import numpy as np

import datasets
import neural_framework as nf

# Play with these.
LEARNING_RATE = 0.3
STEPS = 40
START = (-1.5, 1.5)  # w and b before the first step
SHOW_EVERY = 8

ROWS, COLUMNS = 15, 60  # of the picture


def main():
    """Fit y = w x + b to noisy points, and watch it."""
    inputs, targets = datasets.line()
    x, y = nf.Tensor(inputs), nf.Tensor(targets)
    w, b = (nf.Tensor([value], requires_grad=True) for value in START)
    for step in range(STEPS + 1):
        loss = ((w * x + b - y) ** 2).mean()
        if step % SHOW_EVERY == 0 or step == STEPS:
            print(f"step {step:3}   loss {loss.item():8.4f}   y = {w.item():7.3f} x + {b.item():7.3f}")
        if step == STEPS:
            break
        loss.backward()
        for parameter in (w, b):
            parameter.data -= LEARNING_RATE * parameter.grad.data  # downhill
            parameter.grad = None  # otherwise the next backward would add to it
    print(picture(inputs[:, 0], targets[:, 0], w.item(), b.item()))


def picture(x, y, w, b):
    """The points, o, and the line, *, as characters."""
    cells = [[" "] * COLUMNS for _ in range(ROWS)]
    across, bottom, top = np.linspace(-1, 1, COLUMNS), y.min(), y.max()
    for mark, xs, ys in (("*", across, w * across + b), ("o", x, y)):
        for one, height in zip(xs, ys, strict=True):
            share = (top - height) / (top - bottom)
            if 0 <= share <= 1:  # a line may leave the picture
                cells[round(float(share) * (ROWS - 1))][round((float(one) + 1) / 2 * (COLUMNS - 1))] = mark
    return "\n".join(["", *("".join(row).rstrip() for row in cells)])


if __name__ == "__main__":
    main()
