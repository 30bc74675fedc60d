"""6.7 Positions: positional_encoding."""

import numpy as np

import neural_framework as nf


def encoding_of(length, embed_dim):
    """Number by number, from the formula."""
    result = np.zeros((length, embed_dim), dtype=np.float32)
    for t in range(length):
        for column in range(embed_dim):
            angle = t / 10000 ** ((column - column % 2) / embed_dim)
            result[t, column] = np.cos(angle) if column % 2 else np.sin(angle)
    return result


def test_the_first_positions_by_hand(see):
    """Position 0 is sin 0, cos 0, ...; position 1 begins with sin 1, cos 1, sin 0.01, cos 0.01 for embed_dim 4."""
    expected = [[0.0, 1.0, 0.0, 1.0], [np.sin(1.0), np.cos(1.0), np.sin(0.01), np.cos(0.01)]]
    see.close(nf.positional_encoding(2, 4), expected, tolerance=1e-6)


def test_any_sizes(see):
    """Sines and cosines alternate, each pair with an angle of its own that grows more slowly than the one before."""
    for length, embed_dim in [(7, 6), (5, 10), (50, 32), (3, 2)]:
        see.close(nf.positional_encoding(length, embed_dim), encoding_of(length, embed_dim), tolerance=1e-6)


def test_an_odd_size_ends_with_a_sine(see):
    """With embed_dim 5 the last column is the sine of the third angle, without its cosine."""
    see.close(nf.positional_encoding(6, 5), encoding_of(6, 5), tolerance=1e-6)
    see.close(nf.positional_encoding(3, 1), [[0.0], [np.sin(1.0)], [np.sin(2.0)]], tolerance=1e-6)


def test_it_is_a_float32_array(see):
    """An array, not a Tensor; float32, however long; new in each call, so that writing into it changes no other."""
    encoding = nf.positional_encoding(3, 2)
    see.equal(type(encoding).__name__, "ndarray")
    see.equal(encoding, encoding_of(3, 2))
    encoding[...] = 0.0
    see.equal(nf.positional_encoding(3, 2), encoding_of(3, 2))


def test_far_positions_are_exact(see, rng):
    """Angles are computed in float64: around position 100,000, float32 would be wrong in the third digit."""
    position = int(rng.integers(99_000, 101_000))
    angles = position / 10000 ** (np.arange(5) / 5)
    expected = np.stack([np.sin(angles), np.cos(angles)], axis=1).reshape(10)
    see.close(nf.positional_encoding(position + 1, 10)[-1], expected, tolerance=1e-6)


def test_a_step_turns_each_pair(see, rng):
    """From t to t + k, every pair (sine, cosine) turns by one angle, whatever t is: so distances can be learnt."""
    k = int(rng.integers(2, 20))
    pairs = np.array(nf.positional_encoding(k + 6, 8)).astype(np.float64).reshape(k + 6, 4, 2)
    turns = (pairs[k:] * pairs[:-k]).sum(axis=-1)  # the cosine of the angle between both
    see.close(turns, np.tile(np.cos(k / 10000 ** (np.arange(4) / 4)), (6, 1)), tolerance=1e-6)


def test_no_positions(see):
    """A length of 0 gives no rows; the first row does not depend on the length."""
    see.equal(nf.positional_encoding(0, 4).shape, (0, 4))
    see.close(nf.positional_encoding(1, 3), [[0.0, 1.0, 0.0]])
