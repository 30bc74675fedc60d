"""Losses: modules that turn predictions and targets into the number to minimise."""

import math

import numpy as np

from ..errors import ShapeError
from ..modules import Module, real
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
        # exercise: 4.1
        difference = predictions - self.matching(predictions, targets)
        return self.reduce(difference * difference)


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
        predictions = as_tensor(predictions)
        targets = self.matching(predictions, targets)
        values = predictions.data
        if np.any((values < 0) | (values > 1)):
            raise ValueError(
                f"BCELoss: predictions must be probabilities between 0 and 1, but got values from "
                f"{values.min():.4g} to {values.max():.4g}. Apply a sigmoid, or use BCEWithLogitsLoss"
            )
        return self.reduce(apply(BinaryCrossEntropy(), predictions, targets))


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of p = sigmoid(x), computed from the logits x and therefore exact for large ones."""

    def forward(self, predictions, targets):
        """x and t have the same shape, which may be any."""
        predictions = as_tensor(predictions)
        targets = self.matching(predictions, targets)
        return self.reduce(apply(BinaryCrossEntropyWithLogits(), predictions, targets))


def cross_entropy(logits, probabilities):
    """losses_n = -sum_c probabilities_nc * log softmax(logits)_nc

    logits (N, C) and probabilities (N, C), both Tensors -> losses (N,). A row of probabilities may have any sum, as
    CrossEntropyLoss multiplies class weights into it. Exact for logits of 1e4.
    """
    # exercise: 4.3
    return apply(CrossEntropy(), logits, probabilities)


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
            weight = np.array(weight, np.float64)  # `forward` converts it to the logits' dtype
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def extra_repr(self):
        return f"ignore_index={self.ignore_index}, label_smoothing={self.label_smoothing}, {super().extra_repr()}"

    def forward(self, logits, targets):
        """Bring everything to (N, C), apply the weights to the probabilities, and reduce `cross_entropy`."""
        logits, targets = as_tensor(logits), as_tensor(targets)
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
        if targets.shape == logits.shape:
            probabilities, total_weight = self._smoothed(class_rows(targets), weight), math.prod(samples)
        else:
            probabilities, total_weight = self._one_hot(targets.data.reshape(-1), weight)

        losses = cross_entropy(without_unused_infinities(class_rows(logits), probabilities), probabilities)
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

    def _one_hot(self, classes, weight):
        """Classes (N,) -> their smoothed and weighted probabilities (N, C), and their total weight.

        An ignored class has a row of zeros and no weight.
        """
        class_count = len(weight)
        if classes.dtype.kind not in "iu":
            raise TypeError(
                f"CrossEntropyLoss: targets that are classes must be integers, got {classes.dtype}. "
                f'Convert them with targets.astype("int64")'
            )
        rows = np.flatnonzero(classes != self.ignore_index)
        asked = classes[rows]
        outside = (asked < 0) | (asked >= class_count)
        if outside.any():
            raise IndexError(
                f"CrossEntropyLoss: target class {asked[outside][0]} is out of range for logits of "
                f"{class_count} classes: expected 0 to {class_count - 1}, or {self.ignore_index} to ignore it"
            )
        weights = weight[asked]
        probabilities = np.zeros((len(classes), class_count), weight.dtype)
        probabilities[rows, asked] = weights
        if self.label_smoothing:
            uniform = self.label_smoothing / class_count * weight
            probabilities[rows] = (1 - self.label_smoothing) * probabilities[rows] + uniform
        return from_numpy(probabilities), weights.sum()

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


def without_unused_infinities(logits, probabilities):
    """The logits (N, C), with a finite number for infinite ones that have no probability: 0 * inf would be nan.

    These are -inf where the probability is 0, and anything in a row without any probability (ignored).
    """
    if np.isfinite(logits.data).all():
        return logits
    unasked = probabilities.data == 0
    unused = unasked & np.isneginf(logits.data) | unasked.all(axis=1, keepdims=True)
    return where(unused, float(np.finfo(logits.dtype).min) / 2, logits)  # its exponential is 0, like that of -inf


def class_rows(tensor):
    """(N, C, ...) -> (N * ..., C): classes last, one row per sample."""
    if tensor.ndim == 2:
        return tensor
    return tensor.transpose(0, *range(2, tensor.ndim), 1).reshape(-1, tensor.shape[1])
