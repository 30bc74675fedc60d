"""Which shapes broadcast, and how a gradient is summed back to the shape before broadcasting."""

import numpy as np

from ..errors import BroadcastingError
from .accumulation import accumulate


def broadcast_shapes(shape1, shape2, operation=None):
    """The joint shape of two shapes: (3, 1) and (2,) -> (3, 2).

    The shapes are aligned at the right. Two sizes fit if they are equal or one of them is 1; a missing one counts as 1.
    Raises BroadcastingError(shape1, shape2, operation) if they do not fit.
    """
    n = max(len(shape1), len(shape2))
    a, b = ((1,) * (n - len(s)) + tuple(s) for s in (shape1, shape2))
    if any(p != q and 1 not in (p, q) for p, q in zip(a, b, strict=True)):
        raise BroadcastingError(shape1, shape2, operation)
    return tuple(q if p == 1 else p for p, q in zip(a, b, strict=True))


def unbroadcast_gradient(grad, shape):
    """Sum `grad`, shaped like a result, back to exactly `shape`, the shape of an input that was stretched to it.

    An element that was used several times receives the sum of its gradients: axes that broadcasting added in front
    are summed away, and axes that it stretched from size 1 are summed to size 1.
    """
    if grad.shape == tuple(shape):
        return grad
    k = grad.ndim - len(shape)
    axes = (*range(k), *(k + i for i, n in enumerate(shape) if n == 1 != grad.shape[k + i]))
    return np.reshape(accumulate(grad, axes) if axes else grad, shape)
