"""Settings: the numbers that layers, optimizers and schedules are made with, checked and made Python's own.

NumPy's numbers would change the dtype of float32 data, and the header of a checkpoint cannot hold them.
"""

import math
from numbers import Integral, Real

import numpy as np


def python_numbers(value):
    """The value with every NumPy number, also inside of lists, tuples and dicts, as Python's; all else unchanged.

    Numbers of a subclass, which NumPy takes for arrays of 64 bits, become plain ones too.
    """
    if type(value) in (float, int, bool, str):  # the usual ones, first
        return value
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return float(value) if value.dtype == np.longdouble else value.item()  # .item() would give a longdouble again
    if isinstance(value, (list, tuple)):  # a namedtuple becomes a tuple, an OrderedDict a dict
        return (list if isinstance(value, list) else tuple)(python_numbers(part) for part in value)
    if isinstance(value, dict):
        return {key: python_numbers(part) for key, part in value.items()}
    if isinstance(value, (float, int)):  # of a subclass, such as an IntEnum
        return int(value) if isinstance(value, int) else float(value)
    return value


def real(owner, name, value):
    """The value as a Python number; TypeError unless it is an int or a float, with which arrays can compute."""
    value = python_numbers(value)
    if not isinstance(value, (int, float)):
        raise TypeError(f"{owner}: {name} must be a number, got {value!r}")
    return value


def one_number(taker, value):
    """The float that a number, or a Tensor or array of one element, holds; TypeError for anything else.

    taker: who takes what, as "fit: a metric gives one number", for the message.
    """
    number = python_numbers(value.item() if getattr(value, "size", None) == 1 else value)
    if not isinstance(number, Real):
        raise TypeError(f"{taker}, got {value!r}")
    return float(number)


def finite(owner, name, value):
    """The value as a Python number; ValueError unless it is finite."""
    value = real(owner, name, value)
    if not math.isfinite(value):
        raise ValueError(f"{owner}: {name} must be a finite number, got {value!r}")
    return value


def at_least_zero(owner, name, value):
    """The value as a Python number, which may be infinite; ValueError unless it is at least 0."""
    value = real(owner, name, value)
    if not value >= 0:  # also true for nan
        raise ValueError(f"{owner}: {name} must be a number that is at least 0, got {value!r}")
    return value


class Setting:
    """A class attribute, `eps = Setting()`: real numbers assigned to a layer's `eps`, also later, become Python's."""

    def __set_name__(self, owner, name):
        self.name = name

    def __set__(self, layer, value):
        vars(layer)[self.name] = real(type(layer).__name__, self.name, value)


def integer(owner, name, value, least):
    """The value as an int; ValueError unless it is an integer that is at least `least`."""
    value = python_numbers(value)
    if not isinstance(value, Integral) or value < least:
        raise ValueError(f"{owner}: {name} must be an integer that is at least {least}, got {value!r}")
    return int(value)
