"""Small data sets for the course: loaders that read the files of this folder into plain NumPy arrays."""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
DIGITS_HELD_OUT = 360  # the last fifth of the file


def xor():
    """The four cases of exclusive or: inputs (4, 2) float32, labels (4,) int64."""
    return _points("xor.csv")


def line():
    """Noisy points around y = 2x - 1: inputs (64, 1) float32, targets (64, 1) float32."""
    table = _numbers("line.csv")
    return table[:, :1], table[:, 1:]


def spirals():
    """Two interleaved spirals of 100 points: inputs (200, 2) float32, labels (200,) int64."""
    return _points("spirals.csv")


def sequences():
    """A ball that bounces between 0 and 7, moving by one symbol a step: (64, 21) int64.

    From two symbols in a row the next one is certain, from one alone it is not: direction must be remembered.
    """
    return _symbols("sequences.txt")


def recall(length):
    """A symbol 0 or 1, to be recalled after a run of distractors 2 to 5; `length` is "short" or "long".

    Returns (sequences, labels) to train on, (1024, T) and (1024,) int64, and another pair held out, (256, T) and
    (256,), with T = 5 for "short" and 50 for "long". The label is the first symbol of its sequence.
    """
    if length not in ("short", "long"):
        raise ValueError(f'recall comes in "short" and "long", not {length!r}')
    symbols = _symbols(f"recall_{length}.txt")
    labels = symbols[:, 0].copy()
    return (symbols[:1024], labels[:1024]), (symbols[1024:], labels[1024:])


def tale():
    """A text to learn to write from, 120 short sentences, a line each: str."""
    return (FOLDER / "tale.txt").read_text(encoding="utf-8")


def lessons():
    """The lessons of milestones 1 to 5, Markdown and code, frozen when milestone 6 was made.

    Returns a text to learn to write from, and another one held out: every tenth block of 500 characters.
    """
    text = (FOLDER / "lessons.txt").read_text(encoding="utf-8")
    blocks = [text[start : start + 500] for start in range(0, len(text), 500)]
    held_out = blocks[9::10]
    del blocks[9::10]
    return "".join(blocks), "".join(held_out)


def digits():
    """Handwritten digits, 8x8 pixels between 0 and 1 (Alpaydin & Kaynak 1998).

    Returns (images, labels) to train on, (1437, 64) float32 and (1437,) int64, and another pair held out,
    (360, 64) and (360,). The split follows the file, where neighbours often come from the same hand: a
    shuffled one would flatter.
    """
    table = np.load(FOLDER / "digits.npy")
    images = table[:, :64].astype(np.float32) / 16  # pixels count 0 to 16
    labels = table[:, 64].astype(np.int64)
    split = len(table) - DIGITS_HELD_OUT
    return (images[:split], labels[:split]), (images[split:], labels[split:])


def _numbers(name):
    return np.loadtxt(FOLDER / name, delimiter=",", skiprows=1, dtype=np.float32, encoding="utf-8")


def _points(name):
    table = _numbers(name)  # two coordinates, then the class
    return table[:, :2], table[:, 2].astype(np.int64)


def _symbols(name):
    lines = (FOLDER / name).read_text(encoding="utf-8").split()
    return np.array([list(line) for line in lines]).astype(np.int64)
