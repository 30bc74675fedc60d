"""Which shapes fit together, and how a gradient finds the way back from a stretched shape."""

from itertools import zip_longest

from ..errors import BroadcastingError


def broadcast_shapes(shape1, shape2, operation=None):
    """The joint shape of two shapes: (3, 1) and (2,) -> (3, 2).

    Aligned at the right, two sizes fit if they are equal or one of them is 1; an absent one counts as 1.
    Raises BroadcastingError(shape1, shape2, operation) if they do not fit.
    """
    # TODO 1.2: see `nox -s hint -- 1.2`
    raise NotImplementedError("1.2: broadcast_shapes is not written yet")


def unbroadcast_gradient(grad, shape):
    """Sum `grad`, shaped like a result, back to exactly `shape`, that of an input which was stretched to it.

    A number that was used many times receives the sum of all gradients: axes that broadcasting put in front
    are summed away, axes that it stretched from size 1 are summed to size 1.
    """
    # TODO 2.4: see `nox -s hint -- 2.4`
    raise NotImplementedError("2.4: unbroadcast_gradient is not written yet")
