"""Second bodies: shapes padded to equal length; one sum after the other."""

import numpy as np

from ..errors import BroadcastingError


def broadcast_shapes(shape1, shape2, operation=None):
    length = max(len(shape1), len(shape2))
    padded1 = (1,) * (length - len(shape1)) + tuple(shape1)
    padded2 = (1,) * (length - len(shape2)) + tuple(shape2)
    joint = ()
    for i in range(length):
        if padded1[i] == padded2[i] or padded2[i] == 1:
            joint += (padded1[i],)
        elif padded1[i] == 1:
            joint += (padded2[i],)
        else:
            raise BroadcastingError(shape1, shape2, operation)
    return joint


def unbroadcast_gradient(grad, shape):
    while grad.ndim > len(shape):
        grad = np.asarray(grad.sum(axis=0))
    for axis in range(len(shape)):
        if grad.shape[axis] != shape[axis]:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad
