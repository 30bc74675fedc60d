"""Maximum and Minimum: one operation, with opposite preferences."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from .choosing import zero_where
from .kinds import Array, Kept, Pairwise


class Preference(Pairwise):
    """The winner of x and y: it takes the gradient, and a tie is shared."""

    choose: ClassVar[Callable[[Array, Array], Array]]
    loses: ClassVar[Callable[[Array, Array], Array]]  # whether the first gives way to the second

    def value(self, x: Array, y: Array) -> Array:
        return type(self).choose(x, y)

    def pull_x(self, grad: Array, kept: Kept) -> Array:
        return self._share(grad, kept.x, kept.y)

    def pull_y(self, grad: Array, kept: Kept) -> Array:
        return self._share(grad, kept.y, kept.x)

    def _share(self, grad: Array, own: Array, other: Array) -> Array:
        fair = np.where(own == other, grad / 2, grad)
        return zero_where(type(self).loses(own, other), fair)


class Maximum(Preference):
    """z = the larger of x and y."""

    title = "maximum"
    choose, loses = np.maximum, np.less


class Minimum(Preference):
    """z = the smaller of x and y."""

    title = "minimum"
    choose, loses = np.minimum, np.greater
