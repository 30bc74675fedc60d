"""Settings may be NumPy's numbers at every door: no dtype changes, and checkpoints are written."""

import copy
import json
import pickle
from fractions import Fraction

import numpy as np
import pytest

import neural_framework as nf

KINDS = [np.float64, np.float32, np.float16, np.longdouble, np.array]
SCHEDULERS = {
    "StepLR": lambda o, k: nf.StepLR(o, np.int64(1), gamma=k(0.5)),
    "ExponentialLR": lambda o, k: nf.ExponentialLR(o, k(0.5)),
    "CosineAnnealingLR": lambda o, k: nf.CosineAnnealingLR(o, np.int32(4), eta_min=k(0.125)),
    "LinearWarmup": lambda o, k: nf.LinearWarmup(o, np.uint8(4)),
    "ReduceLROnPlateau": lambda o, k: nf.ReduceLROnPlateau(
        o, factor=k(0.5), patience=np.int64(0), threshold=k(0.5), cooldown=np.int8(1), min_lr=k(0.125)
    ),
}
OPTIMIZERS = {
    "SGD": lambda p, k: nf.SGD(p, lr=k(0.5), momentum=k(0.5), weight_decay=k(0.25), nesterov=np.bool_(True)),
    "Adam": lambda p, k: nf.Adam(p, lr=k(0.5), betas=(k(0.5), k(0.75)), eps=k(0.125), weight_decay=k(0.25)),
    "AdamW": lambda p, k: nf.AdamW(p, lr=k(0.5), betas=[k(0.5), k(0.75)], eps=k(0.125), weight_decay=k(0.25)),
    "RMSprop": lambda p, k: nf.RMSprop(p, k(0.5), alpha=k(0.5), eps=k(0.125), weight_decay=k(0.25), momentum=k(0.5)),
}


def stepped(make, kind, dtype, by_hand=False):
    """Three steps of an optimizer whose settings are of a kind -> the optimizer and its parameter."""
    parameter = nf.Parameter(np.array([1.0, -2.0], dtype))
    optimizer = make([parameter], float if by_hand else kind)
    if by_hand:
        settings = make([nf.Parameter([0.0])], float).param_groups[0]
        for name, value in settings.items():
            if isinstance(value, float):
                optimizer.param_groups[0][name] = kind(value)
    for _ in range(3):
        parameter.grad = nf.Tensor(np.array([0.5, 2.0], dtype))
        optimizer.step()
    return optimizer, parameter


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name, dtype, kind, by_hand):
    """The same numbers as with Python's, in parameter and state; the dtype stays."""
    _, expected = stepped(OPTIMIZERS[name], float, dtype)
    optimizer, parameter = stepped(OPTIMIZERS[name], kind, dtype, by_hand)
    assert np.array_equal(parameter.data, expected.data)
    arrays = [value for value in optimizer.state[parameter].values() if isinstance(value, np.ndarray)]
    assert {array.dtype for array in [parameter.data, *arrays]} == {np.dtype(dtype)}
    json.dumps(optimizer.state_dict()["param_groups"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SCHEDULERS)
def test_schedulers_and_their_checkpoints(name, kind, tmp_path):
    """Rates are those of Python's numbers; the run is saved, and goes on with the same rates."""
    model = nf.Linear(2, 2)
    runs = []
    for one in (float, kind):
        optimizer = nf.SGD(model.parameters(), lr=1.0)
        scheduler = SCHEDULERS[name](optimizer, one)
        for _ in range(3):
            scheduler.step(*[np.float32(1.0)] if name == "ReduceLROnPlateau" else [])
        runs.append((optimizer, scheduler))
    (_, expected), (optimizer, scheduler) = runs
    assert scheduler.get_last_lr() == expected.get_last_lr()
    assert type(optimizer.param_groups[0]["lr"]) is float

    nf.save_checkpoint(tmp_path / "c", model, optimizer, scheduler)
    other = nf.SGD(model.parameters(), lr=1.0)
    resumed = SCHEDULERS[name](other, kind)
    nf.load_checkpoint(tmp_path / "c", model, other, resumed)
    assert resumed.state_dict() == scheduler.state_dict()


def test_a_rate_written_by_hand_is_in_the_history():
    model = nf.Linear(2, 1)
    optimizer = nf.SGD(model.parameters())
    optimizer.param_groups[0]["lr"] = np.float32(0.25)
    history = nf.fit(model, [(nf.ones((2, 2)), nf.ones((2, 1)))], optimizer, nf.MSELoss(), epochs=2)
    assert json.loads(json.dumps(history))["lr"] == [0.25, 0.25]


def test_a_rate_written_by_hand_is_saved(tmp_path):
    model = nf.Linear(2, 2)
    optimizer = nf.SGD(model.parameters())
    optimizer.param_groups[0]["lr"] = np.float32(0.25)
    scheduler = nf.ExponentialLR(optimizer, 0.5)
    scheduler.gamma = np.float32(0.125)
    nf.save_checkpoint(tmp_path / "c", model, optimizer, scheduler, best=np.float32(0.5), epoch=np.int64(3))
    assert nf.load_checkpoint(tmp_path / "c", model, optimizer, scheduler) == {"best": 0.5, "epoch": 3}
    assert optimizer.param_groups[0]["lr"] == 0.25 and scheduler.gamma == 0.125


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_layers_and_losses_keep_the_dtype(dtype, kind):
    x = nf.Tensor(np.array([[1.0, -2.0], [0.5, 3.0]], dtype))
    soft = nf.Tensor(np.array([[0.5, 0.5], [0.0, 1.0]], dtype))
    dropout = nf.Dropout(kind(0.5))
    smooth = nf.CrossEntropyLoss(label_smoothing=kind(0.25))
    results = [dropout(x), nf.LeakyReLU(kind(0.25))(x), smooth(x, [0, 1]), smooth(x, soft)]
    dropout.p = kind(0.25)
    assert {result.dtype for result in [*results, dropout(x)]} == {np.dtype(dtype)}
    assert repr(dropout) == "Dropout(p=0.25)"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "layer", [nf.BatchNorm1d(2), nf.BatchNorm1d(2).eval(), nf.GroupNorm(1, 2), nf.LayerNorm(2), nf.LeakyReLU()]
)
def test_settings_of_a_layer_that_are_written_by_hand_keep_the_dtype(layer, kind):
    for name in {"eps", "momentum", "negative_slope"} & vars(layer).keys():
        setattr(layer, name, kind(0.25))
    copied = pickle.loads(pickle.dumps(copy.deepcopy(layer)))
    assert layer(nf.randn((3, 2))).dtype == copied(nf.randn((3, 2))).dtype == np.float32


