"""Operations that only move or convert elements: shapes, axes, indexing and joining."""

import operator

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..errors import ShapeError
from .base import Operation
from .broadcasting import broadcast_shapes, unbroadcast_gradient
from .small_steps.arrays import calculation_dtype, own_array
from .small_steps.axes import key_at
from .small_steps.cards import CountCard, ShapeCard, SizesCard
from .small_steps.stretching import stretched_copy


class Reshape(Operation):
    """y has the elements of x, in the same order, in another shape; one -1 takes what remains.

    Keeps the shape of x. ShapeError if the sizes differ.
    """

    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        self.x_shape = x.shape
        try:
            if min(self.shape, default=0) < -1:  # NumPy takes any negative size for -1
                raise ValueError
            return x.reshape(self.shape)
        except ValueError:
            raise ShapeError(
                f"reshape got a tensor of shape {x.shape}, and its {x.size} elements do not fill {self.shape}: "
                "the sizes must multiply to their number (one of them may be -1)",
                shapes=(x.shape, self.shape),
                operation="reshape",
            ) from None

    def backward(self, grad):
        return grad.reshape(self.x_shape)


class Transpose(Operation):
    """y has the axes of x in another order: axis i of y is axis axes[i] of x; None reverses them.

    backward restores their order. ShapeError unless each axis of x is named once.
    """

    def __init__(self, axes=None):
        self.axes = axes

    def forward(self, x):
        order = self.complete_order(x)
        return np.transpose(x, order).copy()

    def backward(self, grad):
        order = self.order
        way_back = [0] * len(order)
        for new_position in range(len(order)):
            old_position = order[new_position]
            way_back[old_position] = new_position
        return np.transpose(grad, way_back).copy()

    def complete_order(self, x):
        """For each axis of the result, which axis of x it is, counted from 0; also kept for backward."""
        if self.axes is None:
            order = list(range(x.ndim))
            order.reverse()
        else:
            order = []
            for axis in self.axes:
                positive_axis = operator.index(axis)
                if positive_axis < 0:
                    positive_axis = positive_axis + x.ndim
                order.append(positive_axis)
        if sorted(order) != list(range(x.ndim)):
            raise ShapeError(
                f"transpose got axes {self.axes} for a tensor of shape {x.shape}: it expects each of its {x.ndim} axes "
                "once",
                shapes=(x.shape,),
                operation="transpose",
            )
        self.order = order
        return order


class BroadcastTo(Operation):
    """y is x, stretched to a larger shape, as a new array.

    Keeps the shape of x. ShapeError if x cannot be stretched to it.
    """

    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        self.card = ShapeCard(input_shape=x.shape)
        wanted_shape = tuple(self.shape)
        for size in wanted_shape:
            if operator.index(size) < 0:
                raise ShapeError(
                    f"broadcast_to got the shape {wanted_shape}: sizes are at least 0",
                    shapes=(x.shape, wanted_shape),
                    operation="broadcast_to",
                )
        joint_shape = broadcast_shapes(x.shape, wanted_shape, "broadcast_to")
        if joint_shape != wanted_shape:
            raise ShapeError(
                f"broadcast_to got a tensor of shape {x.shape}, which cannot be stretched to {wanted_shape}: only sizes of 1 "
                "stretch, and only new axes in front are added",
                shapes=(x.shape, wanted_shape),
                operation="broadcast_to",
            )
        return stretched_copy(x, wanted_shape)

    def backward(self, grad):
        return unbroadcast_gradient(grad, self.card.input_shape)


class Index(Operation):
    """y = x[key] for ints, slices, None, ..., integer arrays and boolean masks.

    Each element of grad goes back to the element of x that was picked; one that was picked several times receives
    the sum. Keeps the shape of x.
    """

    def __init__(self, key):
        self.key = key

    def forward(self, x):
        picked = own_array(x[self.key])
        self.card = ShapeCard(input_shape=x.shape)
        return picked

    def backward(self, grad):
        gradient = np.zeros(self.card.input_shape, dtype=calculation_dtype(grad.dtype))
        if picks_once(self.key):
            gradient[self.key] = grad
        else:
            np.add.at(gradient, self.key, grad)
        return gradient.astype(grad.dtype)


