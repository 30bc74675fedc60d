"""Images against PyTorch's: functions, layers with its state dicts, and a convolutional network over 15 steps."""

import numpy as np
import pytest
import torch

import neural_framework as nf

from .comparison import Table, agree, both, in_float64, run, same, same_with_gradients

draw = np.random.default_rng(5)

INPUTS = {
    "x": draw.standard_normal((2, 3, 5, 7)),
    "weight": draw.standard_normal((4, 3, 2, 3)),
    "other": draw.standard_normal((3, 4, 2, 3)),
    "bias": draw.standard_normal(4),
    "columns": draw.standard_normal((2, 18, 20)),
    "padded": draw.standard_normal((2, 12, 9)),
    "empty": np.zeros((0, 3, 5, 7)),
    "rows": draw.standard_normal((5, 6)),
    "steps": draw.standard_normal((3, 6, 5)),
    "pictures": draw.standard_normal((2, 6, 3, 4)),
}

FUNCTIONS = Table("""
    unfold(x, (2, 3))                                     | F.unfold(x, (2, 3))
    unfold(x, 2, (1, 3), (1, 0))                          | F.unfold(x, 2, stride=(1, 3), padding=(1, 0))
    unfold(x, kernel_size=3, stride=2, padding=1)         | F.unfold(x, kernel_size=3, stride=2, padding=1)
    unfold(empty, 2)                                      | F.unfold(empty, 2)
    fold(columns, (5, 7), (2, 3))                         | F.fold(columns, (5, 7), (2, 3))
    fold(padded, 4, 2, (2, 2), 1)                         | F.fold(padded, 4, 2, stride=(2, 2), padding=1)
    conv2d(x, weight, bias)
    conv2d(x, weight)
    conv2d(x, weight, bias, (2, 1), (1, 2))
    conv2d(x, weight, stride=2, padding=1)
    conv2d(empty, weight, bias)
    conv_transpose2d(x, other, bias)
    conv_transpose2d(x, other)
    conv_transpose2d(x, other, bias, (2, 1), (1, 2))
    conv_transpose2d(x, other, stride=3, padding=1)
    max_pool2d(x, 2)
    max_pool2d(x, (2, 3), (1, 2), (1, 1))
    max_pool2d(x, 3, padding=1)
    avg_pool2d(x, 2)                                      | F.avg_pool2d(x, 2)
    avg_pool2d(x, (2, 3), (1, 2), (1, 1))                 | F.avg_pool2d(x, (2, 3), (1, 2), (1, 1))
    avg_pool2d(x, 3, padding=1)                           | F.avg_pool2d(x, 3, padding=1)
    apply(Unfold((2, 3), (1, 1), (0, 0)), x)              | F.unfold(x, (2, 3))
    apply(Fold((5, 7), (2, 3), (1, 1), (0, 0)), columns)  | F.fold(columns, (5, 7), (2, 3))
""")

# our module | PyTorch's | the call
LAYERS = Table("""
    Conv2d(3, 4, (2, 3)) | Conv2d(3, 4, (2, 3)) | model(x)
    Conv2d(3, 4, 2, (2, 1), (1, 2), bias=False) | Conv2d(3, 4, 2, (2, 1), (1, 2), bias=False) | model(x)
    ConvTranspose2d(3, 4, (2, 3)) | ConvTranspose2d(3, 4, (2, 3)) | model(x)
    ConvTranspose2d(3, 4, 3, 2, 1, bias=False) | ConvTranspose2d(3, 4, 3, 2, 1, bias=False) | model(x)
    Conv1d(6, 4, 3) | Conv1d(6, 4, 3) | model(steps)
    Conv1d(6, 4, 2, 2, 1, bias=False) | Conv1d(6, 4, 2, 2, 1, bias=False) | model(steps)
    MaxPool2d(2) | MaxPool2d(2) | model(x)
    MaxPool2d((2, 3), 1, 1) | MaxPool2d((2, 3), 1, 1) | model(x)
    AvgPool2d(2) | AvgPool2d(2) | model(x)
    AvgPool2d((2, 3), 1, 1) | AvgPool2d((2, 3), 1, 1) | model(x)
    Flatten() | Flatten() | model(x)
    Flatten(2) | Flatten(2) | model(x)
    BatchNorm1d(6) | BatchNorm1d(6) | model(rows)
    BatchNorm1d(6, 0.1, 0.3) | BatchNorm1d(6, 0.1, 0.3) | model(rows)
    BatchNorm1d(6) | BatchNorm1d(6) | model(steps)
    BatchNorm2d(6) | BatchNorm2d(6) | model(pictures)
    BatchNorm2d(6).eval() | BatchNorm2d(6).eval() | model(pictures)
    GroupNorm(2, 6) | GroupNorm(2, 6) | model(rows)
    GroupNorm(3, 6) | GroupNorm(3, 6) | model(steps)
    GroupNorm(1, 6, eps=0.1) | GroupNorm(1, 6, eps=0.1) | model(pictures)
""")

