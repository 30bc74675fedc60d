"""Limiting gradients, between `backward` and `step`."""

import math
import warnings
from collections.abc import Iterable, Iterator

import numpy as np

from ..modules import Module, at_least_zero
from ..tensor import Tensor


def clip_grad_norm_(parameters, max_norm):
    """Scale all gradients together so that their joint norm is at most max_norm -> the norm before, a float.

    norm = sqrt(sum of g² over all elements of all gradients)
    g *= min(max_norm / (norm + 1e-6), 1)

    parameters: a Tensor or an iterable of Tensors; those whose grad is None are skipped (if all are: norm 0.0).
    ValueError if max_norm is negative or nan (Pascanu, Mikolov & Bengio 2013).
    """
    # exercise: 4.7
    max_norm = check_limit("clip_grad_norm_", "max_norm", max_norm)
    grads = gradients_of(parameters)
    norm = math.sqrt(sum(sum_of_squares(grad) for grad in grads))
    factor = max_norm / (norm + 1e-6)
    if not factor >= 1.0:  # also true for nan: all gradients become nan, as in PyTorch
        for grad in grads:
            grad *= factor
    return norm


def clip_grad_value_(parameters, clip_value):
    """Limit every element of every gradient to [-clip_value, clip_value], in place.

    parameters: a Tensor or an iterable of Tensors; those whose grad is None are skipped.
    """
    clip_value = check_limit("clip_grad_value_", "clip_value", clip_value)
    with np.errstate(over="ignore"):  # a limit beyond the numbers of the dtype limits nothing
        for grad in gradients_of(parameters):
            np.clip(grad, -clip_value, clip_value, out=grad)


def gradients_of(parameters):
    """The arrays of all gradients that are not None. TypeError unless `parameters` is a Tensor or gives Tensors.

    RuntimeWarning for an iterator that gives none, as after its first use.
    """
    parameters = [parameters] if isinstance(parameters, Tensor) else parameters
    if not isinstance(parameters, Iterable) or isinstance(parameters, Module):
        raise TypeError(f"clipping takes a Tensor, or Tensors as model.parameters() gives them, got {parameters!r}")
    found = list(parameters)
    if not found and isinstance(parameters, Iterator):
        warnings.warn(
            "clipping got no parameters. An iterator like model.parameters() is empty after its first use: "
            "call it again",
            RuntimeWarning,
            stacklevel=3,
        )
    for parameter in found:
        if not isinstance(parameter, Tensor):
            raise TypeError(f"clipping takes Tensors, as model.parameters() gives them, got {parameter!r} among them")
    return [parameter.grad.data for parameter in found if parameter.grad is not None]


def sum_of_squares(array):
    """Σ x² -> float; in float64, because the square of a float32 number overflows from 2e19 on."""
    return float(np.sum(np.square(array, dtype=np.float64)))


def check_limit(function, name, value):
    """The value as a Python number, inf for no limit; ValueError unless at least 0, TypeError unless it is a number."""
    return at_least_zero(function, name, value)
