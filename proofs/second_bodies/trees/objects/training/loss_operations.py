"""Operations of losses: binary ones, as the obvious compositions are wrong at 0 and at logit 0, and a fast one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..operations import LogSoftmax, Operation, logistic, silent, softplus, weighted

Array = np.ndarray


class Bernoulli(NamedTuple):
    """Probabilities p, targets t, and the logarithms of p and 1 - p."""

    p: Array
    t: Array
    log_p: Array
    log_q: Array


class Logits(NamedTuple):
    """Logits x and targets t."""

    x: Array
    t: Array


class BinaryCrossEntropy(Operation):
    """z = -(t * log p + (1 - t) * log(1 - p)), elementwise; no logarithm is taken as less than -100.

    dz/dp = (p - t) / max(p * (1 - p), 1e-12),   dz/dt = log(1 - p) - log p

    Keeps p, t and both logarithms. p and t have the same shape. p = 0 or 1 gives no NumPy warning.
    """

    @silent
    def forward(self, p: Array, t: Array) -> Array:
        log_p, log_q = (np.maximum(logarithm, -100) for logarithm in (np.log(p), np.log1p(-p)))
        self.kept = Bernoulli(p, t, log_p, log_q)
        return -(t * log_p + (1 - t) * log_q)

    def backward(self, grad: Array) -> tuple[Array | None, Array | None]:
        p, t, log_p, log_q = self.kept
        wide = p.astype(np.result_type(p, np.float32), copy=False)  # float16 has no 1e-12
        dp = grad * ((wide - t) / np.maximum(wide * (1 - wide), 1e-12)) if self.needs_grad(0) else None
        dt = grad * (log_q - log_p) if self.needs_grad(1) else None
        return dp, dt


class BinaryCrossEntropyWithLogits(Operation):
    """z = -(t * log p + (1 - t) * log(1 - p)) with p = sigmoid(x), elementwise; exact for every x.

    dz/dx = p - t,   dz/dt = -x

    Keeps x, t and p. x and t have the same shape.
    """

    @silent
    def forward(self, x: Array, t: Array) -> Array:
        self.kept = Logits(x, t)
        return weighted(t, softplus(-x)) + weighted(1 - t, softplus(x))

    def backward(self, grad: Array) -> tuple[Array | None, Array | None]:
        x, t = self.kept
        dx = grad * ((1 - t) * logistic(x) - t * logistic(-x)) if self.needs_grad(0) else None  # p - t, not cancelling
        dt = -grad * x if self.needs_grad(1) else None
        return dx, dt


class CrossEntropy(Operation):
    """z_n = -log softmax(x)_n[class_n] in one step.   dz_n/dx_n = softmax(x_n) - (1 at class_n, 0 elsewhere)

    x (N, C), classes (N,) -> z (N,). Keeps log softmax(x).
    """

    def __init__(self, classes):
        self.classes = np.array(classes)  # a copy, as the caller may write into the array before backward

    def forward(self, x: Array) -> Array:
        outside = self.classes[(self.classes < 0) | (self.classes >= x.shape[1])]
        if outside.size:
            raise IndexError(f"cross_entropy got class {outside[0]} for logits of {x.shape[1]} classes: expected 0 or more")
        self.logs = LogSoftmax(axis=1).forward(x)
        return -self.logs[np.arange(len(x)), self.classes]

    def backward(self, grad: Array) -> Array:
        pull = np.exp(self.logs)
        pull[np.arange(len(pull)), self.classes] -= 1
        return pull * grad[:, None]
