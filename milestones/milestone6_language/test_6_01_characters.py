"""6.1 Characters: CharacterTokenizer."""

import numpy as np

import neural_framework as nf


def test_the_vocabulary_is_sorted(see):
    """vocabulary is the list of the characters, each once, in the order of their code points; spaces, line breaks and
    accents count like any other."""
    see.equal(nf.CharacterTokenizer("banana boat").vocabulary, [" ", "a", "b", "n", "o", "t"])
    see.equal(nf.CharacterTokenizer("zé\nBa").vocabulary, ["\n", "B", "a", "z", "é"])
    see.equal(nf.CharacterTokenizer(" ab\n").vocabulary, ["\n", " ", "a", "b"])
    see.equal(nf.CharacterTokenizer("e\u0301").vocabulary, ["e", "\u0301"])  # an e, then the accent alone


def test_len_counts_characters_once(see):
    """len is the size of the vocabulary, not that of the text."""
    see.equal(len(nf.CharacterTokenizer("banana boat")), 6)
    see.equal(len(nf.CharacterTokenizer("é€😀é")), 3)


def test_encode_gives_places_in_the_vocabulary(see):
    """The vocabulary of "banana" is a, b, n, so "nab" becomes [2, 0, 1], a list of ints."""
    ids = nf.CharacterTokenizer("banana").encode("nab")
    see.equal(ids, [2, 0, 1])
    see.equal([type(one).__name__ for one in ids], ["int", "int", "int"])


def test_decode_is_the_way_back(see, rng):
    """decode takes ids to characters: [2, 0, 1, 0] is "naba", a str."""
    ids = [2, 0, 1, *rng.integers(3, size=5).tolist()]
    see.equal(nf.CharacterTokenizer("banana").decode(ids), "".join("abn"[one] for one in ids))


def test_every_text_comes_back(see):
    """decode(encode(text)) is the text, whatever its script, for characters that the tokenizer has seen."""
    text = "\x00 Où est 北京?\n\tΣ 😀 – naïve, nai\u0308ve\x00\n"
    tokenizer = nf.CharacterTokenizer(text)
    see.equal(tokenizer.decode(tokenizer.encode(text)), text)
    see.equal(tokenizer.decode(tokenizer.encode(text[::-1])), text[::-1])


def test_any_sequence_of_ints_is_decoded(see):
    """A tuple, an array and its numbers are sequences of ints as well."""
    tokenizer = nf.CharacterTokenizer("banana")
    see.equal(tokenizer.decode((2, 0, 1)), "nab")
    see.equal(tokenizer.decode(np.array([2, 0, 1, 1])), "nabb")
    see.equal(tokenizer.decode(range(3)), "abn")


def test_the_empty_text(see):
    """No character, no id; a tokenizer of the empty text has an empty vocabulary."""
    see.equal(nf.CharacterTokenizer("banana").encode(""), [])
    see.equal(nf.CharacterTokenizer("banana").decode([]), "")
    see.equal(nf.CharacterTokenizer("").vocabulary, [])
    see.equal(nf.CharacterTokenizer("").encode(""), [])


def test_an_unknown_character_is_refused(see):
    """A character that is not in the vocabulary is a ValueError with its repr and its position, counted from 0."""
    tokenizer = nf.CharacterTokenizer("banana")
    see.equal(tokenizer.encode("ban"), [1, 0, 2])
    see.raises(lambda: tokenizer.encode("bandana"), "ValueError", mentions=[repr("d"), 3])
    see.raises(lambda: tokenizer.encode("ban\nan"), "ValueError", mentions=[repr("\n"), 3])
    see.raises(lambda: tokenizer.encode("nanaB"), "ValueError", mentions=[repr("B"), 4])
    see.raises(lambda: tokenizer.encode("ßa"), "ValueError", mentions=[repr("ß"), 0])


def test_an_id_out_of_range_is_refused(see):
    """Ids count from 0 to len - 1: a larger one and a negative one are IndexErrors with the id."""
    tokenizer = nf.CharacterTokenizer("banana")
    see.equal(tokenizer.decode([0, 2]), "an")
    see.raises(lambda: tokenizer.decode([0, 3]), "IndexError", mentions=[3])
    see.raises(lambda: tokenizer.decode([-1, 0]), "IndexError", mentions=[-1])
