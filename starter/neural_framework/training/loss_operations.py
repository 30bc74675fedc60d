"""Operations of losses: binary ones, as the obvious compositions are wrong at 0 and at logit 0, and a fast one."""

import numpy as np

from ..operations import LogSoftmax, Operation


class BinaryCrossEntropy(Operation):
    """z = -(t * log p + (1 - t) * log(1 - p)), elementwise; no logarithm is taken as less than -100.

    dz/dp = (p - t) / max(p * (1 - p), 1e-12),   dz/dt = log(1 - p) - log p

    Keeps p, t and both logarithms. p and t have the same shape. p = 0 or 1 gives no NumPy warning.
    """

    def forward(self, p, t):
        # TODO 4.2: see `nox -s hint -- 4.2`
        raise NotImplementedError("4.2: BinaryCrossEntropy.forward is not written yet")

    def backward(self, grad):  # grad is dL/dz, the upstream gradient, shaped like z
        # TODO 4.2: see `nox -s hint -- 4.2`
        raise NotImplementedError("4.2: BinaryCrossEntropy.backward is not written yet")


class BinaryCrossEntropyWithLogits(Operation):
    """z = -(t * log p + (1 - t) * log(1 - p)) with p = sigmoid(x), elementwise; right for every x, however large.

    dz/dx = p - t,   dz/dt = -x

    Keeps x, t and p. x and t have the same shape.
    """

    def forward(self, x, t):
        # TODO 4.2: see `nox -s hint -- 4.2`
        raise NotImplementedError("4.2: BinaryCrossEntropyWithLogits.forward is not written yet")

    def backward(self, grad):  # grad is dL/dz, the upstream gradient, shaped like z
        # TODO 4.2: see `nox -s hint -- 4.2`
        raise NotImplementedError("4.2: BinaryCrossEntropyWithLogits.backward is not written yet")


class CrossEntropy(Operation):
    """z_n = -log softmax(x)_n[class_n] in one step.   dz_n/dx_n = softmax(x_n) - (1 at class_n, 0 elsewhere)

    x (N, C), classes (N,) -> z (N,). Keeps log softmax(x).
    """

    def __init__(self, classes):
        self.classes = np.array(classes)  # a copy, as the caller may write into the array before backward

    def forward(self, x):
        # TODO extra.2: see `nox -s hint -- extra.2`
        raise NotImplementedError("extra.2: CrossEntropy.forward is not written yet")

    def backward(self, grad):  # grad is dL/dz, the upstream gradient, (N,)
        # TODO extra.2: see `nox -s hint -- extra.2`
        raise NotImplementedError("extra.2: CrossEntropy.backward is not written yet")
