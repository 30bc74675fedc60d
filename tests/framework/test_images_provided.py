"""The parts of the room `images` that students are given, and what its suites do not look at."""

import copy
import pickle

import numpy as np
import pytest

import neural_framework as nf
from neural_framework import check_gradients
from neural_framework.images.sizes import pair, per_channel

rng = np.random.default_rng(3)


def double(layer):
    """The layer with parameters in float64."""
    for parameter in layer.parameters():
        parameter.data = parameter.data.astype(np.float64)
    return layer


def drawn(*shape):
    """A Tensor in float64 that requires grad, without ties."""
    return nf.Tensor(rng.permutation(int(np.prod(shape))).reshape(shape) / 7 - 1.0, requires_grad=True)


@pytest.mark.parametrize(
    ("layer", "x"),
    [
        (lambda: nf.Conv2d(2, 3, (2, 3), (2, 1), (0, 1)), (2, 2, 4, 3)),
        (lambda: nf.ConvTranspose2d(2, 3, (2, 3), (2, 1), (0, 1)), (2, 2, 3, 2)),
        (lambda: nf.Conv1d(2, 3, 2, 2, 1), (2, 2, 5)),
        (lambda: nf.MaxPool2d((2, 3), 1, 1), (2, 2, 3, 4)),
        (lambda: nf.AvgPool2d((2, 3), 1, 1), (2, 2, 3, 4)),
        (lambda: nf.Flatten(), (2, 2, 3)),
        (lambda: nf.Residual(nf.Tanh()), (2, 3)),
        (lambda: nf.BatchNorm1d(3), (4, 3)),
        (lambda: nf.BatchNorm1d(3), (2, 3, 2)),
        (lambda: nf.BatchNorm2d(3).eval(), (2, 3, 2, 2)),
        (lambda: nf.GroupNorm(2, 4), (2, 4, 3)),
    ],
)
def test_gradients_agree_with_central_differences(layer, x):
    layer = double(layer())
    inputs = drawn(*x)
    assert check_gradients(layer, [inputs])
    x = nf.Tensor(inputs.data, requires_grad=True)
    for _, parameter in layer.named_parameters():
        parameter.data = rng.normal(size=parameter.shape)
        parameter.zero_grad()
    upstream = rng.normal(size=layer(x).shape)
    layer(x).backward(upstream)
    for name, parameter in layer.named_parameters():
        index = tuple(rng.integers(size) for size in parameter.shape)
        middle, sides = parameter.data[index], []
        for step in (1e-5, -1e-5):
            parameter.data[index] = middle + step
            sides.append((layer(x).data * upstream).sum())
        parameter.data[index] = middle
        assert np.isclose(parameter.grad.data[index], (sides[0] - sides[1]) / 2e-5, atol=1e-6), name


def test_conv1d_is_a_sum_over_windows_of_one_row():
    layer, x = double(nf.Conv1d(2, 3, 2, stride=2, padding=1)), rng.normal(size=(4, 2, 5))
    layer.bias.data[...] = [1.0, 2.0, 3.0]
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1)))
    expected = [np.einsum("nck,ock->no", padded[:, :, i : i + 2], layer.weight.data) for i in (0, 2, 4)]
    np.testing.assert_allclose(layer(nf.Tensor(x)).data, np.add(np.stack(expected, axis=2), [[1.0], [2.0], [3.0]]))
    assert layer.weight.shape == (3, 2, 2) and layer.weight.data.max() <= np.sqrt(6 / 4)


@pytest.mark.parametrize("layer", [nf.Conv1d, nf.ConvTranspose2d, nf.Conv2d])
def test_a_new_layer_has_pytorchs_names_and_zero_bias(layer):
    state = layer(2, 3, 4).state_dict()
    assert list(state) == ["weight", "bias"] and state["weight"].any() and not state["bias"].any()
    assert list(layer(2, 3, 4, bias=False).state_dict()) == ["weight"]
    assert {array.dtype for array in state.values()} == {np.dtype(np.float32)}


def test_flatten_keeps_the_axes_before_its_start():
    x = nf.ones((2, 3, 4, 5))
    assert nf.Flatten()(x).shape == (2, 60) and nf.Flatten(2)(x).shape == (2, 3, 20)
    assert nf.Flatten()(nf.ones((0, 3, 4))).shape == (0, 12)


