"""Learning-rate schedules: each writes `group["lr"]` of its optimizer after every epoch."""

import math

from ..modules import at_least_zero, finite, integer, one_number, python_numbers
from .optimizer import Optimizer


class Scheduler:
    """Sets every group's lr to `lr_after(base_lr, steps)`, where base_lr is the group's lr at the start.

    A subclass defines `lr_after`. Creating a scheduler sets the lr of the first epoch (steps = 0), and each
    `step()` sets that of the next. An optimizer has one scheduler at a time.
    """

    def __init__(self, optimizer):
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{self._name} schedules an Optimizer, got {type(optimizer).__name__}")
        self.optimizer = optimizer
        self.steps = 0
        self.base_lrs = [python_numbers(group["lr"]) for group in optimizer.param_groups]
        self._write_all()

    @property
    def _name(self):
        """The name of the class, for messages."""
        return type(self).__name__

    def lr_after(self, base_lr, steps):
        """The learning rate after `steps` calls of `step()`."""
        raise NotImplementedError(f"{self._name} has no lr_after(base_lr, steps): define it")

    def step(self):
        """Set the learning rate of the next epoch."""
        self.steps += 1
        self._write_all()

    def get_last_lr(self):
        """The current learning rates, one per parameter group."""
        return list(self.last_lrs)

    def state_dict(self):
        """Everything except the optimizer, as numbers, strings and lists."""
        return {key: python_numbers(value) for key, value in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state):
        """Continue where `state` was saved, and write its learning rates into the optimizer's groups.

        ValueError, and no change, if it was saved by another kind of scheduler.
        """
        expected = self.state_dict()
        if not isinstance(state, dict):
            raise ValueError(f"{self._name}: a state is a dict, as state_dict() of a scheduler gives, got {state!r}")
        if state.keys() != expected.keys():
            raise ValueError(
                f"{self._name} has the state {sorted(expected)}, got {sorted(state)}. It was saved by another "
                f"kind of scheduler"
            )
        if not isinstance(state["last_lrs"], (list, tuple)):
            raise ValueError(f"{self._name}: last_lrs is a list of learning rates, got {state['last_lrs']!r}")
        if len(state["last_lrs"]) != len(self.optimizer.param_groups):
            raise ValueError(
                f"{self._name}: the optimizer has {len(self.optimizer.param_groups)} parameter groups, the "
                f"state has {len(state['last_lrs'])}"
            )
        lists = {key: list(value) for key, value in state.items() if isinstance(value, list)}
        vars(self).update({**state, **lists})
        self._write(self.last_lrs)

    def _write_all(self):
        self._write([self.lr_after(base_lr, self.steps) for base_lr in self.base_lrs])

    def _write(self, lrs):
        groups = self.optimizer.param_groups
        if len(lrs) != len(groups):
            raise ValueError(
                f"{self._name} was created for {len(lrs)} parameter groups, but its optimizer now has {len(groups)}. "
                f"Create the scheduler after the last add_param_group"
            )
        self.last_lrs = python_numbers(list(lrs))
        for group, lr in zip(groups, self.last_lrs, strict=True):
            group["lr"] = lr


class StepLR(Scheduler):
    """lr = base * gamma^(steps // step_size): multiplied by gamma every step_size epochs."""

    def __init__(self, optimizer, step_size, gamma=0.1):
        self.step_size = integer("StepLR", "step_size", step_size, least=1)
        self.gamma = finite("StepLR", "gamma", gamma)
        super().__init__(optimizer)

    def lr_after(self, base_lr, steps):
        """base_lr, multiplied by `self.gamma` once for every full `self.step_size` of `steps` -> float."""
        # TODO 4.6: see `nox -s hint -- 4.6`
        raise NotImplementedError("4.6: StepLR.lr_after is not written yet")


class CosineAnnealingLR(Scheduler):
    """lr = eta_min + (base - eta_min) * (1 + cos(pi * steps / T_max)) / 2

    Half a cosine from base down to eta_min in T_max epochs (Loshchilov & Hutter 2017, without restarts).
    """

    def __init__(self, optimizer, T_max, eta_min=0.0):
        self.T_max = integer("CosineAnnealingLR", "T_max", T_max, least=1)
        self.eta_min = finite("CosineAnnealingLR", "eta_min", eta_min)
        super().__init__(optimizer)

    def lr_after(self, base_lr, steps):
        """base_lr at steps = 0, `self.eta_min` at steps = `self.T_max`, half a cosine between -> float."""
        # TODO 4.6: see `nox -s hint -- 4.6`
        raise NotImplementedError("4.6: CosineAnnealingLR.lr_after is not written yet")


