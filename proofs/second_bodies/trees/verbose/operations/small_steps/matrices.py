"""Products of matrices: checks of shapes, vectors as matrices, and the products themselves."""

import numpy as np

from ...errors import ShapeError
from ..broadcasting import broadcast_shapes


def check_product_shapes(left_shape, right_shape):
    """ShapeError unless the shapes can be multiplied as matrices; BroadcastingError for their batch dimensions."""
    if len(left_shape) == 0 or len(right_shape) == 0:
        raise ShapeError(
            f"matmul got shapes {left_shape} and {right_shape}, but expects at least one dimension on both sides: "
            "multiply by a number with *",
            shapes=(left_shape, right_shape),
            operation="matmul",
        )
    left_inner = left_shape[-1]
    if len(right_shape) == 1:
        right_inner = right_shape[0]
    else:
        right_inner = right_shape[-2]
    if left_inner != right_inner:
        raise ShapeError(
            f"matmul got shapes {left_shape} and {right_shape}: the last dimension on the left, {left_inner}, must "
            f"equal the last but one (of a vector: the only one) on the right, {right_inner}; perhaps one of them "
            "needs a transpose",
            shapes=(left_shape, right_shape),
            operation="matmul",
        )
    broadcast_shapes(left_shape[:-2], right_shape[:-2], "matmul")


def as_left_matrix(values):
    """A vector (D,) as a row (1, D); anything else unchanged."""
    if values.ndim == 1:
        return values.reshape((1, values.shape[0]))
    return values


def as_right_matrix(values):
    """A vector (D,) as a column (D, 1); anything else unchanged."""
    if values.ndim == 1:
        return values.reshape((values.shape[0], 1))
    return values


def multiply_matrices(left, right):
    """left @ right as an array; two of float16 are multiplied in float32 and rounded once."""
    if left.dtype == np.float16 and right.dtype == np.float16:
        product = np.matmul(left.astype(np.float32), right.astype(np.float32))
        return np.asarray(product).astype(np.float16)
    return np.asarray(np.matmul(left, right))


def flip_matrices(values):
    """The last two axes exchanged."""
    return np.swapaxes(values, -1, -2)
