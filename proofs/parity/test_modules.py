"""Modules against PyTorch's: with its state dict loaded, the same outputs, states and gradients; and the inits."""

import numpy as np
import pytest
import torch

from .comparison import OURS, THEIRS, Table, both, in_float64, run, same, same_with_gradients

draw = np.random.default_rng(1)

INPUTS = {
    "x": draw.standard_normal((3, 4)),
    "cube": draw.standard_normal((2, 5, 4)),
    "h": draw.standard_normal((3, 6)),
    "c": draw.standard_normal((3, 6)),
    "extreme": np.array([[1000.0, -1000.0, 0.0, 1e4]]),
    "indices": np.array([[0, 2, 2], [6, 0, 0]]),
}

# our module | PyTorch's | the call
LAYERS = Table("""
    Linear(4, 3) | Linear(4, 3) | model(x)
    Linear(4, 3) | Linear(4, 3) | model(cube)
    Linear(4, 3) | Linear(4, 3) | model(x[0])
    Linear(4, 3, bias=False) | Linear(4, 3, bias=False) | model(x)
    ReLU() | ReLU() | model(x)
    LeakyReLU() | LeakyReLU() | model(x)
    LeakyReLU(0.3) | LeakyReLU(0.3) | model(x)
    Sigmoid() | Sigmoid() | model(x) + model(extreme)
    Tanh() | Tanh() | model(x) + model(extreme)
    Softmax(axis=1) | Softmax(dim=1) | model(cube)
    Softmax(-1) | Softmax(-1) | model(x) + model(extreme)
    Embedding(7, 4) | Embedding(7, 4) | model(indices)
    Embedding(7, 4) | Embedding(7, 4) | model(indices[0, 1])
    Sequential(Linear(4, 6), Tanh(), Linear(6, 2)) | Sequential(Linear(4, 6), Tanh(), Linear(6, 2)) | model(cube)
    Sequential() | Sequential() | model(x)
    Sequential(Linear(4, 4), ReLU()).append(Linear(4, 1)) | Sequential(Linear(4, 4), ReLU()).append(Linear(4, 1))
    | model(x)
    ModuleList([Linear(4, 4), Linear(4, 2)]) | ModuleList([Linear(4, 4), Linear(4, 2)]) | model[1](model[0](x))
    Sequential(Linear(4, 4), Dropout(0.5)).eval() | Sequential(Linear(4, 4), Dropout(0.5)).eval() | model(x)
    Dropout(0.0) | Dropout(0.0) | model(x)
    RNNCell(4, 6) | RNNCell(4, 6) | model(x)
    RNNCell(4, 6) | RNNCell(4, 6) | model(x, h)
    RNNCell(4, 6, nonlinearity="relu") | RNNCell(4, 6, nonlinearity="relu") | model(x, h)
    LSTMCell(4, 6) | LSTMCell(4, 6) | model(x)
    LSTMCell(4, 6) | LSTMCell(4, 6) | model(x, (h, c))
    GRUCell(4, 6) | GRUCell(4, 6) | model(x)
    GRUCell(4, 6) | GRUCell(4, 6) | model(x, h)
""")

RECURRENT = Table("""
    RNN(4, 6) | RNN(4, 6, batch_first=True)
    RNN(4, 6, nonlinearity="relu") | RNN(4, 6, nonlinearity="relu", batch_first=True)
    LSTM(4, 6) | LSTM(4, 6, batch_first=True)
    GRU(4, 6) | GRU(4, 6, batch_first=True)
""")

# `model` is the Sequential of MODEL, with the same parameters in both.
MODEL = "Sequential(Linear(4, 3), Sequential(Linear(3, 3), Dropout(0.5)), ReLU())"
OBJECTS = Table("""
    [name for name, _ in model.named_parameters()]
    [name for name, _ in model.named_parameters(prefix="a")]
    [name for name, _ in model.named_parameters(recurse=False)]
    list(model.parameters())
    list(model[0].parameters(recurse=False))
    [name for name, _ in model.named_modules()]
    [type(child).__name__ for child in model.children()]
    [(name, type(child).__name__) for name, child in model.named_children()]
    [type(module).__name__ for module in model.modules()]
    model.append(model[0]); [name for name, _ in model.named_children()], len(list(model.modules()))
    model.state_dict() | dict(model.state_dict())
    model.training, model.eval().training, model[1][1].training, model.train()[1][1].training
    model.train(False).training, [child.training for child in model.children()]
    model.eval() is model, model.train() is model
    model.parameter_count() | sum(p.numel() for p in model.parameters())
    len(model), type(model[-1]).__name__, [type(part).__name__ for part in model]
    model.eval()(x).sum().backward(); model.zero_grad(); [p.grad for p in model.parameters()]
    model.eval().forward(x)
    model[0].weight = Parameter(np.ones((3, 4))); list(model.parameters())[0]
    | model[0].weight = Parameter(from_numpy(np.ones((3, 4)))); list(model.parameters())[0]
    model.register_parameter("q", model[0].bias); [name for name, _ in model.named_parameters()]
    model.register_module("q", ReLU()); [name for name, _ in model.named_modules()]
    model.register_buffer("q", np.ones(2)); model.state_dict()["q"]
    | model.register_buffer("q", from_numpy(np.ones(2))); model.state_dict()["q"]
    model[0].register_parameter("bias", None); list(model.state_dict())
    model.append(model[0]); [name for name, _ in model.named_parameters()]
    state = model.state_dict(); state["0.bias"] = np.ones(3); model.load_state_dict(state); model[0].bias
    | state = model.state_dict(); state["0.bias"] = torch.ones(3); model.load_state_dict(state); model[0].bias
    model.load_state_dict({"0.bias": np.ones(3), "z": 1}, strict=False); list(model.parameters())
    | model.load_state_dict({"0.bias": torch.ones(3), "z": 1}, strict=False); list(model.parameters())
    isinstance(model, Module), isinstance(model[0].weight, Parameter), model[0].weight.is_leaf
    model[0].extra_repr() != "" and model[2].extra_repr()
""")

