"""5.8 Batch normalisation: BatchNorm1d and BatchNorm2d."""

import numpy as np

import neural_framework as nf

CASES = [("BatchNorm1d", (5, 3)), ("BatchNorm1d", (2, 3, 4)), ("BatchNorm2d", (2, 3, 4, 5))]
BUFFERS = ("running_mean", "running_var", "num_batches_tracked")


def fitted(vector, x):
    """A vector (C,) that broadcasts along the channels of x (N, C, ...)."""
    return np.reshape(vector, (-1,) + (1,) * (x.ndim - 2))


def statistics(x):
    """Mean, and variance divided by n, of each channel; and n."""
    rows = np.moveaxis(x, 1, 0).reshape(x.shape[1], -1)
    return rows.mean(axis=1), rows.var(axis=1), rows.shape[1]


def normalised(x, mean, variance, weight=(1.0, 1.0, 1.0), bias=(0.0, 0.0, 0.0), eps=1e-5):
    """(x - mean) / sqrt(variance + eps) * weight + bias, per channel."""
    y = (x - fitted(mean, x)) / np.sqrt(fitted(variance, x) + eps)
    return y * fitted(weight, x) + fitted(bias, x)


def in_training(x, weight=(1.0, 1.0, 1.0), bias=(0.0, 0.0, 0.0), eps=1e-5):
    """What a layer in training mode gives."""
    return normalised(x, *statistics(x)[:2], weight, bias, eps)


def buffers(layer):
    """The three buffers as arrays."""
    return [np.array(getattr(layer, name)) for name in BUFFERS]


def layer_with(kind, weight, bias, **settings):
    """A layer of three channels with the given weight and bias."""
    layer = getattr(nf, kind)(3, **settings)
    layer.weight, layer.bias = nf.Parameter(np.array(weight)), nf.Parameter(np.array(bias))
    return layer


def test_two_values_by_hand(see):
    """2 and 6 have the mean 4 and the variance 4: they become -1 and 1; with weight 3 and bias 10, 7 and 13."""
    layer = nf.BatchNorm1d(1, eps=0.0)
    see.close(layer(nf.Tensor([[2.0], [6.0]])), [[-1.0], [1.0]])
    see.close(layer(nf.Tensor([[30_002.0], [30_006.0]])), [[-1.0], [1.0]])
    layer.weight.data[...], layer.bias.data[...] = 3.0, 10.0
    see.close(layer(nf.Tensor([[2.0], [6.0]])), [[7.0], [13.0]])


def test_every_channel_gets_mean_0_and_variance_1(see, rng):
    """In training, each channel of the result has mean 0 and variance 1, over the batch and all places."""
    for kind, shape in CASES:
        y = getattr(nf, kind)(3)(nf.Tensor(rng.normal(5.0, 10.0, size=shape))).data
        see.close(statistics(y)[0], np.zeros(3), tolerance=1e-6)
        see.close(statistics(y)[1], np.ones(3), tolerance=1e-4)


