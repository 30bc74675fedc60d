"""torch.nn's losses, torch.utils.data's loader, and the loops of PyTorch's tutorials."""

import torch

from .modules import Layer
from .optim import clip_grad_norm_
from .tensor import no_grad, unwrapped, wrapped

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "DataLoader",
    "L1Loss",
    "MSELoss",
    "accuracy",
    "train_epoch",
    "training_step",
    "validate",
]


class MSELoss(Layer):
    """torch.nn.MSELoss"""


class L1Loss(Layer):
    """torch.nn.L1Loss"""


class BCELoss(Layer):
    """torch.nn.BCELoss"""


class BCEWithLogitsLoss(Layer):
    """torch.nn.BCEWithLogitsLoss"""


class CrossEntropyLoss(Layer):
    """torch.nn.CrossEntropyLoss"""


class DataLoader:
    """torch.utils.data's DataLoader on a TensorDataset."""

    def __init__(self, data, batch_size, shuffle=True, drop_last=False):
        dataset = torch.utils.data.TensorDataset(*unwrapped(data))
        self.loader = torch.utils.data.DataLoader(dataset, batch_size, shuffle, drop_last=drop_last)

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        return (wrapped(tuple(batch)) for batch in self.loader)


# As in "Optimizing Model Parameters" and "Transfer Learning for Computer Vision" of PyTorch's tutorials.


def training_step(model, inputs, targets, optimizer, loss_fn, max_grad_norm=None):
    """Forward, backward, step."""
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    if max_grad_norm is not None:
        clip_grad_norm_(model.parameters(), max_grad_norm)
    optimizer.step()
    return loss.item()


def train_epoch(model, loader, optimizer, loss_fn, max_grad_norm=None):
    """A step for each batch; the mean loss per sample."""
    model.train()
    running_loss, samples = 0.0, 0
    for inputs, targets in loader:
        running_loss += training_step(model, inputs, targets, optimizer, loss_fn, max_grad_norm) * len(inputs)
        samples += len(inputs)
    return running_loss / samples


def validate(model, loader, loss_fn):
    """The mean loss per sample in evaluation mode."""
    model.eval()
    running_loss, samples = 0.0, 0
    with no_grad():
        for inputs, targets in loader:
            running_loss += loss_fn(model(inputs), targets).item() * len(inputs)
            samples += len(inputs)
    return running_loss / samples


def accuracy(logits, targets):
    """The share of right guesses."""
    return (unwrapped(logits).argmax(1) == unwrapped(targets)).float().mean().item()
