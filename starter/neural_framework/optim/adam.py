"""Adam and AdamW: steps adapted to the gradients of each element."""

import math

import numpy as np

from .optimizer import Optimizer


class Adam(Optimizer):
    """p -= lr * m / (sqrt(v) + eps), with running means m of g and v of g², corrected for their start at zero.

    Weight decay adds weight_decay * p to g (Kingma & Ba 2015).
    """

    elementwise = True

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def update(self, parameter, grad, state, group):
        """Change `parameter.data` by one step: `adaptive_step` along g = grad + weight_decay * p.

        grad: ndarray with the parameter's shape, which must not change. state: this parameter's dict, empty at
        first. group: a dict with "lr", "betas", "eps" and "weight_decay".
        """
        # TODO 4.5: see `nox -s hint -- 4.5`
        raise NotImplementedError("4.5: Adam.update is not written yet")

    def adaptive_step(self, parameter, grad, state, group):
        """One step of Adam along `grad`, without weight decay.

        t = 1, 2, ... counts the steps of this parameter alone; m and v start as zeros.
        m = b1 * m + (1 - b1) * grad
        v = b2 * v + (1 - b2) * grad²
        p -= lr * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)

        Keeps t, m and v in `state`, which is empty at first. (b1, b2) is group["betas"].
        """
        # TODO 4.5: see `nox -s hint -- 4.5`
        raise NotImplementedError("4.5: Adam.adaptive_step is not written yet")


class AdamW(Adam):
    """Adam whose weight decay shrinks p directly and never enters m and v (Loshchilov & Hutter 2019)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(self, parameter, grad, state, group):
        """Change `parameter.data` by one step: p *= 1 - lr * weight_decay, then `adaptive_step`."""
        # TODO 4.5: see `nox -s hint -- 4.5`
        raise NotImplementedError("4.5: AdamW.update is not written yet")
