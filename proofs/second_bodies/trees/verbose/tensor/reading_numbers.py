"""Reading numbers: what a caller gave as data, as an array of bools, integers or floats."""

import numpy as np


def read_numbers(data, dtype):
    """(array, whether its dtype was chosen by NumPy things): TypeError for anything but real numbers."""
    if hasattr(data, "grad_fn"):
        return data.data, True
    if isinstance(data, (np.ndarray, np.generic)):
        array = np.asarray(data)
        refuse_other_kinds(array, data)
        return array, True
    array = array_of(data)
    if array.dtype == object and holds_only_python_numbers(data):
        # Integers that are too large for 64 bits: exact only in a floating dtype that was asked for.
        if dtype is not None and dtype.kind == "f":
            return np.array(data, dtype=dtype), False
        raise OverflowError(f"an integer in the data does not fit into 64 bits: {shortened(data)}; use dtype=np.float64")
    refuse_other_kinds(array, data)
    return array, not holds_only_python_numbers(data)


def array_of(data):
    """A new array of the data; TypeError for ragged lists."""
    try:
        return np.array(data)
    except ValueError as error:
        raise TypeError(
            f"a Tensor holds a rectangular block of numbers, but got ragged data {shortened(data)}: all lists at one "
            "depth need the same length"
        ) from error


def refuse_other_kinds(array, data):
    """TypeError unless the array holds bools, integers or floats."""
    if array.dtype.kind in ("b", "i", "u", "f"):
        return
    if array.dtype.kind == "c":
        what = "complex numbers"
    elif array.dtype.kind in ("U", "S", "T"):
        what = "strings"
    elif array.dtype.kind == "O":
        what = "objects"
    else:
        what = f"data of dtype {array.dtype}"
    raise TypeError(f"a Tensor holds real numbers or bools, but got {what}: {shortened(data)}")


def holds_only_python_numbers(data):
    """Whether there are only Python's numbers in the data, in lists and tuples of any depth."""
    waiting = [data]
    while len(waiting) > 0:
        current = waiting.pop()
        if isinstance(current, (list, tuple)):
            waiting.extend(current)
        elif isinstance(current, np.generic):
            return False
        elif isinstance(current, (bool, int, float, range)):
            continue
        else:
            return False
    return True


def default_dtype(array):
    """The dtype for Python numbers: bool, int64 or float32; float32 if there are none."""
    if array.size == 0:
        return np.dtype(np.float32)
    if array.dtype.kind == "b":
        return np.dtype(np.bool_)
    if array.dtype.kind in ("i", "u"):
        return np.dtype(np.int64)
    return np.dtype(np.float32)


def shortened(data):
    """The beginning of what was given, with its type, for a message."""
    text = repr(data)
    if len(text) > 60:
        text = text[:57] + "..."
    return f"{text} ({type(data).__name__})"
