"""What students are given complete in `training`."""

import json
import math
import os
import threading
import warnings
from collections import OrderedDict, namedtuple

import numpy as np
import pytest

import neural_framework as nf
from neural_framework.operations import Operation
from neural_framework.tensor import random_generator


def log_softmax(x, axis=1):
    return x - x.max(axis, keepdims=True) - np.log(np.exp(x - x.max(axis, keepdims=True)).sum(axis, keepdims=True))


# -- losses --


def test_l1_is_the_mean_absolute_error(rng):
    x, t = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    predictions = nf.Tensor(x, requires_grad=True)
    nf.L1Loss()(predictions, t).backward()
    assert np.allclose(predictions.grad.data, np.sign(x - t) / 12)
    assert np.isclose(nf.L1Loss(reduction="sum")(predictions, nf.Tensor(t)).item(), np.abs(x - t).sum())
    assert nf.L1Loss(reduction="none")(predictions, t).shape == (3, 4)


@pytest.mark.parametrize("loss", ["MSELoss", "L1Loss", "BCELoss", "BCEWithLogitsLoss"])
def test_elementwise_losses_refuse_other_shapes(loss):
    with pytest.raises(nf.ShapeError, match=rf"{loss}.*\(4, 1\).*\(4,\)") as caught:
        getattr(nf, loss)()(nf.Tensor(np.full((4, 1), 0.5)), np.ones(4))
    assert caught.value.operation == loss
    assert caught.value.shapes == ((4, 1), (4,))


def test_an_unknown_reduction_is_refused():
    with pytest.raises(ValueError, match=r"reduction.*median"):
        nf.MSELoss(reduction="median")


def test_integer_targets_take_the_dtype_of_the_predictions():
    predictions = nf.Tensor(np.full(3, 0.5, np.float32))
    for loss in (nf.MSELoss(), nf.L1Loss(), nf.BCELoss(), nf.BCEWithLogitsLoss()):
        assert loss(predictions, np.array([0, 1, 1])).dtype == np.float32


@pytest.mark.parametrize("loss", [nf.MSELoss(), nf.L1Loss(), nf.BCELoss(), nf.BCEWithLogitsLoss()])
def test_losses_take_arrays(loss):
    p, t = np.array([0.25, 0.5]), np.array([0.0, 1.0])
    assert loss(p, t).item() == loss(nf.Tensor(p), nf.Tensor(t)).item()


def test_bce_refuses_what_is_no_probability():
    with pytest.raises(ValueError, match=r"BCELoss.*-0\.5 to 2.*BCEWithLogitsLoss"):
        nf.BCELoss()(nf.Tensor([-0.5, 2.0]), nf.Tensor([0.0, 1.0]))
    with pytest.raises(ValueError, match=r"from 0\.5 to 1\.00001\."):
        nf.BCELoss()(nf.Tensor([0.5, np.nan, 1.00001]), nf.Tensor([0.0, 0.0, 1.0]))


@pytest.mark.parametrize("loss", ["BCELoss", "BCEWithLogitsLoss"])
def test_targets_of_binary_losses_receive_gradients(loss, rng):
    p, t = nf.Parameter(rng.uniform(0.1, 0.9, 5)), nf.Parameter(rng.uniform(0.1, 0.9, 5))
    assert nf.check_gradients(getattr(nf, loss)(), [p, t])


def by_hand(x, classes, weight, ignore_index, smoothing, reduction):
    """PyTorch's documented formula, a sample at a time."""
    count = x.shape[1]
    losses, weights = [], []
    for row, target in zip(log_softmax(x), classes, strict=True):
        if target == ignore_index:
            losses.append(0.0)
            continue
        spread = -(weight * row).sum() * smoothing / count
        losses.append(-(1 - smoothing) * weight[target] * row[target] + spread)
        weights.append(weight[target])
    return {"none": losses, "sum": sum(losses), "mean": sum(losses) / max(sum(weights), 1e-300)}[reduction]


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("ignore_index", [-100, 1])
@pytest.mark.parametrize("weighted", [False, True])
def test_cross_entropy_options_combine(weighted, ignore_index, smoothing, reduction, rng):
    x, classes = rng.normal(size=(6, 3)), np.array([0, 1, 2, 2, 1, 0])
    weight = np.array([0.0, 2.0, 3.0]) if weighted else np.ones(3)  # a weight of 0 does not mean "ignored"
    loss = nf.CrossEntropyLoss(weight if weighted else None, ignore_index, smoothing, reduction)
    expected = by_hand(x, classes, weight, ignore_index, smoothing, reduction)
    np.testing.assert_allclose(loss(nf.Tensor(x), classes).data, expected, rtol=1e-12)
    assert nf.check_gradients(lambda logits: loss(logits, classes), [nf.Parameter(x)])


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_cross_entropy_of_probabilities_divides_by_the_samples(reduction, rng):
    x, p = rng.normal(size=(4, 3)), rng.dirichlet([1, 1, 1], 4)
    weight = np.array([1.0, 2.0, 3.0])
    loss = nf.CrossEntropyLoss(weight, label_smoothing=0.1, reduction=reduction)
    losses = -(weight * (0.9 * p + 0.1 / 3) * log_softmax(x)).sum(1)
    expected = {"none": losses, "sum": losses.sum(), "mean": losses.sum() / 4}[reduction]
    np.testing.assert_allclose(loss(nf.Tensor(x), p).data, expected, rtol=1e-12)
    assert nf.check_gradients(loss, [nf.Parameter(x), nf.Parameter(p)])


