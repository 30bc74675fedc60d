"""Second bodies: nested lists walked number by number, operators built from one another, axes by list and by key."""
# ruff: noqa: F821 (names of the file that these functions are put into)

import numpy as np


class Tensor:
    def __init__(self, data, requires_grad=False, dtype=None):
        self.grad, self.grad_fn, self.retains_grad = None, None, False
        self.data = as_array(data, dtype).copy()
        if requires_grad and dtype is None and self.data.dtype.kind in "biu":
            self.data = self.data.astype(np.float32)
        self.requires_grad_(requires_grad)

    def __sub__(self, other):
        return apply(Subtract(), *operands(self, other))

    def __rsub__(self, other):
        return self.operand(other) - self

    def __mul__(self, other):
        return apply(Multiply(), *operands(self, other))

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        return apply(Divide(), *operands(self, other))

    def __rtruediv__(self, other):
        return self.operand(other) / self

    def __neg__(self):
        return apply(Negate(), *operands(self))

    def softmax(self, axis=-1):
        if self.size == 0:
            return self.exp()
        # To subtract a constant changes nothing, so that the maximum needs no gradient.
        powers = (self - self.data.max(axis=axis, keepdims=True)).exp()
        return powers / powers.sum(axis, keepdims=True)

    def var(self, axis=None, keepdims=False):
        # Deviations add up to 0: through the mean, no gradient flows.
        squares = (self - self.mean(axis, keepdims=True).detach()) ** 2
        total = squares.sum(axis, keepdims)
        return total / (self.size // max(total.size, 1))

    def swapaxes(self, a, b):
        axes = list(range(self.ndim))
        axes[a], axes[b] = axes[b], axes[a]
        return self.transpose(*axes)

    def squeeze(self, axis=None):
        if axis is None:
            return self.reshape(tuple(size for size in self.shape if size != 1))
        sizes = list(self.shape)
        for one in axis if isinstance(axis, tuple) else (axis,):
            if sizes[one] == 1:
                sizes[one] = None
        return self.reshape(tuple(size for size in sizes if size is not None))

    def unsqueeze(self, axis):
        if not -self.ndim - 1 <= axis <= self.ndim:
            raise IndexError(f"unsqueeze got axis {axis} for {self.ndim} dimensions")
        if axis < 0:
            axis += self.ndim + 1
        return self[(slice(None),) * axis + (None,)]

    def flatten(self, start_axis=0):
        if not -max(self.ndim, 1) <= start_axis < max(self.ndim, 1):
            raise IndexError(f"flatten got start_axis {start_axis} for {self.ndim} dimensions")
        start = start_axis % max(self.ndim, 1)
        merged = 1
        for size in self.shape[start:]:
            merged *= size
        return self.reshape((*self.shape[:start], merged))


def as_array(data, dtype=None):
    if isinstance(data, Tensor):
        data = data.data
    try:
        array = data if isinstance(data, np.ndarray) else np.array(data)
    except ValueError as error:
        raise TypeError(f"no array can be made of {data!r}: {error}") from error
    if array.dtype.char not in "?" + np.typecodes["AllInteger"] + np.typecodes["Float"]:
        raise TypeError(f"a Tensor can't hold {array.dtype}, which {data!r} would be")
    if dtype is not None:
        return converted(array, real_dtype(dtype))
    if array.dtype.char in np.typecodes["Float"] + np.typecodes["UnsignedInteger"] and only_python_numbers(data):
        return converted(array, np.dtype("float32" if array.dtype.kind == "f" else "int64"))
    return array


def only_python_numbers(data):
    """Whether nothing in nested lists has a dtype of its own."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, (list, tuple)):
            waiting.extend(value)
        elif hasattr(value, "dtype"):
            return False
    return True
