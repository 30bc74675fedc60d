"""6.10 Sampling: sample."""

import numpy as np

import neural_framework as nf

LOGITS = np.log([0.05, 0.4, 0.1, 0.3, 0.15])


def frequencies(logits, draws=400, **settings):
    """How often each token is drawn; 0.14 is more than five standard deviations."""
    return np.bincount([nf.sample(logits, **settings) for _ in range(draws)], minlength=len(logits)) / draws


def drawn(logits, draws=100, **settings):
    """Which tokens are drawn at all; one of probability 0.2 is missed once in 10^9."""
    return sorted({nf.sample(logits, **settings) for _ in range(draws)})


def order_of(rng, size=5):
    """An order of tokens that begins with 0, so that the largest logit is never the first."""
    return np.append(0, 1 + rng.permutation(size - 1))


def places(order, *tokens):
    """Where tokens are in this order: what is drawn of LOGITS[order] if these can be."""
    return np.flatnonzero(np.isin(order, tokens)).tolist()


def test_tokens_are_drawn_by_their_probabilities(see, seed):
    """softmax of the logits says how often each token comes; logits that are all larger by 50 give the same."""
    nf.manual_seed(seed)
    for more in (0, 50):  # of 4,000 draws, 0.04 is more than five standard deviations
        see.close(frequencies(LOGITS + more, 4000), [0.05, 0.4, 0.1, 0.3, 0.15], tolerance=0.04)


def test_it_is_an_int(see, seed):
    """One token, as an int of Python, from a Tensor or an array."""
    nf.manual_seed(seed)
    for logits in (np.array([-100.0, 100.0, -100.0]), nf.Tensor([-100.0, 100.0, -100.0])):
        token = nf.sample(logits)
        see.equal(type(token).__name__, "int")
        see.equal(token, 1)
        see.equal(type(nf.sample(logits, temperature=0)).__name__, "int")


def test_draws_come_from_the_packages_generator(see, seed):
    """With the same seed, the same tokens come, and NumPy's own generator is not used; the next ones differ."""
    nf.manual_seed(seed)
    np.random.seed(seed)
    before, first = np.random.get_state()[2], [nf.sample(np.zeros(1000)) for _ in range(5)]
    see.equal(np.random.get_state()[2], before)
    second = [nf.sample(np.zeros(1000)) for _ in range(5)]
    nf.manual_seed(seed)
    see.equal([nf.sample(np.zeros(1000)) for _ in range(5)] == first, True)  # not which: how a tree draws is open
    see.equal(first != second, True)


def test_a_low_temperature_sharpens(see, seed):
    """Logits are divided by the temperature: at 0.25 probabilities become fourth powers, at 4 fourth roots."""
    nf.manual_seed(seed)
    for temperature in (0.25, 4.0):
        powers = np.array([0.05, 0.4, 0.1, 0.3, 0.15]) ** (1 / temperature)
        see.close(frequencies(LOGITS, temperature=temperature), powers / powers.sum(), tolerance=0.14)


def test_temperature_0_takes_the_largest(see):
    """No draw: always the largest, the first of equals, whatever top_k and top_p."""
    see.equal(drawn(LOGITS, 20, temperature=0), [1])
    see.equal(drawn(np.array([1.0, 3.0, 2.0, 3.0]), 20, temperature=0.0), [1])
    see.equal(drawn(np.array([1.0, 3.0, 2.0, 3.0]), 20, temperature=0, top_k=2, top_p=0.1), [1])
    see.equal(drawn(np.array([-np.inf, -3.0, -2.0]), 20, temperature=0, top_k=3), [2])


def test_top_k_keeps_the_largest(see, seed, rng):
    """Only the top_k largest logits can be drawn, wherever they are, by their renormalised probabilities."""
    nf.manual_seed(seed)
    order = order_of(rng)
    see.close(frequencies(LOGITS[order], top_k=2), np.array([0.0, 4 / 7, 0.0, 3 / 7, 0.0])[order], tolerance=0.14)
    see.equal(drawn(LOGITS[order], 20, top_k=1), places(order, 1))
    see.equal(drawn(LOGITS[order], top_k=3), places(order, 1, 3, 4))


def test_a_large_top_k_keeps_all(see, seed):
    """top_k may be V or more: then every token can be drawn."""
    nf.manual_seed(seed)
    for top_k in (5, 6, 1000):
        see.equal(drawn(np.log([1.0, 3.0, 1.0, 2.0, 1.0]), top_k=top_k), [0, 1, 2, 3, 4])


def test_top_p_keeps_the_one_that_reaches_it(see, seed, rng):
    """0.4 and 0.3 are 0.7: for top_p 0.6 both are kept, since the second reaches it; for 0.75 the third as well. To
    reach it exactly is enough."""
    nf.manual_seed(seed)
    order = order_of(rng)
    see.equal(drawn(LOGITS[order], top_p=0.3), places(order, 1))
    see.close(frequencies(LOGITS[order], top_p=0.6), np.array([0.0, 4 / 7, 0.0, 3 / 7, 0.0])[order], tolerance=0.14)
    see.equal(drawn(LOGITS[order], top_p=0.75), places(order, 1, 3, 4))
    see.equal(drawn(LOGITS[order], 200, top_p=0.9), places(order, 1, 2, 3, 4))
    see.equal(drawn(np.array([0.0, 0.5, -50.0]), top_p=0.75), [0, 1])
    see.equal(len(drawn(np.zeros(2), top_p=0.5)), 1)  # the first has 0.5, and that is enough