def test_cross_entropy_over_more_axes_is_that_of_its_rows(rng):
    x, classes = rng.normal(size=(2, 3, 4, 5)), rng.integers(0, 3, (2, 4, 5))
    rows, weight = x.transpose(0, 2, 3, 1).reshape(-1, 3), np.array([1.0, 2.0, 3.0])
    for reduction in ("mean", "sum"):
        loss = nf.CrossEntropyLoss(weight, reduction=reduction)
        assert np.isclose(loss(nf.Tensor(x), classes).item(), loss(nf.Tensor(rows), classes.reshape(-1)).item())
    one_hot = np.moveaxis(np.eye(3)[classes], -1, 1)
    losses = nf.CrossEntropyLoss(reduction="none")(nf.Tensor(x), classes)
    assert losses.shape == (2, 4, 5)
    assert np.allclose(nf.CrossEntropyLoss(reduction="none")(nf.Tensor(x), one_hot).data, losses.data)


def test_cross_entropy_of_ignored_targets_alone_is_nan_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        logits = nf.Parameter(np.zeros((2, 3)))
        loss = nf.CrossEntropyLoss()(logits, np.array([-100, -100]))
        loss.backward()
        assert math.isnan(loss.item())
        assert np.array_equal(logits.grad.data, np.zeros((2, 3)))


def test_cross_entropy_is_exact_for_large_logits():
    x = nf.Tensor([[1e4, 0.0], [1e4, 0.0]], dtype="float32")
    losses = nf.CrossEntropyLoss(reduction="none")(x, np.array([0, 1]))
    assert losses.dtype == np.float32
    assert losses.tolist() == [0.0, 1e4]


@pytest.mark.parametrize(
    ("row", "target", "expected", "grad"),  # the first of two samples; the second has logits 0, 0, 0 and class 1
    [
        ([1.0, -math.inf, 1.0], 0, math.log(2), [-0.5, 0.0, 0.5]),
        ([-math.inf, 0.0, 0.0], 0, math.inf, [-1.0, 0.5, 0.5]),
        ([math.nan, math.inf, -math.inf], -100, 0.0, [0.0, 0.0, 0.0]),
        ([math.nan, 0.0, 0.0], 1, math.nan, [math.nan] * 3),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_of_infinite_logits(row, target, expected, grad, dtype):
    logits = nf.Parameter(np.array([row, [0.0, 0.0, 0.0]], dtype))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        losses = nf.CrossEntropyLoss(reduction="none")(logits, np.array([target, 1]))
        losses.sum().backward()
    assert losses.dtype == dtype
    np.testing.assert_allclose(losses.data, [expected, math.log(3)], rtol=1e-6)
    np.testing.assert_allclose(logits.grad.data, [grad, [1 / 3, -2 / 3, 1 / 3]], rtol=1e-6)


@pytest.mark.parametrize("one_hot", [False, True])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_cross_entropy_of_logits_further_apart_than_their_dtype(dtype, one_hot):
    far = np.finfo(dtype).max * dtype(0.9)
    logits = nf.Parameter(np.array([[far, -far], [-far, far], [-far, -far], [0, -math.inf]], dtype))
    targets = np.eye(2, dtype=dtype)[[0, 0, 1, 0]] if one_hot else np.array([0, 0, 1, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        losses = nf.CrossEntropyLoss(reduction="none")(logits, targets)
        losses.sum().backward()
    assert losses.dtype == dtype
    np.testing.assert_allclose(losses.data, [0, math.inf, math.log(2), 0], rtol=1e-3)
    np.testing.assert_allclose(logits.grad.data, [[0, 0], [-1, 1], [0.5, -0.5], [0, 0]])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_an_ignored_row_may_hold_anything(dtype, smoothing):
    far = np.finfo(dtype).max
    rows = [[math.nan, 0.0], [math.inf, -math.inf], [far, -far], [-math.inf, -math.inf]]
    logits = nf.Parameter(np.array([*rows, [0.0, 0.0]], dtype))
    losses = nf.CrossEntropyLoss([1.0, 2.0], -1, smoothing, "none")(logits, np.array([-1, -1, -1, -1, 1]))
    losses.sum().backward()
    assert losses.tolist()[:4] == [0.0] * 4 and math.isfinite(losses.tolist()[4])
    assert np.array_equal(logits.grad.data[:4], np.zeros((4, 2)))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 1.2887),
        ({"weight": [0.2, 0.3, 0.5]}, 1.6663),
        ({"label_smoothing": 0.1}, 1.3221),
        ({"weight": [1.5, 2.5, 1]}, 1.1125),
        ({"weight": np.array([1, 2, 1])}, 1.2887),
    ],
)
@pytest.mark.parametrize("dtype", [None, np.int64, np.int8, np.uint8])
def test_integer_logits_count_as_floats(options, expected, dtype):
    logits = [[2, 1, 0], [0, 3, 1]]
    loss = nf.CrossEntropyLoss(**options)(logits if dtype is None else nf.Tensor(logits, dtype=dtype), [0, 2])
    assert loss.dtype == np.float64
    assert round(loss.item(), 4) == expected


@pytest.mark.parametrize("loss", [nf.MSELoss(), nf.L1Loss(), nf.BCELoss(), nf.BCEWithLogitsLoss()])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64, bool])
def test_integer_predictions_count_as_floats(loss, dtype):
    p, t = [0, 1, 1], [1, 1, 0]
    expected = loss(nf.Tensor(p, dtype="float64"), nf.Tensor(t, dtype="float64")).item()
    for targets in (t, nf.Tensor(t, dtype=dtype), np.array(t, np.float32)):
        result = loss(nf.Tensor(p, dtype=dtype), targets)
        assert result.item() == expected and result.dtype == np.float64


def test_a_loss_takes_the_output_of_a_pair():
    """Recurrent layers return (output, state); a tuple of numbers is an array like any list."""
    lstm, x = nf.LSTM(3, 2), nf.ones((2, 4, 3))
    outputs, state = lstm(x)
    for loss in (nf.MSELoss(), nf.BCEWithLogitsLoss()):
        assert loss((outputs, state), np.zeros((2, 4, 2))).item() == loss(outputs, np.zeros((2, 4, 2))).item()
    assert nf.MSELoss()((1.0, 2.0), (1.0, 4.0)).item() == 2.0
    assert (
        nf.CrossEntropyLoss()((nf.zeros((2, 3)), None), [0, 1]).item()
        == nf.CrossEntropyLoss()(nf.zeros((2, 3)), [0, 1]).item()
    )


