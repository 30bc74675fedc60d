"""torch.optim's optimizers for Tensors, its schedulers, and clipping."""

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, ReduceLROnPlateau, StepLR

from .tensor import Tensor

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "CosineAnnealingLR",
    "ExponentialLR",
    "RMSprop",
    "ReduceLROnPlateau",
    "StepLR",
    "clip_grad_norm_",
    "clip_grad_value_",
]


def values(params):
    """The torch.Tensors of Tensors, also those of group dicts."""
    return [{**p, "params": values(p["params"])} if isinstance(p, dict) else p.value for p in params]


class SGD(torch.optim.SGD):
    """torch.optim.SGD"""

    def __init__(self, params, **settings):
        super().__init__(values(params), **settings)


class Adam(torch.optim.Adam):
    """torch.optim.Adam"""

    def __init__(self, params, **settings):
        super().__init__(values(params), **settings)


class AdamW(torch.optim.AdamW):
    """torch.optim.AdamW"""

    def __init__(self, params, **settings):
        super().__init__(values(params), **settings)


class RMSprop(torch.optim.RMSprop):
    """torch.optim.RMSprop"""

    def __init__(self, params, **settings):
        super().__init__(values(params), **settings)


def clip_grad_norm_(parameters, max_norm):
    """The norm of all gradients before they are scaled down to max_norm."""
    parameters = [parameters] if isinstance(parameters, Tensor) else parameters
    return torch.nn.utils.clip_grad_norm_(values(parameters), max_norm).item()


def clip_grad_value_(parameters, clip_value):
    """Cut every element of the gradients."""
    torch.nn.utils.clip_grad_value_(values(parameters), clip_value)
