"""Training: one step, one epoch, validation, and the whole run."""

import numpy as np

from ..errors import NumericalInstabilityError, ShapeError
from ..modules import integer, one_number, python_numbers
from ..optim import ReduceLROnPlateau, clip_grad_norm_
from ..tensor import Tensor, no_grad


def training_step(model, inputs, targets, optimizer, loss_fn, max_grad_norm=None):
    """One training step on one batch -> its loss, as a float.

    Clear the old gradients, run forward, run backward, clip the joint norm of the gradients to max_grad_norm (unless it
    is None), and step. All of it concerns the parameters of the model and those that only the optimizer has:
    `all_parameters` has both. The model's mode does not change. NumericalInstabilityError, before any parameter
    changes, for a nan or inf in the loss (named "loss") or in a gradient (named after its parameter):
    `require_finite` raises it.
    """
    # TODO 4.9: see `nox -s hint -- 4.9`
    raise NotImplementedError("4.9: training_step is not written yet")


def checked_loss(loss):
    """The loss; TypeError unless it is a Tensor, as from a loss function that has no return, or is a class.

    ShapeError unless it has one element: a loss for each sample can't be minimised.
    """
    if not isinstance(loss, Tensor):
        raise TypeError(f"loss must be a Tensor, got {type(loss).__name__}")
    if loss.size != 1:
        raise ShapeError(
            f'loss must be one number, got shape {loss.shape}: take its mean, or a loss with reduction="mean"',
            shapes=(loss.shape,),
            operation="loss",
        )
    return loss


def all_parameters(model, optimizer):
    """{name: parameter} of the model, and of what only the optimizer has, such as a parameter of the loss."""
    parameters = dict(model.named_parameters())
    known = set(parameters.values())
    for number, group in enumerate(optimizer.param_groups):
        for position, parameter in enumerate(group["params"]):
            if parameter not in known:
                parameters[f'param_groups[{number}]["params"][{position}]'] = parameter
    return parameters


def batches_with_samples(loader):
    """The batches (inputs, targets) of a loader, without empty ones: they have no loss, and nothing to learn from."""
    for batch in loader:
        if not isinstance(batch, (tuple, list)) or len(batch) != 2:
            got = f"{type(batch).__name__}" + (f" of {len(batch)}" if isinstance(batch, (tuple, list)) else "")
            raise TypeError(
                f"a loader gives pairs (inputs, targets), as DataLoader((samples, labels), 32) does, but got {got}"
            )
        inputs, targets = batch
        if sample_count(inputs, targets) > 0:
            yield inputs, targets


def sample_count(inputs, targets):
    """The size of a batch: the length of its inputs or, if they are not a single array, that of its targets.

    The length of a tuple or dict of several arrays says nothing about the batch: of several targets the first counts.
    """
    if isinstance(inputs, (Tensor, np.ndarray)):
        return len(inputs)
    targets = list(targets.values()) if isinstance(targets, dict) else targets
    several = isinstance(targets, (tuple, list)) and targets and isinstance(targets[0], (Tensor, np.ndarray))
    return len(targets[0] if several and targets[0].ndim > 0 else targets)


def train_epoch(model, loader, optimizer, loss_fn, max_grad_norm=None):
    """Set training mode and run a `training_step` on each batch -> mean loss per sample, as a float.

    loader: an iterable of (inputs, targets); empty batches are left out. ValueError if there is no batch with samples.
    """
    # TODO 4.10: see `nox -s hint -- 4.10`
    raise NotImplementedError("4.10: train_epoch is not written yet")


def validate(model, loader, loss_fn):
    """Mean loss per sample in evaluation mode, nothing recorded -> float.

    Afterwards every module has its own mode again, even after an exception.
    loader: an iterable of (inputs, targets); empty batches are left out. ValueError if there is no batch with samples.
    """
    # TODO 4.10: see `nox -s hint -- 4.10`
    raise NotImplementedError("4.10: validate is not written yet")


def mean_per_sample(losses, sizes):
    """The mean of the batches' losses, each weighted by the number of samples in its batch -> float.

    ValueError if there is no batch.
    """
    # TODO 4.10: see `nox -s hint -- 4.10`
    raise NotImplementedError("4.10: mean_per_sample is not written yet")


def accuracy(logits, targets):
    """The share of samples whose largest logit is that of the target class -> float between 0 and 1.

    logits (N, C) or (N, C, ...), targets integer classes (N, ...); Tensors or arrays. Of equal logits the first counts
    as the largest. ShapeError unless the guesses and the targets have the same shape.
    """
    # TODO 4.10: see `nox -s hint -- 4.10`
    raise NotImplementedError("4.10: accuracy is not written yet")


