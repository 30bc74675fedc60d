"""Stretching gradients and inputs explicitly to the shape in which they met."""

import numpy as np

from ..broadcasting import broadcast_shapes


def stretched_copy(values, shape):
    """A new array of `shape` that is filled with the values, repeated where they must be."""
    filled = np.empty(shape, dtype=values.dtype)
    filled[...] = values
    return filled


def joint_shape_of_three(shape1, shape2, shape3, name):
    """The shape that three shapes have together."""
    shape_of_two = broadcast_shapes(shape1, shape2, name)
    return broadcast_shapes(shape_of_two, shape3, name)
