"""Which shapes broadcast, and how a gradient is summed back to the shape before broadcasting."""

import numpy as np

from ..errors import BroadcastingError, ShapeError
from .accumulation import accumulate


def broadcast_shapes(shape1, shape2, operation=None):
    """The joint shape of two shapes: (3, 1) and (2,) -> (3, 2).

    The shapes are aligned at the right. Two sizes fit if they are equal or one of them is 1; a missing one counts as 1.
    Raises BroadcastingError(shape1, shape2, operation) if they do not fit.
    """
    first_shape = tuple(shape1)
    second_shape = tuple(shape2)
    if first_shape == second_shape:
        return first_shape
    number_of_axes = max(len(first_shape), len(second_shape))
    sizes_from_the_right = []
    for steps_from_the_right in range(1, number_of_axes + 1):
        first_size = size_from_the_right(first_shape, steps_from_the_right)
        second_size = size_from_the_right(second_shape, steps_from_the_right)
        if first_size == second_size:
            joint_size = first_size
        elif first_size == 1:
            joint_size = second_size
        elif second_size == 1:
            joint_size = first_size
        else:
            raise BroadcastingError(first_shape, second_shape, operation)
        sizes_from_the_right.append(joint_size)
    sizes_from_the_right.reverse()
    return tuple(sizes_from_the_right)


def size_from_the_right(shape, steps_from_the_right):
    """The size at an axis that is counted from the right, beginning at 1; a missing axis counts as 1."""
    if steps_from_the_right > len(shape):
        return 1
    return shape[len(shape) - steps_from_the_right]


def unbroadcast_gradient(grad, shape):
    """Sum `grad`, shaped like a result, back to exactly `shape`, the shape of an input that was stretched to it.

    An element that was used several times receives the sum of its gradients: axes that broadcasting added in front
    are summed away, and axes that it stretched from size 1 are summed to size 1.
    """
    wanted_shape = tuple(shape)
    gradient = np.asarray(grad)
    if gradient.shape == wanted_shape:
        return np.array(gradient)
    number_of_added_axes = gradient.ndim - len(wanted_shape)
    if number_of_added_axes < 0:
        raise ShapeError(
            f"unbroadcast_gradient got a gradient of shape {gradient.shape}, expected one that {wanted_shape} was "
            "stretched to, which has at least as many axes",
            shapes=(gradient.shape, wanted_shape),
            operation="unbroadcast_gradient",
        )
    axes_to_sum = []
    for axis in range(gradient.ndim):
        if axis < number_of_added_axes:
            axes_to_sum.append(axis)
        elif gradient.shape[axis] == wanted_shape[axis - number_of_added_axes]:
            continue
        elif wanted_shape[axis - number_of_added_axes] == 1:
            axes_to_sum.append(axis)
        else:
            raise ShapeError(
                f"unbroadcast_gradient got a gradient of shape {gradient.shape}, to which {wanted_shape} cannot have "
                "been stretched: sizes must be equal, or 1 in the wanted shape",
                shapes=(gradient.shape, wanted_shape),
                operation="unbroadcast_gradient",
            )
    summed = np.array(accumulate(gradient, tuple(axes_to_sum), keepdims=True))
    return summed.reshape(wanted_shape)
