"""What was given as data: an array of it, and the dtype that it has by itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any, NamedTuple

import numpy as np

NUMBERS = (bool, int, float)


class Reading(NamedTuple):
    """The data as an array, and the dtype for it if no other is asked for."""

    array: np.ndarray
    dtype: np.dtype


@singledispatch
def read(data: Any) -> Reading:
    """Anything else that NumPy can make an array of; what has a dtype in its own way keeps it."""
    array = attempted(data)
    if any(hasattr(data, name) for name in ("__array__", "__array_interface__", "dtype")) or is_buffer(data):
        return accepted(data, array, array.dtype)
    return accepted(data, array, python_dtype(array.dtype))


@read.register(np.ndarray)
@read.register(np.generic)
def _(data: Any) -> Reading:
    array = np.asarray(data)
    return accepted(data, array, array.dtype)


@read.register(bool)
@read.register(int)
@read.register(float)
def _(data: Any) -> Reading:
    return read_numbers(data, attempted(data), Leaves({type(data)}, set()))


@read.register(list)
@read.register(tuple)
def _(data: Any) -> Reading:
    return read_numbers(data, attempted(data), Leaves.of(data))


class Leaves(NamedTuple):
    """What nested lists hold: the types of Python objects, and the dtypes of arrays, NumPy numbers and Tensors."""

    types: set[type]
    dtypes: set[np.dtype]

    @classmethod
    def of(cls, data: Sequence[Any]) -> Leaves:
        """Look into all lists and tuples."""
        leaves, waiting = cls(set(), set()), [data]
        while waiting:
            row = waiting.pop()
            for kind in set(map(type, row)):
                if issubclass(kind, (list, tuple)):
                    waiting.extend(part for part in row if type(part) is kind)
                elif issubclass(kind, range):
                    leaves.types.add(int)
                elif hasattr(kind, "dtype"):
                    leaves.dtypes.update(part.dtype for part in row if type(part) is kind)
                else:
                    leaves.types.add(kind)
        return leaves

    def only_numbers(self) -> bool:
        """Whether there is nothing but Python's and NumPy's numbers."""
        return all(issubclass(kind, NUMBERS) for kind in self.types)

    def weak(self) -> list[bool | int | float]:
        """A Python number of each kind, for NumPy's rules of promotion."""
        return [kind(0) for kind in {next(base for base in NUMBERS if issubclass(found, base)) for found in self.types}]


def read_numbers(data: Any, array: np.ndarray, leaves: Leaves) -> Reading:
    """Python numbers, perhaps among NumPy's."""
    if array.dtype.kind == "O" and leaves.only_numbers():  # integers that no dtype of NumPy holds
        return Reading(integers_as_floats(array), np.dtype(np.int64))
    if leaves.dtypes and leaves.only_numbers():
        return accepted(data, array, np.result_type(*leaves.dtypes, *leaves.weak()))
    return accepted(data, array, python_dtype(array.dtype))


def integers_as_floats(array: np.ndarray) -> np.ndarray:
    """Huge integers as float64, which `converted` compares with the limits of a dtype."""
    try:
        return array.astype(np.float64)
    except OverflowError:
        return np.where(np.asarray(array > 0, dtype=bool), np.inf, -np.inf)


def python_dtype(dtype: np.dtype) -> np.dtype:
    """What Python numbers become."""
    match dtype.kind:
        case "b":
            return np.dtype(np.bool_)
        case "i" | "u":
            return np.dtype(np.int64)
        case "f":
            return np.dtype(np.float32)
        case _:
            return dtype


def attempted(data: Any) -> np.ndarray:
    """np.asarray; TypeError for lists of unequal lengths and the like."""
    try:
        return np.asarray(data)
    except (ValueError, TypeError) as error:
        raise TypeError(f"a Tensor holds real numbers or bools, got {type(data).__name__}: {error}") from None


def accepted(data: Any, array: np.ndarray, dtype: np.dtype) -> Reading:
    """The reading; TypeError, which says what was given, unless it has real numbers or bools."""
    if array.dtype.kind not in "biuf" or dtype.kind not in "biuf":
        given = f"an array of dtype {array.dtype}" if isinstance(data, np.ndarray) else f"{type(data).__name__} {data!r:.60}"
        raise TypeError(f"a Tensor holds real numbers or bools, got {given} (dtype {array.dtype})")
    return Reading(array, dtype)


def is_buffer(data: Any) -> bool:
    """Whether the data has the buffer protocol, as array.array has."""
    try:
        memoryview(data)
    except TypeError:
        return False
    return True
