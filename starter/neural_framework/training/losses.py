"""Losses: modules that turn predictions and targets into the number to minimise."""

import math

import numpy as np

from ..errors import ShapeError
from ..modules import Module, python_numbers, real
from ..tensor import Tensor, apply, as_tensor, from_numpy, where
from .loss_operations import BinaryCrossEntropy, BinaryCrossEntropyWithLogits, CrossEntropy


class Loss(Module):
    """The base of all losses.

    reduction: "mean" or "sum" of all losses -> shape (), or "none" -> one loss per element or sample.
    """

    def __init__(self, reduction="mean"):
        super().__init__()
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f'{type(self).__name__}: reduction must be "mean", "sum" or "none", got {reduction!r}')
        self.reduction = reduction

    def __call__(self, predictions, targets):
        """Run `forward`. Of a tuple (output, state), as recurrent layers return, the output is taken.

        Predictions that are integers or booleans count as float64, as in a division.
        """
        if isinstance(predictions, tuple) and predictions and isinstance(predictions[0], Tensor):
            predictions = predictions[0]
        if isinstance(predictions, list) and any(getattr(part, "requires_grad", False) for part in predictions):
            raise TypeError(
                f"{type(self).__name__}: predictions are a Tensor, got a list of Tensors, whose gradients would be "
                "lost: stack(predictions) keeps them"
            )
        predictions = as_tensor(predictions)
        return super().__call__(predictions if is_floating(predictions) else predictions.astype(np.float64), targets)

    def extra_repr(self):
        return f'reduction="{self.reduction}"'

    def reduce(self, losses):
        """The losses reduced as `self.reduction` says: their mean, their sum, or unchanged."""
        if self.reduction == "none":
            return losses
        return losses.mean() if self.reduction == "mean" else losses.sum()

    def matching(self, predictions, targets):
        """The targets as a floating Tensor; ShapeError unless they have the shape of the predictions."""
        targets = as_tensor(targets)
        if targets.shape != predictions.shape:
            raise ShapeError(
                f"{type(self).__name__}: predictions have shape {predictions.shape}, but targets "
                f"{targets.shape}; both must be the same, as broadcasting would compare each prediction "
                f"with every target. Reshape the targets, for example with unsqueeze(1)",
                shapes=(predictions.shape, targets.shape),
                operation=type(self).__name__,
            )
        return targets if is_floating(targets) else targets.astype(predictions.dtype)


class MSELoss(Loss):
    """Mean squared error: (p - t)², elementwise, reduced."""

    def forward(self, predictions, targets):
        """loss = reduce((p - t)²); p and t have the same shape, which may be any.

        `self.matching` checks the targets and makes them a Tensor; `self.reduce` reduces the losses.
        """
        # TODO 4.1: see `nox -s hint -- 4.1`
        raise NotImplementedError("4.1: MSELoss.forward is not written yet")


class L1Loss(Loss):
    """Mean absolute error: |p - t|, elementwise, reduced."""

    def forward(self, predictions, targets):
        """loss = reduce(|p - t|); p and t have the same shape, which may be any."""
        return self.reduce((predictions - self.matching(predictions, targets)).abs())


