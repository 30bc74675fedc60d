"""3.8 Dropout: sets random elements to zero in training mode, and does nothing in eval mode."""

import numpy as np

import neural_framework as nf


def dropped(seed, p, shape=(100, 100)):
    """Dropout(p) of ones, in training mode, as an array."""
    nf.manual_seed(seed)
    return np.asarray(nf.Dropout(p)(nf.ones(shape)).data)


def test_p_is_the_share_that_is_dropped(see, seed, rng):
    """p is the probability that an element is DROPPED: p = 0.2 makes about 20 % of 10,000 elements zero."""
    for p in (0.2, rng.uniform(0.1, 0.4), rng.uniform(0.6, 0.9)):
        see.close(np.mean(dropped(seed, p) == 0), p, tolerance=0.03)


def test_survivors_are_scaled_up(see, seed):
    """What survives is divided by 1 - p: with p = 0.2 ones become 1.25, and no other value occurs."""
    see.close(np.unique(dropped(seed, 0.2)), [0.0, 1.25])
    layer = nf.Dropout(0.2)
    layer(nf.ones(1000))
    layer.p = 0.75  # as when dropout is turned up in the course of training
    see.close(np.unique(layer(nf.ones(1000)).data), [0.0, 4.0])


def test_the_mean_is_kept(see, seed):
    """Because of the scaling, the expected sum is the same with and without dropout, for any p."""
    for p in (0.1, 0.5, 0.75):
        see.close(dropped(seed, p).mean(), 1.0, tolerance=0.06)


def test_every_element_has_its_own_fate(see, seed):
    """Each element is dropped on its own: rows and columns have both kinds, and not always the same number is gone."""
    gone = dropped(seed, 0.5) == 0
    for axis in (0, 1):
        share = gone.mean(axis=axis)
        see.close(np.array([share.min(), share.max()]), [0.375, 0.625], tolerance=0.14)  # from 0.18 to 0.85
    counts = {(dropped(seed + i, 0.5) == 0).sum() for i in range(9)}
    see.equal(min(len(counts), 2), 2)  # different ones


def test_eval_changes_nothing(see, seed):
    """After eval() dropout returns its input unchanged: nothing is dropped or scaled, and gradients pass."""
    nf.manual_seed(seed)
    layer = nf.Dropout(0.9)
    layer.eval()
    x = nf.Tensor(np.arange(1.0, 101.0), requires_grad=True)
    y = layer(x * 1.0)
    see.equal(y, np.arange(1.0, 101.0))
    y.backward(np.arange(100.0))
    see.equal(x.grad, np.arange(100.0))


def test_the_mode_of_the_whole_model_counts(see, seed):
    """model.eval() reaches a dropout inside the model."""
    nf.manual_seed(seed)
    model = nf.Sequential(nf.Sequential(nf.Dropout(0.5))).eval()
    see.equal(model(nf.ones(1000)), np.ones(1000))


def test_each_call_draws_a_new_mask(see, seed):
    """Every call in training mode draws a new mask, also where nothing is recorded: no two drop the same elements."""
    nf.manual_seed(seed)
    layer, x = nf.Dropout(0.5), nf.ones(1000)
    first, second = layer(x), layer(x)
    with nf.no_grad():
        third = layer(x)
    see.equal(np.array_equal(first.data, second.data), False)
    see.equal(np.array_equal(first.data, third.data), False)
    see.equal(np.unique(third.data), np.array([0.0, 2.0], dtype="float32"))


def test_manual_seed_repeats_the_mask(see, seed):
    """The mask comes from the package's own generator: the same manual_seed drops the same elements."""
    see.equal(np.count_nonzero(dropped(seed, 0.5) == dropped(seed, 0.5)), 10_000)


def test_gradients_pass_only_where_values_did(see, seed):
    """The gradient uses the same mask and scale: 0 where an element was dropped, 1 / (1 - p) elsewhere."""
    nf.manual_seed(seed)
    x = nf.Tensor(np.full(1000, 3.0), requires_grad=True)
    y = nf.Dropout(0.75)(x)
    y.backward(np.ones(1000))
    see.close(np.unique(x.grad.data), [0.0, 4.0])
    see.equal(np.array_equal(x.grad.data != 0, y.data != 0), True)


def test_the_input_stays_as_it_was(see):
    """Dropout makes a new tensor and does not change its input."""
    x = nf.ones(1000)
    nf.Dropout(0.5)(x)
    see.equal(x, np.ones(1000))


def test_dtype_and_shape_stay(see):
    """float16 input gives float16 output, float32 float32, float64 float64, and x may have any shape."""
    for dtype in ("float16", "float32", "float64"):
        see.equal(nf.Dropout(0.5)(nf.ones((4, 4), dtype=dtype)).dtype, dtype)
    for shape in ((), (3,), (2, 3, 4), (0, 2)):
        see.equal(nf.Dropout(0.5)(nf.ones(shape)).shape, shape)


def test_p_must_leave_something(see):
    """p = 0 drops nothing. p = 1 would drop all and divide by zero: p >= 1 and p < 0 are a ValueError."""
    see.equal(nf.Dropout(0.0)(nf.ones(1000)), np.ones(1000))
    for p in (1.0, 1.5, -0.1):
        see.raises(lambda p=p: nf.Dropout(p), "ValueError", mentions=[p])
