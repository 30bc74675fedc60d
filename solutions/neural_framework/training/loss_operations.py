"""Operations of losses: binary ones, as the obvious compositions are wrong at 0 and at logit 0, and a fast one."""

import numpy as np

from ..operations import LogSoftmax, Operation


class BinaryCrossEntropy(Operation):
    """z = -(t * log p + (1 - t) * log(1 - p)), elementwise; no logarithm is taken as less than -100.

    dz/dp = (p - t) / max(p * (1 - p), 1e-12),   dz/dt = log(1 - p) - log p

    Keeps p, t and both logarithms. p and t have the same shape. p = 0 or 1 gives no NumPy warning.
    """

    def forward(self, p, t):
        # exercise: 4.2
        with np.errstate(divide="ignore"):
            self.log_p = np.maximum(np.log(p), -100.0)
            self.log_not_p = np.maximum(np.log1p(-p), -100.0)
        self.p, self.t = p, t
        return -(t * self.log_p + (1.0 - t) * self.log_not_p)

    def backward(self, grad):  # grad is dL/dz, the upstream gradient, shaped like z
        # exercise: 4.2
        dp = grad * (self.p - self.t) / np.maximum(self.p * (1.0 - self.p), 1e-12)
        dt = grad * (self.log_not_p - self.log_p) if self.needs_grad(1) else None
        return dp, dt


class BinaryCrossEntropyWithLogits(Operation):
    """z = -(t * log p + (1 - t) * log(1 - p)) with p = sigmoid(x), elementwise; right for every x, however large.

    dz/dx = p - t,   dz/dt = -x

    Keeps x, t and p. x and t have the same shape.
    """

    def forward(self, x, t):
        # exercise: 4.2
        exp = np.exp(-np.abs(x))  # in (0, 1], so it never overflows
        self.p = np.where(x >= 0, 1.0, exp) / (1.0 + exp)
        self.x, self.t = x, t
        return np.maximum(x, 0.0) - x * t + np.log1p(exp)

    def backward(self, grad):  # grad is dL/dz, the upstream gradient, shaped like z
        # exercise: 4.2
        return grad * (self.p - self.t), grad * -self.x if self.needs_grad(1) else None


class CrossEntropy(Operation):
    """z_n = -log softmax(x)_n[class_n] in one step.   dz_n/dx_n = softmax(x_n) - (1 at class_n, 0 elsewhere)

    x (N, C), classes (N,) -> z (N,). Keeps log softmax(x).
    """

    def __init__(self, classes):
        self.classes = np.array(classes)  # a copy, as the caller may write into the array before backward

    def forward(self, x):
        # exercise: extra.2
        self.log_softmax = LogSoftmax(axis=1).forward(x)
        return -self.log_softmax[np.arange(len(x)), self.classes]

    def backward(self, grad):  # grad is dL/dz, the upstream gradient, (N,)
        # exercise: extra.2
        dx = np.exp(self.log_softmax)
        dx[np.arange(len(dx)), self.classes] -= 1
        return dx * grad[:, None]
