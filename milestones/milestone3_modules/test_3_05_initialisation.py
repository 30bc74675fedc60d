"""3.5 Initialisation: Xavier's and Kaiming's uniform distributions, recognised by their bounds."""

import math
from functools import partial

import numpy as np

import neural_framework as nf

FAN_OUT, FAN_IN = 300, 40  # of a weight (out, in); far apart, so that a swap is visible


def drawn(initialise, seed, shape=(FAN_OUT, FAN_IN), **options):
    """The weights that `initialise` draws, as an array."""
    nf.manual_seed(seed)
    weight = nf.Parameter(np.zeros(shape))
    initialise(weight, **options)
    return np.asarray(weight.data)


def is_uniform(see, weights, bound):
    """12,000 draws from U(-bound, bound) come within 2 % of both ends, exceed neither, and are spread evenly."""
    see.close(np.abs(weights).max() / bound, 1.0, tolerance=0.02)
    see.at_most(np.abs(weights).max() / bound, 1.000001)
    see.at_least(weights.max() / bound, 0.98)
    see.at_most(weights.min() / bound, -0.98)
    see.close(weights.std() / bound, 1 / math.sqrt(3), tolerance=0.03)
    see.close(weights.mean() / bound, 0.0, tolerance=0.05)


def test_xavier_is_uniform_within_its_bound(see, seed):
    """Xavier uniform draws from U(-b, b) with b = sqrt(6 / (fan_in + fan_out)): both fans count."""
    is_uniform(see, drawn(nf.init.xavier_uniform_, seed), math.sqrt(6 / (FAN_IN + FAN_OUT)))


def test_xavier_gain_stretches_the_bound(see, seed):
    """gain multiplies the bound."""
    weights = drawn(nf.init.xavier_uniform_, seed, gain=3.0)
    is_uniform(see, weights, 3.0 * math.sqrt(6 / (FAN_IN + FAN_OUT)))


def test_kaiming_is_uniform_within_its_bound(see, seed):
    """Kaiming uniform draws from U(-b, b) with b = sqrt(6 / fan_in); fan_in is the weight's SECOND axis."""
    is_uniform(see, drawn(nf.init.kaiming_uniform_, seed), math.sqrt(6 / FAN_IN))


def test_kaiming_counts_outputs_when_asked(see, seed):
    """mode="fan_out" uses the number of outputs: b = sqrt(6 / fan_out)."""
    is_uniform(see, drawn(nf.init.kaiming_uniform_, seed, mode="fan_out"), math.sqrt(6 / FAN_OUT))


def test_kaiming_allows_for_a_leaky_slope(see, seed):
    """a is the slope of the leaky ReLU that follows: b = sqrt(6 / ((1 + a²) fan_in))."""
    weights = drawn(nf.init.kaiming_uniform_, seed, a=3.0)
    is_uniform(see, weights, math.sqrt(6 / ((1 + 3.0**2) * FAN_IN)))


def test_axes_behind_the_second_count_to_both_fans(see, seed):
    """A weight (out, in, kernel...) has in * kernel inputs and out * kernel outputs: both fans grow."""
    weights = drawn(nf.init.xavier_uniform_, seed, shape=(300, 5, 4, 2))
    is_uniform(see, weights, math.sqrt(6 / (5 * 8 + 300 * 8)))
    weights = drawn(nf.init.kaiming_uniform_, seed, shape=(300, 5, 4, 2))
    is_uniform(see, weights, math.sqrt(6 / (5 * 8)))


def test_a_weight_has_two_axes_at_least(see):
    """A vector and a single number have no fans: a ShapeError that names the function."""
    for shape in ((3,), ()):
        for name in ("xavier_uniform_", "kaiming_uniform_"):
            initialise = partial(getattr(nf.init, name), nf.zeros(shape))
            see.raises(initialise, "ShapeError", mentions=[name])


def test_kaiming_knows_no_other_fan(see):
    """mode is "fan_in" or "fan_out": anything else is a ValueError, and the weight stays as it was."""
    weight = nf.zeros((3, 2))
    see.raises(lambda: nf.init.kaiming_uniform_(weight, mode="fan_avg"), "ValueError")
    see.equal(weight, np.zeros((3, 2), dtype="float32"))


def test_the_tensor_itself_is_filled_and_returned(see):
    """Both fill and return the given tensor; it stays a leaf (no operation made it) that requires grad."""
    for initialise in (nf.init.xavier_uniform_, nf.init.kaiming_uniform_):
        weight = nf.Parameter(np.zeros((5, 4)))
        see.true(initialise(weight) is weight)
        see.equal(np.count_nonzero(weight.data), 20)
        see.equal([weight.requires_grad, weight.is_leaf, weight.grad_fn], [True, True, None])


def test_the_dtype_stays(see):
    """A float32 tensor stays float32 when it is initialised, and a float64 tensor stays float64."""
    for initialise in (nf.init.xavier_uniform_, nf.init.kaiming_uniform_):
        for dtype in ("float32", "float64"):
            weight = nf.Parameter(np.zeros((5, 4), dtype=dtype))
            initialise(weight)
            see.equal(weight.data.dtype, dtype)


def test_manual_seed_repeats_the_draws(see, seed):
    """After the same manual_seed you get the same weights; without it every draw is new."""
    for initialise in (nf.init.xavier_uniform_, nf.init.kaiming_uniform_):
        first, second = drawn(initialise, seed), drawn(initialise, seed)
        third = np.array(initialise(nf.Parameter(np.zeros((FAN_OUT, FAN_IN)))).data)
        see.equal(np.array_equal(first, second), True)
        see.equal(np.any(first == third), False)
