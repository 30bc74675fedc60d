"""6.2 Byte pairs: BytePairTokenizer."""

import numpy as np

import neural_framework as nf

TEXTS = ["", "a", "aaaa", "Où est 北京? 😀", "e\u0301 and é \x00\x7f\x00", "\n ends \t\n", "low lower lowest low low"]


def test_without_merges_ids_are_bytes(see):
    """With a vocabulary of 256, a text becomes its bytes in UTF-8: é has two of them."""
    tokenizer = nf.BytePairTokenizer("banana", 256)
    see.equal(tokenizer.encode("né"), [110, 195, 169])
    see.equal(tokenizer.decode([110, 195, 169]), "né")
    see.equal(tokenizer.merges, [])
    see.equal(len(tokenizer), 256)


def test_the_most_frequent_pair_is_merged_first(see):
    """In "xabyabzab", a and b are neighbours three times: that pair becomes the id 256."""
    tokenizer = nf.BytePairTokenizer("xabyabzab", 257)
    see.equal(tokenizer.merges, [((97, 98), 256)])
    see.equal(tokenizer.encode("xabyabzab"), [120, 256, 121, 256, 122, 256])


def test_merges_build_on_merges(see):
    """In "abcabcabc" first (a, b) becomes 256, then (256, c) becomes 257, then (257, 257) occurs twice."""
    tokenizer = nf.BytePairTokenizer("abcabcabc", 300)
    see.equal(tokenizer.merges, [((97, 98), 256), ((256, 99), 257), ((257, 257), 258)])
    see.equal(tokenizer.encode("abcabcabcab"), [258, 257, 256])
    see.equal(tokenizer.decode([258, 257, 256]), "abcabcabcab")


def test_every_position_counts(see):
    """ "aaa" has the pair (a, a) twice, although only one of them can be merged."""
    see.equal(nf.BytePairTokenizer("aaa", 300).merges, [((97, 97), 256)])
    see.equal(nf.BytePairTokenizer("aaaabcbc", 257).merges, [((97, 97), 256)])  # three times; (b, c) twice
    see.equal(nf.BytePairTokenizer("bcbcaaa", 257).merges, [((97, 97), 256)])  # twice each: the smaller


def test_merges_do_not_overlap(see):
    """The pair is replaced in reading order: "aaa" becomes 256, a, and "aaaaa" becomes 256, 256, a."""
    tokenizer = nf.BytePairTokenizer("aaa", 257)
    see.equal(tokenizer.encode("aaa"), [256, 97])
    see.equal(tokenizer.encode("aaaaa"), [256, 256, 97])
    see.equal(tokenizer.encode("baab"), [98, 256, 98])
    see.equal(tokenizer.encode("aabaaabaaaa"), [256, 98, 256, 97, 98, 256, 256])  # each run begins again
    tokenizer = nf.BytePairTokenizer("a\na\n", 257)
    see.equal(tokenizer.encode("ae a\n"), [97, 101, 32, 256])  # the newline is 10, and no part of 101


def test_of_equally_frequent_pairs_the_smallest_wins(see):
    """Left ids are compared first, then right ids; where the pairs stand in the text does not matter."""
    see.equal(nf.BytePairTokenizer("zyzy-abab", 257).merges, [((97, 98), 256)])
    see.equal(nf.BytePairTokenizer("ad-ac-ad-ac", 257).merges, [((45, 97), 256)])  # "-a" three times
    see.equal(nf.BytePairTokenizer("ad.ac,ad;ac", 257).merges, [((97, 99), 256)])
    see.equal(nf.BytePairTokenizer("ba?ca!ba:ca", 257).merges, [((98, 97), 256)])


def test_learning_stops_early(see):
    """When no pair occurs twice, there are no more merges, however large the vocabulary may be."""
    tokenizer = nf.BytePairTokenizer("ababcd", 1000)
    see.equal(tokenizer.merges, [((97, 98), 256)])
    see.equal(len(tokenizer), 257)
    see.equal(nf.BytePairTokenizer("abcd", 1000).merges, [])
    see.equal(len(nf.BytePairTokenizer("abababab", 257)), 257)


