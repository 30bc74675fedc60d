"""Operations of losses: binary ones, as the obvious compositions are wrong at 0 and at logit 0, and a fast one."""

import numpy as np

from ..operations import LogSoftmax, Pullback, silent


class BinaryCrossEntropy(Pullback):
    """z = -(t * log p + (1 - t) * log(1 - p)), elementwise; no logarithm is taken as less than -100.

    dz/dp = (p - t) / max(p * (1 - p), 1e-12),   dz/dt = log(1 - p) - log p

    Keeps p, t and both logarithms. p and t have the same shape. p = 0 or 1 gives no NumPy warning.
    """

    @silent
    def forward(self, p, t):
        Lp, Lq = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)
        self.D = {
            0: lambda g: g * (p - t) / np.maximum(p * (1 - p), max(1e-12, np.finfo(p.dtype).tiny)),
            1: lambda g: g * (Lq - Lp),
        }
        return -(t * Lp + (1 - t) * Lq)


class BinaryCrossEntropyWithLogits(Pullback):
    """z = -(t * log p + (1 - t) * log(1 - p)) with p = sigmoid(x), elementwise; exact for every x.

    dz/dx = p - t,   dz/dt = -x

    Keeps x, t and p. x and t have the same shape.
    """

    @silent
    def forward(self, x, t):
        e = np.exp(-np.abs(x))
        softplus = lambda u: np.maximum(u, 0) + np.log1p(e)
        times = lambda w, u: np.where(w == 0, 0, w * u)  # what has no weight costs nothing, though it be infinite
        self.D = {0: lambda g: g * (np.exp(np.minimum(x, 0)) / (1 + e) - t), 1: lambda g: -g * x}
        return times(t, softplus(-x)) + times(1 - t, softplus(x))


class CrossEntropy(Pullback):
    """z_n = -log softmax(x)_n[class_n] in one step.   dz_n/dx_n = softmax(x_n) - (1 at class_n, 0 elsewhere)

    x (N, C), classes (N,) -> z (N,). Keeps log softmax(x).
    """

    def __init__(self, classes):
        self.classes = np.array(classes)  # a copy, as the caller may write into the array before backward

    @silent
    def forward(self, x):
        y, pick = LogSoftmax(1).forward(x), (np.arange(len(x)), self.classes)

        def dx(g):
            p = np.exp(y)
            p[pick] -= 1
            return p * g[:, None]

        self.D = {0: dx}
        return -y[pick]
