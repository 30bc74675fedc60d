"""5.4 The layer Conv2d: a convolution with parameters of its own."""

import math

import numpy as np

import neural_framework as nf


def test_names_and_shapes_are_pytorchs(see):
    """weight is (out, in, kh, kw) and bias is (out,), registered in this order, so that a PyTorch state dict fits."""
    layer = nf.Conv2d(2, 3, (1, 2))
    shapes = [(name, parameter.shape) for name, parameter in layer.named_parameters()]
    see.equal(shapes, [("weight", (3, 2, 1, 2)), ("bias", (3,))])
    layer.load_state_dict({"weight": np.arange(12.0).reshape(3, 2, 1, 2), "bias": np.array([100.0, 200.0, 300.0])})
    y = layer(nf.Tensor([[[[1.0, 10.0]], [[100.0, 1000.0]]]]))
    see.close(y, [[[[3310.0]], [[7854.0]], [[12398.0]]]])  # 0 + 10 + 200 + 3000 + 100, ...


def test_without_bias(see):
    """Conv2d(..., bias=False) has only a weight and adds nothing; its attribute bias is None. NumPy's True and False
    count as Python's."""
    layer = nf.Conv2d(1, 1, 2, bias=False)
    see.equal(layer.bias, None)
    see.equal([name for name, _ in layer.named_parameters()], ["weight"])
    layer.weight.data[...] = [[[[1.0, 2.0], [3.0, 4.0]]]]
    see.close(layer(nf.Tensor([[[[1.0, 10.0], [100.0, 1000.0]]]])), [[[[4321.0]]]])
    wanted = np.array([3, 7]) > 5
    see.equal([len(list(nf.Conv2d(1, 1, 2, bias=each).parameters())) for each in wanted], [1, 2])


def test_a_kernel_may_be_an_int_or_a_pair(see):
    """An int counts for both axes of the kernel, a pair is (height, width)."""
    see.equal(nf.Conv2d(2, 3, 4).weight.shape, (3, 2, 4, 4))
    see.equal(nf.Conv2d(2, 3, (4, 5)).weight.shape, (3, 2, 4, 5))
    see.equal(nf.Conv2d(2, 3, kernel_size=5).weight.shape, (3, 2, 5, 5))


def test_stride_and_padding_are_used(see):
    """The layer's stride and padding are those of its convolution, as ints or pairs, in this order."""
    x = nf.Tensor(np.arange(1.0, 13.0).reshape(1, 1, 3, 4))
    for stride, padding, expected in [
        ((2, 3), 0, [[1.0, 4.0], [9.0, 12.0]]),
        (3, 1, [[0.0, 0.0], [0.0, 11.0]]),
        ((2, 3), (1, 0), [[0.0, 0.0], [5.0, 8.0], [0.0, 0.0]]),
    ]:
        layer = nf.Conv2d(1, 1, 1, stride, padding)
        layer.weight.data[...] = 1.0
        see.close(layer(x), [[expected]])
    layer = nf.Conv2d(1, 1, 1, stride=3, padding=(0, 1))
    layer.weight.data[...], layer.bias.data[...] = 2.0, 0.5
    see.close(layer(x), [[[[0.5, 6.5]]]])


def test_a_new_layer_is_kaiming_uniform_with_zero_bias(see, seed, rng):
    """A new Conv2d draws its weight from U(-b, b), b = sqrt(6 / fan in); fan in = in * kh * kw. Its bias is zero."""
    nf.manual_seed(seed)
    inputs, outputs = int(rng.integers(5, 10)), int(rng.integers(200, 300))
    layer, bound = nf.Conv2d(inputs, outputs, (2, 3)), math.sqrt(6 / (inputs * 6))
    see.close(np.abs(layer.weight.data).max() / bound, 1.0, tolerance=0.02)
    see.at_most(np.abs(layer.weight.data).max() / bound, 1.000001)
    see.close(layer.weight.data.std() / bound, 1 / math.sqrt(3), tolerance=0.04)
    see.close(layer.bias.data, np.zeros(outputs))
    see.equal([layer.weight.dtype, layer.bias.dtype], ["float32", "float32"])


def test_each_layer_begins_somewhere_else(see):
    """Two layers draw different weights, and the same seed draws the same again."""
    nf.manual_seed(3)
    first, second = nf.Conv2d(3, 4, 2), nf.Conv2d(3, 4, 2)
    see.at_least(np.abs(first.weight.data - second.weight.data).max(), 0.01)
    nf.manual_seed(3)
    see.close(nf.Conv2d(3, 4, 2).weight.data - first.weight.data, np.zeros((4, 3, 2, 2)))


def test_weight_and_bias_get_their_gradients(see, rng):
    """Over a batch, the weight's gradient is the sum of windows times upstream gradients, the bias's their sum."""
    layer, x, grad = nf.Conv2d(2, 3, 1), rng.normal(size=(4, 2, 3, 5)), rng.normal(size=(4, 3, 3, 5))
    layer.weight, layer.bias = nf.Parameter(np.ones((3, 2, 1, 1))), nf.Parameter(np.ones(3))
    layer(nf.Tensor(x)).backward(grad)
    see.close(layer.weight.grad, np.einsum("nohw,nchw->oc", grad, x).reshape(3, 2, 1, 1))
    see.close(layer.bias.grad, grad.sum(axis=(0, 2, 3)))


def test_layers_in_a_row(see):
    """In a Sequential, the layers have PyTorch's names; a batch of 0 works; float32 and float64 images stay it."""
    model = nf.Sequential(nf.Conv2d(1, 2, 3, padding=1), nf.ReLU(), nf.Conv2d(2, 3, 2))
    see.equal([name for name, _ in model.named_parameters()], ["0.weight", "0.bias", "2.weight", "2.bias"])
    y = model(nf.ones((5, 1, 4, 6)))
    see.equal([y.dtype, y.shape, model(nf.ones((0, 1, 4, 6))).shape], ["float32", (5, 3, 3, 5), (0, 3, 3, 5)])
    see.equal(model(nf.Tensor(np.ones((5, 1, 4, 6)))).dtype, "float64")


def test_an_input_that_does_not_fit_is_refused(see):
    """Other channels, other axes, and a kernel larger than the image are ShapeErrors that have the sizes."""
    layer = nf.Conv2d(3, 4, 2, bias=False)
    see.equal(layer(nf.ones((1, 3, 5, 6))).shape, (1, 4, 4, 5))
    see.raises(lambda: layer(nf.ones((1, 2, 5, 6))), "ShapeError", mentions=["onv2d", 2, 3])
    see.raises(lambda: layer(nf.ones((3, 5, 6))), "ShapeError", mentions=["onv2d", "(3, 5, 6)", "unsqueeze(0)"])
    see.raises(lambda: layer(nf.ones((1, 3, 1, 6))), "ShapeError", mentions=["onv2d", 1, 2])


def test_settings_that_make_no_sense_are_refused(see):
    """A kernel size or stride below 1 or a negative padding is a ValueError, when the layer is made or first called."""
    see.equal(nf.Conv2d(1, 1, 1, 1, 0)(nf.ones((1, 1, 2, 3))).shape, (1, 1, 2, 3))
    for settings in [(0, 1, 0), (1, 0, 0), ((1, 0), 1, 0), (1, 1, -1)]:
        see.raises(lambda s=settings: nf.Conv2d(1, 1, *s)(nf.ones((1, 1, 2, 3))), "ValueError", mentions=["onv2d"])