def fit(
    model,
    loader,
    optimizer,
    loss_fn,
    epochs,
    validation_loader=None,
    scheduler=None,
    max_grad_norm=None,
    callback=None,
    metrics=None,
):
    """Train for a number of epochs -> {"epoch", "train_loss", "validation_loss", "lr"}, each a list.

    Epochs count from 1; lr is that of the first group during the epoch; validation_loss is None without a
    validation_loader. After each epoch the scheduler steps (ReduceLROnPlateau with the validation loss or, if there
    is none, the training loss); then `callback(epoch, {name: value})` gets the numbers of the epoch.

    metrics: {name: function of (outputs, targets) that returns a number}, such as {"accuracy": accuracy}. The history
    then has "train_accuracy" and "validation_accuracy" as well: the mean per sample of what the function returned for
    each batch, in training before the step on it. Of a tuple (output, state), a metric gets the output.
    """
    for expected, method, value in (
        ("model must be a Module", "parameters", model),
        ("optimizer must be an Optimizer", "step", optimizer),
    ):
        if isinstance(value, type) or not hasattr(value, method):
            got = f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
            raise TypeError(f"fit: {expected}, got {got}")
    metrics = checked_metrics(metrics)
    epochs = integer("fit", "epochs", epochs, least=0)
    if callback is not None and not callable(callback):
        raise TypeError(f"fit: callback must be a function of (epoch, values), got {callback!r}")
    if scheduler is not None and (isinstance(scheduler, type) or not hasattr(scheduler, "step")):
        raise TypeError(f"fit: scheduler must have a step(), as StepLR(optimizer, step_size) has, got {scheduler!r}")
    if isinstance(scheduler, ReduceLROnPlateau) and scheduler.mode == "max":
        raise ValueError(
            'fit: ReduceLROnPlateau gets the loss, which falls: expected mode "min", got "max". '
            "For another metric, call its step(metric) in a callback"
        )
    names = [f"{part}_{name}" for name in ("loss", *metrics) for part in ("train", "validation")]
    history = {name: [] for name in ("epoch", *names, "lr")}
    for epoch in range(1, epochs + 1):
        values = {"lr": python_numbers(optimizer.param_groups[0]["lr"])}
        measured = MeasuredLoss(loss_fn, metrics)
        values["train_loss"] = train_epoch(model, loader, optimizer, measured, max_grad_norm)
        values |= measured.means("train")
        measured = MeasuredLoss(loss_fn, metrics)
        values["validation_loss"] = None if validation_loader is None else validate(model, validation_loader, measured)
        values |= measured.means("validation")
        for name, value in {"epoch": epoch, **values}.items():
            history[name].append(value)
        if isinstance(scheduler, ReduceLROnPlateau):
            watched = values["train_loss"] if validation_loader is None else values["validation_loss"]
            scheduler.step(watched)
        elif scheduler is not None:
            scheduler.step()
        if callback is not None:
            callback(epoch, values)
    return history


class MeasuredLoss:
    """A loss function that also measures what it is called with: {name: function of (outputs, targets)}.

    So one pass over the batches gives the losses and the metrics.
    """

    def __init__(self, loss_fn, metrics):
        self.loss_fn = loss_fn
        self.metrics = metrics
        self.values = {name: [] for name in metrics}
        self.sizes = []

    def __call__(self, predictions, targets):
        if self.metrics:
            outputs = predictions[0] if isinstance(predictions, tuple) else predictions
            with no_grad():
                for name, metric in self.metrics.items():
                    value = metric(outputs, targets)
                    self.values[name].append(one_number(f"fit: the metric {name!r} must give one number", value))
            self.sizes.append(sample_count((), targets))
        return self.loss_fn(predictions, targets)

    def means(self, part):
        """{"part_name": the mean per sample} of every metric; None where nothing was measured."""
        return {
            f"{part}_{name}": float(np.average(values, weights=self.sizes)) if values else None
            for name, values in self.values.items()
        }


def checked_metrics(metrics):
    """The metrics of `fit` as a dict; TypeError unless they are functions by their names."""
    metrics = {} if metrics is None else metrics
    if not isinstance(metrics, dict) or not all(callable(metric) for metric in metrics.values()):
        raise TypeError(
            f'fit: metrics must be a dict of names and functions, such as {{"accuracy": accuracy}}, got {metrics!r}'
        )
    if "loss" in metrics:
        raise ValueError('fit: a metric cannot be named "loss", as the history has that name for the loss itself')
    return dict(metrics)


def require_finite(name, values):
    """Raise NumericalInstabilityError, with `name` in it, if a Tensor or array contains nan or inf.

    TypeError for anything else, NumPy's scalars too, which a loss function without Tensors gives.
    """
    if not isinstance(values, (Tensor, np.ndarray)):
        raise TypeError(f"{name} must be a Tensor, got {type(values).__name__}")
    array = np.asarray(values)
    if not np.isfinite(array).all():
        repair = "Try a smaller learning rate, clip gradients with max_grad_norm, and look for nan in the data"
        raise instability_error(name, array, f"; all must be finite. {repair}")


def instability_error(name, array, message):
    """The NumericalInstabilityError that counts the nan and inf in an array."""
    nan_count, inf_count = int(np.isnan(array).sum()), int(np.isinf(array).sum())
    return NumericalInstabilityError(
        f"{name} has {nan_count} nan and {inf_count} inf among {array.size} numbers{message}",
        nan_count=nan_count,
        inf_count=inf_count,
    )