class BCELoss(Loss):
    """Binary cross-entropy of probabilities: -(t log p + (1 - t) log(1 - p)), elementwise, reduced.

    Logarithms are at least -100, so that a prediction that is certain and wrong costs 100 instead of inf.
    ValueError for predictions outside [0, 1].
    """

    def forward(self, predictions, targets):
        """p and t have the same shape, which may be any."""
        targets = self.matching(predictions, targets)
        values = predictions.data
        if np.any((values < 0) | (values > 1)):
            raise ValueError(
                f"BCELoss: predictions must be probabilities between 0 and 1, but got values from "
                f"{np.nanmin(values)!s} to {np.nanmax(values)!s}. Apply a sigmoid, or use BCEWithLogitsLoss"
            )
        return self.reduce(apply(BinaryCrossEntropy(), predictions, targets))


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of p = sigmoid(x), computed from the logits x and therefore exact for large ones."""

    def forward(self, predictions, targets):
        """x and t have the same shape, which may be any."""
        targets = self.matching(predictions, targets)
        return self.reduce(apply(BinaryCrossEntropyWithLogits(), predictions, targets))


def cross_entropy(logits, targets):
    """loss_n = -log softmax(logits)_n[class_n], or -sum_c probability_nc * log softmax(logits)_nc

    logits (N, C) and targets, both Tensors -> losses (N,). Targets are classes (N,), integers 0..C-1, whose logarithms
    are picked; or probabilities (N, C), whose rows may have any sum, as CrossEntropyLoss multiplies class weights into
    them, and which get gradients too. Exact for logits of 1e4.
    """
    # TODO 4.3: see `nox -s hint -- 4.3`
    raise NotImplementedError("4.3: cross_entropy is not written yet")


class CrossEntropyLoss(Loss):
    """Cross-entropy of softmax(logits) with classes, or with class probabilities.

    logits (N, C) or (N, C, ...); targets integer classes (N, ...), or probabilities shaped like the logits.
    weight (C,): a factor per class. ignore_index: a target class that does not count.
    label_smoothing e: probabilities become (1 - e) * probabilities + e / C.
    "mean" divides by the total weight of the target classes that count (nan if none does), or by the number of
    samples if targets are probabilities. IndexError for a class out of range.
    """

    def __init__(self, weight=None, ignore_index=-100, label_smoothing=0.0, reduction="mean"):
        super().__init__(reduction)
        label_smoothing = real("CrossEntropyLoss", "label_smoothing", label_smoothing)
        if not 0 <= label_smoothing <= 1:
            raise ValueError(f"CrossEntropyLoss: label_smoothing must be between 0 and 1, got {label_smoothing!r}")
        if weight is not None and not isinstance(weight, (Tensor, np.ndarray)):
            weight = Tensor(weight, dtype=np.float64)  # `forward` converts it to the logits' dtype
        self.register_buffer("weight", weight)
        self.ignore_index = python_numbers(ignore_index)
        if not isinstance(self.ignore_index, (int, float)):
            raise TypeError(
                f"CrossEntropyLoss: ignore_index must be a number, got {type(ignore_index).__name__}. Logits and "
                "targets go to the loss that this makes: CrossEntropyLoss()(logits, targets)"
            )
        self.label_smoothing = label_smoothing

    def extra_repr(self):
        return f"ignore_index={self.ignore_index}, label_smoothing={self.label_smoothing}, {super().extra_repr()}"

    def forward(self, logits, targets):
        """Bring everything to (N, C), apply weights and smoothing, and reduce `cross_entropy`."""
        targets = as_tensor(targets)
        samples = (*logits.shape[:1], *logits.shape[2:])  # (N, ...)
        if logits.ndim < 2 or targets.shape not in (logits.shape, samples):
            raise ShapeError(
                f"CrossEntropyLoss: got logits of shape {logits.shape} and targets of shape {targets.shape}, "
                f"but expects logits (N, C) or (N, C, ...) with classes (N, ...) or probabilities shaped like "
                f"the logits",
                shapes=(logits.shape, targets.shape),
                operation="CrossEntropyLoss",
            )
        weight = self._class_weights(logits.shape[1], logits.dtype)
        rows = class_rows(logits)
        if targets.shape == logits.shape:
            probabilities = self._smoothed(class_rows(targets), weight)
            losses, total_weight = cross_entropy(within_reach(rows, probabilities), probabilities), math.prod(samples)
        else:
            losses, total_weight = self._of_classes(rows, targets.data.reshape(-1), weight)
        if self.reduction == "mean":
            total = losses.sum()
            # If nothing counts, the mean is nan and its gradient is zero, as in PyTorch.
            return total / float(total_weight) if total_weight else total + math.nan
        return self.reduce(losses.reshape(samples))

    def _smoothed(self, probabilities, weight):
        """weight_c * ((1 - e) * probabilities_nc + e / C)"""
        if not is_floating(probabilities):
            probabilities = probabilities.astype(weight.dtype)
        if self.label_smoothing:
            uniform = self.label_smoothing / probabilities.shape[1]
            probabilities = (1 - self.label_smoothing) * probabilities + uniform
        return probabilities if self.weight is None else probabilities * weight

    def _of_classes(self, logits, classes, weight):
        """Losses (N,) of logits (N, C) with classes (N,), and the total weight of the classes that count."""
        class_count = len(weight)
        if classes.size == 0:  # Tensor([]) holds floats
            classes = classes.astype(np.int64)
        if classes.dtype.kind not in "iu":
            raise TypeError(
                f"CrossEntropyLoss: targets that are classes must be integers, got {classes.dtype}. "
                f'Convert them with targets.astype("int64")'
            )
        counts = classes != self.ignore_index
        all_count = counts.all()
        asked = classes if all_count else classes[counts]
        outside = (asked < 0) | (asked >= class_count)
        if outside.any():
            raise IndexError(
                f"CrossEntropyLoss: target class {asked[outside][0]} is out of range for logits of "
                f"{class_count} classes: expected 0 to {class_count - 1}, or {self.ignore_index} to ignore it"
            )
        total_weight = len(asked) if self.weight is None else weight[asked].sum(dtype=np.float64)
        if self.label_smoothing:
            probabilities = np.zeros((len(classes), class_count), weight.dtype)  # those of an ignored row stay 0
            probabilities[counts, asked] = (1 - self.label_smoothing) * weight[asked]
            probabilities[counts] += self.label_smoothing / class_count * weight
            probabilities = from_numpy(probabilities)
            return cross_entropy(within_reach(logits, probabilities), probabilities), total_weight
        if not all_count:
            logits = where(counts[:, None], logits, 0.0)  # an ignored row may hold anything, and 0 * nan is nan
            classes = np.where(counts, classes, 0)
        losses = cross_entropy(logits, from_numpy(classes))
        if self.weight is None and all_count:
            return losses, total_weight
        return losses * from_numpy(np.where(counts, weight[classes], 0)), total_weight

    def _class_weights(self, class_count, dtype):
        """The class weights (C,) as an array of the logits' dtype; ones if there are none."""
        if self.weight is None:
            return np.ones(class_count, dtype)
        if self.weight.shape != (class_count,):
            raise ShapeError(
                f"CrossEntropyLoss: weight has shape {self.weight.shape}, but the logits have {class_count} "
                f"classes: it must be ({class_count},)",
                shapes=(self.weight.shape, (class_count,)),
                operation="CrossEntropyLoss",
            )
        return self.weight.data.astype(dtype)


def is_floating(tensor):
    """Whether the tensor holds floating-point numbers."""
    return tensor.dtype.kind == "f"


def within_reach(logits, probabilities):
    """The logits (N, C), of which those that are asked for with probability 0 have finite logarithms: 0 * inf is nan.

    A logit that is so far below the largest of its row that the difference could be infinite is raised; its
    exponential stays 0. In a row without any probability (ignored), anything becomes 0.
    """
    largest = float(np.finfo(logits.dtype).max)
    if (np.abs(logits.data) < largest / 4).all():
        return logits
    unasked = probabilities.data == 0
    lowest = np.clip(logits.data.max(axis=1, keepdims=True), -largest / 2, largest) - largest / 2  # (N, 1)
    return where(unasked.all(axis=1, keepdims=True), 0.0, where(unasked & (logits.data < lowest), lowest, logits))


def class_rows(tensor):
    """(N, C, ...) -> (N * ..., C): classes last, one row per sample."""
    if tensor.ndim == 2:
        return tensor
    return tensor.transpose(0, *range(2, tensor.ndim), 1).reshape(-1, tensor.shape[1])
