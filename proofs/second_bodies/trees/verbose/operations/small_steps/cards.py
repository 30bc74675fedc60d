"""Cards: small dataclasses on which a forward notes what its backward needs. An operation has one, `self.card`."""

from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class TwoShapesCard:
    """The shapes of two inputs."""

    left_shape: tuple
    right_shape: tuple


@dataclass(eq=False)
class OneArrayCard:
    """A copy of one array: an input or the result."""

    values: Any


@dataclass(eq=False)
class TwoArraysCard:
    """Copies of two inputs."""

    left_values: Any
    right_values: Any


@dataclass(eq=False)
class QuotientCard:
    """The divisor, the quotient, and the shape of the dividend."""

    divisor: Any
    quotient: Any
    dividend_shape: tuple


@dataclass(eq=False)
class AffineCard:
    """The rows that went in, as a matrix, the weight, and the shapes before rows were merged."""

    rows: Any
    weight: Any
    input_shape: tuple
    bias_shape: tuple


@dataclass(eq=False)
class ShapeCard:
    """The shape of the only input."""

    input_shape: tuple


@dataclass(eq=False)
class MeanCard:
    """The shape of the input, its reduced axes, and how many elements became one."""

    input_shape: tuple
    reduced_axes: tuple
    element_count: int


@dataclass(eq=False)
class ExtremeCard:
    """The input, and the extreme elements with the reduced axes kept as size 1."""

    input_values: Any
    extreme_values: Any
    reduced_axes: tuple


@dataclass(eq=False)
class SizesCard:
    """The sizes of several inputs along the axis at which they are joined."""

    joining_axis: int
    sizes: list


@dataclass(eq=False)
class CountCard:
    """How many inputs were stacked, and along which axis."""

    stacking_axis: int
    count: int
