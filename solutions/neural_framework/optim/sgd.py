"""Stochastic gradient descent, with momentum."""

import numpy as np

from .optimizer import Optimizer


class SGD(Optimizer):
    """v = momentum * v + g (v = g in the first step),   p -= lr * v

    Nesterov's form steps along g + momentum * v instead (Sutskever et al. 2013). Weight decay adds weight_decay * p
    to g before anything else.
    """

    elementwise = True

    def __init__(self, params, lr=0.01, momentum=0.0, weight_decay=0.0, nesterov=False):
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "nesterov": nesterov}
        super().__init__(params, defaults)

    def _check_hyperparameters(self, group):
        super()._check_hyperparameters(group)
        if group["nesterov"] and not group["momentum"] > 0:
            raise ValueError(f"SGD: nesterov=True needs a momentum above 0, got {group['momentum']!r}")

    def update(self, parameter, grad, state, group):
        """Change `parameter.data` by one step; its velocity v is `state["velocity"]`.

        g = grad + weight_decay * p
        v = g in the first step of this parameter with momentum, momentum * v + g in later ones
        p -= lr * g without momentum;  lr * v with momentum;  lr * (g + momentum * v) with nesterov

        grad: ndarray with the parameter's shape, which must not change. state: this parameter's dict, empty at
        first. group: a dict with "lr", "momentum", "weight_decay" and "nesterov".
        """
        # exercise: 4.4
        momentum = group["momentum"]
        if group["weight_decay"]:
            grad = grad + group["weight_decay"] * parameter.data
        if momentum:
            if "velocity" in state:
                state["velocity"] *= momentum
                state["velocity"] += grad
            else:
                state["velocity"] = np.array(grad)
            velocity = state["velocity"]
            grad = grad + momentum * velocity if group["nesterov"] else velocity
        parameter.data -= group["lr"] * grad
