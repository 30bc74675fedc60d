"""Other bodies for optim/adam.py: the paper line by line in new arrays, the decay of AdamW after the step."""

import numpy as np


class Adam:
    def update(self, parameter, grad, state, group):
        decayed = np.array(grad)
        decayed += group["weight_decay"] * parameter.data
        self.adaptive_step(parameter, decayed, state, group)

    def adaptive_step(self, parameter, grad, state, group):
        beta1, beta2 = group["betas"]
        t = state.get("t", 0) + 1
        m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
        v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
        state.update(t=t, m=m, v=v)
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        parameter.data = np.asarray(parameter.data - group["lr"] * m_hat / (np.sqrt(v_hat) + group["eps"]))


class AdamW:
    def update(self, parameter, grad, state, group):
        shrinkage = group["lr"] * group["weight_decay"] * parameter.data
        self.adaptive_step(parameter, grad, state, group)
        parameter.data -= shrinkage
