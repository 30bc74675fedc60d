"""Which shapes broadcast, and how a gradient is summed back to the shape before broadcasting."""

from itertools import zip_longest

from ..errors import BroadcastingError
from .accumulation import accumulate


def broadcast_shapes(shape1, shape2, operation=None):
    """The joint shape of two shapes: (3, 1) and (2,) -> (3, 2).

    The shapes are aligned at the right. Two sizes fit if they are equal or one of them is 1; a missing one counts as 1.
    Raises BroadcastingError(shape1, shape2, operation) if they do not fit.
    """
    # TODO 1.2: see `nox -s hint -- 1.2`
    raise NotImplementedError("1.2: broadcast_shapes is not written yet")


def unbroadcast_gradient(grad, shape):
    """Sum `grad`, shaped like a result, back to exactly `shape`, the shape of an input that was stretched to it.

    An element that was used several times receives the sum of its gradients: axes that broadcasting added in front
    are summed away, and axes that it stretched from size 1 are summed to size 1.
    """
    # TODO 2.4: see `nox -s hint -- 2.4`
    raise NotImplementedError("2.4: unbroadcast_gradient is not written yet")
