"""Losses, data, training loops, checkpoints and the monitor: everything that training a model needs."""

from .checkpoints import load_checkpoint, save_checkpoint
from .data import DataLoader
from .loops import accuracy, fit, train_epoch, training_step, validate
from .losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, Loss, MSELoss, cross_entropy
from .monitor import TrainingMonitor, check_gradient_flow

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "DataLoader",
    "L1Loss",
    "Loss",
    "MSELoss",
    "TrainingMonitor",
    "accuracy",
    "check_gradient_flow",
    "cross_entropy",
    "fit",
    "load_checkpoint",
    "save_checkpoint",
    "train_epoch",
    "training_step",
    "validate",
]
