"""Turns what a check shows into plain data that JSON can carry; whatever it is, it gets a description."""

from __future__ import annotations

import numpy as np

from grader.protocol import ARRAY_NUMBERS, TEXT

LONGEST = 5_000  # items of a list or mapping; longer ones are described
DEEPEST = 6  # lists in lists beyond this are described by their type: one may hold itself


def plain(value: object, depth: int = 0) -> object:
    """`value` as plain data: an array becomes {"array": its numbers in order, "dtype": ..., "shape": ...}."""
    if value is None or type(value) in (bool, float):
        return value
    if type(value) is int:
        return value if -(2**63) <= value < 2**64 else {"object": f"int of {value.bit_length():,} bits"}
    if type(value) is str:
        return value[:TEXT].encode(errors="backslashreplace").decode()  # half a surrogate pair is not text
    if isinstance(value, np.ndarray | np.generic):
        return _plain_array(np.asarray(value))
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, type):
        return np.dtype(value).name if issubclass(value, np.generic) else value.__name__
    if isinstance(value, tuple | list | dict) and len(value) > LONGEST:
        return {"object": f"{type(value).__name__} of {len(value):,} items"}
    if isinstance(value, tuple | list) and depth < DEEPEST:
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, dict) and depth < DEEPEST:
        return {"mapping": {str(key)[:TEXT]: plain(item, depth + 1) for key, item in value.items()}}
    data = getattr(value, "data", None)
    if isinstance(data, np.ndarray):  # the tree's Tensor
        return _plain_array(data)
    described = {"object": type(value).__name__}
    return described if data is None else {**described, "data": type(data).__name__}


def _plain_array(array: np.ndarray) -> dict:
    array = np.array(array, subok=False)
    described = {"array": None, "dtype": array.dtype.name, "shape": list(array.shape)}
    if array.dtype.kind in "biuf" and array.dtype.itemsize <= 8 and array.size <= ARRAY_NUMBERS:
        described["array"] = array.ravel().tolist()
    if array.dtype == object and array.size == 1:
        described["holds"] = type(array.item()).__name__
    return described
