"""Other bodies for training/loss_operations.py: softplus for the logits, and what backward needs computed anew."""

import numpy as np


class BinaryCrossEntropy:
    def forward(self, p, t):
        self.p, self.t = p, t
        self.log_p, self.log_not_p = bounded_log(p), bounded_log(1.0 - p)
        return np.negative(self.log_not_p + t * (self.log_p - self.log_not_p))

    def backward(self, grad):
        # Where p and t are both 0, or both 1, this is the true slope of size 1; PyTorch's quotient gives 0.
        dp = (1.0 - self.t) / np.maximum(1.0 - self.p, 1e-12) - self.t / np.maximum(self.p, 1e-12)
        return grad * dp, grad * (bounded_log(1.0 - self.p) - bounded_log(self.p))


class BinaryCrossEntropyWithLogits:
    def forward(self, x, t):
        self.x, self.t, self.p = x, t, np.exp(-softplus(-x))
        return t * softplus(-x) + (1.0 - t) * softplus(x)

    def backward(self, grad):
        right, wrong = np.exp(-softplus(-self.x)), np.exp(-softplus(self.x))
        return grad * ((1.0 - self.t) * right - self.t * wrong), -grad * self.x


def bounded_log(values):
    """log(values), but not less than -100."""
    positive = values > 0
    return np.where(positive, np.maximum(np.log(np.where(positive, values, 1.0)), -100.0), -100.0).astype(values.dtype)


def softplus(x):
    """log(1 + exp(x))"""
    return np.logaddexp(0.0, x)
