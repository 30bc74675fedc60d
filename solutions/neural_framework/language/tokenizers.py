"""Tokenizers: a text as a list of ints, and back."""

from collections import Counter
from itertools import pairwise
from numbers import Integral

import numpy as np

from ..modules import integer

BYTES = 256  # the first ids of a BytePairTokenizer


class CharacterTokenizer:
    """An id for each character of a text: its place in `vocabulary`, the sorted list of them."""

    def __init__(self, text):
        """`vocabulary`: each character of the text once, sorted; `len`, which is given, counts it."""
        # exercise: 6.1
        self.vocabulary = sorted(set(text))
        self.ids = {character: position for position, character in enumerate(self.vocabulary)}

    def __len__(self):
        return len(self.vocabulary)

    def encode(self, text):
        """str -> list of ints. ValueError, with its `repr` and its position from 0, for a character without an id."""
        # exercise: 6.1
        for position, character in enumerate(text):
            if character not in self.ids:
                raise ValueError(
                    f"CharacterTokenizer: the character {character!r} at position {position} is not in the vocabulary: "
                    "make the tokenizer from a text that has it"
                )
        return [self.ids[character] for character in text]

    def decode(self, ids):
        """Any sequence of ints -> str. `checked_ids` raises IndexError for an id out of range."""
        # exercise: 6.1
        return "".join(self.vocabulary[one] for one in checked_ids("CharacterTokenizer", ids, len(self)))


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
        # exercise: 6.2
        while len(self) < vocabulary_size:
            pair = most_frequent_pair(ids)
            if pair is None:
                return
            self.merges.append((pair, len(self)))
            ids = merged(ids, *self.merges[-1])

    def encode(self, text):
        """str -> list of ints: the text's bytes (`utf8`), to which the merges are applied in the order learnt."""
        # exercise: 6.2
        ids = utf8(text)
        for pair, new in self.merges:
            ids = merged(ids, pair, new)
        return ids

    def decode(self, ids):
        """Any sequence of ints -> str; bytes that are not UTF-8 become U+FFFD.

        `checked_ids` raises IndexError for an id out of range.
        """
        # exercise: 6.2
        meanings = [bytes([byte]) for byte in range(BYTES)]
        for (left, right), _ in self.merges:
            meanings.append(meanings[left] + meanings[right])
        text = b"".join(meanings[one] for one in checked_ids("BytePairTokenizer", ids, len(self)))
        return text.decode("utf-8", errors="replace")


def most_frequent_pair(ids):
    """The (left, right) that occurs most often among neighbours in a list of ints; None if no pair occurs twice.

    Every position counts: [7, 7, 7] has (7, 7) twice. Of equally frequent pairs it is the smallest.
    """
    # exercise: 6.2
    counts = Counter(pairwise(ids))
    most = max(counts.values(), default=0)
    return min(pair for pair in counts if counts[pair] == most) if most >= 2 else None


def merged(ids, pair, new):
    """A list in which `new` stands for each occurrence of the pair, in reading order, without overlap."""
    # exercise: 6.2
    result, position = [], 0
    while position < len(ids):
        found = tuple(ids[position : position + 2]) == pair
        result.append(new if found else ids[position])
        position += 2 if found else 1
    return result


def utf8(text):
    """The bytes of a text, a list of ints; TypeError unless it is a str, ValueError if UTF-8 cannot encode it."""
    if not isinstance(text, str):
        raise TypeError(f"BytePairTokenizer: a text is a str, got {type(text).__name__}")
    try:
        return list(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise ValueError(
            f"BytePairTokenizer: UTF-8 cannot encode the character {text[error.start]!r} at position {error.start}: "
            "half of a surrogate pair is not a character"
        ) from error


def checked_ids(owner, ids, size):
    """Any sequence of ints as a list; IndexError, naming the owner (a string), unless all are in 0..size - 1.

    TypeError for ids of another kind, such as 1.9 or "1", of which int() would make 1. Tensors and NumPy's are ints.
    """
    ids = [one.item() if hasattr(one, "item") and np.ndim(one) == 0 else one for one in ids]
    for one in ids:
        if not isinstance(one, Integral):
            raise TypeError(f"{owner}: an id is an integer, got {one!r}")
        if not 0 <= one < size:
            raise IndexError(f"{owner}: id {one} is out of range, expected 0..{size - 1}")
    return ids
