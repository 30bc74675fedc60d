"""3.5 Initialisation: Xavier's and Kaiming's uniform distributions, recognised by their bounds."""

import math
from functools import partial

import numpy as np

import neural_framework as nf


def fans_of(rng):
    """Numbers of outputs and inputs, the shape of a weight: far apart, so that a swap is visible."""
    return int(rng.integers(300, 600)), int(rng.integers(30, 60))


def drawn(initialise, seed, shape, **options):
    """The weights that `initialise` draws, as an array."""
    nf.manual_seed(seed)
    weight = nf.Parameter(np.zeros(shape))
    initialise(weight, **options)
    return np.asarray(weight.data)


def is_uniform(see, weights, bound):
    """Thousands of draws from U(-bound, bound) come within 2 % of both ends, exceed neither, and are spread evenly."""
    see.close(100 * np.abs(weights).max(), 100 * bound, tolerance=0.02)  # in hundredths: the tolerance is one in %
    see.at_most(np.abs(weights).max() / bound, 1.000001)
    see.at_least(weights.max() / bound, 0.98)
    see.at_most(weights.min() / bound, -0.98)
    see.close(100 * weights.std(), 100 * bound / math.sqrt(3), tolerance=0.03)
    see.close(weights.mean() / bound, 0.0, tolerance=0.05)


def test_xavier_is_uniform_within_its_bound(see, seed, rng):
    """Xavier uniform draws from U(-b, b) with b = sqrt(6 / (fan_in + fan_out)): both fans count."""
    fan_out, fan_in = fans_of(rng)
    weights = drawn(nf.init.xavier_uniform_, seed, (fan_out, fan_in))
    is_uniform(see, weights, math.sqrt(6 / (fan_in + fan_out)))


def test_xavier_gain_stretches_the_bound(see, seed, rng):
    """gain multiplies the bound."""
    fan_out, fan_in = fans_of(rng)
    weights = drawn(nf.init.xavier_uniform_, seed, (fan_out, fan_in), gain=3.0)
    is_uniform(see, weights, 3.0 * math.sqrt(6 / (fan_in + fan_out)))


def test_kaiming_is_uniform_within_its_bound(see, seed, rng):
    """Kaiming uniform draws from U(-b, b) with b = sqrt(6 / fan_in); fan_in is the weight's SECOND axis."""
    fan_out, fan_in = fans_of(rng)
    weights = drawn(nf.init.kaiming_uniform_, seed, (fan_out, fan_in))
    is_uniform(see, weights, math.sqrt(6 / fan_in))


def test_kaiming_counts_outputs_when_asked(see, seed, rng):
    """mode="fan_out" uses the number of outputs: b = sqrt(6 / fan_out)."""
    fan_out, fan_in = fans_of(rng)
    weights = drawn(nf.init.kaiming_uniform_, seed, (fan_out, fan_in), mode="fan_out")
    is_uniform(see, weights, math.sqrt(6 / fan_out))


def test_kaiming_allows_for_a_leaky_slope(see, seed, rng):
    """a is the slope of the leaky ReLU that follows: b = sqrt(6 / ((1 + a²) fan_in))."""
    fan_out, fan_in = fans_of(rng)
    weights = drawn(nf.init.kaiming_uniform_, seed, (fan_out, fan_in), a=3.0)
    is_uniform(see, weights, math.sqrt(6 / ((1 + 3.0**2) * fan_in)))


def test_axes_behind_the_second_count_to_both_fans(see, seed, rng):
    """A weight (out, in, kernel...) has in * kernel inputs and out * kernel outputs: both fans grow."""
    outputs, inputs = int(rng.integers(200, 400)), int(rng.integers(4, 9))
    weights = drawn(nf.init.xavier_uniform_, seed, (outputs, inputs, 4, 2))
    is_uniform(see, weights, math.sqrt(6 / (inputs * 4 * 2 + outputs * 4 * 2)))
    weights = drawn(nf.init.kaiming_uniform_, seed, (outputs, inputs, 4, 2))
    is_uniform(see, weights, math.sqrt(6 / (inputs * 4 * 2)))


def test_a_weight_has_two_axes_at_least(see):
    """A vector, even an empty one, and a single number have no fans: a ShapeError that names the function."""
    for shape in ((3,), (0,), ()):
        for name in ("xavier_uniform_", "kaiming_uniform_"):
            initialise = partial(getattr(nf.init, name), nf.zeros(shape))
            see.raises(initialise, "ShapeError", mentions=[name])


def test_kaiming_knows_no_other_fan(see):
    """mode is "fan_in" or "fan_out": anything else is a ValueError, and the weight stays as it was."""
    weight = nf.zeros((3, 2))
    see.raises(lambda: nf.init.kaiming_uniform_(weight, mode="fan_avg"), "ValueError")
    see.equal(weight, np.zeros((3, 2), dtype="float32"))


def test_the_tensor_itself_is_filled_and_returned(see):
    """Both fill and return the given tensor, also an empty one; it stays a leaf that requires grad."""
    for initialise in (nf.init.xavier_uniform_, nf.init.kaiming_uniform_):
        turned = np.zeros((4, 5)).T  # whose elements lie in memory in another order
        for weight in (nf.Parameter(np.zeros((5, 4))), nf.from_numpy(turned, requires_grad=True)):
            see.true(initialise(weight) is weight)
            see.equal(np.count_nonzero(weight.data), 20)
            see.equal([weight.requires_grad, weight.is_leaf, weight.grad_fn], [True, True, None])
        see.equal(np.count_nonzero(turned), 20)
        for shape in ((0, 3), (3, 0)):
            empty = nf.Parameter(np.zeros(shape))
            see.same(initialise(empty), empty)


def test_the_dtype_stays(see):
    """A float32 tensor stays float32 when it is initialised, and a float64 tensor stays float64; so does the shape."""
    for initialise in (nf.init.xavier_uniform_, nf.init.kaiming_uniform_):
        for dtype in ("float32", "float64"):
            weight = nf.Parameter(np.zeros((5, 4), dtype=dtype))
            initialise(weight)
            see.equal([weight.data.dtype, weight.data.shape], [dtype, (5, 4)])


def test_manual_seed_repeats_the_draws(see, seed, rng):
    """After the same manual_seed all weights are the same; without it every draw is new."""
    shape = fans_of(rng)
    for initialise in (nf.init.xavier_uniform_, nf.init.kaiming_uniform_):
        first, second = drawn(initialise, seed, shape), drawn(initialise, seed, shape)
        third = np.array(initialise(nf.Parameter(np.zeros(shape))).data)
        see.equal(np.count_nonzero(first == second), math.prod(shape))
        see.equal(np.count_nonzero(first == third), 0)
