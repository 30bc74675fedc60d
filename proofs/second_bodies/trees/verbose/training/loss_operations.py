"""Operations of losses: binary ones, as the obvious compositions are wrong at 0 and at logit 0, and a fast one."""

import numpy as np

from ..operations import Operation
from ..operations.small_steps.stable import softplus, stable_log_softmax, stable_sigmoid
from .loss_cards import LogitCard, LogSoftmaxCard, ProbabilityCard, wide_copy


class BinaryCrossEntropy(Operation):
    """z = -(t * log p + (1 - t) * log(1 - p)), elementwise; no logarithm is taken as less than -100.

    dz/dp = (p - t) / max(p * (1 - p), 1e-12),   dz/dt = log(1 - p) - log p

    Keeps p, t and both logarithms. p and t have the same shape. p = 0 or 1 gives no NumPy warning.
    """

    def forward(self, p, t):
        probabilities = wide_copy(p)
        targets = wide_copy(t)
        with np.errstate(all="ignore"):
            logarithms = np.asarray(np.maximum(np.log(probabilities), -100))
            opposite_logarithms = np.asarray(np.maximum(np.log1p(-probabilities), -100))
            losses = -(targets * logarithms + (1 - targets) * opposite_logarithms)
        self.result_dtype = np.result_type(p.dtype, t.dtype)
        self.card = ProbabilityCard(probabilities, targets, logarithms, opposite_logarithms)
        return np.asarray(losses).astype(self.result_dtype)

    def backward(self, grad):  # grad is dL/dz, the upstream gradient, shaped like z
        card = self.card
        spread_of_outcomes = card.probabilities * (1 - card.probabilities)
        denominator = np.maximum(spread_of_outcomes, 1e-12)
        slope = (card.probabilities - card.targets) / denominator
        target_slope = card.opposite_logarithms - card.logarithms
        return np.asarray(grad * slope), np.asarray(grad * target_slope)


class BinaryCrossEntropyWithLogits(Operation):
    """z = -(t * log p + (1 - t) * log(1 - p)) with p = sigmoid(x), elementwise; exact for every x.

    dz/dx = p - t,   dz/dt = -x

    Keeps x, t and p. x and t have the same shape.
    """

    def forward(self, x, t):
        logits = wide_copy(x)
        targets = wide_copy(t)
        with np.errstate(all="ignore"):
            cost_of_missing = np.asarray(targets * softplus(-logits))
            cost_of_alarm = np.asarray((1 - targets) * softplus(logits))
            # Where a cost does not count, it is 0 even if it would be infinite.
            cost_of_missing[np.asarray(targets == 0)] = 0
            cost_of_alarm[np.asarray(targets == 1)] = 0
            losses = cost_of_missing + cost_of_alarm
            losses = np.where(np.isnan(logits), logits, losses)
            self.card = LogitCard(logits, targets, stable_sigmoid(logits), stable_sigmoid(-logits))
        return np.asarray(losses).astype(np.result_type(x.dtype, t.dtype))

    def backward(self, grad):  # grad is dL/dz, the upstream gradient, shaped like z
        card = self.card
        slope = (1 - card.targets) * card.sigmoids - card.targets * card.opposite_sigmoids
        target_slope = np.negative(card.logits)
        return np.asarray(grad * slope), np.asarray(grad * target_slope)


class CrossEntropy(Operation):
    """z_n = -log softmax(x)_n[class_n] in one step.   dz_n/dx_n = softmax(x_n) - (1 at class_n, 0 elsewhere)

    x (N, C), classes (N,) -> z (N,). Keeps log softmax(x).
    """

    def __init__(self, classes):
        self.classes = np.array(classes)  # a copy, as the caller may write into the array before backward

    def forward(self, x):
        with np.errstate(all="ignore"):
            logarithms = stable_log_softmax(x, 1)
        self.card = LogSoftmaxCard(np.array(logarithms, copy=True))
        losses = np.zeros((x.shape[0],), dtype=x.dtype)
        for sample in range(x.shape[0]):
            class_of_sample = self.classes[sample]
            losses[sample] = -logarithms[sample, class_of_sample]
        return losses

    def backward(self, grad):  # grad is dL/dz, the upstream gradient, (N,)
        gradient = np.exp(self.card.logarithms)
        for sample in range(gradient.shape[0]):
            class_of_sample = self.classes[sample]
            gradient[sample, class_of_sample] = gradient[sample, class_of_sample] - 1
            gradient[sample] = gradient[sample] * grad[sample]
        return gradient
