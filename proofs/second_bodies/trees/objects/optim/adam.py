"""Adam and AdamW: steps adapted to the gradients of each element."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..tensor import Tensor
from .moves import decayed
from .optimizer import Optimizer


class RunningMean(NamedTuple):
    """An exponential mean, kept in a parameter's state under its name."""

    name: str
    beta: float

    def update(self, state: dict[str, Any], value: np.ndarray, count: int) -> np.ndarray:
        """Take in a value, the count-th; the mean, corrected for its start at zero."""
        mean = state[self.name] if self.name in state else np.zeros_like(value)
        mean *= self.beta
        mean += (1 - self.beta) * value
        state[self.name] = mean
        return mean / (1 - self.beta**count)


class Adam(Optimizer):
    """p -= lr * m / (sqrt(v) + eps), with running means m of g and v of g², corrected for their start at zero.

    Weight decay adds weight_decay * p to g (Kingma & Ba 2015).
    """

    elementwise = True

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def update(self, parameter: Tensor, grad: np.ndarray, state: dict[str, Any], group: dict[str, Any]) -> None:
        """Change `parameter.data` by one step: `adaptive_step` along g = grad + weight_decay * p.

        grad: ndarray with the parameter's shape, which must not change. state: this parameter's dict, empty at
        first. group: a dict with "lr", "betas", "eps" and "weight_decay".
        """
        self.adaptive_step(parameter, decayed(parameter, grad, group), state, group)

    def adaptive_step(self, parameter: Tensor, grad: np.ndarray, state: dict[str, Any], group: dict[str, Any]) -> None:
        """One step of Adam along `grad`, without weight decay.

        t = 1, 2, ... counts the steps of this parameter alone; m and v start as zeros.
        m = b1 * m + (1 - b1) * grad
        v = b2 * v + (1 - b2) * grad²
        p -= lr * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)

        Keeps t, m and v in `state`, which is empty at first. (b1, b2) is group["betas"].
        """
        first, second = (RunningMean(*setting) for setting in zip(("mean", "mean_square"), group["betas"], strict=True))
        state["count"] = count = state.get("count", 0) + 1
        direction = first.update(state, grad, count)
        scale = second.update(state, grad * grad, count)
        with np.errstate(all="ignore"):
            parameter.data -= group["lr"] * direction / (np.sqrt(scale) + group["eps"])


class AdamW(Adam):
    """Adam whose weight decay shrinks p directly and never enters m and v (Loshchilov & Hutter 2019)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(self, parameter: Tensor, grad: np.ndarray, state: dict[str, Any], group: dict[str, Any]) -> None:
        """Change `parameter.data` by one step: p *= 1 - lr * weight_decay, then `adaptive_step`."""
        parameter.data *= 1 - group["lr"] * group["weight_decay"]
        self.adaptive_step(parameter, grad, state, group)