def test_classes_are_kept_as_they_were():
    """What the caller writes into the targets after the loss does not reach backward."""
    logits, classes = nf.Parameter(np.zeros((1, 2))), np.array([0])
    for targets in (classes, nf.from_numpy(classes)):
        logits.grad, classes[0] = None, 0
        loss = nf.CrossEntropyLoss()(logits, targets)
        classes[0] = 1
        loss.backward()
        assert logits.grad.tolist() == [[-0.5, 0.5]]


@pytest.mark.parametrize("target", [3, -1])
def test_a_class_out_of_range_is_named(target):
    with pytest.raises(IndexError, match=f"class {target} .*0 to 2"):
        nf.CrossEntropyLoss()(nf.Tensor(np.zeros((2, 3))), np.array([0, target]))


def test_cross_entropy_refuses_what_does_not_fit():
    logits = nf.Tensor(np.zeros((4, 3)))
    with pytest.raises(nf.ShapeError, match=r"\(4, 1\)"):
        nf.CrossEntropyLoss()(logits, np.zeros((4, 1), int))
    with pytest.raises(nf.ShapeError, match=r"shape \(\) and targets of shape \(\)"):
        nf.CrossEntropyLoss()(nf.Tensor(1.0), nf.Tensor(0))
    with pytest.raises(nf.ShapeError, match=r"weight.*\(2,\)"):
        nf.CrossEntropyLoss(weight=[1.0, 2.0])(logits, np.zeros(4, int))
    with pytest.raises(TypeError, match=r"integers.*float64"):
        nf.CrossEntropyLoss()(logits, np.zeros(4))
    with pytest.raises(ValueError, match="label_smoothing"):
        nf.CrossEntropyLoss(label_smoothing=1.5)


def test_class_weights_are_saved_with_the_loss():
    assert nf.CrossEntropyLoss(weight=[1.0, 2.0]).state_dict()["weight"].tolist() == [1.0, 2.0]
    assert nf.CrossEntropyLoss().state_dict() == {}


def test_class_weights_in_a_list_are_not_rounded():
    x, classes = nf.Tensor(np.zeros((2, 2))), np.array([0, 1])
    assert nf.CrossEntropyLoss([0.1, 0.2], reduction="none")(x, classes).tolist() == [
        0.1 * math.log(2),
        0.2 * math.log(2),
    ]
    assert nf.CrossEntropyLoss([0.1, 0.2])(nf.zeros((2, 2)), classes).dtype == np.float32


@pytest.mark.parametrize("weight", ["balanced", {0: 1.0, 1: 2.0}, [1j, 1.0], [[1.0], [1.0, 2.0]]])
def test_class_weights_that_are_no_numbers_are_refused(weight):
    with pytest.raises(TypeError, match=r"a Tensor (holds|needs)"):
        nf.CrossEntropyLoss(weight)


@pytest.mark.parametrize("ignored", [None, "pad", [0, 1], nf.Tensor(1), np.array([0, 1])])
def test_an_ignored_class_is_a_number(ignored):
    with pytest.raises(TypeError, match=r"CrossEntropyLoss: ignore_index must be a number, got"):
        nf.CrossEntropyLoss(ignore_index=ignored)


@pytest.mark.parametrize("loss", [nf.MSELoss(), nf.L1Loss(), nf.BCEWithLogitsLoss(), nf.CrossEntropyLoss()])
def test_a_list_of_predictions_that_need_gradients_is_refused(loss):
    rows = [nf.Tensor([1.0, 2.0], requires_grad=True) * 1.0 for _ in range(2)]
    targets = [[0.0, 1.0], [1.0, 0.0]]
    with pytest.raises(TypeError, match=rf"{type(loss).__name__}: .* a list of Tensors.*stack\(predictions\)"):
        loss(rows, targets)
    assert loss([row.detach() for row in rows], targets).item() == loss(nf.stack(rows), targets).item()


# -- data --


def test_a_loader_refuses_what_is_no_data():
    for data, size in [
        ((np.ones(3), np.ones(4)), 1),
        (np.ones(3), 1),
        ((np.ones(3),) * 3, 1),
        ((1.0, 2.0), 1),
    ]:
        with pytest.raises(ValueError, match="DataLoader"):
            nf.DataLoader(data, size)
    for size in (0, -1, 2.5):
        with pytest.raises(ValueError, match="batch_size"):
            nf.DataLoader((np.ones(3), np.ones(3)), size)


def test_batches_share_no_memory_with_the_data():
    samples = np.arange(4.0)
    for inputs, _ in nf.DataLoader((samples, samples), 2, shuffle=False):
        inputs.data[...] = -1
    assert samples.tolist() == [0, 1, 2, 3]


# -- the loops --


def regression(seed=0):
    """A small model with dropout, its loader, and what it takes to train it."""
    nf.manual_seed(seed)
    model = nf.Sequential(nf.Linear(3, 8), nf.Tanh(), nf.Dropout(0.2), nf.Linear(8, 1))
    x = np.random.default_rng(3).normal(size=(20, 3)).astype("float32")
    loader = nf.DataLoader((x, x.sum(1, keepdims=True)), batch_size=6)
    optimizer = nf.Adam(model.parameters(), lr=0.01)
    return model, loader, optimizer, nf.ReduceLROnPlateau(optimizer, patience=0, threshold=0.5)


def classification(batches):
    """A linear classifier in float64 and batches of (inputs, classes) of the given sizes."""
    rng = np.random.default_rng(3)
    model = nf.Linear(3, 4)
    model.weight.data = rng.normal(size=(4, 3))
    samples = [(rng.normal(size=(size, 3)), rng.integers(0, 4, size)) for size in batches]
    return model, [(nf.Tensor(x), nf.Tensor(t)) for x, t in samples]