def test_merges_are_applied_in_the_order_learnt(see):
    """(b, c) was learnt first, so it wins in "abc" although (a, b) comes first in the text."""
    tokenizer = nf.BytePairTokenizer("bc.bc,bc;ab-ab", 258)
    see.equal(tokenizer.merges, [((98, 99), 256), ((97, 98), 257)])
    see.equal(tokenizer.encode("abc ab"), [97, 256, 32, 257])


def test_every_text_comes_back(see):
    """decode(encode(text)) is the text, also for characters that the tokenizer has never seen."""
    tokenizer = nf.BytePairTokenizer("low lower lowest, été; 北北 😀😀 aaaaaa " * 3, 290)
    see.equal([tokenizer.decode(tokenizer.encode(text)) for text in TEXTS], TEXTS)
    see.at_least(len(tokenizer), 280)
    see.at_most(len(tokenizer.encode("low lower lowest low low")), 11)  # of 24 bytes


def test_merges_shorten_the_text(see):
    """After enough merges, the text that was learnt from is a few ids."""
    text = "the cat and the hat and the rat; " * 8
    tokenizer = nf.BytePairTokenizer(text, 400)
    see.at_most(len(tokenizer.encode(text)), 8)  # of 264 bytes
    see.equal(tokenizer.decode(tokenizer.encode(text)), text)


def test_broken_bytes_become_question_marks(see):
    """Half of a character is not UTF-8: it is decoded as U+FFFD, and what stands around it stays."""
    tokenizer = nf.BytePairTokenizer("été été", 257)
    see.equal(tokenizer.decode([97, 195, 98]), "a\ufffdb")
    see.equal(tokenizer.decode([195, 169, 169]), "é\ufffd")
    see.equal(tokenizer.decode([97, 98]), "ab")


def test_the_empty_text_and_other_sequences(see):
    """Nothing is learnt from the empty text; decode takes tuples and arrays, and gives "" for no ids."""
    see.equal(nf.BytePairTokenizer("", 300).merges, [])
    tokenizer = nf.BytePairTokenizer("abab", 257)
    see.equal(tokenizer.encode(""), [])
    see.equal(tokenizer.decode([]), "")
    see.equal(tokenizer.decode((256, 97)), "aba")
    see.equal(tokenizer.decode(np.array([98, 256])), "bab")


def test_what_makes_no_sense_is_refused(see):
    """ValueError: a vocabulary below 256, and half of a surrogate pair, which UTF-8 cannot encode. IndexError: an id
    out of range, with the id."""
    tokenizer = nf.BytePairTokenizer("abab", 300)
    see.equal(tokenizer.decode([256, 0]), "ab\x00")
    see.raises(lambda: tokenizer.decode([257]), "IndexError", mentions=[257])
    see.raises(lambda: tokenizer.decode([97, -1]), "IndexError", mentions=[-1])
    see.raises(lambda: nf.BytePairTokenizer("abab", 255), "ValueError", mentions=[255])
    see.raises(lambda: tokenizer.encode("ab\ud800"), "ValueError")
    see.raises(lambda: nf.BytePairTokenizer("\udfffab", 257), "ValueError")


def test_100_kilobytes_are_learnt_in_time(see, rng):
    """256 merges from 100,000 bytes take seconds: each merge is one way through the ids, which become fewer."""
    words = ["".join(rng.choice(list("abcdefghij"), size)) for size in rng.integers(1, 8, 300)]
    text = " ".join(words[one] for one in np.minimum(rng.geometric(0.02, 30000) - 1, 299))[:100_000]
    see.equal(nf.BytePairTokenizer(text, 276).merges[19][1], 275)  # the first 20, which take longest
    tokenizer = nf.BytePairTokenizer(text[:10_000], 512)
    see.equal(len(tokenizer), 512)
    see.equal(tokenizer.decode(tokenizer.encode(text[:2000])), text[:2000])
