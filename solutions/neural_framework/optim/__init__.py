"""Optimizers, learning-rate schedulers and gradient clipping: everything that changes parameters."""

from .adam import Adam, AdamW
from .clipping import clip_grad_norm_, clip_grad_value_, sum_of_squares
from .optimizer import Optimizer
from .rmsprop import RMSprop
from .schedulers import (
    CosineAnnealingLR,
    ExponentialLR,
    LinearWarmup,
    ReduceLROnPlateau,
    Scheduler,
    StepLR,
)
from .sgd import SGD

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "CosineAnnealingLR",
    "ExponentialLR",
    "LinearWarmup",
    "Optimizer",
    "RMSprop",
    "ReduceLROnPlateau",
    "Scheduler",
    "StepLR",
    "clip_grad_norm_",
    "clip_grad_value_",
    "sum_of_squares",
]
