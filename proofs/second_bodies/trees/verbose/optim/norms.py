"""The joint norm of several arrays, also where squares would leave the range of float64."""

import math

import numpy as np

TOO_LARGE = 1e150  # the squares of larger numbers overflow
TOO_SMALL = 1e-150  # the squares of smaller numbers vanish


def largest_magnitude(arrays):
    """The largest |x| in the arrays; nan if one is nan, 0.0 if there are none."""
    largest = 0.0
    for array in arrays:
        if array.size == 0:
            continue
        magnitude = float(np.max(np.abs(array)))
        if math.isnan(magnitude):
            return math.nan
        largest = max(largest, magnitude)
    return largest


def joint_norm(arrays):
    """The square root of the sum of all squares, as a float."""
    largest = largest_magnitude(arrays)
    if largest == 0.0 or not math.isfinite(largest):
        return largest
    scale = 1.0
    if largest > TOO_LARGE or largest < TOO_SMALL:
        scale = largest
    total = 0.0
    for array in arrays:
        scaled = array.astype(np.float64) / scale
        total = total + float(np.sum(scaled * scaled))
    return scale * math.sqrt(total)
