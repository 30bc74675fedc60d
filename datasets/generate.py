"""Writes every synthetic data set, bit for bit, and the table in README.md.

    python -m datasets.generate             write them
    python -m datasets.generate --check     write nothing; exit with 1 when one differs

Numbers are written with four decimals and random draws come from `RandomState`, whose stream NumPy has frozen
(NEP 19): so neither a platform's last bit nor a later NumPy changes a file.
"""

import argparse
import hashlib
import sys

import numpy as np

import datasets

README = datasets.FOLDER / "README.md"
TABLE_START, TABLE_END = "<!-- table: python -m datasets.generate -->\n", "<!-- end of table -->\n"


def xor():
    """The four cases of exclusive or."""
    return csv("x1,x2,label", [(a, b, a ^ b) for a in (0, 1) for b in (0, 1)])


def line():
    """y = 2x - 1 + noise, with x uniform in [-1, 1] and a deviation of 0.2."""
    random = np.random.RandomState(1)
    x = random.uniform(-1, 1, 64)
    return csv("x,y", zip(x, 2 * x - 1 + random.normal(0, 0.2, 64), strict=True))


def spirals():
    """Two arms of one and a quarter turns, the second opposite the first, with a deviation of 0.02."""
    random = np.random.RandomState(3)
    rows = []
    for label in (0, 1):
        radius = np.linspace(0.1, 1, 100)
        angle = 2.5 * np.pi * radius + np.pi * label
        noise = random.normal(0, 0.02, (2, 100))
        x1, x2 = radius * np.cos(angle) + noise[0], radius * np.sin(angle) + noise[1]
        rows += zip(x1, x2, [label] * 100, strict=True)
    return csv("x1,x2,label", rows)


def sequences():
    """A ball's way up and down between 0 and 7, from a random place in a random direction."""
    way = "01234567654321"  # one whole period
    starts = whole_numbers(np.random.RandomState(5), 0, len(way), 64)
    return "".join((way * 3)[start : start + 21] + "\n" for start in starts)


def recall_short():
    """A symbol 0 or 1, then 4 distractors."""
    return recall(seed=6, distractors=4)


def recall_long():
    """A symbol 0 or 1, then 49 distractors."""
    return recall(seed=7, distractors=49)


def recall(seed, distractors):
    """1,280 times a symbol 0 or 1, followed by distractors 2 to 5."""
    random = np.random.RandomState(seed)
    first = whole_numbers(random, 0, 2, (1280, 1))
    rest = whole_numbers(random, 2, 6, (1280, distractors))
    return "".join("".join(map(str, row)) + "\n" for row in np.hstack([first, rest]))


def tale():
    """Small sentences about animals and their places, drawn from a few words."""
    random = np.random.RandomState(8)
    animals, places = ("owl", "fox", "cat", "hen", "bear"), ("oak", "hill", "barn", "lake")
    things = ("nut", "egg", "leaf")
    forms = ("the {0} sat by the {2}.", "the {0} said to the {1}: come to the {2}.", "the {0} has a {3} for the {1}.")
    sentences = []
    for form, first, other, place, thing in whole_numbers(random, 0, 60, (120, 5)).tolist():
        one, another = first % 5, (first + 1 + other % 4) % 5  # never the same
        words = animals[one], animals[another], places[place % 4], things[thing % 3]
        sentences.append(forms[form % 3].format(*words) + "\n")
    return "".join(sentences)


def whole_numbers(random, low, high, shape):
    """Whole numbers from low to high - 1. (What `randint` draws depends on the platform's integers.)"""
    return low + np.floor(random.random_sample(shape) * (high - low)).astype(np.int64)


def csv(header, rows):
    """Whole numbers as they are, others with four decimals."""
    lines = [",".join(str(x) if isinstance(x, int) else f"{x:.4f}" for x in row) for row in rows]
    return "\n".join([header, *lines]) + "\n"


SYNTHETIC = {
    "xor.csv": xor,
    "line.csv": line,
    "spirals.csv": spirals,
    "sequences.txt": sequences,
    "recall_short.txt": recall_short,
    "recall_long.txt": recall_long,
    "tale.txt": tale,
}
LESSONS = "The lessons of milestones 1 to 5, one after the other, as they were when milestone 6 was made"
UCI = "[UCI](https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits), test set"
FOUND = {"lessons.txt": (LESSONS, "MIT"), "digits.npy": (UCI, "CC BY 4.0")}
TABLE = [  # name, the loader's arguments, file
    ("xor", (), "xor.csv"),
    ("line", (), "line.csv"),
    ("spirals", (), "spirals.csv"),
    ("sequences", (), "sequences.txt"),
    ("recall", ("short",), "recall_short.txt"),
    ("recall", ("long",), "recall_long.txt"),
    ("tale", (), "tale.txt"),
    ("lessons", (), "lessons.txt"),
    ("digits", (), "digits.npy"),
]


def table():
    """The README's table: what the loaders return and what the files are, as they are now."""
    lines = [
        "| name | loader | shapes and dtypes | file | origin | licence | SHA-256 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, arguments, file in TABLE:
        loader = f"`{name}({', '.join(f'{argument!r}' for argument in arguments)})`"
        arrays = describe(getattr(datasets, name)(*arguments))
        if file in SYNTHETIC:
            origin, licence = SYNTHETIC[file].__doc__.rstrip("."), "MIT"
        else:
            origin, licence = FOUND[file]
        checksum = hashlib.sha256((datasets.FOLDER / file).read_bytes()).hexdigest()
        row = [" ".join([name, *arguments]), loader, arrays, file, origin, licence, f"`{checksum}`"]
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


def describe(loaded):
    """Shapes and dtypes of nested arrays: "(4, 2) float32, (4,) int64"; pairs of pairs are split by ";"; of a text its
    length."""
    if isinstance(loaded, str):
        return f"{len(loaded):,} characters"
    if isinstance(loaded, np.ndarray):
        return f"{loaded.shape} {loaded.dtype}"
    separator = ", " if isinstance(loaded[0], np.ndarray) else "; "
    return separator.join(describe(part) for part in loaded)


def readme():
    """README.md with the table as it should be."""
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(TABLE_START)
    _, _, after = rest.partition(TABLE_END)
    return before + TABLE_START + table() + TABLE_END + after


def main():
    """The command line: write what differs, or with --check only name it."""
    parser = argparse.ArgumentParser(description="Write the synthetic data sets and the table in README.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when something differs")
    check = parser.parse_args().check

    differing = [name for name, make in SYNTHETIC.items() if not settle(datasets.FOLDER / name, make(), check)]
    if not (check and differing) and not settle(README, readme(), check):  # the table needs readable files
        differing.append(README.name)
    for name in differing:
        print(f"datasets/{name}", "is not what `python -m datasets.generate` writes" if check else "written")
    if check and differing:
        sys.exit(1)
    print(f"{len(SYNTHETIC)} synthetic data sets and README.md are as generated")


def settle(path, text, check):
    """Makes a file hold exactly `text`, or only compares it; returns whether it did hold it."""
    wanted = text.encode("utf-8")
    if path.exists() and path.read_bytes() == wanted:
        return True
    if not check:
        path.write_bytes(wanted)
    return False


if __name__ == "__main__":
    main()