NETWORK = """
    Sequential(Conv2d(1, 4, 3, padding=1), BatchNorm2d(4), ReLU(), MaxPool2d(2),
               Conv2d(4, 6, 2, stride=2), GroupNorm(2, 6), ReLU(), AvgPool2d(2), Flatten(), Linear(6, 3))
"""


def with_buffers_in_float64(model, other):
    """Both in float64, our running statistics as well: a buffer keeps the dtype of what is assigned to it."""
    model, other = in_float64(model, other)
    for module in model.modules():
        if hasattr(module, "running_mean"):
            module.running_mean = np.asarray(module.running_mean, dtype=np.float64)
            module.running_var = np.asarray(module.running_var, dtype=np.float64)
    return model, other


@FUNCTIONS.cases()
def test_functions(row):
    """Values, shapes, and gradients of all inputs."""
    agree(row, INPUTS)
    agree(row, INPUTS, "float32")


@LAYERS.cases()
def test_layers(row):
    """With PyTorch's state dict: outputs, gradients of inputs and parameters, and the state after three batches."""
    ours, theirs = both(INPUTS)
    model, other = with_buffers_in_float64(run(row[0], ours), run(row[1], theirs))
    for _ in range(3):
        mine, reference = (run(row[2], {**side, "model": one}) for side, one in ((ours, model), (theirs, other)))
    same_with_gradients((mine, reference), (model, other), (ours, theirs), INPUTS)
    same(model.state_dict(), dict(other.state_dict()))


def test_our_state_dicts_load_into_pytorchs():
    """The way back: PyTorch takes every array of ours, and gives the same."""
    ours, theirs = both({"x": draw.standard_normal((5, 1, 8, 8))})
    model, other = run(NETWORK.strip(), ours), run(NETWORK.strip(), theirs)
    model(nf.Tensor(np.float32(ours["x"].data)))
    other.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in model.state_dict().items()})
    images_32 = np.float32(ours["x"].data)
    same(model.eval()(nf.Tensor(images_32)), other.eval()(torch.tensor(images_32)), "float32")


def test_a_convolutional_network_over_15_steps():
    """Losses, and in the end all parameters and buffers, in float64."""
    ours, theirs = both({})
    model, other = with_buffers_in_float64(run(NETWORK.strip(), ours), run(NETWORK.strip(), theirs))
    mine, optimizer = nf.Adam(model.parameters(), lr=0.01), torch.optim.Adam(other.parameters(), lr=0.01)
    for _ in range(15):
        pixels, labels = draw.standard_normal((6, 1, 8, 8)), draw.integers(0, 3, 6)
        loss = nf.training_step(model, nf.Tensor(pixels), nf.Tensor(labels), mine, nf.CrossEntropyLoss())
        optimizer.zero_grad()
        reference = torch.nn.functional.cross_entropy(other(torch.tensor(pixels)), torch.tensor(labels))
        reference.backward()
        optimizer.step()
        np.testing.assert_allclose(loss, reference.item(), rtol=1e-9)
    for name, tensor in other.state_dict().items():
        np.testing.assert_allclose(model.state_dict()[name], tensor.numpy(), rtol=1e-6, atol=1e-9, err_msg=name)


def test_where_they_differ():
    """The page's deviations: first weights and biases, shares of ties, errors, and what counts before an error."""
    nf.manual_seed(0)
    layer, theirs = nf.Conv2d(2, 3, 3), torch.nn.Conv2d(2, 3, 3)
    assert not layer.bias.data.any() and theirs.bias.detach().numpy().any()
    assert np.abs(layer.weight.data).max() > np.abs(theirs.weight.detach().numpy()).max()  # sqrt(6 / n), sqrt(1 / n)
    ours, reference = nf.ones((1, 1, 2, 2), requires_grad=True), torch.ones((1, 1, 2, 2), requires_grad=True)
    nf.max_pool2d(ours, 2).sum().backward()
    torch.max_pool2d(reference, 2).sum().backward()
    assert (ours.grad.data == 0.25).all() and reference.grad.numpy().max() == 1.0
    norm, other = nf.BatchNorm1d(2), torch.nn.BatchNorm1d(2)
    with pytest.raises(ValueError):
        norm(nf.ones((1, 2)))
    with pytest.raises(ValueError):
        other(torch.ones((1, 2)))
    assert np.asarray(norm.num_batches_tracked) == 0 and other.num_batches_tracked == 1
    assert norm(nf.zeros((0, 2))).shape == other(torch.zeros((0, 2))).shape == (0, 2)
    assert np.asarray(norm.num_batches_tracked) == 0 and other.num_batches_tracked == 2
    with pytest.raises(nf.ShapeError, match=r"unsqueeze\(0\)"):
        layer(nf.ones((2, 4, 4)))
    assert theirs(torch.ones((2, 4, 4))).shape == (3, 2, 2)