def test_a_residual_adds_and_never_broadcasts():
    layer = nf.Residual(nf.Linear(3, 3))
    x = nf.ones((2, 3))
    np.testing.assert_allclose(layer(x).data, 1 + layer.module(x).data)
    assert [name for name, _ in layer.named_parameters()] == ["module.weight", "module.bias"]
    with pytest.raises(nf.ShapeError, match=r"Residual.*\(2, 3\).*\(2, 1\)"):
        nf.Residual(nf.Linear(3, 1))(x)


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (nf.Conv2d(1, 2, 3), "Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1), padding=(0, 0))"),
        (nf.Conv1d(1, 2, 3, 2, 1, False), "Conv1d(1, 2, kernel_size=3, stride=2, padding=1, bias=False)"),
        (nf.MaxPool2d((2, 3)), "MaxPool2d(kernel_size=(2, 3), stride=(2, 3), padding=(0, 0))"),
        (nf.Flatten(), "Flatten()"),
        (nf.Flatten(2), "Flatten(start_axis=2)"),
        (nf.BatchNorm1d(3), "BatchNorm1d(3, eps=1e-05, momentum=0.1)"),
        (nf.GroupNorm(2, 4), "GroupNorm(2, 4, eps=1e-05)"),
        (nf.Residual(nf.ReLU()), "Residual(\n  (module): ReLU()\n)"),
    ],
)
def test_layers_show_their_settings(layer, text):
    assert repr(layer) == text


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nf.Conv1d(2, 3, 2)(nf.ones((2, 5))), nf.ShapeError, r"Conv1d.*\(N, C, L\).*unsqueeze\(0\)"),
        (lambda: nf.Conv1d(2, 3, 2)(nf.ones((1, 3, 5))), nf.ShapeError, "Conv1d.*2 channels.*3"),
        (lambda: nf.Conv1d(2, 3, 6)(nf.ones((1, 2, 5))), nf.ShapeError, "6.*larger"),
        (lambda: nf.Conv1d(2, 3, (2, 2)), ValueError, "Conv1d: kernel_size"),
        (lambda: nf.Conv1d(2, 3, 0), ValueError, "Conv1d: kernel_size"),
        (lambda: nf.Conv2d(2, 3, 2, stride=0), ValueError, "Conv2d: stride"),
        (lambda: nf.Conv2d(2, 3, 2, padding=(0, -1)), ValueError, "Conv2d: padding"),
        (lambda: nf.Conv2d(2, 3, (2, 2, 2)), ValueError, "Conv2d: kernel_size"),
        (lambda: nf.Conv2d(2, 3, 2.5), ValueError, "Conv2d: kernel_size"),
        (lambda: nf.AvgPool2d(0), ValueError, "AvgPool2d: kernel_size"),
        (lambda: nf.MaxPool2d(2, 0), ValueError, "MaxPool2d: stride"),
        (lambda: nf.GroupNorm(3, 4), ValueError, "GroupNorm.*divide"),
        (lambda: nf.GroupNorm(0, 4), ValueError, "GroupNorm: num_groups"),
        (lambda: nf.BatchNorm2d(0), ValueError, "BatchNorm2d: num_features"),
        (lambda: nf.fold(nf.ones((1, 4, 1)), (0, 1), 2), ValueError, "fold: output_size"),
    ],
)
def test_errors_name_the_layer_and_what_is_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(
    ("call", "name", "shape"),
    [
        (nf.BatchNorm1d(2), "BatchNorm1d", (3, 2)),
        (nf.BatchNorm2d(2).eval(), "BatchNorm2d", (3, 2, 4, 4)),
        (nf.GroupNorm(1, 2), "GroupNorm", (3, 2, 4)),
        (nf.Flatten(), "Flatten", (3, 2, 4)),
        (nf.Conv1d(2, 1, 2), "Conv1d", (3, 2, 4)),
        (nf.Conv2d(2, 1, 2), "conv2d", (3, 2, 4, 4)),
        (nf.MaxPool2d(2), "max_pool2d", (3, 2, 4, 4)),
        (lambda x: nf.unfold(x, 2), "unfold", (3, 2, 4, 4)),
        (lambda x: nf.fold(x, 2, 2), "fold", (3, 4, 1)),
    ],
)
def test_an_array_is_refused_by_name(call, name, shape):
    with pytest.raises(TypeError, match=rf"^{name}\b.* expects a Tensor, got ndarray: from_numpy"):
        call(np.ones(shape, np.float32))


@pytest.mark.parametrize("module", [None, nf.ReLU, lambda x: x, [nf.ReLU()]])
def test_a_residual_is_of_a_module(module):
    with pytest.raises(TypeError, match="Residual: child 'module' must be a Module"):
        nf.Residual(module)


def test_a_residual_needs_one_result():
    with pytest.raises(TypeError, match=r"Residual expects the result of RNN\(3, 3\) to be a Tensor, got tuple"):
        nf.Residual(nf.RNN(3, 3))(nf.ones((2, 4, 3)))


def test_a_size_may_be_numpys_or_a_list():
    assert pair("f", "size", np.int64(3), least=1) == (3, 3) and pair("f", "size", [1, 2], least=1) == (1, 2)
    assert nf.Conv2d(1, 2, [1, 2]).weight.shape == (2, 1, 1, 2)
    assert per_channel(nf.ones(3), 4).shape == (3, 1, 1) and per_channel(nf.ones(3), 2).shape == (3,)


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_a_copy_of_batch_norm_counts_for_itself(clone):
    layer = nf.BatchNorm1d(2)
    layer(nf.Tensor(rng.normal(size=(4, 2))))
    other = clone(layer)
    other(nf.Tensor(rng.normal(size=(4, 2))))
    counts = [int(np.asarray(each.num_batches_tracked)) for each in (layer, other)]
    assert counts == [1, 2] and list(other.state_dict()) == list(layer.state_dict())


def test_batch_norm_is_saved_in_a_checkpoint(tmp_path):
    layer, other = nf.BatchNorm2d(2), nf.BatchNorm2d(2)
    layer(nf.Tensor(rng.normal(size=(4, 2, 3, 3)).astype(np.float32)))
    nf.save_checkpoint(tmp_path / "layer.npz", layer)
    nf.load_checkpoint(tmp_path / "layer.npz", other)
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(other.state_dict()[name], array)


@pytest.mark.parametrize("size", [1, 2])
def test_unfold_and_fold_read_their_inputs_alone(size):
    """Backward reads the upstream gradient, and shares no memory with it, also for a kernel of one pixel."""
    x = nf.Tensor(rng.normal(size=(2, 2, 3, 3)), requires_grad=True)
    columns = nf.unfold(x, size)
    upstream = rng.normal(size=columns.shape)
    before = upstream.copy()
    columns.backward(upstream)
    np.testing.assert_array_equal(upstream, before)
    assert not np.shares_memory(x.grad.data, upstream) and not np.shares_memory(columns.data, x.data)
    image = nf.fold(columns.detach().requires_grad_(), (3, 3), size)
    assert not np.shares_memory(image.data, columns.data)
