"""Strategies that bring the gradient of picked elements back to where they were picked."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from .kinds import Array


class Scatter(Protocol):
    """Adds `grad`, shaped like x[key], up in an array of `shape`."""

    def __call__(self, shape: tuple[int, ...], key: Any, grad: Array) -> Array: ...  # noqa: D102


def place(shape: tuple[int, ...], key: Any, grad: Array) -> Array:
    """No element was picked twice: a plain assignment."""
    scattered = np.zeros(shape, dtype=grad.dtype)
    scattered[key] = grad
    return scattered


def tally(shape: tuple[int, ...], key: Any, grad: Array) -> Array:
    """Elements may repeat: number them all, look up which numbers were picked, and count them with their weights."""
    if grad.dtype.itemsize > 8:  # bincount adds in float64
        scattered = np.zeros(shape, dtype=grad.dtype)
        np.add.at(scattered, key, grad)
        return scattered
    size = int(np.prod(shape, dtype=np.int64))
    picked = np.arange(size).reshape(shape)[key]
    return np.bincount(np.ravel(picked), np.ravel(grad), minlength=size).reshape(shape).astype(grad.dtype)
