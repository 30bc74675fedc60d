"""Initial values of weights: each function fills a tensor in place and returns it.

Weights have the shape (fan_out, fan_in), as in Linear; the sizes of further axes (a kernel's) multiply both fans.
"""

import math

import numpy as np

from ..errors import ShapeError
from ..tensor import Tensor, random_generator


def fill(tensor, values):
    """Write values into the tensor's own memory, without recording, and return the tensor."""
    require_tensor(tensor, "init")
    tensor.data[...] = values
    return tensor


def require_tensor(tensor, caller):
    """Raise TypeError unless it is a Tensor."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{caller} fills a Tensor in place, got {type(tensor).__name__}")


def require_floats(tensor, caller):
    """Raise TypeError unless the tensor is a Tensor of floats: integers would lose the fractions of what is drawn."""
    if not isinstance(tensor, Tensor) or tensor.dtype.kind != "f":
        got = f"dtype {tensor.dtype}" if isinstance(tensor, Tensor) else type(tensor).__name__
        raise TypeError(f"{caller} fills a Tensor of floating-point numbers in place, got {got}")


def uniform_(tensor, a=0.0, b=1.0):
    """U(a, b): a may be drawn, b never is. ValueError unless a <= b."""
    require_floats(tensor, "uniform_")
    if not a <= b:  # also true for nan
        raise ValueError(f"uniform_ draws from a up to b: expected a <= b, got a={a!r} and b={b!r}")
    values = random_generator().uniform(a, b, tensor.shape)
    if a < b:  # in the tensor's own dtype, the largest of the numbers drawn would round to b
        values = np.minimum(values, np.nextafter(tensor.dtype.type(b), tensor.dtype.type(a)))
    return fill(tensor, values)


def normal_(tensor, mean=0.0, std=1.0):
    """N(mean, std**2). ValueError unless std >= 0."""
    require_floats(tensor, "normal_")
    if not std >= 0:  # also true for nan
        raise ValueError(f"normal_ draws with a standard deviation of at least 0, got std={std!r}")
    return fill(tensor, random_generator().normal(mean, std, tensor.shape))


def zeros_(tensor):
    """Zeros."""
    return fill(tensor, 0.0)


def ones_(tensor):
    """Ones."""
    return fill(tensor, 1.0)


def eye_(tensor):
    """Ones on the diagonal, zeros elsewhere. ShapeError unless the tensor has 2 dimensions."""
    require_tensor(tensor, "eye_")
    if tensor.ndim != 2:
        raise ShapeError(
            f"eye_ needs a tensor of 2 dimensions, got shape {tensor.shape}", shapes=[tensor.shape], operation="eye_"
        )
    return fill(tensor, np.eye(*tensor.shape))


def fans(tensor, caller):
    """(fan_in, fan_out): how many inputs a unit has, and how many units an input reaches.

    For the shape (out, in) they are (in, out); for (out, in, ...) both are multiplied by the product of the rest.
    ShapeError, naming the caller (a string), for fewer than 2 dimensions.
    """
    # TODO 3.5: see `nox -s hint -- 3.5`
    raise NotImplementedError("3.5: fans is not written yet")


def xavier_uniform_(tensor, gain=1.0):
    """U(-b, b) with b = gain * sqrt(6 / (fan_in + fan_out))   (Glorot & Bengio 2010)."""
    # TODO 3.5: see `nox -s hint -- 3.5`
    raise NotImplementedError("3.5: xavier_uniform_ is not written yet")


def xavier_normal_(tensor, gain=1.0):
    """N(0, s**2) with s = gain * sqrt(2 / (fan_in + fan_out))   (Glorot & Bengio 2010)."""
    require_tensor(tensor, "xavier_normal_")
    fan_in, fan_out = fans(tensor, "xavier_normal_")
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / max(fan_in + fan_out, 1)))


def kaiming_uniform_(tensor, a=0.0, mode="fan_in"):
    """U(-b, b) with b = sqrt(6 / ((1 + a**2) * fan))   (He et al. 2015).

    a: the slope of a leaky ReLU below zero. mode: "fan_in" or "fan_out", the fan to use (see `chosen_fan`).
    """
    # TODO 3.5: see `nox -s hint -- 3.5`
    raise NotImplementedError("3.5: kaiming_uniform_ is not written yet")


def kaiming_normal_(tensor, a=0.0, mode="fan_in"):
    """N(0, s**2) with s = sqrt(2 / ((1 + a**2) * fan))   (He et al. 2015)."""
    fan = chosen_fan(tensor, mode, "kaiming_normal_")
    return normal_(tensor, 0.0, math.sqrt(2.0 / ((1.0 + a**2) * fan)))


def chosen_fan(tensor, mode, caller):
    """The fan that `mode` names, at least 1. ValueError unless `mode` is "fan_in" or "fan_out"."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'{caller}: mode must be "fan_in" or "fan_out", got {mode!r}')
    require_tensor(tensor, caller)
    fan_in, fan_out = fans(tensor, caller)
    return max(fan_in if mode == "fan_in" else fan_out, 1)
