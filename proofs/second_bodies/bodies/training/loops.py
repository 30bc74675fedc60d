"""Other bodies for training/loops.py: running totals, another order of the step, guesses counted one by one."""

import math

import numpy as np

from ..errors import NumericalInstabilityError, ShapeError
from ..optim import clip_grad_norm_
from ..tensor import no_grad


def training_step(model, inputs, targets, optimizer, loss_fn, max_grad_norm=None):
    loss = loss_fn(model(inputs), targets)
    value = float(loss)
    refuse_bad_numbers("loss", np.array(value))
    trained = dict(model.named_parameters())
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            if all(parameter is not other for other in trained.values()):
                trained[f"a parameter outside of the model, {len(trained)}"] = parameter
    for parameter in trained.values():
        parameter.grad = None
    loss.backward()
    grads = {name: parameter.grad.numpy() for name, parameter in trained.items() if parameter.grad is not None}
    for name in grads:
        refuse_bad_numbers(name, grads[name])
    if max_grad_norm is not None:
        clip_grad_norm_(list(trained.values()), max_grad_norm)
    optimizer.step()
    return value


def train_epoch(model, loader, optimizer, loss_fn, max_grad_norm=None):
    total, samples = 0.0, 0
    model.train()
    for inputs, targets in loader:
        if not inputs.shape[0]:
            continue
        loss = training_step(model, inputs, targets, optimizer, loss_fn, max_grad_norm=max_grad_norm)
        total += loss * inputs.shape[0]
        samples += inputs.shape[0]
    if samples == 0:
        raise ValueError("train_epoch: the loader is empty")
    return total / samples


def validate(model, loader, loss_fn):
    modules = [module for _, module in model.named_modules()]
    in_training = [module for module in modules if module.training]

    @no_grad()
    def batch_loss(inputs, targets):
        return float(loss_fn(model(inputs), targets))

    try:
        model.eval()
        full = ((inputs, targets) for inputs, targets in loader if len(inputs))
        weighted = [(len(inputs), len(inputs) * batch_loss(inputs, targets)) for inputs, targets in full]
    finally:
        for module in in_training:
            module.training = True
    if not weighted:
        raise ValueError("validate: the loader is empty")
    samples, total = (math.fsum(column) for column in zip(*weighted, strict=True))
    return total / samples


def mean_per_sample(losses, sizes):
    if len(sizes) == 0:
        raise ValueError("there is no batch to take a mean of")
    mean, seen = 0.0, 0
    for loss, size in zip(losses, sizes, strict=True):
        seen += size
        mean += (loss - mean) * size / seen
    return mean


def accuracy(logits, targets):
    rows, classes = np.moveaxis(np.asarray(logits), 1, -1), np.asarray(targets)
    if rows.shape[:-1] != classes.shape:
        shapes = (np.shape(logits), classes.shape)
        raise ShapeError(f"accuracy: logits and targets of shapes {shapes}", shapes=shapes, operation="accuracy")
    right = 0
    for place in np.ndindex(classes.shape):
        row = rows[place].tolist()
        right += row.index(max(row)) == classes[place]
    return right / classes.size if classes.size else math.nan


def refuse_bad_numbers(name, array):
    """Raise NumericalInstabilityError where the array holds nan or inf."""
    nans, infinities = np.count_nonzero(np.isnan(array)), np.count_nonzero(np.isinf(array))
    if nans or infinities:
        raise NumericalInstabilityError(f"{name} is not finite", nan_count=int(nans), inf_count=int(infinities))
