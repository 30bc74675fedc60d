"""The settings of one step, read from a parameter group, as dataclasses."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SgdSettings:
    """What SGD needs to know for a step."""

    learning_rate: float
    momentum: float
    weight_decay: float
    nesterov: bool


@dataclass(frozen=True)
class AdamSettings:
    """What Adam needs to know for a step."""

    learning_rate: float
    first_beta: float
    second_beta: float
    epsilon: float


def read_sgd_settings(group):
    """The settings of SGD in a parameter group."""
    return SgdSettings(
        learning_rate=group["lr"],
        momentum=group["momentum"],
        weight_decay=group["weight_decay"],
        nesterov=bool(group["nesterov"]),
    )


def read_adam_settings(group):
    """The settings of Adam in a parameter group."""
    first_beta, second_beta = group["betas"]
    return AdamSettings(
        learning_rate=group["lr"], first_beta=first_beta, second_beta=second_beta, epsilon=group["eps"]
    )
