"""Other bodies for language/tokenizers.py: search in sorted lists, a stack of ids, and merges by their rank."""
# ruff: noqa: F821 (names of the file that these functions are put into)

from bisect import bisect_left
from itertools import groupby, pairwise


class CharacterTokenizer:
    def __init__(self, text):
        self.vocabulary = []
        for character in sorted(text):
            if self.vocabulary[-1:] != [character]:
                self.vocabulary.append(character)
        self.ids = dict(zip(self.vocabulary, range(len(self.vocabulary)), strict=True))

    def encode(self, text):
        found = []
        for character in text:
            place = bisect_left(self.vocabulary, character)
            if self.vocabulary[place : place + 1] != [character]:
                raise ValueError(f"no id for {character!r} at position {len(found)}")
            found.append(place)
        return found

    def decode(self, ids):
        text = ""
        for one in ids:
            if one not in range(len(self.vocabulary)):
                raise IndexError(f"id {one}, expected 0..{len(self.vocabulary) - 1}")
            text += self.vocabulary[one]
        return text


class BytePairTokenizer:
    def learn(self, ids, vocabulary_size):
        for new in range(256, vocabulary_size):
            pair = most_frequent_pair(ids)
            if not pair:
                break
            ids = merged(ids, pair, new)
            self.merges.append((pair, new))

    def encode(self, text):
        ids, ranks = utf8(text), dict(self.merges)  # pair -> id: the smaller, the earlier it was learnt
        while True:
            new = min((ranks[pair] for pair in pairwise(ids) if pair in ranks), default=None)
            if new is None:
                return ids
            shorter = []
            for one in ids:
                shorter.append(one)
                if ranks.get(tuple(shorter[-2:])) == new:
                    shorter[-2:] = [new]
            ids = shorter

    def decode(self, ids):
        pairs, found = {new: pair for pair, new in self.merges}, bytearray()
        todo = list(reversed(checked_ids("BytePairTokenizer", ids, 256 + len(pairs))))
        while todo:
            one = todo.pop()
            if one in pairs:
                todo += reversed(pairs[one])
            else:
                found.append(one)
        return str(found, "utf-8", "replace")


def most_frequent_pair(ids):
    pairs = sorted(pairwise(ids))
    best, most = None, 1
    for pair, group in groupby(pairs):  # from the smallest pair on: only a higher count replaces it
        count = len(list(group))
        if count > most:
            best, most = pair, count
    return best


def merged(ids, pair, new):
    stack = []
    for one in ids:
        if stack and (stack[-1], one) == pair:
            stack[-1] = new  # which is not an id of the pair: nothing overlaps
        else:
            stack.append(one)
    return stack
