"""Functions of several tensors."""

from collections.abc import Iterable, Set
from operator import index

import numpy as np

from ..operations import Affine, Concatenate, Maximum, Minimum, Stack, Where
from .names import named_here
from .recording import apply
from .tensor import operands


def affine(x, weight, bias):
    """x @ weight.T + bias as one operation, which takes a third of the steps, forward and backward.

    x (..., D), weight (M, D), bias (M,) -> (..., M)
    """
    return apply(Affine(), weight.operand(x), weight, bias)


def maximum(a, b):
    """The larger of a and b, elementwise and broadcasting; at a tie each gets half of the gradient."""
    return apply(Maximum(), *operands(a, b))


def minimum(a, b):
    """The smaller of a and b, elementwise and broadcasting; at a tie each gets half of the gradient."""
    return apply(Minimum(), *operands(a, b))


def where(condition, a, b):
    """a where the condition holds, otherwise b; the three broadcast. The condition gets no gradient."""
    return apply(Where(np.array(condition, dtype=bool)), *operands(a, b))


@named_here
def concatenate(tensors, axis=0):
    """The tensors joined along an axis; their other sizes must be equal."""
    require_one_list("concatenate", tensors, axis)
    return apply(Concatenate(axis), *operands(*tensors))


@named_here
def stack(tensors, axis=0):
    """Tensors of one shape joined along a new axis."""
    require_one_list("stack", tensors, axis)
    return apply(Stack(axis), *operands(*tensors))


def require_one_list(caller, tensors, axis):
    """Raise TypeError for f(a, b), where b is taken for an axis, for another wrong axis, and for what is not a list."""
    if hasattr(axis, "shape") and axis.shape != ():
        raise TypeError(f"{caller} takes the tensors as one list, {caller}([a, b]), but got a second tensor as axis")
    try:
        index(axis)
    except TypeError:
        raise TypeError(f"{caller} got axis={axis!r}, expected an int") from None
    if not isinstance(tensors, Iterable) or isinstance(tensors, Set):  # a set has no order
        raise TypeError(f"{caller} takes a list of tensors, got {type(tensors).__name__}")