def test_fit_measures_what_it_is_asked_to():
    """The means per sample of each batch's metric: in training before the batch's step, in validation without steps."""
    model, loader = classification([4, 2, 0, 1])
    twin, _ = classification([])
    optimizer, twin_optimizer = nf.SGD(model.parameters(), lr=1.0), nf.SGD(twin.parameters(), lr=1.0)
    seen = []
    history = nf.fit(
        model,
        loader,
        optimizer,
        nf.CrossEntropyLoss(),
        epochs=2,
        validation_loader=loader[:2],
        callback=lambda epoch, values: seen.append(values["train_accuracy"]),
        metrics={"accuracy": nf.accuracy, "size": lambda outputs, targets: nf.Tensor(len(outputs))},
    )
    for epoch in range(2):
        hits = 0.0
        for x, t in loader:
            if len(x):
                hits += nf.accuracy(twin(x), t) * len(x)
                nf.training_step(twin, x, t, twin_optimizer, nf.CrossEntropyLoss())
        assert np.isclose(history["train_accuracy"][epoch], hits / 7)
        hits = sum(nf.accuracy(twin(x), t) * len(x) for x, t in loader[:2])
        assert np.isclose(history["validation_accuracy"][epoch], hits / 6)
    assert seen == history["train_accuracy"]
    assert history["validation_size"] == [(16 + 4) / 6] * 2 and history["train_size"] == [(16 + 4 + 1) / 7] * 2
    assert np.array_equal(model.weight.data, twin.weight.data)


@pytest.mark.parametrize("several", [tuple, list, lambda inputs: dict(enumerate(inputs))])
def test_a_batch_of_several_inputs_weighs_by_its_size(several):
    """Losses 1 of five samples and 7 of one have the mean 2, not 4."""

    class First(nf.Module):
        def __init__(self):
            super().__init__()
            self.weight = nf.Parameter([1.0])

        def forward(self, inputs):
            return inputs[0] * self.weight

    sizes = {5: 1.0, 0: 0.0, 1: 7.0}
    loader = [(several([nf.full((n, 1), x), nf.ones((n, 2))]), nf.zeros((n, 1))) for n, x in sizes.items()]
    model = First()
    assert nf.validate(model, loader, nf.L1Loss()) == 2.0
    assert nf.train_epoch(model, loader, nf.SGD(model.parameters(), lr=0.0), nf.L1Loss()) == 2.0


@pytest.mark.parametrize("several", [tuple, list, lambda arrays: dict(enumerate(arrays))])
def test_a_batch_of_several_targets_weighs_by_its_size(several):
    """Losses and metrics 1 of five samples and 7 of one have the mean 2, whether there is one input or several."""

    class Scaled(nf.Module):
        def __init__(self):
            super().__init__()
            self.weight = nf.Parameter([1.0])

        def forward(self, inputs):
            return (inputs if isinstance(inputs, nf.Tensor) else inputs[0]) * self.weight

    def loss_fn(predictions, targets):
        return (predictions - targets[0]).abs().mean() + 0.0 * targets[1].sum()

    sizes = {5: 1.0, 0: 0.0, 1: 7.0}
    batches = [(nf.full((n, 1), x), several([nf.zeros((n, 1)), nf.ones((n, 3))])) for n, x in sizes.items()]
    model = Scaled()
    for loader in (batches, [(several([inputs, inputs]), targets) for inputs, targets in batches]):
        assert nf.validate(model, loader, loss_fn) == 2.0
        optimizer = nf.SGD(model.parameters(), lr=0.0)
        history = nf.fit(model, loader, optimizer, loss_fn, 1, metrics={"mean": lambda y, t: y.mean()})
        assert history["train_loss"] == history["train_mean"] == [2.0]


def test_metrics_weigh_by_the_targets_whatever_a_model_returns():
    class Described(nf.Module):
        def forward(self, x):
            return {"penalty": x.sum(), "y": x}

    loader = [(nf.full((n, 1), x), nf.zeros((n, 1))) for n, x in ((5, 1.0), (1, 7.0))]
    parameter = nf.Parameter([1.0])
    history = nf.fit(
        Described(),
        loader,
        nf.SGD([parameter]),
        lambda told, targets: (told["y"] - targets).mean() * parameter,
        1,
        metrics={"mean": lambda told, targets: told["y"].mean()},
    )
    assert history["train_mean"] == [2.0]


@pytest.mark.parametrize("value", [None, "0.5", [0.5], np.ones(2), nf.ones(2), nf.MSELoss()])
def test_what_is_no_number_is_named_where_one_is_measured(value):
    model, loader = classification([2])
    optimizer = nf.SGD(model.parameters())
    with pytest.raises(TypeError, match="fit: the metric 'share' must give one number, got"):
        nf.fit(model, loader, optimizer, nf.CrossEntropyLoss(), 1, metrics={"share": lambda y, t: value})
    with pytest.raises(TypeError, match=r"ReduceLROnPlateau: step\(metric\) takes a number, such as a loss, got"):
        nf.ReduceLROnPlateau(optimizer).step(value)
    with pytest.raises(TypeError, match="TrainingMonitor: a loss is one number, got"):
        nf.TrainingMonitor().log_step(value, {})


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.array([0.5]), nf.Tensor(0.5), nf.Tensor([[0.5]])])
def test_a_number_may_be_measured_in_any_form(value):
    model, loader = classification([2])
    optimizer = nf.SGD(model.parameters())
    metrics = {"share": lambda y, t: value}
    assert nf.fit(model, loader, optimizer, nf.CrossEntropyLoss(), 1, metrics=metrics)["train_share"] == [0.5]
    scheduler = nf.ReduceLROnPlateau(optimizer)
    scheduler.step(value)
    monitor = nf.TrainingMonitor()
    monitor.log_step(value, {})
    assert scheduler.best == monitor.last_loss == 0.5


