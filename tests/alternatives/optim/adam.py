"""Other bodies for optim/adam.py: the paper line by line in new arrays, one entry of the state for all three."""

import numpy as np


class Adam:
    def update(self, parameter, grad, state, group):
        decayed = np.array(grad)
        decayed += group["weight_decay"] * parameter.data
        self.adaptive_step(parameter, decayed, state, group)

    def adaptive_step(self, parameter, grad, state, group):
        beta1, beta2 = group["betas"]
        t, m, v = state.get("moments", (0, 0.0, 0.0))
        t = t + 1
        m = beta1 * m + (1 - beta1) * grad
        v = beta2 * v + (1 - beta2) * grad**2
        state["moments"] = (t, m, v)
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        parameter.data = np.asarray(parameter.data - group["lr"] * m_hat / (np.sqrt(v_hat) + group["eps"]))


class AdamW:
    def update(self, parameter, grad, state, group):
        shrinkage = group["lr"] * group["weight_decay"] * parameter.data
        self.adaptive_step(parameter, grad, state, group)
        parameter.data -= shrinkage
