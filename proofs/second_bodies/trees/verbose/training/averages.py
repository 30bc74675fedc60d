"""Averages over batches."""

from dataclasses import dataclass


@dataclass
class WeightedTotal:
    """A sum of values, each weighted, and the sum of the weights."""

    weighted_sum: float = 0.0
    total_weight: int = 0

    def add(self, value, weight):
        """Add a value with its weight."""
        self.weighted_sum = self.weighted_sum + float(value) * weight
        self.total_weight = self.total_weight + weight


@dataclass
class RememberedMode:
    """A module, and the mode in which it was."""

    module: object
    training: bool


def remember_modes(model):
    """The modes of a model and of everything inside it."""
    remembered = []
    for module in model.modules():
        remembered.append(RememberedMode(module, module.training))
    return remembered


def restore_modes(remembered):
    """Set every module back to the mode in which it was."""
    for entry in remembered:
        entry.module.training = entry.training