def test_the_monitor_takes_gradients_by_name():
    with pytest.raises(TypeError, match=r"TrainingMonitor: gradients are a dict, .*got list"):
        nf.TrainingMonitor().log_step(1.0, [nf.ones(2)])


def test_fit_without_a_validation_loader_has_no_metric_for_it():
    model, loader = classification([2])
    optimizer = nf.SGD(model.parameters())
    history = nf.fit(model, loader, optimizer, nf.CrossEntropyLoss(), 1, metrics={"accuracy": nf.accuracy})
    assert history["validation_accuracy"] == [None] and isinstance(history["train_accuracy"][0], float)


@pytest.mark.parametrize("metrics", [[nf.accuracy], nf.accuracy, "accuracy", {"accuracy": 0.5}])
def test_metrics_of_another_form_are_refused(metrics):
    model, loader = classification([2])
    with pytest.raises(TypeError, match="fit: metrics must be a dict of names and functions"):
        nf.fit(model, loader, nf.SGD(model.parameters()), nf.CrossEntropyLoss(), 1, metrics=metrics)


def test_a_metric_is_not_called_loss():
    model, loader = classification([2])
    with pytest.raises(ValueError, match='"loss"'):
        nf.fit(model, loader, nf.SGD(model.parameters()), nf.CrossEntropyLoss(), 1, metrics={"loss": nf.accuracy})


@pytest.mark.parametrize("layer", [nf.RNN, nf.LSTM, nf.GRU])
def test_fit_trains_a_model_that_returns_its_state(layer):
    """(output, state): loss and metrics take the output; a loss of one's own gets both."""
    nf.manual_seed(0)
    x, t = nf.randn((6, 5, 3)), nf.zeros((6, 5))
    model, loader = layer(3, 4), nf.DataLoader((x, np.zeros((6, 5, 4), np.float32)), 4)
    optimizer = nf.Adam(model.parameters(), lr=0.1)
    metrics = {"size": lambda outputs, targets: outputs.size}
    history = nf.fit(model, loader, optimizer, nf.MSELoss(), 4, validation_loader=loader, metrics=metrics)
    assert history["validation_loss"][3] < history["validation_loss"][0]
    assert history["train_size"] == [(80 * 4 + 40 * 2) / 6] * 4

    kinds = []
    nf.fit(model, [(x, t)], optimizer, lambda both, targets: kinds.append(type(both)) or both[0].sum(), 1)
    assert kinds == [tuple]


def test_fit_keeps_a_history_and_calls_back():
    model, loader, optimizer, _ = regression()
    seen = []
    history = nf.fit(
        model,
        loader,
        optimizer,
        nf.MSELoss(),
        epochs=3,
        validation_loader=loader,
        scheduler=nf.ExponentialLR(optimizer, 0.5),
        max_grad_norm=1.0,
        callback=lambda epoch, values: seen.append((epoch, values)),
    )
    assert list(history) == ["epoch", "train_loss", "validation_loss", "lr"]
    assert history["epoch"] == [1, 2, 3]
    assert np.allclose(history["lr"], [0.01, 0.005, 0.0025])
    assert history["train_loss"][2] < history["train_loss"][0]
    assert seen[1] == (2, {name: history[name][1] for name in ("train_loss", "validation_loss", "lr")})
    assert np.isclose(history["validation_loss"][-1], nf.validate(model, loader, nf.MSELoss()))


def test_fit_without_validation_watches_the_training_loss():
    model, loader, optimizer, scheduler = regression()
    history = nf.fit(model, loader, optimizer, nf.MSELoss(), 2, scheduler=scheduler)
    assert history["validation_loss"] == [None, None]
    assert scheduler.best in history["train_loss"]
    assert nf.fit(model, loader, optimizer, nf.MSELoss(), 0)["epoch"] == []


def test_validate_restores_every_modules_own_mode():
    model, loader, *_ = regression()
    model.train()
    model[2].eval()

    def loss_fn(predictions, targets):
        assert not model.training and not predictions.requires_grad
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        nf.validate(model, loader, loss_fn)
    assert model.training and model[0].training and not model[2].training


def test_a_gradient_that_is_not_finite_changes_nothing():
    class Spoil(Operation):
        def forward(self, x):
            return x.copy()

        def backward(self, grad):
            return np.full_like(grad, np.inf)

    model = nf.Linear(2, 1)
    before = model.state_dict()
    optimizer = nf.SGD(model.parameters(), momentum=0.9)
    with pytest.raises(nf.NumericalInstabilityError, match="weight") as caught:
        nf.training_step(
            model,
            nf.ones((1, 2)),
            nf.ones((1, 1)),
            optimizer,
            lambda p, t: nf.MSELoss()(nf.apply(Spoil(), p), t),
        )
    assert (caught.value.nan_count, caught.value.inf_count) == (0, 2)
    assert all(np.array_equal(before[name], array) for name, array in model.state_dict().items())


def test_a_step_forgets_the_gradients_of_parameters_it_does_not_train():
    model = nf.Sequential(nf.Linear(2, 2), nf.Linear(2, 1))
    optimizer = nf.SGD(model[1].parameters())
    nf.training_step(model, nf.ones((1, 2)), nf.ones((1, 1)), optimizer, nf.MSELoss())
    model[0].weight.grad.data[...] = np.nan
    nf.training_step(model, nf.ones((1, 2)), nf.ones((1, 1)), optimizer, nf.MSELoss())
    assert np.isfinite(model[0].weight.grad.data).all()


# -- checkpoints --


def train(run, epochs):
    model, loader, optimizer, scheduler = run
    return nf.fit(model, loader, optimizer, nf.MSELoss(), epochs, scheduler=scheduler)["train_loss"]


