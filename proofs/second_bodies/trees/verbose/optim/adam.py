"""Adam and AdamW: steps adapted to the gradients of each element."""

import numpy as np

from .optimizer import Optimizer
from .step_cards import read_adam_settings


class Adam(Optimizer):
    """p -= lr * m / (sqrt(v) + eps), with running means m of g and v of g², corrected for their start at zero.

    Weight decay adds weight_decay * p to g (Kingma & Ba 2015).
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def update(self, parameter, grad, state, group):
        """Change `parameter.data` by one step: `adaptive_step` along g = grad + weight_decay * p.

        grad: ndarray with the parameter's shape, which must not change. state: this parameter's dict, empty at
        first. group: a dict with "lr", "betas", "eps" and "weight_decay".
        """
        gradient = np.array(grad, copy=True)
        if group["weight_decay"] != 0:
            decay = group["weight_decay"] * parameter.data
            gradient = gradient + decay
        self.adaptive_step(parameter, gradient, state, group)

    def adaptive_step(self, parameter, grad, state, group):
        """One step of Adam along `grad`, without weight decay.

        t = 1, 2, ... counts the steps of this parameter alone; m and v start as zeros.
        m = b1 * m + (1 - b1) * grad
        v = b2 * v + (1 - b2) * grad²
        p -= lr * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)

        Keeps t, m and v in `state`, which is empty at first. (b1, b2) is group["betas"].
        """
        settings = read_adam_settings(group)
        if "step_count" not in state:
            state["step_count"] = 0
            state["mean_of_gradients"] = np.zeros(parameter.shape, dtype=parameter.dtype)
            state["mean_of_squares"] = np.zeros(parameter.shape, dtype=parameter.dtype)
        step_count = state["step_count"] + 1
        old_mean = state["mean_of_gradients"]
        old_square = state["mean_of_squares"]
        new_mean = settings.first_beta * old_mean + (1 - settings.first_beta) * grad
        new_square = settings.second_beta * old_square + (1 - settings.second_beta) * np.square(grad)
        state["step_count"] = step_count
        state["mean_of_gradients"] = np.array(new_mean, copy=True)
        state["mean_of_squares"] = np.array(new_square, copy=True)
        first_correction = 1 - settings.first_beta**step_count
        second_correction = 1 - settings.second_beta**step_count
        corrected_mean = new_mean / first_correction
        corrected_square = new_square / second_correction
        root = np.sqrt(corrected_square)
        move = settings.learning_rate * corrected_mean / (root + settings.epsilon)
        parameter.data[...] = parameter.data - move


class AdamW(Adam):
    """Adam whose weight decay shrinks p directly and never enters m and v (Loshchilov & Hutter 2019)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(self, parameter, grad, state, group):
        """Change `parameter.data` by one step: p *= 1 - lr * weight_decay, then `adaptive_step`."""
        remaining_share = 1 - group["lr"] * group["weight_decay"]
        parameter.data[...] = parameter.data * remaining_share
        self.adaptive_step(parameter, np.array(grad, copy=True), state, group)