# What is drawn at random: the same distribution; `weight` is a float64 tensor (300, 200).
DRAWN = Table("""
    init.uniform_(weight)
    init.uniform_(weight, -2.0, 3.0)
    init.normal_(weight)
    init.normal_(weight, 1.0, 0.5)
    init.xavier_uniform_(weight)
    init.xavier_uniform_(weight, gain=2.0)
    init.xavier_normal_(weight, gain=2.0)
    init.kaiming_uniform_(weight)
    init.kaiming_uniform_(weight, a=0.5, mode="fan_out")
    init.kaiming_normal_(weight, a=0.5)
    init.kaiming_normal_(weight, mode="fan_out")
    init.xavier_uniform_(weight.reshape(60, 50, 20))
    init.kaiming_normal_(weight.reshape(60, 50, 20), mode="fan_out")
    Linear(200, 300).weight | init.xavier_uniform_(Linear(200, 300).weight)  # PyTorch: Kaiming
    Embedding(300, 200).weight
    RNNCell(200, 300).weight_ih
    LSTMCell(200, 300).weight_hh
    GRUCell(200, 100).weight_ih
    rand((300, 200))
    randn((300, 200))
    Dropout(0.3)(weight * 0 + 1)
""")

EXACT = Table("""
    init.zeros_(weight)
    init.ones_(weight)
    init.eye_(weight)
    init.zeros_(weight) is weight
    Linear(2, 3).bias | init.zeros_(Linear(2, 3).bias)  # PyTorch: uniform
    layer = Linear(2, 3); init.ones_(layer.bias); layer.reset_parameters(); layer.bias
    | init.zeros_(Linear(2, 3).bias)
    [p.dtype for p in LSTMCell(2, 3).parameters()]
""")


@LAYERS.cases()
def test_layers(row):
    """Outputs, and gradients of inputs and parameters."""
    ours, theirs = both(INPUTS)
    model, other = in_float64(run(row[0], ours), run(row[1], theirs))
    mine, reference = (run(row[2], {**side, "model": one}) for side, one in ((ours, model), (theirs, other)))
    same_with_gradients((mine, reference), (model, other), (ours, theirs), INPUTS)


@pytest.mark.parametrize("lengths", [None, [3, 5, 1]], ids=["full", "lengths"])
@pytest.mark.parametrize("given", [False, True], ids=["zero state", "state"])
@RECURRENT.cases()
def test_recurrent_layers(row, given, lengths, rng):
    """Outputs, last states, and gradients; sequences of unequal lengths against PyTorch's packed ones."""
    model, other = in_float64(run(row[0], dict(OURS)), run(row[1], dict(THEIRS)))
    ours, theirs = both({name: rng.standard_normal((3, 6)) for name in "hc"} | {"x": rng.standard_normal((3, 5, 4))})
    parts = "hc" if row[0].startswith("LSTM") else "h"
    states = [tuple(side[name] for name in parts) for side in (ours, theirs)]
    if parts == "h":
        states = [state[0] for state in states]

    mine = model(ours["x"], states[0] if given else None, lengths)
    reference = through_time(other, theirs["x"], states[1] if given else None, lengths)
    same_with_gradients((mine, reference), (model, other), (ours, theirs), "hcx")


def through_time(layer, x, state, lengths):
    """PyTorch's layer without the axis that its states have for stacked layers."""
    if lengths is not None:
        x = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    if isinstance(state, tuple):
        state = tuple(part[None] for part in state)
    outputs, last = layer(x, state[None] if isinstance(state, torch.Tensor) else state)
    if lengths is not None:
        outputs, _ = torch.nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True)
    return outputs, tuple(part[0] for part in last) if isinstance(last, tuple) else last[0]


@OBJECTS.cases()
def test_module_interface(row):
    """Names, order, modes, registration and state dicts."""
    ours, theirs = both(INPUTS)
    ours["model"], theirs["model"] = in_float64(run(MODEL, ours), run(MODEL, theirs))
    same(run(row[0], ours), run(row[1], theirs))


@DRAWN.cases()
def test_drawn_numbers(row):
    """Mean, spread, and the smallest and largest where the distribution has bounds."""
    sides = both({"weight": np.zeros((300, 200))})
    mine, reference = (
        np.asarray(run(code, {**side, **leaf(side)}).data) for code, side in zip(row, sides, strict=True)
    )
    assert mine.shape == reference.shape
    assert mine.dtype == reference.dtype
    spread = reference.std()
    assert abs(mine.mean() - reference.mean()) < 0.03 * spread
    assert abs(mine.std() / spread - 1) < 0.02
    if abs(reference).max() < 3 * spread:
        np.testing.assert_allclose([mine.min(), mine.max()], [reference.min(), reference.max()], atol=0.002 * spread)


def leaf(side):
    """The weight as a tensor that init may fill: without gradient."""
    return {"weight": side["weight"].detach()}


@EXACT.cases()
def test_exact_values(row):
    """Inits without chance."""
    ours, theirs = both({"weight": np.full((3, 4), 7.0)})
    same(run(row[0], {**ours, **leaf(ours)}), run(row[1], {**theirs, **leaf(theirs)}))
