"""Second bodies: numbers that meet are counted by adding ones; extremes are found by sorting and by a loop."""
# ruff: noqa: F821 (names of the file that these functions are put into)

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple


class Mean:
    def forward(self, x):
        self.x_shape = x.shape
        self.counts = np.ones_like(x).sum(axis=self.axis, keepdims=True)
        with np.errstate(all="ignore"):
            y = x.sum(axis=self.axis, keepdims=True) / self.counts
        return y if self.keepdims else np.squeeze(y, axis=self.axis)

    def backward(self, grad):
        share = grad.reshape(self.counts.shape) / self.counts
        return np.ones(self.x_shape, grad.dtype) * share


class Max:
    def forward(self, x):
        self.refuse_empty(x)
        largest = np.sort(meeting_last(x, self.axis), axis=-1)[..., -1]  # sorting puts nan last
        self.x, self.y = x, largest.reshape(kept_shape(x.shape, self.axis))
        return self.y if self.keepdims else self.y.squeeze(axis=self.axis)

    def backward(self, grad):
        ties = np.equal(self.x, self.y)
        count = np.add.reduce(ties, axis=self.axis, dtype=int, keepdims=True)
        dx = np.zeros(self.x.shape, grad.dtype)
        np.copyto(dx, grad.reshape(self.y.shape) / count, where=ties, casting="same_kind")
        return dx


class Min:
    def forward(self, x):
        self.refuse_empty(x)
        numbers = meeting_last(x, self.axis)
        smallest = numbers[..., 0].copy()  # not a view of x
        for i in range(1, numbers.shape[-1]):
            smallest = np.minimum(smallest, numbers[..., i])
        self.x, self.y = x, smallest.reshape(kept_shape(x.shape, self.axis))
        return self.y if self.keepdims else self.y.squeeze(axis=self.axis)


def meeting_last(x, axis):
    """x with the numbers that meet in one result along one axis, the last."""
    x = np.atleast_1d(x)
    axes = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
    moved = np.moveaxis(x, axes, range(-len(axes), 0))
    others = x.ndim - len(axes)
    return moved.reshape(*moved.shape[:others], np.prod(moved.shape[others:], dtype=int))
