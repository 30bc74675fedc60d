"""Watching gradients while a model trains."""

import math
import warnings

import numpy as np

from ..modules import integer, one_number
from ..optim import sum_of_squares
from .loops import instability_error

EXPLODING = 10.0
VANISHING = 1e-7


class TrainingMonitor:
    """Watches losses and gradient norms; call `log_step` after each `backward`.

    The norm of a step is the joint norm of all its gradients; a step without gradients has none. A nan raises
    NumericalInstabilityError at once. Every check_frequency steps, the norms since the last check are examined: any
    above 10 (exploding) or all below 1e-7 (vanishing) give a RuntimeWarning, once for each of the two causes.
    """

    def __init__(self, check_frequency=10):
        self.check_frequency = integer("TrainingMonitor", "check_frequency", check_frequency, least=1)
        self.steps = 0
        self.last_loss = None
        self.last_gradient_norm = None
        self._recent_norms = []
        self._warnings = {}  # cause -> message

    def log_step(self, loss, gradients):
        """Record a step: its loss (number or Tensor) and {name: gradient}, each a Tensor, an array or None."""
        loss = one_number("TrainingMonitor: a loss is one number", loss)
        if not isinstance(gradients, dict):
            got = type(gradients).__name__
            raise TypeError(f"TrainingMonitor: gradients are a dict, such as {{name: parameter.grad}}, got {got}")
        gradients = {name: np.asarray(grad) for name, grad in gradients.items() if grad is not None}
        self.steps += 1
        for name, array in {"loss": np.asarray(loss), **gradients}.items():
            self._refuse_nan(name, array)
        self.last_loss = loss
        self.last_gradient_norm = math.sqrt(sum(sum_of_squares(grad) for grad in gradients.values()))
        if gradients:
            self._recent_norms.append(self.last_gradient_norm)
        if self.steps % self.check_frequency == 0 and self._recent_norms:
            self._check(self._recent_norms)
            self._recent_norms = []

    def get_diagnostics(self):
        """{"steps", "last_loss", "last_gradient_norm", "warnings": the messages so far}."""
        return {
            "steps": self.steps,
            "last_loss": self.last_loss,
            "last_gradient_norm": self.last_gradient_norm,
            "warnings": list(self._warnings.values()),
        }

    def _refuse_nan(self, name, array):
        if np.isnan(array).any():
            repair = "Try a smaller learning rate, and look for nan in the data"
            raise instability_error(name, array, f" at step {self.steps}; expected no nan. {repair}")

    def _check(self, norms):
        largest, period = max(norms), f"in the {self.check_frequency} steps up to step {self.steps}"
        if largest > EXPLODING:
            self._warn(
                "exploding",
                f"exploding gradients: the norm reached {largest:.3g} {period}, expected at most "
                f"{EXPLODING:g}. Try a smaller learning rate, or clip_grad_norm_",
            )
        elif largest < VANISHING:
            self._warn(
                "vanishing",
                f"vanishing gradients: the norm was at most {largest:.3g} {period}, expected above "
                f"{VANISHING:g}. Try another initialisation or activation",
            )

    def _warn(self, cause, message):
        if cause not in self._warnings:
            self._warnings[cause] = message
            warnings.warn(message, RuntimeWarning, stacklevel=4)  # names the caller of log_step


def check_gradient_flow(model):
    """{parameter name: norm of its gradient}, 0.0 if there is none.

    One RuntimeWarning names the parameters without a gradient, another those whose gradient is zero.
    """
    missing, zero, norms = [], [], {}
    for name, parameter in model.named_parameters():
        norms[name] = 0.0 if parameter.grad is None else math.sqrt(sum_of_squares(parameter.grad.data))
        if parameter.grad is None:
            missing.append(name)
        elif norms[name] == 0.0:
            zero.append(name)
    if missing:
        warnings.warn(
            f"no gradient (None) for {', '.join(missing)}: backward has not run, or the loss does not depend on them",
            RuntimeWarning,
            stacklevel=2,
        )
    if zero:
        warnings.warn(
            f"the gradient is zero for {', '.join(zero)}: they cannot learn from this batch. Dead ReLUs and "
            f"weights that are all zero are common causes",
            RuntimeWarning,
            stacklevel=2,
        )
    return norms
