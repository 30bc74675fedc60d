"""Other bodies for modules/init.py: bounds by way of the standard deviation, draws scaled by hand."""

import math

import numpy as np

from ..errors import ShapeError
from ..tensor import random_generator


def fans(tensor, caller):
    if tensor.ndim < 2:
        raise ShapeError(
            f"{caller} needs at least 2 dimensions, got {tensor.shape}", shapes=[tensor.shape], operation=caller
        )
    kernel = int(np.prod(tensor.shape[2:]))  # 1 without one
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel


def xavier_uniform_(tensor, gain=1.0):
    fan_in, fan_out = fans(tensor, "xavier_uniform_")
    std = gain * (2.0 / max(1, fan_in + fan_out)) ** 0.5
    bound = 3.0**0.5 * std  # U(-b, b) has the standard deviation b / sqrt(3)
    tensor.data[...] = (2 * random_generator().random(tensor.shape) - 1) * bound
    return tensor


def kaiming_uniform_(tensor, a=0.0, mode="fan_in"):
    if mode == "fan_in":
        fan = fans(tensor, "kaiming_uniform_")[0]
    elif mode == "fan_out":
        fan = fans(tensor, "kaiming_uniform_")[1]
    else:
        raise ValueError(f"mode must be fan_in or fan_out, got {mode!r}")
    gain = math.sqrt(2 / (1 + a * a))
    bound = gain * math.sqrt(3 / max(1, fan))
    draws = random_generator().random(tensor.size)
    flat = [bound * (draw - 0.5) / 0.5 for draw in draws]
    np.copyto(tensor.data, np.array(flat).reshape(tensor.shape), casting="same_kind")
    return tensor
