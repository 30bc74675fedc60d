"""A network reads handwriting: train it, and then look at what it takes for what. Milestones 1 to 4.

    nox -s python -- examples/digits.py

Play with the settings below for ten minutes. Each time, say what you expect before you run it.

1. How few units can HIDDEN have before the network reads less than half of the digits? Why is 1 not enough?
2. Look at the misread ones: would you have read them? Which pairs of digits does it mix up, and why those?
"""

import numpy as np

import datasets
import neural_framework as nf

# Play with these.
HIDDEN = 64
EPOCHS = 8
LEARNING_RATE = 0.01
SEED = 1

SHADES = " .:+#"  # light to dark
SIDE = 8  # pixels


def main():
    """Train on 1,437 digits, and read 360 others."""
    nf.manual_seed(SEED)
    training, (images, labels) = datasets.digits()
    model = nf.Sequential(nf.Linear(SIDE * SIDE, HIDDEN), nf.ReLU(), nf.Linear(HIDDEN, 10))
    optimizer = nf.Adam(model.parameters(), lr=LEARNING_RATE)
    loader = nf.DataLoader(training, batch_size=64)
    for epoch in range(1, EPOCHS + 1):
        loss = nf.train_epoch(model, loader, optimizer, nf.CrossEntropyLoss())
        read = np.mean(chances(model, images).argmax(axis=1) == labels)
        print(f"epoch {epoch:2}   loss {loss:6.3f}   reads {100 * read:5.1f} % of the digits it has not seen")
    show(images, labels, chances(model, images))


def chances(model, images):
    """How sure the model is of each digit: (images, 10), each row a sum of 1."""
    with nf.no_grad():
        return model(nf.Tensor(images)).softmax(axis=1).numpy()


def show(images, labels, sure):
    """Four digits that were read, four that were misread, and what was mixed up most often."""
    guesses = sure.argmax(axis=1)
    for title, chosen in (("read", guesses == labels), ("misread", guesses != labels)):
        found = np.flatnonzero(chosen)
        few = found[np.unique(labels[found], return_index=True)[1]][:4]  # the first of each digit
        print(f"\n{title}: {chosen.sum()}")
        print("  ".join(f"{guesses[i]} {100 * sure[i].max():3.0f} %, is {labels[i]}".ljust(2 * SIDE) for i in few))
        for row in range(SIDE):
            print("  ".join(drawn(images[i][row * SIDE : (row + 1) * SIDE]) for i in few))
    pairs = [(int(label), int(guess)) for label, guess in zip(labels, guesses, strict=True) if label != guess]
    often = sorted(set(pairs), key=pairs.count, reverse=True)[:3]
    print("\nmost often: " + ", ".join(f"{a} taken for {b} ({pairs.count((a, b))})" for a, b in often))


def drawn(pixels):
    """A row of pixels between 0 and 1, each two characters wide."""
    return "".join(SHADES[round(float(value) * (len(SHADES) - 1))] * 2 for value in pixels)


if __name__ == "__main__":
    main()
