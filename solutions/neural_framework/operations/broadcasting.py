"""Which shapes fit together, and how a gradient finds the way back from a stretched shape."""

from itertools import zip_longest

from ..errors import BroadcastingError


def broadcast_shapes(shape1, shape2, operation=None):
    """The joint shape of two shapes: (3, 1) and (2,) -> (3, 2).

    Aligned at the right, two sizes fit if they are equal or one of them is 1; an absent one counts as 1.
    Raises BroadcastingError(shape1, shape2, operation) if they do not fit.
    """
    # exercise: 1.2
    if shape1 == shape2:  # by far the most frequent: an eighth of the time of a small operation
        return shape1
    joint = []
    for size1, size2 in zip_longest(reversed(shape1), reversed(shape2), fillvalue=1):
        if size1 != size2 and size1 != 1 and size2 != 1:
            raise BroadcastingError(shape1, shape2, operation)
        joint.append(size2 if size1 == 1 else size1)
    return tuple(reversed(joint))


def unbroadcast_gradient(grad, shape):
    """Sum `grad`, shaped like a result, back to exactly `shape`, that of an input which was stretched to it.

    A number that was used many times receives the sum of all gradients: axes that broadcasting put in front
    are summed away, axes that it stretched from size 1 are summed to size 1.
    """
    # exercise: 2.4
    if grad.shape == shape:
        return grad
    added = grad.ndim - len(shape)
    stretched = [added + axis for axis, size in enumerate(shape) if size == 1]
    return grad.sum(axis=(*range(added), *stretched), keepdims=True).reshape(shape)
