"""Other bodies for optim/schedulers.py: one cut after the other, and the half-angle of the cosine."""

import math


class StepLR:
    def lr_after(self, base_lr, steps):
        lr = base_lr
        for step in range(1, steps + 1):
            if step % self.step_size == 0:
                lr *= self.gamma
        return lr


class CosineAnnealingLR:
    def lr_after(self, base_lr, steps):
        share = math.cos(0.5 * math.pi * steps / self.T_max) ** 2  # (1 + cos(2 a)) / 2
        return share * base_lr + (1.0 - share) * self.eta_min
