"""Shapes with axes removed, inserted and merged."""

from __future__ import annotations

from math import prod

from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

Shape = tuple[int, ...]


def swapped(ndim: int, a: int, b: int) -> Shape:
    """The axes 0, 1, ... with two of them exchanged."""
    a, b = (normalize_axis_index(axis, ndim) for axis in (a, b))
    return tuple({a: b, b: a}.get(axis, axis) for axis in range(ndim))


def squeezed(shape: Shape, axis: int | Shape | None) -> Shape:
    """The shape without axes of size 1, of all or of those named."""
    candidates = range(len(shape)) if axis is None else normalize_axis_tuple(axis, len(shape))
    return tuple(size for i, size in enumerate(shape) if size != 1 or i not in candidates)


def unsqueezed(shape: Shape, axis: int) -> Shape:
    """The shape with a 1 at the position."""
    position = normalize_axis_index(axis, len(shape) + 1)
    return (*shape[:position], 1, *shape[position:])


def flattened(shape: Shape, start_axis: int) -> Shape:
    """The shape with its last axes as one; of a single number, there is one axis to start from."""
    start = normalize_axis_index(start_axis, max(len(shape), 1))
    return (*shape[:start], prod(shape[start:]))
