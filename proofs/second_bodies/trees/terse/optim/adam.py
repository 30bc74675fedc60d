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
        lam = group["weight_decay"]
        self.adaptive_step(parameter, grad + lam * parameter.data if lam else grad, state, group)

    def adaptive_step(self, parameter, grad, state, group):
        """One step of Adam along `grad`, without weight decay.

        t = 1, 2, ... counts the steps of this parameter alone; m and v start as zeros.
        m = b1 * m + (1 - b1) * grad
        v = b2 * v + (1 - b2) * grad²
        p -= lr * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)

        Keeps t, m and v in `state`, which is empty at first. (b1, b2) is group["betas"].
        """
        if not state:
            state.update(t=0, m=np.zeros_like(parameter.data), v=np.zeros_like(parameter.data))
        state["t"] += 1
        b, (m, v) = group["betas"], (state["m"], state["v"])
        for s, beta, x in zip((m, v), b, (grad, grad * grad), strict=True):
            s[...] = beta * s + (1 - beta) * x
        c1, c2 = (1 - beta ** state["t"] for beta in b)
        parameter.data -= group["lr"] * (m / c1) / (np.sqrt(v / c2) + group["eps"])


class AdamW(Adam):
    """Adam whose weight decay shrinks p directly and never enters m and v (Loshchilov & Hutter 2019)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(self, parameter, grad, state, group):
        """Change `parameter.data` by one step: p *= 1 - lr * weight_decay, then `adaptive_step`."""
        parameter.data *= 1 - group["lr"] * group["weight_decay"]
        self.adaptive_step(parameter, grad, state, group)
