"""3.6 Linear: the linear layer, y = x W^T + b."""

import math

import numpy as np

import neural_framework as nf


def linear(weight, bias):
    """A Linear with the given weight and bias."""
    layer = nf.Linear(np.shape(weight)[1], np.shape(weight)[0])
    layer.weight, layer.bias = nf.Parameter(np.array(weight)), nf.Parameter(np.array(bias))
    return layer


def test_linear_by_hand(see):
    """Each output is the product of the input row with the output's row of the weight, plus the output's bias."""
    layer = linear([[1.0, 2.0], [3.0, 4.0]], [10.0, 20.0])
    see.close(layer(nf.Tensor(np.array([[5.0, 6.0]]))), [[27.0, 59.0]])  # 5 + 12 + 10 and 15 + 24 + 20


def test_a_batch_of_rows(see, rng):
    """x of shape (N, in) gives (N, out): x @ weight.T + bias."""
    x, weight, bias = rng.normal(size=(5, 3)), rng.normal(size=(4, 3)), rng.normal(size=4)
    see.close(linear(weight, bias)(nf.Tensor(x)), x @ weight.T + bias)


def test_any_leading_axes(see, rng):
    """One sample (in,), sequences (N, T, in), an empty batch (0, in) and rows of no inputs: all work alike."""
    weight, bias = rng.normal(size=(4, 3)), rng.normal(size=4)
    for shape in [(3,), (2, 5, 3), (2, 1, 2, 3), (0, 3)]:
        x = rng.normal(size=shape)
        see.close(linear(weight, bias)(nf.Tensor(x)), x @ weight.T + bias)
    see.close(linear(weight[:, :0], bias)(nf.Tensor(np.zeros((2, 0)))), [bias, bias])


def test_without_bias(see):
    """Linear(..., bias=False) has only a weight and adds nothing; its attribute bias is None."""
    layer = nf.Linear(2, 1, bias=False)
    see.equal(layer.bias, None)
    layer.weight.data[...] = [[2.0, 3.0]]
    see.equal([name for name, _ in layer.named_parameters()], ["weight"])
    see.close(layer(nf.Tensor([[10.0, 100.0], [0.0, 0.0]])), [[320.0], [0.0]])


def test_names_and_shapes_are_pytorchs(see):
    """weight is (out, in) and bias is (out,), registered in this order, so that a PyTorch state dict fits."""
    layer = nf.Linear(3, 4)
    shapes = [(name, parameter.shape) for name, parameter in layer.named_parameters()]
    see.equal(shapes, [("weight", (4, 3)), ("bias", (4,))])
    layer.load_state_dict({"weight": np.ones((4, 3)), "bias": np.array([0.0, 1.0, 2.0, 3.0])})
    see.close(layer(nf.Tensor([1.0, 2.0, 3.0])), [6.0, 7.0, 8.0, 9.0])


def test_gradient_of_the_input(see, rng):
    """The gradient reaches the input, and agrees with central differences."""
    weight, bias = rng.normal(size=(4, 3)), rng.normal(size=4)
    see.gradients(linear(weight, bias), [rng.normal(size=(5, 3))], like=lambda x: x @ weight.T + bias)


def test_gradients_of_weight_and_bias(see, rng):
    """Over a batch, the weight's gradient is grad^T x and the bias's is the sum over rows and time steps."""
    layer, x = linear(np.ones((4, 3)), np.ones(4)), rng.normal(size=(2, 5, 3))
    grad = rng.normal(size=(2, 5, 4))
    layer(nf.Tensor(x)).backward(grad)
    see.close(layer.weight.grad, np.einsum("nto,nti->oi", grad, x))
    see.close(layer.bias.grad, grad.sum(axis=(0, 1)))


def test_a_wrong_number_of_features_is_named(see):
    """If the last axis is not in_features, a ShapeError names the layer and both sizes."""
    layer = nf.Linear(6, 4)
    for shape in [(5, 7), (7,), (6, 1)]:
        x = nf.zeros(shape)
        see.raises(lambda x=x: layer(x), "ShapeError", mentions=["Linear", 6, shape[-1]])
    see.raises(lambda: layer(nf.Tensor(1.0)), "ShapeError", mentions=["Linear", 6])


def test_a_new_layer_is_xavier_uniform_with_zero_bias(see, seed, rng):
    """A new Linear draws its weight from U(-b, b), b = sqrt(6 / (in + out)), has zero bias, and is float32."""
    nf.manual_seed(seed)
    inputs, outputs = int(rng.integers(20, 40)), int(rng.integers(200, 400))
    layer, bound = nf.Linear(inputs, outputs), math.sqrt(6 / (inputs + outputs))
    see.close(np.abs(layer.weight.data).max() / bound, 1.0, tolerance=0.02)
    see.at_most(np.abs(layer.weight.data).max() / bound, 1.000001)
    see.close(layer.weight.data.std() / bound, 1 / math.sqrt(3), tolerance=0.04)
    see.close(layer.bias.data, np.zeros(outputs))
    see.equal([layer.weight.dtype, layer.bias.dtype], ["float32", "float32"])


def test_reset_parameters_draws_anew(see):
    """reset_parameters() draws a new weight and sets the bias to zero, inside the same Parameter objects."""
    layer, other = nf.Linear(30, 200), nf.Linear(30, 200)
    weight, bias = layer.weight, layer.bias
    weight.data[...], bias.data[...] = 7.0, 7.0
    layer.reset_parameters()
    see.same(layer.weight, weight)
    see.same(layer.bias, bias)
    see.at_most(np.abs(weight.data).max(), math.sqrt(6 / 230) * 1.000001)
    see.at_least(np.abs(weight.data).max(), 0.1)
    see.close(bias.data, np.zeros(200))
    see.at_least(np.abs(weight.data - other.weight.data).max(), 0.01)  # each layer begins somewhere else


def test_float32_stays_float32(see):
    """A new layer gives float32 for float32 input."""
    y = nf.Linear(3, 2)(nf.ones((4, 3)))
    see.equal([y.dtype, y.shape], ["float32", (4, 2)])