def test_resuming_gives_the_uninterrupted_run_bit_for_bit(tmp_path):
    path = tmp_path / "run.checkpoint"
    run = regression(1)
    train(run, 2)
    nf.save_checkpoint(path, run[0], run[2], run[3], epoch=2, note="näh", best=math.inf)
    losses = train(run, 3)
    weights = run[0].state_dict()

    again = regression(2)
    metadata = nf.load_checkpoint(str(path), again[0], again[2], again[3])
    assert metadata == {"epoch": 2, "note": "näh", "best": math.inf}
    assert train(again, 3) == losses
    assert all(np.array_equal(weights[name], array) for name, array in again[0].state_dict().items())
    assert [file.name for file in tmp_path.iterdir()] == ["run.checkpoint"]


def test_numpy_scalars_in_an_optimizer_s_state_survive(tmp_path):
    one = nf.Parameter(np.float32(2.0))  # of shape (): momentum * v + g is a NumPy scalar
    optimizer = nf.SGD([one], momentum=0.9)
    optimizer.state[one]["velocity"] = np.float32(0.5)
    nf.save_checkpoint(tmp_path / "c", nf.Linear(2, 2), optimizer)
    loaded = nf.SGD([one], momentum=0.9)
    nf.load_checkpoint(tmp_path / "c", optimizer=loaded)
    velocity = loaded.state[one]["velocity"]
    assert velocity == 0.5 and velocity.dtype == np.float32


def test_a_rate_set_by_hand_survives(tmp_path):
    model, _, optimizer, scheduler = regression()
    optimizer.param_groups[0]["lr"] = 0.123
    nf.save_checkpoint(tmp_path / "c", model, optimizer, scheduler)
    model, _, optimizer, scheduler = regression()
    nf.load_checkpoint(tmp_path / "c", model, optimizer, scheduler)
    assert optimizer.param_groups[0]["lr"] == 0.123


def test_reading_the_metadata_alone_leaves_the_random_numbers_alone(tmp_path):
    model, *_ = regression()
    nf.save_checkpoint(tmp_path / "c", model, epoch=5)
    random_generator().random()
    before = random_generator().bit_generator.state
    assert nf.load_checkpoint(tmp_path / "c") == {"epoch": 5}
    assert random_generator().bit_generator.state == before


def test_a_checkpoint_is_a_plain_npz(tmp_path):
    model, _, optimizer, _ = regression()
    nf.save_checkpoint(tmp_path / "c", model, optimizer)
    with np.load(tmp_path / "c", allow_pickle=False) as archive:
        assert np.array_equal(archive["model/0.weight"], model[0].weight.data)
        assert json.loads(archive["header"].tobytes())["version"] == 1


def rewrite(path, change):
    """Write the checkpoint again with its header and arrays changed."""
    with np.load(path) as archive:
        arrays = dict(archive)
    header = json.loads(arrays.pop("header").tobytes())
    change(header, arrays)
    with open(path, "wb") as file:
        np.savez(file, header=np.frombuffer(json.dumps(header).encode(), np.uint8), **arrays)


def damage(path, kind):
    whole = path.read_bytes()
    if kind == "truncated":
        path.write_bytes(whole[: len(whole) // 2])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("not a checkpoint", encoding="utf-8")
    elif kind == "flipped":
        position = whole.index(b"NUMPY", len(whole) // 3) + 200  # within an array's numbers
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 255]) + whole[position + 1 :])
    elif kind == "npy":
        with open(path, "wb") as file:
            np.save(file, np.ones(3))
    elif kind == "npz":
        with open(path, "wb") as file:
            np.savez(file, a=np.ones(3))
    elif kind == "pickled":
        with open(path, "wb") as file:
            np.savez(file, header=np.array([{"format": "neural_framework checkpoint"}], dtype=object))
    elif kind == "newer":
        rewrite(path, lambda header, arrays: header.update(version=2))
    elif kind == "incomplete":
        rewrite(path, lambda header, arrays: header.pop("random_state"))
    elif kind == "missing array":
        rewrite(path, lambda header, arrays: arrays.pop("model/0.weight"))
    elif kind == "missing moments":
        rewrite(path, lambda header, arrays: arrays.update({"optimizer/9/mean": np.ones(3)}))
    elif kind == "random state":
        rewrite(path, lambda header, arrays: header["random_state"].update(bit_generator="MT19937"))


DAMAGES = [
    *("truncated", "empty", "text", "flipped", "npy", "npz", "pickled", "newer", "incomplete"),
    *("missing array", "missing moments", "random state"),
]


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_file_that_is_no_whole_checkpoint_is_refused_and_nothing_loaded(kind, tmp_path):
    path = tmp_path / "c.npz"
    run = regression(1)
    train(run, 1)
    nf.save_checkpoint(path, run[0], run[2], run[3])
    damage(path, kind)
    check_refused(path, regression(2))


def check_refused(path, run):
    """Loading raises CheckpointError that names the file, and the run goes on as if it had not been tried."""
    train(run, 1)
    model, optimizer, scheduler = run[0].state_dict(), run[2].state_dict(), run[3].state_dict()
    random_state = random_generator().bit_generator.state
    with pytest.raises(nf.CheckpointError, match=path.name):
        nf.load_checkpoint(path, run[0], run[2], run[3])
    np.testing.assert_equal(run[0].state_dict(), model)
    np.testing.assert_equal(run[2].state_dict(), optimizer)
    assert run[3].state_dict() == scheduler
    assert random_generator().bit_generator.state == random_state


def test_what_does_not_fit_is_refused_and_nothing_loaded(tmp_path):
    path = tmp_path / "c.npz"
    model, loader, optimizer, scheduler = regression(1)
    nf.save_checkpoint(path, model, optimizer, scheduler)
    check_refused(path, (model, loader, nf.SGD(model.parameters()), nf.ReduceLROnPlateau(optimizer)))
    other = nf.Sequential(nf.Linear(3, 9), nf.Tanh(), nf.Dropout(0.1), nf.Linear(9, 1))
    other_optimizer = nf.Adam(other.parameters())
    check_refused(path, (other, loader, other_optimizer, nf.ReduceLROnPlateau(other_optimizer)))
    nf.save_checkpoint(path, model)
    check_refused(path, (model, loader, optimizer, scheduler))


