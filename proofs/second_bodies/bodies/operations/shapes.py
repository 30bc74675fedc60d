"""Second bodies: axes exchanged two at a time, parts copied in loops, indexing by flat positions."""
# ruff: noqa: F821 (names of the file that these functions are put into)

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..errors import ShapeError


class Transpose:
    def forward(self, x):
        wanted = range(x.ndim - 1, -1, -1) if self.axes is None else self.axes
        self.order = [normalize_axis_index(axis, x.ndim) for axis in wanted]
        if sorted(self.order) != list(range(x.ndim)):
            raise ShapeError(
                f"transpose of shape {x.shape} got axes {self.axes}: name each axis once", shapes=(x.shape,)
            )
        here = list(range(x.ndim))  # which axis of x stands where
        for i, axis in enumerate(self.order):
            j = here.index(axis)
            x = x.swapaxes(i, j)
            here[i], here[j] = here[j], here[i]
        return x

    def backward(self, grad):
        return np.moveaxis(grad, range(grad.ndim), self.order)


class BroadcastTo:
    def forward(self, x):
        if broadcast_shapes(x.shape, self.shape, "broadcast_to") != tuple(self.shape):
            raise ShapeError(f"broadcast_to can't stretch {x.shape} to {self.shape}", shapes=(x.shape, self.shape))
        self.x_shape = x.shape
        y = np.empty(self.shape, x.dtype)
        y[...] = x
        return y

    def backward(self, grad):
        padded = (None,) * (grad.ndim - len(self.x_shape)) + self.x_shape
        stretched = tuple(axis for axis in range(grad.ndim) if padded[axis] != grad.shape[axis])
        return np.add.reduce(grad, axis=stretched).reshape(self.x_shape)


class Index:
    def forward(self, x):
        self.x_shape = x.shape
        self.positions = np.asarray(np.arange(x.size).reshape(x.shape)[self.key])
        return x.ravel()[self.positions]

    def backward(self, grad):
        size = int(np.prod(self.x_shape, dtype=int))
        sums = np.bincount(self.positions.ravel(), weights=grad.ravel(), minlength=size)
        return sums.astype(grad.dtype).reshape(self.x_shape)


class Concatenate:
    def forward(self, *arrays):
        require_equal_shapes("concatenate", arrays, self.axis)
        ends = np.cumsum([array.shape[self.axis] for array in arrays]).tolist()
        shape = list(arrays[0].shape)
        shape[self.axis] = ends[-1]
        z = np.empty(shape, np.result_type(*arrays))
        self.pieces = []
        for array, end in zip(arrays, ends, strict=True):
            piece = [slice(None)] * z.ndim
            piece[self.axis] = slice(end - array.shape[self.axis], end)
            self.pieces.append(tuple(piece))
            z[self.pieces[-1]] = array
        return z

    def backward(self, grad):
        return tuple(grad[piece] for piece in self.pieces)


class Stack:
    def forward(self, *arrays):
        require_equal_shapes("stack", arrays)
        self.count = len(arrays)
        return np.concatenate([np.expand_dims(array, self.axis) for array in arrays], axis=self.axis)

    def backward(self, grad):
        gradients = []
        for i in range(self.count):
            gradients.append(grad.take(i, axis=self.axis))
        return tuple(gradients)
