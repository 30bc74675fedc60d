"""3.7 Activations and Sequential: activations as layers, and layers in a row."""

from functools import partial

import numpy as np

import neural_framework as nf


def scaling(factor):
    """A layer that multiplies by its only weight."""

    class Scaling(nf.Module):
        def __init__(self):
            super().__init__()
            self.weight = nf.Parameter(np.array(factor))

        def forward(self, x):
            return x * self.weight

    return Scaling()


def adding(number):
    """A layer without weights that adds a number."""

    class Adding(nf.Module):
        def forward(self, x):
            return x + number

    return Adding()


def test_relu_sigmoid_and_tanh(see):
    """The layers ReLU, Sigmoid and Tanh apply the function of that name to each element."""
    x = np.array([[-2.0, 0.0], [0.5, 3.0]])
    see.close(nf.ReLU()(nf.Tensor(x)), [[0.0, 0.0], [0.5, 3.0]])
    see.close(nf.Sigmoid()(nf.Tensor(x)), 1 / (1 + np.exp(-x)))
    see.close(nf.Tanh()(nf.Tensor(x)), np.tanh(x))


def test_leaky_relu_uses_its_slope(see):
    """LeakyReLU(negative_slope) multiplies negative elements by the given slope, 0 too, or by 0.01 without one."""
    x = nf.Tensor([-2.0, 3.0])
    see.close(nf.LeakyReLU(0.25)(x), [-0.5, 3.0])
    see.close(nf.LeakyReLU(negative_slope=0.5)(x), [-1.0, 3.0])
    see.close(nf.LeakyReLU()(x), [-0.02, 3.0])
    see.close(nf.LeakyReLU(2.0)(x), [-4.0, 3.0])
    see.close(nf.LeakyReLU(0.0)(x), [0.0, 3.0])


def test_softmax_sums_to_one_along_its_axis(see):
    """Softmax(axis) divides exp(x) by its sum along the given axis, and not along another; of nothing it is empty."""
    x = np.array([[0.0, 1.0, 2.0], [3.0, 3.0, 0.0]])
    for axis in (0, 1, -1, -2):
        expected = np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)
        see.close(nf.Softmax(axis)(nf.Tensor(x)), expected)
    see.close(nf.Softmax(axis=0)(nf.Tensor(x)).data.sum(axis=0), [1.0, 1.0, 1.0])
    for shape in ((0, 2), (2, 0)):
        see.equal([nf.Softmax(axis)(nf.zeros(shape)).shape for axis in (0, 1)], [shape, shape])


def test_softmax_of_rows_that_are_far_apart(see):
    """Each row, or column, is shifted by its own maximum: with one for all, a row far below it becomes 0 / 0."""
    x = np.array([[1000.0, 1000.0 + np.log(3.0)], [-1000.0, -1000.0 + np.log(3.0)]])
    for axis, rows in ((-1, x), (0, x.T)):
        shares = see.without_warnings(partial(nf.Softmax(axis), nf.Tensor(rows)))
        see.close(shares, [[0.25, 0.75], [0.25, 0.75]] if axis == -1 else [[0.25, 0.25], [0.75, 0.75]])


def test_extremes_are_exact_and_quiet(see):
    """At plus and minus 1000, values and gradients are exact, with no warning and no NaN."""
    for layer, expected in [
        (nf.Sigmoid(), [0.0, 1.0]),
        (nf.Softmax(0), [0.0, 1.0]),
        (nf.Tanh(), [-1.0, 1.0]),
    ]:
        x = nf.Tensor([-1000.0, 1000.0], requires_grad=True)
        y = see.without_warnings(partial(layer, x))
        see.close(y, expected)
        see.without_warnings(partial(y.backward, np.ones(2, dtype="float32")))
        see.close(x.grad, [0.0, 0.0])


def test_small_results_keep_their_digits(see):
    """What is small is not 0: for a tiny y, y / (what it should be) is 1, and so is the ratio of the gradients."""
    for layer, number, result, slope in [
        (nf.ReLU(), 1e-30, 1e-30, 1.0),
        (nf.LeakyReLU(0.5), -1e-30, -5e-31, 0.5),
        (nf.Sigmoid(), -50.0, np.exp(-50.0), np.exp(-50.0)),
        (nf.Tanh(), 1e-12, 1e-12, 1.0),
        (nf.Softmax(0), [-50.0, 0.0], [np.exp(-50.0), 1.0], [np.exp(-50.0), -np.exp(-50.0)]),
    ]:
        x = nf.Tensor(np.array(number), requires_grad=True)
        y = layer(x)
        see.close(y.data / np.array(result), np.ones(x.shape))
        y.backward(np.array([1.0, 0.0]) if x.ndim else np.array(1.0))
        see.close(x.grad.data / np.array(slope), np.ones(x.shape))


