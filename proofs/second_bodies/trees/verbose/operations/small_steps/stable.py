"""Sigmoid, softmax and log-softmax on arrays, made so that exp never overflows. Callers silence NumPy's warnings."""

import numpy as np

from ..accumulation import accumulate
from .arrays import calculation_dtype, own_array
from .axes import checked_axes


def stable_sigmoid(values):
    """1 / (1 + exp(-x)) as a new array, where exp is only taken of numbers up to 0."""
    values = np.asarray(values)
    result = np.empty(values.shape, dtype=values.dtype)
    not_negative = np.asarray(values >= 0)
    other = np.logical_not(not_negative)  # the negative ones, and nan
    small_exponentials = np.exp(-values[not_negative])
    result[not_negative] = 1 / (1 + small_exponentials)
    small_exponentials = np.exp(values[other])
    result[other] = small_exponentials / (1 + small_exponentials)
    return result


def softplus(values):
    """log(1 + exp(x)) as a new array."""
    positive_part = np.where(values > 0, values, np.zeros_like(values))
    positive_part = np.where(np.isnan(values), values, positive_part)
    return positive_part + np.log1p(np.exp(-np.abs(values)))


def shifted_exponentials(values, axes):
    """(x - largest, exp(x - largest), their sum), all in the dtype to calculate in."""
    wide_values = values.astype(calculation_dtype(values.dtype))
    largest = np.asarray(wide_values.max(axis=axes, keepdims=True))
    shifted = np.asarray(wide_values - largest)
    exponentials = np.asarray(np.exp(shifted))
    total = np.asarray(accumulate(exponentials, axes, keepdims=True))
    return shifted, exponentials, total


def stable_log_softmax(values, axis):
    """log(softmax(x)) along an axis, as a new array."""
    axes = checked_axes(axis, values.ndim)
    if values.size == 0:
        return own_array(values)
    shifted, _, total = shifted_exponentials(values, axes)
    result = shifted - np.log(total)
    return own_array(np.asarray(result).astype(values.dtype))


def stable_softmax(values, axis):
    """softmax(x) along an axis, as a new array."""
    axes = checked_axes(axis, values.ndim)
    if values.size == 0:
        return own_array(values)
    _, exponentials, total = shifted_exponentials(values, axes)
    result = exponentials / total
    return own_array(np.asarray(result).astype(values.dtype))
