"""A text as bytes, and what each merge of a byte pair tokenizer makes of it."""

from __future__ import annotations

import neural_framework as nf

from .svg import Picture

TEXT = "low lower lowest"
SIZE = 24  # a byte's box
FIRST = 256  # the id of the first merge


def rounds() -> list[tuple[nf.BytePairTokenizer, list[int]]]:
    """The tokenizer with 0, 1, 2, ... merges, and the text in its ids."""
    most = len(nf.BytePairTokenizer(TEXT, 1000))
    tokenizers = [nf.BytePairTokenizer(TEXT, size) for size in range(FIRST, most + 1)]
    return [(each, each.encode(TEXT)) for each in tokenizers]


def draw() -> str:
    """The picture."""
    steps = rounds()
    told = [f"Merge {_pair(one)} makes {one.merges[-1][1]}; the text has {len(ids)} ids." for one, ids in steps[1:]]
    picture = Picture(
        420,
        92 + 74 * len(steps),
        "A text and its merges, one by one",
        f"The text {TEXT!r} begins as {len(TEXT)} bytes. {' '.join(told)} Then no pair occurs twice.",
    )
    picture.text(16, 28, f"“{TEXT}” and its merges", "bold", size=15)
    picture.text(16, 48, "a box is an id; ␣ is the space; new ids have a strong frame", "soft", size=13)
    for number, (tokenizer, ids) in enumerate(steps):
        top = 92 + 74 * number
        if number == 0:
            picture.text(16, top - 8, f"{len(ids)} bytes", size=14)
        else:
            picture.text(16, top - 8, f"merge {number}:  {_pair(tokenizer)}  →  {tokenizer.merges[-1][1]}", size=14)
            picture.text(404, top - 8, f"{len(ids)} ids", "soft", "end", 13)
        x = 16
        for one in ids:
            word = _shown(tokenizer, one)
            kind = "forward" if one >= FIRST else ""
            picture.box(x, top, SIZE * len(word), 26, kind, round=3)
            picture.text(x + SIZE * len(word) / 2, top + 18, word, f"code {'bold' if kind else ''}".strip(), "middle")
            x += SIZE * len(word)
    picture.text(16, 74 + 74 * len(steps), "No pair occurs twice any more, so it stops here.", size=13)
    return picture.svg()


def _pair(tokenizer: nf.BytePairTokenizer) -> str:
    """The last pair that was merged, in letters."""
    return " + ".join(_shown(tokenizer, one) for one in tokenizer.merges[-1][0])


def _shown(tokenizer: nf.BytePairTokenizer, one: int) -> str:
    return tokenizer.decode([one]).replace(" ", "␣")
