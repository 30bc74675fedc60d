"""Kinds of operations: each mixin knows what is kept and how a gradient returns; a subclass has the mathematics."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .base import Operation, silent
from .broadcasting import broadcast_shapes, unbroadcast_gradient

Array = NDArray[np.generic]


class FromInput(Operation):
    """y = value(x), whose gradient `pull` computes from x."""

    kept: Array | None = None

    @silent
    def forward(self, x: Array) -> Array:
        """Keep x, and give its value."""
        self.kept = x
        return self.value(x)

    def backward(self, grad: Array) -> Array:
        """The gradient of x."""
        return self.pull(grad, self.kept)

    def value(self, x: Array) -> Array:
        """y"""
        raise NotImplementedError

    def pull(self, grad: Array, kept: Array) -> Array:
        """dL/dx from dL/dy and what was kept."""
        raise NotImplementedError


class FromResult(FromInput):
    """y = value(x), whose gradient `pull` computes from y."""

    @silent
    def forward(self, x: Array) -> Array:
        """Give the value, and keep it."""
        self.kept = np.asarray(self.value(x))
        return self.kept


class Shapes(NamedTuple):
    """The shapes of both operands."""

    x: tuple[int, ...]
    y: tuple[int, ...]


class Kept(NamedTuple):
    """The arrays of a pairwise operation that its gradients need; the others are None."""

    x: Array | None
    y: Array | None
    z: Array | None


class Pairwise(Operation):
    """z = value(x, y), elementwise, where x and y broadcast."""

    title: ClassVar[str]  # the method, for messages
    keeps: ClassVar[str] = "xy"  # which of x, y, z the gradients need

    kept: Kept | None = None
    shapes: Shapes = Shapes((), ())

    @silent
    def forward(self, x: Array, y: Array) -> Array:
        """Refuse what does not broadcast, compute, and keep what `keeps` names."""
        broadcast_shapes(x.shape, y.shape, self.title)
        z = np.asarray(self.value(x, y))
        self.shapes = Shapes(x.shape, y.shape)
        self.kept = Kept(*(array if name in self.keeps else None for name, array in zip("xyz", (x, y, z), strict=True)))
        return z

    def backward(self, grad: Array) -> tuple[Array | None, Array | None]:
        """The gradients, summed back to the operands' own shapes."""
        dx = self._returned(self.pull_x(grad, self.kept), self.shapes.x) if self.needs_grad(0) else None
        dy = self._returned(self.pull_y(grad, self.kept), self.shapes.y) if self.needs_grad(1) else None
        return dx, dy

    @staticmethod
    def _returned(grad: Array, shape: tuple[int, ...]) -> Array:
        return unbroadcast_gradient(np.asarray(grad), shape)

    def value(self, x: Array, y: Array) -> Array:
        """z"""
        raise NotImplementedError

    def pull_x(self, grad: Array, kept: Kept) -> Array:
        """dL/dx before it is summed back."""
        raise NotImplementedError

    def pull_y(self, grad: Array, kept: Kept) -> Array:
        """dL/dy before it is summed back."""
        raise NotImplementedError