def test_top_p_may_be_1_or_tiny(see, seed, rng):
    """top_p 1 keeps all; a tiny one keeps the largest, wherever it is, so that there is always one."""
    nf.manual_seed(seed)
    order = order_of(rng)
    see.equal(drawn(LOGITS[order], 500, top_p=1.0), [0, 1, 2, 3, 4])
    see.equal(drawn(LOGITS[order], 20, top_p=1e-9), places(order, 1))


def test_of_equal_logits_no_more_are_kept(see, seed):
    """Equal logits do not count as one: of 5, top_k 2 keeps two, and top_p 0.5 three; any of them."""
    nf.manual_seed(seed)
    see.equal(len(drawn(np.zeros(5), top_k=1)), 1)
    see.equal(len(drawn(np.zeros(5), top_k=2)), 2)
    see.equal(len(drawn(np.zeros(5), top_p=0.5)), 3)


def test_top_k_comes_before_top_p(see, seed, rng):
    """top_p counts the renormalised probabilities of what top_k keeps: of 4/7 and 3/7, the first reaches 0.5."""
    nf.manual_seed(seed)
    order = order_of(rng)
    see.equal(drawn(LOGITS[order], top_k=2, top_p=0.5), places(order, 1))  # of all five, 0.4 would not reach it
    see.equal(drawn(LOGITS[order], top_k=2, top_p=0.6), places(order, 1, 3))
    see.equal(drawn(LOGITS[order], top_k=4, top_p=0.7), places(order, 1, 3))  # of 0.95, 0.7 is 0.74


def test_the_temperature_comes_first(see, seed):
    """At temperature 0.5 the squares are 0.16, 0.09, ...: 0.16 of 0.285 reaches top_p 0.5 alone."""
    nf.manual_seed(seed)
    see.equal(drawn(LOGITS, temperature=0.5, top_p=0.5), [1])
    see.equal(drawn(LOGITS, temperature=1.0, top_p=0.5), [1, 3])
    see.equal(drawn(LOGITS, temperature=3.0, top_p=0.5), [1, 3])
    see.equal(drawn(LOGITS, temperature=3.0, top_p=0.55), [1, 3, 4])


def test_minus_infinity_is_never_drawn(see, seed, rng):
    """A logit of -inf has the probability 0, wherever it is and whatever top_k says, and nothing warns."""
    nf.manual_seed(seed)
    order = order_of(rng, 4)
    logits = np.array([-np.inf, 0.0, -np.inf, 0.5])[order]
    see.equal(see.without_warnings(lambda: drawn(logits)), places(order, 1, 3))
    see.equal(see.without_warnings(lambda: drawn(logits, top_k=3, top_p=1.0, temperature=9.0)), places(order, 1, 3))


def test_large_logits_are_exact(see, seed):
    """Logits beyond 1000, float32 or float64, neither overflow nor warn, also at a temperature however low."""
    nf.manual_seed(seed)
    for dtype in ("float32", "float64"):
        logits = np.array([3000.001, 1000.0, 3000.0, -3000.0], dtype=dtype)
        see.equal(see.without_warnings(lambda x=logits: drawn(x)), [0, 2])
        see.equal(see.without_warnings(lambda x=logits: drawn(x, temperature=1e-3, top_p=0.9)), [0, 2])
        see.equal(see.without_warnings(lambda x=logits: drawn(x, 20, temperature=1e-306)), [0])


def test_the_logits_stay_as_they_are(see, seed):
    """sample changes no logits, and a vocabulary of one token has one answer."""
    nf.manual_seed(seed)
    logits = np.array([0.0, 5.0, -50.0])
    see.equal(drawn(logits, top_k=2, top_p=0.5, temperature=0.5), [1])
    see.equal(logits, np.array([0.0, 5.0, -50.0]))
    see.equal(nf.sample(np.array([-7.0])), 0)


def test_settings_that_make_no_sense_are_refused(see):
    """ValueError: temperature < 0, top_k < 1, and top_p outside of (0, 1], also at temperature 0."""
    see.equal(nf.sample(np.array([0.0, 90.0]), temperature=0.5, top_k=1, top_p=1.0), 1)
    for temperature in (1.0, 0):
        for wrong in ({"top_k": 0}, {"top_p": 0.0}, {"top_p": 1.5}, {"top_p": -0.25}):
            settings = {"temperature": temperature, **wrong}
            see.raises(lambda s=settings: nf.sample(LOGITS, **s), "ValueError", mentions=[*wrong, *wrong.values()])
    see.raises(lambda: nf.sample(LOGITS, temperature=-0.5), "ValueError", mentions=["temperature", -0.5])


def test_logits_of_another_shape_are_refused(see):
    """sample takes the logits (V,) of one position: anything else is a ShapeError."""
    see.equal(nf.sample(np.array([90.0, 0.0])), 0)
    see.raises(lambda: nf.sample(np.zeros((1, 5))), "ShapeError", mentions=["sample", "(1, 5)"])
    see.raises(lambda: nf.sample(nf.zeros((2, 3, 4))), "ShapeError", mentions=["sample", "(2, 3, 4)"])
    see.raises(lambda: nf.sample(np.zeros(())), "ShapeError", mentions=["sample", "()"])
