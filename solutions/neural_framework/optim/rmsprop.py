"""RMSprop: steps divided by the recent size of the gradients of each element."""

import numpy as np

from .optimizer import Optimizer


class RMSprop(Optimizer):
    """s = alpha * s + (1 - alpha) * g²,   p -= lr * g / (sqrt(s) + eps)

    With momentum, p -= lr * v, where v = momentum * v + g / (sqrt(s) + eps). Weight decay adds
    weight_decay * p to g (Tieleman & Hinton 2012).
    """

    elementwise = True

    def __init__(self, params, lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0):
        defaults = {"lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay, "momentum": momentum}
        super().__init__(params, defaults)

    def update(self, parameter, grad, state, group):
        """Change `parameter.data` by one step; s is `state["square"]`, v is `state["velocity"]`."""
        if group["weight_decay"]:
            grad = grad + group["weight_decay"] * parameter.data
        if "square" not in state:
            state["square"] = np.zeros_like(parameter.data)
        state["square"] *= group["alpha"]
        state["square"] += (1 - group["alpha"]) * grad * grad
        move = grad / (np.sqrt(state["square"]) + group["eps"])
        if group["momentum"]:
            if "velocity" not in state:
                state["velocity"] = np.zeros_like(parameter.data)
            state["velocity"] *= group["momentum"]
            state["velocity"] += move
            move = state["velocity"]
        parameter.data -= group["lr"] * move
