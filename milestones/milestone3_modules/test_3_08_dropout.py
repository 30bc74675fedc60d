"""3.8 Dropout: dropout, which silences random elements in training and nothing afterwards."""

import numpy as np

import neural_framework as nf


def dropped(seed, p, shape=(100, 100)):
    """Dropout(p) of ones, in training mode, as an array."""
    nf.manual_seed(seed)
    return np.asarray(nf.Dropout(p)(nf.ones(shape)).data)


def test_p_is_the_share_that_is_dropped(see, seed):
    """p is the chance of an element to be DROPPED: with p = 0.2 about 20 % of 10,000 elements become zero."""
    see.close(np.mean(dropped(seed, 0.2) == 0), 0.2, tolerance=0.03)


def test_survivors_are_scaled_up(see, seed):
    """What survives is divided by 1 - p: with p = 0.2 ones become 1.25, and nothing else occurs."""
    y = dropped(seed, 0.2)
    see.close(y[y != 0], np.full(np.count_nonzero(y), 1.25))


def test_the_mean_is_kept(see, seed):
    """Because of the scaling the expected sum is the same with dropout as without, for any p."""
    for p in (0.1, 0.5, 0.75):
        see.close(dropped(seed, p).mean(), 1.0, tolerance=0.06)


def test_every_element_has_its_own_fate(see, seed):
    """Neither whole rows nor whole columns fall together: in each of them some elements go and some stay."""
    gone = dropped(seed, 0.5) == 0
    for axis in (0, 1):
        share = gone.mean(axis=axis)
        see.at_least(share.min(), 0.15)
        see.at_most(share.max(), 0.85)


def test_eval_changes_nothing(see, seed):
    """After eval() dropout hands its input on as it is, nothing dropped and nothing scaled."""
    nf.manual_seed(seed)
    layer = nf.Dropout(0.9)
    layer.eval()
    x = np.arange(1.0, 101.0)
    see.equal(layer(nf.Tensor(x)), x)


def test_the_mode_of_the_whole_model_counts(see, seed):
    """model.eval() reaches a dropout inside the model."""
    nf.manual_seed(seed)
    model = nf.Sequential(nf.Sequential(nf.Dropout(0.5))).eval()
    see.equal(model(nf.ones(1000)), np.ones(1000))


def test_each_call_draws_a_new_mask(see, seed):
    """Two calls on the same input drop different elements: the mask is not made once for all."""
    nf.manual_seed(seed)
    layer, x = nf.Dropout(0.5), nf.ones(1000)
    first, second = layer(x), layer(x)
    see.equal(np.array_equal(first.data, second.data), False)


def test_manual_seed_repeats_the_mask(see, seed):
    """The mask comes from the package's own random numbers: the same manual_seed drops the same elements."""
    see.equal(np.array_equal(dropped(seed, 0.5), dropped(seed, 0.5)), True)


def test_gradients_pass_only_where_values_did(see, seed):
    """The gradient goes through the very same mask and scale: 0 where dropped, 1 / (1 - p) elsewhere."""
    nf.manual_seed(seed)
    x = nf.Tensor(np.full(1000, 3.0), requires_grad=True)
    y = nf.Dropout(0.75)(x)
    y.backward(np.ones(1000))
    see.close(np.unique(x.grad.data), [0.0, 4.0])
    see.equal(np.array_equal(x.grad.data != 0, y.data != 0), True)


def test_the_input_stays_as_it_was(see):
    """Dropout makes a new tensor; the one I gave keeps all its elements."""
    x = nf.ones(1000)
    nf.Dropout(0.5)(x)
    see.equal(x, np.ones(1000))


def test_the_dtype_stays(see):
    """float32 in, float32 out; float64 in, float64 out."""
    for dtype in ("float32", "float64"):
        see.equal(nf.Dropout(0.5)(nf.ones((4, 4), dtype=dtype)).dtype, dtype)


def test_p_must_leave_something(see):
    """p = 0 drops nothing; p = 1 would drop all and divide by zero, p below 0 is no chance: ValueError."""
    see.equal(nf.Dropout(0.0)(nf.ones(1000)), np.ones(1000))
    for p in (1.0, 1.5, -0.1):
        see.raises(lambda p=p: nf.Dropout(p), "ValueError", mentions=[p])
