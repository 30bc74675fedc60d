"""Checking the indices of an embedding."""

import numpy as np

from ..tensor import as_array


def checked_indices(indices, symbol_count, title):
    """The indices as a new array of integers. TypeError for other numbers, IndexError for one out of range."""
    array = as_array(indices)
    if array.size == 0 and not hasattr(indices, "dtype"):
        array = array.astype(np.int64)  # an empty list has no numbers, and so none that is not an integer
    if array.dtype.kind not in ("i", "u"):
        raise TypeError(
            f"{title} expects integer indices, got {array.dtype}: convert them, for example with astype(np.int64)"
        )
    is_outside = np.logical_or(array < 0, array >= symbol_count)
    if np.any(is_outside):
        first_outside = int(np.asarray(array[is_outside]).reshape(-1)[0])
        raise IndexError(f"{title}: the index {first_outside} is out of range, expected 0 to {symbol_count - 1}")
    return np.array(array, dtype=np.int64, copy=True)
