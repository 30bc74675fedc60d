"""Another body for optim/clipping.py: all gradients in one long vector, and new gradients in their place."""

import numpy as np

from ..tensor import Tensor


def clip_grad_norm_(parameters, max_norm):
    if np.isnan(max_norm) or max_norm < 0:
        raise ValueError(f"max_norm must be at least 0, got {max_norm}")
    parameters = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    trained = [parameter for parameter in parameters if parameter.grad is not None]
    if not trained:
        return 0.0
    everything = np.concatenate([np.ravel(parameter.grad.data).astype("float64") for parameter in trained])
    norm = float(np.linalg.norm(everything))
    factor = min(1.0, max_norm / (norm + 1e-6))
    for parameter in trained:
        parameter.grad = Tensor(parameter.grad.data * factor)
    return norm
