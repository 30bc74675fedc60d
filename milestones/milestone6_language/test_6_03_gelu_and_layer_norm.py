"""6.3 Gelu and layer normalisation: gelu, GELU, LayerNorm."""

import numpy as np

import neural_framework as nf


def gelu_of(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def normalised(x, axes, weight=1.0, bias=0.0, eps=1e-5):
    """(x - mean) / sqrt(variance + eps) * weight + bias, over the last axes."""
    axes = tuple(range(-axes, 0))
    mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(variance + eps) * weight + bias


def layer_with(shape, weight, bias, **settings):
    """A LayerNorm with the given weight and bias."""
    layer = nf.LayerNorm(shape, **settings)
    layer.weight, layer.bias = nf.Parameter(np.array(weight)), nf.Parameter(np.array(bias))
    return layer


def test_gelu_of_a_few_numbers(see, rng):
    """Between -3 and 3, gelu is the formula: a relu whose corner is round, and that is below 0 for small negative x."""
    x = np.array([[-3.0, -1.0, -0.25], [0.0, 0.5, 2.0]])
    see.close(nf.gelu(nf.Tensor(x)), gelu_of(x))
    x = rng.normal(size=(2, 3, 4))
    see.close(nf.gelu(nf.Tensor(x)), gelu_of(x))


def test_gelu_is_the_identity_far_above_0_and_0_far_below(see):
    """Up to 1e10 the result is exact and silent: x where x is large, 0 where -x is."""
    x = np.array([1e10, -1e10, 1e4, -1e4, 30.0, -30.0])
    see.close(see.without_warnings(lambda: nf.gelu(nf.Tensor(x))), [1e10, 0.0, 1e4, 0.0, 30.0, 0.0])
    small = np.array([1e10, -1e10], dtype=np.float32)
    see.close(see.without_warnings(lambda: nf.gelu(nf.Tensor(small))), np.array([1e10, 0.0], dtype=np.float32))


def test_gelus_gradient(see, rng):
    """The gradient agrees with central differences, also where the curve goes down."""
    see.gradients(nf.gelu, [np.array([-2.5, -0.75, -0.1, 0.0, 0.3, 1.5])], like=gelu_of)
    see.gradients(nf.gelu, [rng.normal(size=(2, 3))], like=gelu_of)


def test_gelus_gradient_far_from_0(see):
    """At 1e10 the slope is 1, at -1e10 it is 0, and nothing warns."""
    x = nf.Tensor(np.array([1e10, -1e10, 50.0, -50.0]), requires_grad=True)
    see.without_warnings(lambda: nf.gelu(x).backward(np.array([3.0, 3.0, 2.0, 2.0])))
    see.close(x.grad, [3.0, 0.0, 2.0, 0.0])


def test_the_layer_gelu(see, rng):
    """GELU() is gelu as a Module without parameters."""
    x = rng.normal(size=(2, 3))
    see.close(nf.GELU()(nf.Tensor(x)), gelu_of(x))
    see.equal(list(nf.GELU().state_dict()), [])


def test_two_numbers_by_hand(see):
    """2 and 6 have the mean 4 and the variance 4: they become -1 and 1, and so do 30,002 and 30,006; with weight 3 and
    bias 10, 7 and 13."""
    see.close(nf.LayerNorm(2, eps=0.0)(nf.Tensor([[2.0, 6.0]])), [[-1.0, 1.0]])
    see.close(nf.LayerNorm(2, eps=0.0)(nf.Tensor([[30_002.0, 30_006.0]])), [[-1.0, 1.0]])
    layer = layer_with(2, [3.0, 3.0], [10.0, 10.0], eps=0.0)
    see.close(layer(nf.Tensor(np.array([[2.0, 6.0], [6.0, 2.0]]))), [[7.0, 13.0], [13.0, 7.0]])


def test_each_position_is_normalised_for_itself(see, rng):
    """Mean and variance are those of the last axis alone: other samples and positions change nothing, nor does what the
    layer was given before, of more or fewer axes."""
    layer = nf.LayerNorm(4)
    for shape in [(2, 4), (4,), (2, 1, 3, 4)]:
        x = rng.normal(5.0, 10.0, size=shape)
        see.close(layer(nf.Tensor(x)), normalised(x, 1))
    x = rng.normal(5.0, 10.0, size=(2, 3, 4))
    y = layer(nf.Tensor(x))
    see.close(y, normalised(x, 1))
    see.close(y.data.mean(axis=-1), np.zeros((2, 3)), tolerance=1e-6)
    see.close(y.data.var(axis=-1), np.ones((2, 3)), tolerance=1e-4)


def test_several_axes_are_normalised_together(see, rng):
    """LayerNorm((3, 4)) takes mean and variance of the last two axes; weight and bias have their shape."""
    x, weight, bias = rng.normal(5.0, 10.0, size=(2, 3, 4)), rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    see.close(layer_with((3, 4), weight, bias)(nf.Tensor(x)), normalised(x, 2, weight, bias))


def test_weight_and_bias_come_last(see, rng):
    """Each of the last axis's numbers has a weight and a bias of its own."""
    x, weight, bias = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=4)
    see.close(layer_with(4, weight, bias)(nf.Tensor(x)), normalised(x, 1, weight, bias))


