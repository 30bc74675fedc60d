"""Copies, and whether a gradient is wanted at all."""

import numpy as np


def own_array(values):
    """A new array with these values that shares memory with nothing; NumPy scalars become 0-d arrays."""
    return np.array(values, copy=True, subok=False)


def is_gradient_wanted(operation, position):
    """Whether the input at `position` requires a gradient; an operation that was not recorded gives all of them."""
    if len(operation.inputs) == 0:
        return True
    return operation.needs_grad(position)


def calculation_dtype(dtype):
    """The dtype in which to calculate: float64 for the coarse float16, otherwise the dtype itself."""
    if dtype == np.float16:
        return np.dtype(np.float64)
    return dtype