def test_a_rate_set_by_hand_survives_what_does_not_fit(tmp_path):
    """The scheduler's state is loaded and restored, and each time it writes its own rates."""
    model = nf.Linear(2, 2)
    optimizer = nf.SGD(model.parameters(), lr=0.125)
    scheduler = nf.StepLR(optimizer, 1)
    nf.save_checkpoint(tmp_path / "c", model, optimizer, scheduler)
    optimizer.param_groups[0]["lr"] = 0.5
    with pytest.raises(nf.CheckpointError, match="nothing was loaded"):
        nf.load_checkpoint(tmp_path / "c", nf.Linear(3, 2), scheduler=scheduler)
    assert optimizer.param_groups[0]["lr"] == 0.5


def test_a_missing_file_is_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        nf.load_checkpoint(tmp_path / "none.npz")


@pytest.mark.parametrize("value", [object(), np.ones(2), {1: "int key"}, [{"deep": {2: 3}}], {1, 2}, 1j])
def test_metadata_that_is_no_json_is_refused_before_anything_is_written(value, tmp_path):
    path = tmp_path / "c.npz"
    path.write_text("the old file", encoding="utf-8")
    with pytest.raises(TypeError, match="JSON"):
        nf.save_checkpoint(path, nf.Linear(2, 2), note=value)
    assert [file.read_text(encoding="utf-8") for file in tmp_path.iterdir()] == ["the old file"]


@pytest.mark.skipif(os.name == "nt", reason="the whole path may have 260 letters")
@pytest.mark.parametrize("name", ["a" * 255, "\N{SNOWMAN}" * 85, "\N{SNAIL}" * 63])
def test_a_name_may_be_as_long_as_the_file_system_allows(name, tmp_path):
    nf.save_checkpoint(tmp_path / name, nf.Linear(1, 1), epoch=1)
    assert os.listdir(tmp_path) == [name] and nf.load_checkpoint(tmp_path / name) == {"epoch": 1}


def test_what_is_no_json_is_called_by_its_part(tmp_path):
    model = nf.Linear(2, 2)
    optimizer = nf.SGD([{"params": model.parameters(), "layers": {"first"}}])
    with pytest.raises(TypeError, match=r"save_checkpoint: optimizer must be something that JSON can hold.*set"):
        nf.save_checkpoint(tmp_path / "c", model, optimizer)


@pytest.mark.parametrize("crash", ["np.savez", "os.replace"])
def test_a_crash_while_saving_leaves_the_old_checkpoint(crash, tmp_path, monkeypatch):
    path = tmp_path / "c.npz"
    model = nf.Linear(2, 2)
    nf.save_checkpoint(path, model, epoch=1)

    def fail(file, *args, **options):
        if crash == "np.savez":
            file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np if crash == "np.savez" else os, crash.split(".")[1], fail)
    with pytest.raises(OSError, match="disk full"):
        nf.save_checkpoint(path, model, epoch=2)
    assert nf.load_checkpoint(path, model) == {"epoch": 1}
    assert list(tmp_path.iterdir()) == [path]


# -- monitor --


def test_the_monitor_reports_what_it_saw():
    monitor = nf.TrainingMonitor()
    monitor.log_step(nf.Tensor(0.5), {"a": nf.Tensor([3.0]), "b": np.array([[4.0]]), "c": None})
    expected = {"steps": 1, "last_loss": 0.5, "last_gradient_norm": 5.0, "warnings": []}
    assert monitor.get_diagnostics() == expected


@pytest.mark.parametrize(
    ("norms", "cause"),
    [
        ([1, 11, 1], "exploding"),
        ([0, 1e-8, 0], "vanishing"),
        ([0, 1, 0], None),
        ([math.inf, 1, 1], "exploding"),
    ],
)
def test_the_monitor_warns_at_its_checks_once_per_cause(norms, cause):
    monitor = nf.TrainingMonitor(check_frequency=3)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for step, norm in enumerate([*norms, *norms], start=1):
            monitor.log_step(1.0, {"a": np.array([norm])})
            assert len(caught) == (cause is not None and step >= 3)
    assert [cause in str(warning.message) for warning in caught] == [True] * len(caught)
    assert all(warning.category is RuntimeWarning and warning.filename == __file__ for warning in caught)
    assert monitor.get_diagnostics()["warnings"] == [str(warning.message) for warning in caught]