def test_weight_and_bias_come_last(see, rng):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias: each channel has a weight and a bias of its own."""
    weight, bias = rng.normal(size=3), rng.normal(size=3)
    for kind, shape in CASES:
        x = rng.normal(5.0, 10.0, size=shape)
        see.close(layer_with(kind, weight, bias)(nf.Tensor(x)), in_training(x, weight, bias))


def test_eps_is_added_to_the_variance(see):
    """eps stands under the root, so that a channel without variance gives its bias, not nan; it may be chosen."""
    see.close(nf.BatchNorm1d(1, eps=5.0)(nf.Tensor(np.array([[2.0], [6.0]]))), [[-2.0 / 3.0], [2.0 / 3.0]])
    see.close(nf.BatchNorm1d(1)(nf.Tensor(np.array([[7.0], [7.0]]))), [[0.0], [0.0]])
    see.close(nf.BatchNorm1d(1)(nf.Tensor(np.array([[0.001], [-0.001]]))), [[np.sqrt(1 / 11)], [-np.sqrt(1 / 11)]])


def test_gradients_go_through_mean_and_variance(see, rng):
    """The gradients of input, weight and bias agree with central differences: mean and variance depend on x."""
    for kind, shape in [("BatchNorm1d", (4, 3)), ("BatchNorm1d", (2, 3, 2)), ("BatchNorm2d", (2, 3, 2, 2))]:
        weight, bias = rng.normal(size=3), rng.normal(size=3)
        layer = layer_with(kind, weight, bias)
        see.gradients(layer, [rng.normal(size=shape)], like=lambda x, w=weight, b=bias: in_training(x, w, b))


def test_the_gradient_of_the_input_adds_up_to_0(see, rng):
    """If all values of a channel grow by as much, nothing changes: so their gradients add up to 0."""
    for kind, shape in CASES:
        x = nf.Tensor(rng.normal(size=shape), requires_grad=True)
        getattr(nf, kind)(3)(x).backward(rng.normal(size=shape))
        see.close(statistics(x.grad.data)[0], np.zeros(3), tolerance=1e-7)
        see.at_least(np.abs(x.grad.data).max(), 0.01)


def test_weight_and_bias_get_their_gradients(see, rng):
    """Over a batch, the weight's gradient is the sum of upstream gradients times normalised inputs."""
    for kind, shape in CASES:
        layer, x, grad = layer_with(kind, np.ones(3), np.zeros(3)), rng.normal(size=shape), rng.normal(size=shape)
        layer(nf.Tensor(x)).backward(grad)
        axes = (0, *range(2, x.ndim))
        see.close(layer.weight.grad, (grad * in_training(x)).sum(axis=axes))
        see.close(layer.bias.grad, grad.sum(axis=axes))


def test_running_statistics_follow_by_hand(see):
    """running = 0.9 running + 0.1 new. The new variance is divided by n - 1: of 2 and 6 it is 8, not 4."""
    layer = nf.BatchNorm1d(1)
    layer(nf.Tensor([[2.0], [6.0]]))
    see.close(layer.running_mean, [0.4], tolerance=1e-6)
    see.close(layer.running_var, [1.7], tolerance=1e-6)  # 0.9 * 1 + 0.1 * 8


def test_running_statistics_follow_each_batch(see, rng):
    """Mean and variance of every batch in training count with momentum, the variance divided by n - 1. With a momentum
    of 0 the running statistics stay, with 1 they are those of the batch."""
    for kind, shape in CASES:
        layer, mean, variance = getattr(nf, kind)(3, momentum=0.25), np.zeros(3), np.ones(3)
        for _ in range(3):
            x = rng.normal(5.0, 10.0, size=shape)
            layer(nf.Tensor(x))
            new_mean, new_variance, n = statistics(x)
            mean, variance = 0.75 * mean + 0.25 * new_mean, 0.75 * variance + 0.25 * new_variance * n / (n - 1)
        see.close(np.asarray(layer.running_mean), mean.astype(np.float32), tolerance=1e-6)
        see.close(np.asarray(layer.running_var), variance.astype(np.float32), tolerance=1e-6)
    for momentum, mean, variance in [(0.0, 0.0, 1.0), (1.0, 4.0, 8.0)]:
        layer = nf.BatchNorm1d(1, momentum=momentum)
        layer(nf.Tensor([[2.0], [6.0]]))
        see.close(layer.running_mean, [mean], tolerance=1e-6)
        see.close(layer.running_var, [variance], tolerance=1e-6)


def test_batches_are_counted(see):
    """num_batches_tracked, a 0-d int64, grows by 1 with each batch in training."""
    layer = nf.BatchNorm2d(1)
    see.equal(np.array(layer.num_batches_tracked), np.array(0))
    for _ in range(3):
        y = layer(nf.Tensor([[[[2.0, 6.0]]]]))
    see.close(y, [[[[-1.0, 1.0]]]], tolerance=1e-4)
    see.equal(np.array(layer.num_batches_tracked), np.array(3))


def test_statistics_follow_without_recording(see):
    """Inside no_grad(), a layer in training mode follows the batches all the same."""
    layer = nf.BatchNorm1d(1)
    with nf.no_grad():
        layer(nf.Tensor([[2.0], [6.0]]))
    see.close(layer.running_mean, [0.4], tolerance=1e-6)
    see.equal(np.array(layer.num_batches_tracked), np.array(1))


