"""Where a step of gradient descent goes: a strategy for each kind of momentum."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

Array = np.ndarray
State = dict[str, Any]
Move = Callable[[Array, State], Array]


def steepest(grad: Array, state: State) -> Array:
    """Along the gradient."""
    return grad


def rolling(momentum: float, grad: Array, state: State) -> Array:
    """Along the velocity."""
    if "velocity" in state:
        state["velocity"] *= momentum
        state["velocity"] += grad
    else:
        state["velocity"] = np.array(grad)
    return state["velocity"]


def looking_ahead(momentum: float, grad: Array, state: State) -> Array:
    """Along the gradient and the velocity that follows from it."""
    return grad + momentum * rolling(momentum, grad, state)


def move_of(group: State) -> Move:
    """The strategy that the settings ask for."""
    match group:
        case {"momentum": 0 | 0.0}:
            return steepest
        case {"momentum": momentum, "nesterov": nesterov} if nesterov:
            return partial(looking_ahead, momentum)
        case {"momentum": momentum}:
            return partial(rolling, momentum)


def decayed(parameter: Any, grad: Array, group: State) -> Array:
    """grad + weight_decay * p; the gradient itself without decay."""
    decay = group["weight_decay"]
    return grad + decay * parameter.data if decay else grad
