"""Counting and checking axes, one after the other."""

import operator

from numpy.lib.array_utils import normalize_axis_index


def checked_axes(axis, number_of_axes):
    """The axes that `axis` means (None: all; an int or a tuple), counted from 0 and sorted, as a tuple.

    A tensor without axes tolerates 0 and -1, as in NumPy and PyTorch. ValueError for an axis that is named twice,
    AxisError (an IndexError and a ValueError) for one that does not exist.
    """
    if axis is None:
        return tuple(range(number_of_axes))
    if isinstance(axis, (tuple, list)):
        wanted_axes = list(axis)
    else:
        wanted_axes = [axis]
    found_axes = []
    for wanted_axis in wanted_axes:
        wanted_axis = operator.index(wanted_axis)
        if number_of_axes == 0 and wanted_axis in (0, -1):
            continue
        positive_axis = normalize_axis_index(wanted_axis, number_of_axes)
        if positive_axis in found_axes:
            raise ValueError(f"the axis {wanted_axis} is named twice in {axis!r}: name each axis once")
        found_axes.append(positive_axis)
    found_axes.sort()
    return tuple(found_axes)


def shape_with_ones(shape, axes):
    """The shape, with size 1 at the axes (counted from 0)."""
    sizes = []
    for position in range(len(shape)):
        if position in axes:
            sizes.append(1)
        else:
            sizes.append(shape[position])
    return tuple(sizes)


def shape_without(shape, axes):
    """The shape without the axes (counted from 0)."""
    sizes = []
    for position in range(len(shape)):
        if position not in axes:
            sizes.append(shape[position])
    return tuple(sizes)


def product_of_sizes(sizes):
    """All sizes multiplied; 1 if there are none."""
    product = 1
    for size in sizes:
        product = product * int(size)
    return product


def count_elements(shape, axes):
    """How many elements of an array are reduced to one along the axes (counted from 0)."""
    count = 1
    for axis in axes:
        count = count * shape[axis]
    return count


def key_at(axis, position, number_of_axes):
    """The index that takes `position` (an int or a slice) at one axis and everything at the others."""
    key = []
    for current_axis in range(number_of_axes):
        if current_axis == axis:
            key.append(position)
        else:
            key.append(slice(None))
    return tuple(key)