def test_buffers_are_no_part_of_the_graph(see):
    """Running statistics do not require grad, and there is no gradient through what earlier batches left."""
    layer = nf.BatchNorm1d(1, eps=0.0)
    x = nf.Tensor([[2.0], [6.0]], requires_grad=True)
    layer(x)
    see.equal([name for name, _ in layer.named_parameters()], ["weight", "bias"])
    layer.eval()(x).backward(np.array([[1.0], [0.0]], dtype=np.float32))
    see.close(x.grad, np.array([[1 / np.sqrt(1.7)], [0.0]], dtype=np.float32), tolerance=1e-6)


def test_eval_mode_uses_the_running_statistics(see, rng):
    """In eval mode, a sample's result does not depend on its batch: the running statistics normalise it."""
    mean, variance = np.array([1.0, -2.0, 3.0]), np.array([4.0, 0.25, 9.0])
    weight, bias = rng.normal(size=3), rng.normal(size=3)
    for kind, shape in CASES:
        layer, x = layer_with(kind, weight, bias), rng.normal(size=shape)
        layer.load_state_dict({"running_mean": mean, "running_var": variance}, strict=False)
        see.close(layer.eval()(nf.Tensor(x)), normalised(x, mean, variance, weight, bias), tolerance=1e-6)
        see.close(layer(nf.Tensor(x[:1])), normalised(x[:1], mean, variance, weight, bias), tolerance=1e-6)


def test_gradients_in_eval_mode(see, rng):
    """In eval mode, mean and variance are constants: the gradient is weight / sqrt(running_var + eps). Weight and bias
    get theirs as in training."""
    weight, bias = rng.normal(size=3), rng.normal(size=3)
    # With eps they are 4, 0.25 and 16, whose roots float32 has exactly.
    variance = np.array([3.75, 0.0, 15.75], dtype=np.float32)
    layer = layer_with("BatchNorm2d", weight, bias, eps=0.25)
    layer.running_var = variance
    layer.eval()
    like = lambda x: normalised(x, np.zeros(3), variance, weight, bias, eps=0.25)  # noqa: E731
    see.gradients(layer, [rng.normal(size=(2, 3, 2, 2))], like=like)
    layer = nf.BatchNorm1d(1, eps=0.0).eval()
    x = nf.Tensor([[2.0], [6.0]], requires_grad=True)
    layer(x).backward(np.array([[1.0], [10.0]], dtype=np.float32))
    see.close(layer.weight.grad, [62.0])
    see.close(layer.bias.grad, [11.0])


def test_eval_mode_changes_no_buffer(see):
    """In eval mode no buffer changes, and train() goes on where it was."""
    layer = nf.BatchNorm1d(1)
    layer(nf.Tensor([[2.0], [6.0]]))
    layer.eval()(nf.Tensor([[100.0], [300.0]]))
    see.close(layer.running_mean, [0.4], tolerance=1e-6)
    see.equal(np.array(layer.num_batches_tracked), np.array(1))
    layer.train()(nf.Tensor([[2.0], [6.0]]))
    see.close(layer.running_mean, [0.76], tolerance=1e-6)  # 0.9 * 0.4 + 0.1 * 4


def test_names_and_dtypes_are_pytorchs(see):
    """A new layer has ones and zeros, in PyTorch's order; a state dict of PyTorch loads, and counts on."""
    layer = nf.BatchNorm2d(2)
    state = layer.state_dict()
    see.equal(list(state), ["weight", "bias", *BUFFERS])
    see.equal([array.dtype.name for array in state.values()], ["float32"] * 4 + ["int64"])
    see.equal([array.tolist() for array in state.values()], [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0], [1.0, 1.0], 0])
    changed = {"weight": [1.0, 2.0], "bias": [0.0, 5.0], "running_mean": [1.0, 2.0], "running_var": [4.0, 16.0]}
    layer.load_state_dict({**{k: np.array(v) for k, v in changed.items()}, "num_batches_tracked": np.array(41)})
    layer.eps = 0.0
    see.close(layer.eval()(nf.Tensor([[[[5.0]], [[10.0]]]])), [[[[2.0]], [[9.0]]]], tolerance=1e-4)
    layer.train()(nf.ones((2, 2, 1, 1)))
    see.equal(np.array(layer.num_batches_tracked), np.array(42))