def test_eps_is_added_to_the_variance(see):
    """eps stands under the root: equal numbers give the bias, not nan; it may be chosen."""
    see.close(nf.LayerNorm(2, eps=5.0)(nf.Tensor(np.array([[2.0, 6.0]]))), [[-2.0 / 3.0, 2.0 / 3.0]])
    see.close(nf.LayerNorm(2)(nf.Tensor(np.array([[7.0, 7.0]]))), [[0.0, 0.0]])
    see.close(nf.LayerNorm(2)(nf.Tensor(np.array([[0.001, -0.001]]))), [[np.sqrt(1 / 11), -np.sqrt(1 / 11)]])


def test_gradients_go_through_mean_and_variance(see, rng):
    """The input's gradient agrees with central differences: mean and variance depend on x."""
    weight, bias = rng.normal(size=4), rng.normal(size=4)
    layer = layer_with(4, weight, bias)
    see.gradients(layer, [rng.normal(size=(2, 3, 4))], like=lambda x: normalised(x, 1, weight, bias))
    layer = layer_with((2, 2), weight.reshape(2, 2), bias.reshape(2, 2))
    see.gradients(
        layer, [rng.normal(size=(3, 2, 2))], like=lambda x: normalised(x, 2, weight.reshape(2, 2), bias.reshape(2, 2))
    )


def test_weight_and_bias_get_their_gradients(see, rng):
    """The weight's gradient is the sum of upstream gradients times normalised inputs, the bias's that of the first; in
    training and in eval mode."""
    x, grad = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4))
    for mode in (True, False):
        layer = layer_with(4, np.ones(4), np.zeros(4)).train(mode)
        layer(nf.Tensor(x)).backward(grad)
        see.close(layer.weight.grad, (grad * normalised(x, 1)).sum(axis=(0, 1)))
        see.close(layer.bias.grad, grad.sum(axis=(0, 1)))


def test_a_new_layer_has_pytorchs_names(see):
    """weight (ones), then bias (zeros), float32, of the shape that is normalised."""
    for shape, expected in [(3, (3,)), ((2, 3), (2, 3))]:
        state = nf.LayerNorm(shape).state_dict()
        see.equal(list(state), ["weight", "bias"])
        see.equal(state["weight"], np.ones(expected, dtype=np.float32))
        see.equal(state["bias"], np.zeros(expected, dtype=np.float32))


def test_training_and_eval_mode_do_not_differ(see, rng):
    """There are no running statistics: eval mode gives the same."""
    x = rng.normal(5.0, 10.0, size=(3, 4))
    see.close(nf.LayerNorm(4).eval()(nf.Tensor(x)), normalised(x, 1))


def test_float32_stays_and_a_batch_of_0(see):
    """float32 stays float32, and float64 float64; no sample gives none; a single number is its own mean."""
    x = np.array([[2.0, 6.0]], dtype=np.float32)
    see.equal(nf.gelu(nf.Tensor(x)).dtype, "float32")
    see.close(nf.gelu(nf.Tensor(x)), gelu_of(x))
    see.equal(nf.LayerNorm(2)(nf.Tensor(x)).dtype, "float32")
    see.equal(nf.LayerNorm(2)(nf.Tensor(x.astype(np.float64))).dtype, "float64")
    see.equal(nf.LayerNorm(2)(nf.zeros((0, 3, 2))).shape, (0, 3, 2))
    see.close(nf.LayerNorm(1)(nf.Tensor([[5.0], [6.0]])), [[0.0], [0.0]])


def test_shapes_that_do_not_fit_are_refused(see):
    """The last axes must have the sizes that the layer was made for: a ShapeError names the layer and both."""
    see.close(nf.LayerNorm(2, eps=0.0)(nf.Tensor([2.0, 6.0])), [-1.0, 1.0])
    see.raises(lambda: nf.LayerNorm(3)(nf.ones((3, 2))), "ShapeError", mentions=["LayerNorm", 3, "(3, 2)"])
    see.raises(lambda: nf.LayerNorm(3)(nf.ones((2, 1))), "ShapeError", mentions=["LayerNorm", 3, "(2, 1)"])
    see.raises(lambda: nf.LayerNorm((3, 2))(nf.ones((2, 3))), "ShapeError", mentions=["LayerNorm", "(2, 3)"])
    see.raises(lambda: nf.LayerNorm((3, 2))(nf.ones(2)), "ShapeError", mentions=["LayerNorm", "(2,)"])