def test_gradients_pass_through_activations(see, rng):
    """Each activation layer passes the correct gradient on to its input."""
    x = rng.choice([-1.0, 1.0], size=(2, 3)) * rng.uniform(0.2, 2.0, size=(2, 3))
    see.gradients(nf.ReLU(), [x], like=lambda x: np.maximum(x, 0))
    see.gradients(nf.LeakyReLU(0.3), [x], like=lambda x: np.where(x > 0, x, 0.3 * x))
    see.gradients(nf.Sigmoid(), [x], like=lambda x: 1 / (1 + np.exp(-x)))
    see.gradients(nf.Tanh(), [x], like=np.tanh)
    see.gradients(nf.Softmax(0), [x], like=lambda x: np.exp(x) / np.exp(x).sum(axis=0))


def test_activations_leave_their_input_as_it_was(see):
    """Every activation makes a new tensor and does not change its input."""
    for layer in (nf.ReLU(), nf.LeakyReLU(), nf.Sigmoid(), nf.Tanh(), nf.Softmax(0)):
        x = nf.Tensor(np.array([-2.0, 0.0, 3.0]))
        layer(x)
        see.equal(x, np.array([-2.0, 0.0, 3.0]))


def test_relu_of_infinite_numbers(see):
    """ReLU of -inf is 0, not nan, and ReLU of inf is inf."""
    see.close(nf.ReLU()(nf.Tensor(np.array([-np.inf, np.inf]))), [0.0, np.inf])


def test_gradients_at_0(see):
    """At 0 the gradient of ReLU is 0, and that of LeakyReLU its slope: nothing is shared or halved."""
    for layer, slope in ((nf.ReLU(), 0.0), (nf.LeakyReLU(0.3), 0.3)):
        x = nf.Tensor(np.zeros(2), requires_grad=True)
        layer(x).backward(np.array([1.0, -2.0]))
        see.close(x.grad, [slope, -2 * slope])


def test_sequential_feeds_each_layer_the_last_ones_result(see):
    """Sequential(a, b, c)(x) is c(b(a(x))), in this order: (1 + 2) * 3 + 4."""
    model = nf.Sequential(adding(2.0), scaling(3.0), adding(4.0))
    see.close(model(nf.Tensor([1.0])), [13.0])


def test_more_than_ten_layers_run_in_their_order(see):
    """The eleventh layer, "10", comes after the tenth, "9", and not after "1": ten doublings of 1, then plus 1."""
    model = nf.Sequential(*(scaling(2.0) for _ in range(10)), adding(1.0))
    see.close(model(nf.Tensor(np.array([1.0]))), [1025.0])


def test_sequential_takes_a_list_too(see):
    """Sequential([a, b]) is Sequential(a, b)."""
    model = nf.Sequential([adding(2.0), scaling(3.0)])
    see.equal(len(model), 2)
    see.close(model(nf.Tensor([1.0])), [9.0])


def test_an_empty_sequential_changes_nothing(see):
    """Without layers the input comes out unchanged; Sequential([]) is also empty."""
    for model in (nf.Sequential(), nf.Sequential([])):
        see.close(model(nf.Tensor([1.0, -2.0])), [1.0, -2.0])
        see.equal(len(model), 0)


def test_an_appended_layer_comes_last(see):
    """append puts a layer at the end, and the new layer is used, counted and trained, until it is replaced."""
    model = nf.Sequential(adding(2.0))
    model.append(scaling(5.0))
    see.close(model(nf.Tensor([1.0])), [15.0])
    see.equal(len(model), 2)
    see.equal([name for name, _ in model.named_parameters()], ["1.weight"])
    setattr(model, "1", scaling(3.0))
    see.close(model(nf.Tensor([1.0])), [9.0])
    delattr(model, "0")  # what remains is called "1"
    see.close(model(nf.Tensor([1.0])), [3.0])


def test_layers_are_named_by_their_number(see):
    """The children are named "0", "1", ...: layers without weights also count, so that PyTorch's names fit."""
    model = nf.Sequential(scaling(1.0), adding(0.0), nf.Sequential(scaling(2.0)))
    see.close(model(nf.Tensor([3.0])), [6.0])
    see.equal([name for name, _ in model.named_parameters()], ["0.weight", "2.0.weight"])


def test_a_layer_used_twice_works_twice(see):
    """The same layer may be in two places: it is applied twice, and its gradients add up."""
    layer = scaling(3.0)
    y = nf.Sequential(layer, layer)(nf.Tensor(np.array([2.0])))
    y.backward()
    see.close(y, [18.0])  # 2 * w * w
    see.close(layer.weight.grad, 12.0)  # 2 * 2 * w


def test_gradients_pass_through_a_row_of_layers(see, rng):
    """The gradient passes through Sequential and reaches every layer's weight."""
    first, second, x = scaling(2.0), scaling(5.0), rng.normal(size=3)
    nf.Sequential(first, nf.Tanh(), second)(nf.Tensor(x)).backward(np.ones(3))
    see.close(second.weight.grad, np.tanh(2 * x).sum())
    see.close(first.weight.grad, (5 * (1 - np.tanh(2 * x) ** 2) * x).sum())
