"""How two inputs share a gradient."""

import numpy as np

from .arrays import own_array


def share_between_two(grad, loses, is_tie):
    """The gradient of one of two inputs: nothing where it loses, half at a tie, otherwise all of it."""
    gradient = own_array(grad)
    gradient[loses] = 0
    gradient[is_tie] = np.asarray(grad)[is_tie] / 2
    return gradient