def picks_once(key):
    """Whether `key` picks no element twice: only integer arrays can, and adding at repeated positions is slow."""
    for part in key if isinstance(key, tuple) else (key,):
        if type(part) in (int, slice) or part is None or part is ...:
            continue
        if np.asarray(part).dtype != bool and np.ndim(part) > 0:
            return False
    return True


class Concatenate(Operation):
    """z = x, y, ... joined along an axis; each input gets its own piece of grad.

    Keeps the sizes along the axis. ShapeError if the other sizes differ, AxisError if the axis does not exist.
    """

    def __init__(self, axis=0):
        self.axis = axis

    def forward(self, *arrays):
        require_equal_shapes("concatenate", arrays, operator.index(self.axis))
        number_of_axes = arrays[0].ndim
        joining_axis = normalize_axis_index(operator.index(self.axis), number_of_axes)
        sizes = []
        for array in arrays:
            sizes.append(array.shape[joining_axis])
        self.card = SizesCard(joining_axis=joining_axis, sizes=sizes)
        joined_sizes = list(arrays[0].shape)
        joined_sizes[joining_axis] = sum(sizes)
        dtypes = [array.dtype for array in arrays]
        joined = np.empty(tuple(joined_sizes), dtype=np.result_type(*dtypes))
        start = 0
        for array, size in zip(arrays, sizes, strict=True):
            place = key_at(joining_axis, slice(start, start + size), number_of_axes)
            joined[place] = array
            start = start + size
        return joined

    def backward(self, grad):
        pieces = []
        start = 0
        for size in self.card.sizes:
            place = key_at(self.card.joining_axis, slice(start, start + size), grad.ndim)
            pieces.append(own_array(grad[place]))
            start = start + size
        return tuple(pieces)


class Stack(Operation):
    """z = x, y, ... joined along a new axis; each input gets its own slice of grad.

    ShapeError if the shapes differ.
    """

    def __init__(self, axis=0):
        self.axis = axis

    def forward(self, *arrays):
        require_equal_shapes("stack", arrays)
        number_of_axes = arrays[0].ndim + 1
        stacking_axis = normalize_axis_index(operator.index(self.axis), number_of_axes)
        self.card = CountCard(stacking_axis=stacking_axis, count=len(arrays))
        stacked_sizes = list(arrays[0].shape)
        stacked_sizes.insert(stacking_axis, len(arrays))
        dtypes = [array.dtype for array in arrays]
        stacked = np.empty(tuple(stacked_sizes), dtype=np.result_type(*dtypes))
        for position, array in enumerate(arrays):
            place = key_at(stacking_axis, position, number_of_axes)
            stacked[place] = array
        return stacked

    def backward(self, grad):
        slices = []
        for position in range(self.card.count):
            place = key_at(self.card.stacking_axis, position, grad.ndim)
            slices.append(own_array(grad[place]))
        return tuple(slices)


def require_equal_shapes(operation, arrays, except_axis=None):
    """Raise ShapeError unless there are arrays and all have one shape; sizes along `except_axis` may differ."""
    if not arrays:
        raise ShapeError(f"{operation} got no tensors, but needs at least one", operation=operation)
    shapes = [array.shape for array in arrays]
    if except_axis is not None:
        normalize_axis_index(except_axis, len(shapes[0]), operation)  # AxisError if it does not exist
    for shape in shapes:
        if len(shape) != len(shapes[0]) or shape_without(shape, except_axis) != shape_without(shapes[0], except_axis):
            exception = "" if except_axis is None else f", except along axis {except_axis}"
            raise ShapeError(
                f"{operation} got tensors of shapes {shapes[0]} and {shape}: all must be the same{exception}",
                shapes=shapes,
                operation=operation,
            )


def shape_without(shape, axis):
    """`shape` as a list, without its size along `axis`; None removes nothing."""
    sizes = list(shape)
    if axis is not None:
        del sizes[axis]
    return sizes


class AsType(Operation):
    """y = x converted to another dtype, always a copy.   dy/dx = 1

    Keeps the dtype of x.
    """

    def __init__(self, dtype):
        self.dtype = dtype

    def forward(self, x):
        self.x_dtype = x.dtype
        return x.astype(self.dtype)

    def backward(self, grad):
        return grad.astype(self.x_dtype)
