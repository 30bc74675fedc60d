"""5.9 Group normalisation: GroupNorm, each sample for itself."""

import numpy as np

import neural_framework as nf


def normalised(x, groups, weight, bias, eps=1e-5):
    """Each group of neighbouring channels in each sample, shifted and scaled; then weight and bias per channel."""
    y = np.empty(x.shape)
    size = x.shape[1] // groups
    for sample in range(len(x)):
        for group in range(groups):
            part = x[sample, group * size : (group + 1) * size]
            y[sample, group * size : (group + 1) * size] = (part - part.mean()) / np.sqrt(part.var() + eps)
    shape = (-1,) + (1,) * (x.ndim - 2)
    return y * np.reshape(weight, shape) + np.reshape(bias, shape)


def layer_with(groups, weight, bias, **settings):
    """A GroupNorm with the given weight and bias."""
    layer = nf.GroupNorm(groups, len(weight), **settings)
    layer.weight, layer.bias = nf.Parameter(np.array(weight)), nf.Parameter(np.array(bias))
    return layer


def test_two_groups_by_hand(see):
    """Channels 0 and 1 are one group, 2 and 3 the other: 2, 6 and 30,010, 30,030 both become -1, 1."""
    x = nf.Tensor([[2.0, 6.0, 30_010.0, 30_030.0]])
    see.close(layer_with(2, np.ones(4), np.zeros(4), eps=0.0)(x), [[-1.0, 1.0, -1.0, 1.0]])


def test_images_sequences_and_vectors(see, rng):
    """x may be (N, C), (N, C, L), (N, C, H, W) and more: all places of a group's channels count."""
    weight, bias = rng.normal(size=6), rng.normal(size=6)
    for groups in (1, 2, 3):
        for shape in [(4, 6), (2, 6, 5), (2, 6, 3, 4), (2, 6, 2, 1, 3)]:
            x = rng.normal(5.0, 10.0, size=shape)
            y = layer_with(groups, weight, bias)(nf.Tensor(x))
            see.close(y, normalised(x, groups, weight, bias))


def test_a_group_of_its_own_for_each_channel(see, rng):
    """With as many groups as channels, each channel of each sample has mean 0 and variance 1."""
    y = nf.GroupNorm(3, 3)(nf.Tensor(rng.normal(5.0, 10.0, size=(2, 3, 4, 5)))).data
    see.close(y.mean(axis=(2, 3)), np.zeros((2, 3)), tolerance=1e-6)
    see.close(y.var(axis=(2, 3)), np.ones((2, 3)), tolerance=1e-4)


def test_samples_do_not_depend_on_each_other(see, rng):
    """A sample alone gives what it gives in a batch, in training and in eval mode."""
    x, weight, bias = rng.normal(size=(3, 4, 5)), rng.normal(size=4), rng.normal(size=4)
    layer, expected = layer_with(2, weight, bias), normalised(x, 2, weight, bias)
    see.close(layer(nf.Tensor(x[1:2])), expected[1:2])
    see.close(layer.eval()(nf.Tensor(x)), expected)


def test_eps_is_added_to_the_variance(see):
    """eps stands under the root, so that a group without variance gives its bias; it may be chosen."""
    see.close(nf.GroupNorm(1, 2, eps=5.0)(nf.Tensor(np.array([[2.0, 6.0]]))), [[-2.0 / 3.0, 2.0 / 3.0]])
    see.close(nf.GroupNorm(1, 2)(nf.Tensor(np.array([[0.001, -0.001]]))), [[np.sqrt(1 / 11), -np.sqrt(1 / 11)]])
    see.close(layer_with(2, np.ones(2), [3.0, 4.0])(nf.Tensor(np.array([[7.0, 8.0]]))), [[3.0, 4.0]])


def test_gradients_go_through_mean_and_variance(see, rng):
    """The gradient of the input agrees with central differences, for each number of groups."""
    weight, bias = rng.normal(size=4), rng.normal(size=4)
    for groups, shape in [(2, (2, 4, 3)), (1, (2, 4, 2, 2)), (4, (2, 4, 3)), (2, (3, 4))]:
        layer = layer_with(groups, weight, bias)
        see.gradients(layer, [rng.normal(size=shape)], like=lambda x, g=groups: normalised(x, g, weight, bias))


def test_weight_and_bias_get_their_gradients(see, rng):
    """The weight's gradient is the sum of upstream gradient times normalised input, the bias's is their sum; eval mode
    changes nothing in that."""
    x, grad = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 3))
    for mode in (True, False):
        layer = layer_with(2, np.ones(4), np.zeros(4)).train(mode)
        layer(nf.Tensor(x)).backward(grad)
        see.close(layer.weight.grad, (grad * normalised(x, 2, np.ones(4), np.zeros(4))).sum(axis=(0, 2)))
        see.close(layer.bias.grad, grad.sum(axis=(0, 2)))


def test_names_are_pytorchs_and_float32_stays(see):
    """A new layer has the parameters weight (ones) and bias (zeros), and no buffers; float32 and float64 stay."""
    layer = nf.GroupNorm(2, 4)
    state = {name: array.tolist() for name, array in layer.state_dict().items()}
    see.equal(list(state.items()), [("weight", [1.0] * 4), ("bias", [0.0] * 4)])
    y = layer(nf.Tensor([[2.0, 6.0, 10.0, 30.0]]))
    see.close(y, [[-1.0, 1.0, -1.0, 1.0]], tolerance=1e-4)
    see.equal([y.dtype, layer(nf.Tensor(np.ones((1, 4)))).dtype], ["float32", "float64"])


def test_a_batch_of_0(see):
    """No sample gives no result, of the right shape, without a warning."""
    layer = nf.GroupNorm(2, 4)
    empty = see.without_warnings(lambda: layer(nf.zeros((0, 4, 5))))
    see.equal([empty.shape, layer(nf.ones((1, 4))).shape], [(0, 4, 5), (1, 4)])


def test_what_does_not_fit_is_refused(see):
    """Other channels and fewer than 2 axes are ShapeErrors; groups that do not divide the channels a ValueError."""
    layer = nf.GroupNorm(2, 4)
    see.close(layer(nf.Tensor([[2.0, 6.0, 10.0, 30.0]])), [[-1.0, 1.0, -1.0, 1.0]], tolerance=1e-4)
    see.raises(lambda: layer(nf.ones((2, 6, 3))), "ShapeError", mentions=["GroupNorm", 6, 4])
    see.raises(lambda: layer(nf.ones(4)), "ShapeError", mentions=["GroupNorm", "(4,)"])
    see.raises(lambda: nf.GroupNorm(3, 4)(nf.ones((2, 4))), "ValueError", mentions=["GroupNorm", 3, 4])
