"""A network looks at a digit that you drew as characters, and says what it takes it for. Milestones 1 to 5.

    nox -s python -- examples/draw.py

Draw another digit in examples/digit.txt: at most 8 lines of 8 characters, with . or a space for paper and # for ink
(+ is grey). Play with it and with the settings below for ten minutes. Each time, say what you expect before you run it.

1. Move your digit to the border, with PLACES = "all" and then with PLACES = "own". Which network still reads it?
2. What does it take a letter for, or an empty page? Why does it never say that this is not a digit?
"""

from pathlib import Path

import numpy as np

import datasets
import neural_framework as nf

# Play with these.
DRAWING = "examples/digit.txt"
PLACES = "all"  # "all": the maximum over all places goes on, "own": each place has weights of its own
KERNELS = 32
EPOCHS = 6

SEED = 1
SIDE, CANVAS = 8, 12  # pixels; the canvas leaves 2 pixels around a digit
INK = {".": 0.0, " ": 0.0, "+": 0.5, "#": 1.0}


def main():
    """Read the drawing, train on centred digits, and look at the drawing in nine places."""
    drawing = read(Path(DRAWING))
    nf.manual_seed(SEED)
    (images, labels), (unseen, answers) = datasets.digits()
    model = network()
    loader, optimizer = nf.DataLoader((moved(images), labels), batch_size=64), nf.Adam(model.parameters(), lr=0.01)
    for epoch in range(1, EPOCHS + 1):
        loss = nf.train_epoch(model, loader, optimizer, nf.CrossEntropyLoss())
        print(f"epoch {epoch:2}   loss {loss:6.3f}")
    right = np.mean(chances(model, moved(unseen)).argmax(axis=1) == answers)
    print(f"\nIt reads {100 * right:.0f} % of the digits it has not seen. Yours is:\n")
    print("\n".join("    " + "".join(" +#"[round(2 * float(value))] * 2 for value in row) for row in drawing))
    show(model, drawing)


def network():
    """Kernels of 6 x 6 pixels at 13 x 13 places, and then the maximum over all places, or all of them."""
    kernels = nf.Conv2d(1, KERNELS, 6, padding=3)
    pooled = PLACES == "all"
    last = nf.Linear(KERNELS * (1 if pooled else 13 * 13), 10)
    return nf.Sequential(kernels, nf.ReLU(), *([nf.MaxPool2d(13)] if pooled else []), nf.Flatten(), last)


def read(path):
    """The drawing as an image (8, 8); an error that says what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise SystemExit(f"{path} can't be read: {error}") from None
    lines = [line.rstrip() for line in text.rstrip().split("\n")]
    if len(lines) > SIDE or max(map(len, lines)) > SIDE:
        raise SystemExit(f"{path}: draw at most {SIDE} lines of {SIDE} characters")
    unknown = sorted(set("".join(lines)) - INK.keys())
    if unknown:
        raise SystemExit(f"{path}: draw with . + # and spaces, not with {' '.join(unknown)}")
    return np.array([[INK[letter] for letter in line.ljust(SIDE, ".")] for line in [*lines, *[""] * SIDE][:SIDE]])


def moved(images, rows=0, columns=0):
    """Images on the canvas, moved from its middle: (N, 1, 12, 12)."""
    canvas = np.zeros((len(images), 1, CANVAS, CANVAS), dtype=np.float32)
    top, left = 2 + rows, 2 + columns
    canvas[:, 0, top : top + SIDE, left : left + SIDE] = np.reshape(images, (-1, SIDE, SIDE))
    return canvas


def chances(model, canvas):
    """How sure the model is of each digit: (images, 10), each row a sum of 1."""
    with nf.no_grad():
        return model(nf.Tensor(canvas)).softmax(axis=1).numpy()


def show(model, drawing):
    """The three most likely digits, and the guesses where the drawing is moved."""
    sure = chances(model, moved(drawing[None]))[0]
    best = np.argsort(-sure)[:3]
    print("\nIn the middle: " + ", ".join(f"a {digit} with {100 * sure[digit]:.0f} %" for digit in best))
    print("Moved by 2 pixels up, not at all, and down; in each row to the left, not at all, and to the right:\n")
    for rows in (-2, 0, 2):
        guesses = [chances(model, moved(drawing[None], rows, columns))[0].argmax() for columns in (-2, 0, 2)]
        print("    " + "  ".join(map(str, guesses)))


if __name__ == "__main__":
    main()