class ExponentialLR(Scheduler):
    """lr = base * gamma^steps"""

    def __init__(self, optimizer, gamma):
        self.gamma = finite("ExponentialLR", "gamma", gamma)
        super().__init__(optimizer)

    def lr_after(self, base_lr, steps):
        """base_lr, multiplied by gamma once per step."""
        return base_lr * self.gamma**steps


class LinearWarmup(Scheduler):
    """lr = base * min(1, (steps + 1) / warmup_steps)"""

    def __init__(self, optimizer, warmup_steps):
        self.warmup_steps = integer("LinearWarmup", "warmup_steps", warmup_steps, least=1)
        super().__init__(optimizer)

    def lr_after(self, base_lr, steps):
        """A straight line up to base_lr, then constant."""
        return base_lr * min(1.0, (steps + 1) / self.warmup_steps)


class ReduceLROnPlateau(Scheduler):
    """Multiplies lr by `factor` when a metric has not improved for more than `patience` steps.

    `step(metric)` takes the number to watch. In mode "min" it has improved if metric < best * (1 - threshold) with
    threshold_mode "rel", or metric < best - threshold with "abs"; mode "max" is the mirror image. After a reduction,
    `cooldown` steps are not counted. lr never falls below min_lr.
    """

    def __init__(
        self,
        optimizer,
        mode="min",
        factor=0.1,
        patience=10,
        threshold=1e-4,
        threshold_mode="rel",
        cooldown=0,
        min_lr=0.0,
    ):
        if mode not in ("min", "max"):
            raise ValueError(f'ReduceLROnPlateau: mode must be "min" or "max", got {mode!r}')
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f'ReduceLROnPlateau: threshold_mode must be "rel" or "abs", got {threshold_mode!r}')
        self.mode, self.threshold_mode = mode, threshold_mode
        self.factor = finite("ReduceLROnPlateau", "factor", factor)
        if not 0 <= self.factor < 1:
            raise ValueError(f"ReduceLROnPlateau: factor must be at least 0 and below 1, got {factor!r}")
        self.patience = at_least_zero("ReduceLROnPlateau", "patience", patience)
        self.cooldown = at_least_zero("ReduceLROnPlateau", "cooldown", cooldown)
        self.threshold = finite("ReduceLROnPlateau", "threshold", threshold)
        self.min_lr = finite("ReduceLROnPlateau", "min_lr", min_lr)
        self.best = math.inf if mode == "min" else -math.inf
        self.bad_steps = 0
        self.cooldown_left = 0
        super().__init__(optimizer)

    def lr_after(self, base_lr, steps):
        """The lr at the start; later values depend on the metric."""
        return base_lr

    def step(self, metric):
        """Take the metric of one epoch (a number or a Tensor of one element); reduce the rates if it is time."""
        metric = one_number("ReduceLROnPlateau: step(metric) takes a number, such as a loss", metric)
        self.steps += 1
        if self._is_better(metric):
            self.best = metric
            self.bad_steps = 0
        else:
            self.bad_steps += 1
        if self.cooldown_left > 0:
            self.cooldown_left -= 1
            self.bad_steps = 0
        lrs = [group["lr"] for group in self.optimizer.param_groups]
        if self.bad_steps > self.patience:
            self.cooldown_left = self.cooldown
            self.bad_steps = 0
            lrs = [self._reduced(lr) for lr in lrs]
        self._write(lrs)

    def _is_better(self, metric):
        margin = self.threshold * (self.best if self.threshold_mode == "rel" else 1.0)
        if math.isinf(self.best):  # no metric yet, and inf - inf is nan
            margin = 0.0
        return metric < self.best - margin if self.mode == "min" else metric > self.best + margin

    def _reduced(self, lr):
        reduced = max(lr * self.factor, self.min_lr)
        return reduced if lr - reduced > 1e-8 else lr  # PyTorch's eps: smaller reductions are skipped
