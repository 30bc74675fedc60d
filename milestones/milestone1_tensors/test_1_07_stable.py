"""1.7 Sigmoid, softmax and log-softmax that stay exact where exp overflows."""

import numpy as np

import neural_framework as nf


def test_sigmoid_maps_to_probabilities(see):
    """sigmoid(x) = 1 / (1 + e^-x): 1/2 at 0, 3/4 at ln 3, 1/4 at -ln 3, 0.6 at ln 1.5, and 0.4 at -ln 1.5."""
    see.close(nf.Tensor([0.0, np.log(3), -np.log(3)]).sigmoid(), [0.5, 0.75, 0.25])
    turned = nf.from_numpy(np.log([[1.5, 3.0], [1.0, 1 / 3], [1 / 1.5, 4.0]]).T)  # stored column by column
    see.close(turned.sigmoid(), [[0.6, 0.5, 0.4], [0.75, 0.25, 0.8]])


def test_sigmoid_is_exact_far_from_zero(see):
    """sigmoid is 1 at 1000 and 0 at -1000, without overflow and without a warning, in float32 and float64."""
    far = [1000.0, -1000.0, 88.0, -1e30, np.inf, -np.inf]
    for dtype in (np.float32, np.float64):
        x = nf.Tensor(far, dtype=dtype)
        see.close(see.without_warnings(x.sigmoid), [1.0, 0.0, 1.0, 0.0, 1.0, 0.0])


def test_each_form_of_sigmoid_stands_on_its_own_side(see):
    """For x = 1000, e^x / (1 + e^x) is inf / inf, nan: use that form for x < 0, and the one with e^-x otherwise."""
    see.close(nf.Tensor([1000.0, -1000.0]).sigmoid(), [1.0, 0.0])


def test_sigmoid_is_silent_for_large_numbers(see):
    """At 1000, sigmoid needs only e^-1000, which is 0; it does not compute e^1000, not even in an unused branch."""
    see.close(see.without_warnings(nf.Tensor([0.0, 1000.0]).sigmoid), [0.5, 1.0])


def test_sigmoid_is_silent_for_very_negative_numbers(see):
    """At -1000, sigmoid needs only e^-1000 again: 1 / (1 + e^1000) is 0 as well, but e^1000 overflows on the way."""
    see.close(see.without_warnings(nf.Tensor([0.0, -1000.0]).sigmoid), [0.5, 0.0])


def test_a_tiny_probability_is_not_rounded_to_zero(see):
    """sigmoid(-50) is about e^-50, not 0, and sigmoid(-601) is smaller than sigmoid(-600) by the factor e."""
    tiny = nf.Tensor([-600.0, -601.0], dtype=np.float64).sigmoid()
    see.close(np.diff(np.log(tiny.data)), [-1.0])
    y = nf.Tensor([-50.0], dtype=np.float64).sigmoid()
    see.close(np.log(y.data), [-50.0])


def test_log_softmax_by_hand(see):
    """log_softmax is the log of each e^x's share, 1/4 and 3/4 for [0, ln 3]; the default axis is the last."""
    x = nf.Tensor([[0.0, np.log(3)], [0.0, 0.0]])
    see.close(x.log_softmax(), np.log([[0.25, 0.75], [0.5, 0.5]]))


def test_softmax_by_hand(see):
    """softmax divides each e^x by the sum along the last axis, so that each row adds up to 1."""
    x = nf.Tensor([[0.0, np.log(3)], [0.0, 0.0]])
    see.close(x.softmax(), [[0.25, 0.75], [0.5, 0.5]])


def test_the_axis_decides_what_adds_up_to_one(see, rng):
    """Along axis 0, 1, -2 or -1 of a (2, 3, 4) tensor, the sums along that axis, and only that one, are 1."""
    array = rng.uniform(-2, 2, size=(4, 3, 2)).T  # whose order in memory is another
    for axis in (0, 1, -2, -1):
        shares = np.exp(array) / np.exp(array).sum(axis=axis, keepdims=True)
        see.close(nf.from_numpy(array).log_softmax(axis), np.log(shares))
        see.close(nf.from_numpy(array).softmax(axis=axis), shares)


def test_large_scores_have_finite_logarithms(see):
    """Log-probabilities of large scores are neither inf nor nan; for [1000, 999] they are one apart."""
    y = nf.Tensor([1000.0, 999.0], dtype=np.float64).log_softmax()
    see.close(y, np.log([1 / (1 + np.exp(-1)), np.exp(-1) / (1 + np.exp(-1))]))


def test_log_softmax_is_exact_for_large_scores(see):
    """[1000, 0] gives [0, -1000], and not -inf, the log of a softmax that rounded to 0; the same holds at 1e4."""
    for offset in (0.0, -1000.0, 1e4):
        x = nf.Tensor([1000.0 + offset, offset, offset - 1000.0], dtype=np.float64)
        see.close(see.without_warnings(x.log_softmax), [0.0, -1000.0, -2000.0])


def test_each_row_is_shifted_by_its_own_maximum(see):
    """One maximum for the whole tensor is not enough: in the row of -1000s every e^x would then be 0."""
    x = nf.Tensor(np.array([[1000.0, 1000.0 + np.log(3.0)], [-1000.0, -1000.0 + np.log(3.0)]]))
    see.close(see.without_warnings(x.softmax), [[0.25, 0.75], [0.25, 0.75]])
    see.close(see.without_warnings(x.log_softmax), np.log([[0.25, 0.75], [0.25, 0.75]]))


def test_a_score_of_minus_infinity_has_no_share(see):
    """Masked scores, -inf, get probability 0 and log-probability -inf; the other scores share the rest."""
    x = nf.Tensor([0.0, -np.inf, np.log(3.0)])
    see.close(see.without_warnings(x.softmax), [0.25, 0.0, 0.75])
    see.close(see.without_warnings(x.log_softmax), [np.log(0.25), -np.inf, np.log(0.75)])


def test_float32_stays_float32_and_the_input_stays_itself(see):
    """The functions of this task do not change the dtype, and do not shift x itself by its maximum."""
    x = nf.Tensor([1.0, 3.0, 2.0])
    see.equal([x.sigmoid().dtype, x.softmax().dtype, x.log_softmax().dtype], ["float32"] * 3)
    half = nf.Tensor([1.0, 3.0], dtype=np.float16)
    see.equal([half.sigmoid().dtype, half.softmax().dtype, half.log_softmax().dtype], ["float16"] * 3)
    see.equal(x.data, np.array([1.0, 3.0, 2.0]))


def test_shapes_without_axes_or_elements(see):
    """sigmoid accepts a tensor of shape (); an empty batch, (0, 3), and rows without a score, (3, 0), stay empty."""
    see.close(nf.Tensor(0.0).sigmoid(), 0.5)
    for shape in ((0, 3), (3, 0)):
        empty = nf.Tensor(np.ones(shape))
        see.equal([empty.sigmoid().shape, empty.softmax().shape, empty.log_softmax().shape], [shape] * 3)


def test_the_stable_functions_are_recorded(see):
    """sigmoid and log_softmax are one operation each, with x as the only input; softmax also requires grad."""
    x = nf.Tensor([1.0, 2.0], requires_grad=True)
    for result, name in [(x.sigmoid(), "Sigmoid"), (x.log_softmax(), "LogSoftmax")]:
        see.equal(type(result.grad_fn).__name__, name)
        see.equal(len(result.grad_fn.inputs), 1)
        see.same(result.grad_fn.inputs[0], x)
    see.equal([x.softmax().requires_grad, x.softmax().is_leaf], [True, False])
