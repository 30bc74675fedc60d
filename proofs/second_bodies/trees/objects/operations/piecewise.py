"""Functions made of pieces; where the derivative is not unique, the docstring gives the one that is used."""

from __future__ import annotations

import numpy as np

from .base import Operation, python_number
from .broadcasting import broadcast_shapes, unbroadcast_gradient
from .choosing import zero_where
from .comparing import Maximum, Minimum
from .kinds import Array, FromInput, Shapes


class Abs(Operation):
    """y = |x|.   dy/dx = sign(x), 0 at x = 0

    Keeps x.
    """

    def forward(self, x):
        self.x = x
        return np.abs(x)

    def backward(self, grad):
        return grad * np.sign(self.x)


class ReLU(FromInput):
    """y = max(x, 0).   dy/dx = 1 where x > 0, otherwise 0"""

    def value(self, x: Array) -> Array:
        return np.maximum(x, x.dtype.type(0))

    def pull(self, grad: Array, x: Array) -> Array:
        return zero_where(x <= 0, grad)


class LeakyReLU(FromInput):
    """y = x where x > 0, otherwise slope x.   dy/dx = 1 where x > 0, otherwise slope"""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = python_number(negative_slope)

    def value(self, x: Array) -> Array:
        return np.where(x > 0, x, self.negative_slope * x)

    def pull(self, grad: Array, x: Array) -> Array:
        match self.negative_slope:
            case 0:
                return zero_where(x <= 0, grad)  # 0 times inf would be nan
            case slope:
                return np.where(x > 0, grad, slope * grad)


class Clip(FromInput):
    """y = x, but at least low and at most high.   dy/dx = 1 where low <= x <= high, otherwise 0

    low or high may be None, for no bound on that side.
    """

    def __init__(self, low: float | None = None, high: float | None = None) -> None:
        self.low, self.high = (None if bound is None else python_number(bound) for bound in (low, high))

    def value(self, x: Array) -> Array:
        match self.low, self.high:
            case None, None:
                return x.copy()
            case low, None:
                return np.maximum(x, low)
            case None, high:
                return np.minimum(x, high)
            case low, high:
                return np.minimum(np.maximum(x, low), high)

    def pull(self, grad: Array, x: Array) -> Array:
        inside = np.ones(x.shape, dtype=bool)
        if self.low is not None:
            inside &= x >= self.low
        if self.high is not None:
            inside &= x <= self.high
        return zero_where(~inside, grad)


class Where(Operation):
    """z = x where the condition holds, otherwise y.   dz/dx = 1 where it holds, otherwise 0,  dz/dy = 1 - dz/dx

    The condition, an array of bools, broadcasts with x and y.
    """

    def __init__(self, condition: Array) -> None:
        self.condition = condition
        self.shapes = Shapes((), ())

    def forward(self, x: Array, y: Array) -> Array:
        joint = broadcast_shapes(x.shape, y.shape, "where")
        broadcast_shapes(self.condition.shape, joint, "where")
        self.shapes = Shapes(x.shape, y.shape)
        return np.where(self.condition, x, y)

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        losers = (~self.condition, self.condition)
        return tuple(
            unbroadcast_gradient(np.asarray(zero_where(loses, grad)), shape) if self.needs_grad(position) else None
            for position, (loses, shape) in enumerate(zip(losers, self.shapes, strict=True))
        )