def test_dtypes_stay(see, rng):
    """float32 gives float32, and float64 float64, in both modes; the buffers keep their dtype, and stay in the state
    dict, whatever that of x."""
    layer = nf.BatchNorm1d(3)
    for dtype in ("float64", "float32"):
        x = nf.Tensor(rng.normal(size=(5, 3)).astype(dtype))
        see.equal([layer.train()(x).dtype, layer.eval()(x).dtype], [dtype, dtype])
        see.equal([array.dtype.name for array in buffers(layer)], ["float32", "float32", "int64"])
    see.equal(list(layer.state_dict()), ["weight", "bias", *BUFFERS])
    see.equal(np.array(layer.num_batches_tracked), np.array(2))


def test_a_batch_of_0_changes_nothing(see):
    """In training, no sample gives no result, of the right shape, without a warning, and no buffer changes."""
    layer = nf.BatchNorm2d(1)
    layer(nf.Tensor([[[[2.0, 6.0]]]]))
    empty = see.without_warnings(lambda: layer(nf.zeros((0, 1, 4, 5))))
    see.equal(empty.shape, (0, 1, 4, 5))
    see.close(layer.running_mean, [0.4], tolerance=1e-6)
    see.equal(np.array(layer.num_batches_tracked), np.array(1))
    see.equal(layer.eval()(nf.zeros((0, 1, 4, 5))).shape, (0, 1, 4, 5))


def test_a_single_value_per_channel_is_refused_in_training(see):
    """One value has no variance: a ValueError in training, which changes no buffer. In eval mode it works."""
    layer = nf.BatchNorm1d(2)
    layer(nf.Tensor([[2.0, 0.0], [6.0, 1.0]]))
    see.raises(lambda: layer(nf.Tensor([[7.0, 8.0]])), "ValueError", mentions=["BatchNorm1d", "(1, 2)"])
    see.raises(lambda: nf.BatchNorm2d(2)(nf.ones((1, 2, 1, 1))), "ValueError", mentions=["BatchNorm2d"])
    see.raises(lambda: nf.BatchNorm1d(1)(nf.ones((1, 1))), "ValueError", mentions=["BatchNorm1d", "(1, 1)"])
    see.close(layer.running_mean, [0.4, 0.05], tolerance=1e-6)
    see.equal(np.array(layer.num_batches_tracked), np.array(1))
    see.equal(layer.eval()(nf.Tensor([[7.0, 8.0]])).shape, (1, 2))
    see.close(layer.train()(nf.Tensor([[[2.0, 6.0], [6.0, 2.0]]])), [[[-1.0, 1.0], [1.0, -1.0]]], tolerance=1e-4)


def test_shapes_that_do_not_fit_are_refused(see):
    """BatchNorm1d takes (N, C) and (N, C, L), BatchNorm2d (N, C, H, W). A ShapeError changes no buffer."""
    one, two = nf.BatchNorm1d(3), nf.BatchNorm2d(3)
    one(nf.Tensor([[2.0, 2.0, 2.0], [6.0, 6.0, 6.0]]))
    for shape in [(3,), (2, 3, 4, 5), (2, 4)]:
        see.raises(lambda s=shape: one(nf.ones(s)), "ShapeError", mentions=["BatchNorm1d", shape[-1]])
    for shape in [(2, 3), (2, 4, 3, 3)]:
        see.raises(lambda s=shape: two(nf.ones(s)), "ShapeError", mentions=["BatchNorm2d", shape[1]])
    see.raises(lambda: two(nf.ones((3, 4, 5))), "ShapeError", mentions=["BatchNorm2d", "(3, 4, 5)", "unsqueeze(0)"])
    see.raises(lambda: two.eval()(nf.ones((2, 4, 3, 3))), "ShapeError", mentions=["BatchNorm2d", 4, 3])
    see.close(one.running_mean, [0.4, 0.4, 0.4], tolerance=1e-6)
    see.equal([np.array(layer.num_batches_tracked) for layer in (one, two)], [np.array(1), np.array(0)])
