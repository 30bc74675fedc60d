"""Freeing what an operation keeps, in whatever form it keeps it."""

from dataclasses import fields, is_dataclass

import numpy as np


def forget_arrays(operation):
    """Set every attribute of the operation that is, or that contains, an array to None."""
    for name in list(vars(operation)):
        if name == "inputs":
            continue
        if contains_array(vars(operation)[name]):
            setattr(operation, name, None)


def contains_array(value):
    """Whether there is an array in a value: itself, in lists, tuples, dicts, or the fields of dataclasses."""
    waiting = [value]
    seen = set()
    while len(waiting) > 0:
        current = waiting.pop()
        if isinstance(current, np.ndarray):
            return True
        if id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, (list, tuple, set)):
            waiting.extend(current)
        elif isinstance(current, dict):
            waiting.extend(current.values())
        elif is_dataclass(current) and not isinstance(current, type):
            for one_field in fields(current):
                waiting.append(getattr(current, one_field.name, None))
    return False
