"""Which shapes broadcast, and how a gradient is summed back to the shape before broadcasting."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np

from ..errors import BroadcastingError
from .accumulation import accumulate


def broadcast_shapes(
    shape1: tuple[int, ...], shape2: tuple[int, ...], operation: str | None = None
) -> tuple[int, ...]:
    """The joint shape of two shapes: (3, 1) and (2,) -> (3, 2).

    The shapes are aligned at the right. Two sizes fit if they are equal or one of them is 1; a missing one counts as 1.
    Raises BroadcastingError(shape1, shape2, operation) if they do not fit.
    """
    first, second = tuple(shape1), tuple(shape2)
    if first == second:
        return first
    joint: list[int] = []
    for pair in zip_longest(reversed(first), reversed(second), fillvalue=1):
        match pair:
            case (a, b) if a == b or b == 1:
                joint.append(a)
            case (1, b):
                joint.append(b)
            case _:
                raise BroadcastingError(first, second, operation)
    return tuple(reversed(joint))


def unbroadcast_gradient(grad: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum `grad`, shaped like a result, back to exactly `shape`, the shape of an input that was stretched to it.

    An element that was used several times receives the sum of its gradients: axes that broadcasting added in front
    are summed away, and axes that it stretched from size 1 are summed to size 1.
    """
    if grad.shape == tuple(shape):
        return grad
    added = grad.ndim - len(shape)
    stretched = (added + i for i, size in enumerate(shape) if size == 1 and grad.shape[added + i] != 1)
    axes = (*range(added), *stretched)
    return np.asarray(accumulate(grad, axes)).reshape(shape)