@pytest.mark.parametrize("layer", [nf.BatchNorm1d(2), nf.GroupNorm(1, 2), nf.LayerNorm(2)])
def test_a_setting_written_by_hand_is_a_number(layer):
    with pytest.raises(TypeError, match=rf"{type(layer).__name__}: eps must be a number, got 'small'"):
        layer.eps = "small"
    assert layer.eps == 1e-5


def test_a_probability_written_by_hand_is_checked():
    dropout = nf.Dropout(0.25)
    with pytest.raises(ValueError, match="Dropout"):
        dropout.p = 1.5
    assert dropout.p == 0.25


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nf.Dropout("half"), "Dropout: p must be a number"),
        (lambda: nf.LeakyReLU(None), "LeakyReLU: negative_slope must be a number"),
        (lambda: nf.LeakyReLU(Fraction(1, 4)), "LeakyReLU: negative_slope must be a number"),
        (lambda: nf.Dropout(Fraction(1, 4)), "Dropout: p must be a number"),
        (lambda: nf.SGD([nf.Parameter([1.0])], lr=Fraction(1, 4)), "SGD: lr must be a number"),
        (lambda: nf.CrossEntropyLoss(label_smoothing="some"), "CrossEntropyLoss: label_smoothing must be a number"),
        (lambda: nf.ExponentialLR(nf.SGD([nf.Parameter([1.0])]), "slow"), "ExponentialLR: gamma must be a number"),
    ],
)
def test_what_is_no_number_is_named(make, message):
    with pytest.raises(TypeError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        *[
            (lambda layer=layer: layer(3, 0), f"{layer.__name__}(Cell)?: hidden_size must be an integer .* at least 1")
            for layer in (nf.RNN, nf.LSTM, nf.GRU, nf.RNNCell, nf.LSTMCell, nf.GRUCell)
        ],
        (lambda: nf.LSTM(-1, 2), "LSTMCell: input_size must be an integer that is at least 0, got -1"),
        (lambda: nf.LSTM(3, 2.5), "LSTMCell: hidden_size must be an integer"),
        (lambda: nf.Embedding(2.5, 3), "Embedding: num_embeddings must be an integer"),
        (lambda: nf.Embedding(2, -3), "Embedding: embedding_dim must be an integer"),
        (lambda: nf.TrainingMonitor(2.5), "TrainingMonitor: check_frequency must be an integer"),
        (lambda: nf.TrainingMonitor(0), "TrainingMonitor: check_frequency must be an integer that is at least 1"),
        (lambda: nf.ReduceLROnPlateau(nf.SGD([nf.Parameter([1.0])]), patience=float("nan")), "patience"),
    ],
)
def test_sizes_and_counts_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_sizes_may_be_numpys():
    rnn = nf.RNN(np.int64(3), np.uint8(2))
    assert repr(rnn.cell) == "RNNCell(3, 2)" and type(rnn.cell.hidden_size) is int
    assert nf.Embedding(np.int32(3), np.int64(2)).weight.shape == (3, 2)


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda k: nf.CrossEntropyLoss(ignore_index=k(1)), ["ignore_index"]),
        (lambda k: nf.Softmax(k(1)), ["axis"]),
        (lambda k: nf.Flatten(k(1)), ["start_axis"]),
        (lambda k: nf.MultiheadAttention(k(4), k(2)), ["head_size"]),
    ],
)
def test_sizes_are_kept_as_pythons(make, names):
    assert {type(getattr(make(np.uint8), name)) for name in names} == {int}


def test_limits_of_clipping_may_be_numpys():
    p = nf.Parameter([0.0, 0.0])
    p.grad = nf.Tensor([300.0, -300.0])
    nf.clip_grad_value_(p, np.uint8(200))
    assert p.grad.tolist() == [200, -200]
    p.grad = nf.Tensor([30.0, 40.0])
    nf.clip_grad_norm_(p, np.float16(25))
    assert np.allclose(p.grad.data, [15, 20], rtol=1e-6)