def test_steps_without_a_gradient_warn_of_nothing():
    monitor = nf.TrainingMonitor(check_frequency=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for gradients in ({}, {"a": None}, {}, {"a": np.ones(1)}):
            monitor.log_step(1.0, gradients)
    assert monitor.get_diagnostics()["warnings"] == []


def test_nan_raises_at_once():
    for loss, grad, name in [(math.nan, [1.0], "loss"), (1.0, [math.nan, math.inf], "layer.weight")]:
        with pytest.raises(nf.NumericalInstabilityError, match=name) as caught:
            nf.TrainingMonitor(check_frequency=100).log_step(loss, {"layer.weight": nf.Tensor(grad)})
        assert caught.value.nan_count == 1


def test_gradient_flow_names_what_does_not_learn():
    model = nf.Sequential(nf.Linear(2, 2), nf.Linear(2, 1))
    for parameter, grad in zip(model.parameters(), [np.ones((2, 2)), None, np.zeros((1, 2)), [4.0]], strict=True):
        parameter.grad = None if grad is None else nf.Tensor(np.asarray(grad, np.float32))
    with pytest.warns(RuntimeWarning) as caught:
        norms = nf.check_gradient_flow(model)
    assert norms == {"0.weight": 2.0, "0.bias": 0.0, "1.weight": 0.0, "1.bias": 4.0}
    messages = [str(warning.message) for warning in caught]
    assert len(messages) == 2 and "None) for 0.bias:" in messages[0] and "1.weight:" in messages[1]


# -- more doors --


@pytest.mark.parametrize(
    "settings, error",
    [
        ({"epochs": 2.0}, "epochs must be an integer"),
        ({"epochs": -1}, "epochs must be an integer"),
        ({"callback": 5}, "callback must be a function"),
        ({"scheduler": 5}, "scheduler must have a step"),
        ({"scheduler": nf.StepLR}, "scheduler must have a step"),
        ({"scheduler": nf.ReduceLROnPlateau(nf.SGD([nf.Parameter([1.0])]), "max")}, 'expected mode "min", got "max"'),
        ({"optimizer": nf.SGD}, "optimizer must be an Optimizer, got the class SGD"),
        ({"optimizer": nf.MSELoss()}, "optimizer must be an Optimizer, got MSELoss"),
        ({"model": nf.Linear}, "model must be a Module, got the class Linear"),
        ({"model": lambda x: x}, "model must be a Module, got function"),
        ({"loss_fn": nf.MSELoss(reduction="none")}, r"loss must be one number, got shape \(2, 1\)"),
        ({"loader": (np.ones((3, 2)), np.ones((3, 1)))}, "a loader gives pairs"),
        ({"loader": (nf.ones((2, 2)), nf.ones((2, 1)))}, "a loader gives pairs"),
        ({"loader": [(np.ones((3, 2)), np.ones((3, 1)), 1)]}, "a loader gives pairs .* got tuple of 3"),
        ({"loss_fn": nf.CrossEntropyLoss}, r"ignore_index must be a number, got Tensor.*CrossEntropyLoss\(\)\(logits"),
        ({"loss_fn": lambda p, t: nf.MSELoss()}, "loss must be a Tensor, got MSELoss"),
        ({"loss_fn": lambda p, t: None}, "loss must be a Tensor, got NoneType"),
        ({"loss_fn": lambda p, t: (nf.MSELoss()(p, t), 1)}, "loss must be a Tensor, got tuple"),
    ],
)
def test_fit_says_what_it_takes(settings, error):
    model = nf.Linear(2, 1)
    given = {"loader": nf.DataLoader((np.ones((3, 2)), np.ones((3, 1))), 2), "loss_fn": nf.MSELoss(), "epochs": 1}
    given |= {"model": model, "optimizer": nf.SGD(model.parameters())}
    before = model.state_dict()
    with pytest.raises((TypeError, ValueError), match=error):
        nf.fit(**{**given, **settings})
    assert all(np.array_equal(before[name], now) for name, now in model.state_dict().items())


@pytest.mark.parametrize("loss", [None, 1.0, np.float32(1.0), np.ones(()), np.ones(1), [1.0], (nf.ones(1), 1)])
def test_a_loss_that_is_no_tensor_is_named(loss):
    model, loader = nf.Linear(2, 1), nf.DataLoader((np.ones((3, 2)), np.ones((3, 1))), 2)
    with pytest.raises(TypeError, match=f"loss must be a Tensor, got {type(loss).__name__}"):
        nf.train_epoch(model, loader, nf.SGD(model.parameters()), lambda p, t: loss)
    with pytest.raises(TypeError, match=f"loss must be a Tensor, got {type(loss).__name__}"):
        nf.validate(model, loader, lambda p, t: loss)


def test_an_empty_list_of_classes_has_no_losses():
    assert nf.CrossEntropyLoss(reduction="none")(nf.zeros((0, 3)), []).shape == (0,)
    assert nf.CrossEntropyLoss([1, 2, 3], reduction="sum")(nf.zeros((0, 3)), []).item() == 0


def test_metadata_in_containers_of_other_kinds_is_written(tmp_path):
    Scores = namedtuple("Scores", "train test")
    notes = OrderedDict(rate=np.float32(0.5), scores=Scores(np.float64(1), [np.int64(2)]))
    nf.save_checkpoint(tmp_path / "a", nf.Linear(1, 1), notes=notes)
    assert nf.load_checkpoint(tmp_path / "a") == {"notes": {"rate": 0.5, "scores": [1.0, [2]]}}


def test_threads_may_save_to_one_path(tmp_path):
    errors = []

    def save(number):
        model = nf.Linear(200, 200)
        try:
            for _ in range(10):
                nf.save_checkpoint(tmp_path / "a", model, number=number)
                nf.load_checkpoint(tmp_path / "a", model)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and os.listdir(tmp_path) == ["a"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_still_leads_to_the_checkpoint(tmp_path):
    nf.save_checkpoint(tmp_path / "run", nf.Linear(1, 1), epoch=1)
    os.symlink("run", tmp_path / "latest")
    nf.save_checkpoint(tmp_path / "latest", nf.Linear(1, 1), epoch=2)
    assert (tmp_path / "latest").is_symlink() and nf.load_checkpoint(tmp_path / "run") == {"epoch": 2}


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((None,), "model must have a state_dict"),
        (({"weight": np.ones(2)},), "model must have a state_dict"),
        ((nf.Linear,), "model must have a state_dict"),
        ((nf.Linear(1, 1), 3), "optimizer must have a state_dict.*epoch=3"),
        ((nf.Linear(1, 1), None, 3), "scheduler must have a state_dict.*epoch=3"),
    ],
)
def test_what_has_no_state_is_named_before_anything_is_written(parts, message, tmp_path):
    path = tmp_path / "c.npz"
    with pytest.raises(TypeError, match=f"save_checkpoint: {message}"):
        nf.save_checkpoint(path, *parts)
    assert not list(tmp_path.iterdir())
    nf.save_checkpoint(path, nf.Linear(1, 1))
    if parts != (None,):  # the metadata alone
        with pytest.raises(TypeError, match=f"load_checkpoint: {message}"):
            nf.load_checkpoint(path, *parts)
