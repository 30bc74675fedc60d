"""Tokenizers: a text as a list of ints, and back."""

import numpy as np

from ..modules import integer

BYTES = 256  # the first ids of a BytePairTokenizer


class CharacterTokenizer:
    """An id for each character of a text: its place in `vocabulary`, the sorted list of them."""

    def __init__(self, text):
        """`vocabulary`: each character of the text once, sorted; `len`, which is given, counts it."""
        self.vocabulary = sorted(set(text))
        self.number_of = {character: number for number, character in enumerate(self.vocabulary)}

    def __len__(self):
        return len(self.vocabulary)

    def encode(self, text):
        """str -> list of ints. ValueError, with its `repr` and its position from 0, for a character without an id."""
        for position, character in enumerate(text):
            if character not in self.number_of:
                raise ValueError(
                    f"CharacterTokenizer: {character!r} at position {position} is not one of its {len(self)} characters"
                )
        return list(map(self.number_of.__getitem__, text))

    def decode(self, ids):
        """Any sequence of ints -> str. `checked_ids` raises IndexError for an id out of range."""
        return "".join(map(self.vocabulary.__getitem__, checked_ids("CharacterTokenizer", ids, len(self))))


class BytePairTokenizer:
    """Ids 0 to 255 are the bytes of UTF-8; each later one stands for a frequent pair of ids   (Sennrich et al. 2016)

    `merges`: list of ((left, right), id), in the order learnt.
    """

    def __init__(self, text, vocabulary_size):
        vocabulary_size = integer("BytePairTokenizer", "vocabulary_size", vocabulary_size, least=BYTES)
        self.merges = []
        self.learn(utf8(text), vocabulary_size)

    def __len__(self):
        return BYTES + len(self.merges)

    def learn(self, ids, vocabulary_size):
        """Merge the most frequent pair of the ids into a new one, and again, until there are vocabulary_size ids.

        Each merge is added to `merges`. It stops early when no pair occurs twice.
        """
        ids = np.array(ids, dtype=np.int64)
        while len(self) < vocabulary_size:
            couple, times = commonest(ids)
            if times < 2:
                break
            new = len(self)
            self.merges.append((couple, new))
            ids = contracted(ids, couple, new)

    def encode(self, text):
        """str -> list of ints: the text's bytes (`utf8`), to which the merges are applied in the order learnt."""
        ids = np.array(utf8(text), dtype=np.int64)
        for couple, new in self.merges:
            ids = contracted(ids, couple, new)
        return ids.tolist()

    def decode(self, ids):
        """Any sequence of ints -> str; bytes that are not UTF-8 become U+FFFD.

        `checked_ids` raises IndexError for an id out of range.
        """
        spelt = [bytes([number]) for number in range(BYTES)]
        for (left, right), _ in self.merges:
            spelt.append(spelt[left] + spelt[right])
        return b"".join(spelt[one] for one in checked_ids("BytePairTokenizer", ids, len(self))).decode("utf-8", "replace")


def commonest(ids):
    """The pair of neighbours that occurs most often in an array of ints, the smallest of equals, and how often."""
    if len(ids) < 2:
        return None, 0
    base = int(ids.max()) + 1
    codes, counts = np.unique(ids[:-1] * base + ids[1:], return_counts=True)  # in order of (left, right)
    most = int(counts.argmax())  # the first of equals
    return divmod(int(codes[most]), base), int(counts[most])


def contracted(ids, couple, new):
    """An array of ints with `new` for the pair wherever it stands, from the left, without overlap."""
    left, right = couple
    at = np.flatnonzero((ids[:-1] == left) & (ids[1:] == right))
    if len(at) == 0:
        return ids
    if left == right:  # in a run of hits, every second one overlaps the one before
        begins = np.diff(at, prepend=-2) != 1
        run = np.cumsum(begins) - 1
        at = at[(at - at[begins][run]) % 2 == 0]
    ids = ids.copy()
    ids[at] = new
    return np.delete(ids, at + 1)


def utf8(text):
    """The bytes of a text, a list of ints; ValueError for a text that UTF-8 cannot encode."""
    try:
        return list(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise ValueError(
            f"BytePairTokenizer: UTF-8 cannot encode the character {text[error.start]!r} at position {error.start}: "
            "half of a surrogate pair is not a character"
        ) from error


def checked_ids(owner, ids, size):
    """Any sequence of ints as a list; IndexError, naming the owner (a string), unless all are in 0..size - 1."""
    ids = [int(one) for one in ids]
    for one in ids:
        if not 0 <= one < size:
            raise IndexError(f"{owner}: id {one} is out of range, expected 0..{size - 1}")
    return ids
