"""Backward: the recorded graph in order, gradients sent along it, and their sums in the leaves.

The graph: a recorded tensor knows the operation that made it (grad_fn), an operation what it took (inputs).
"""

import numpy as np
from numpy import ndarray

from ..errors import GradientError, ShapeError
from ..operations import silent


def topological_sort(tensor):
    """The operations that lead to `tensor`, each once, every consumer before the producers of its inputs.

    Iterative, so that depth is no limit, and linear: however many paths lead to an operation, it is visited once.
    """
    # TODO 2.1: see `nox -s hint -- 2.1`
    raise NotImplementedError("2.1: topological_sort is not written yet")


@silent  # a gradient may be inf or nan: one decorator here costs less than one for each operation
def backward(tensor, gradient=None, retain_graph=False):
    """Add d(tensor)/d(leaf), times `gradient`, to the .grad of every leaf that requires grad.

    gradient: dL/d(tensor), an array or Tensor of its shape; None means ones. Afterwards the graph is released,
    unless `retain_graph`. An error on the way leaves every .grad as it was.
    """
    if gradient is None and tensor.requires_grad:
        gradient = np.ones_like(tensor.data)
    else:
        gradient = starting_gradient(tensor, gradient)
    order = topological_sort(tensor)
    add_to_grads(propagate(tensor, gradient, order))
    if not retain_graph:
        release(order)


def starting_gradient(tensor, gradient):
    """What backward begins with if not with ones: a copy of `gradient`, an array or Tensor, in `tensor`'s dtype.

    GradientError if the tensor requires no grad, ShapeError for a gradient of another shape.
    """
    # TODO 2.3: see `nox -s hint -- 2.3`
    raise NotImplementedError("2.3: starting_gradient is not written yet")


def propagate(tensor, gradient, order):
    """Send `gradient` from `tensor` down through the operations in `order`.

    Returns {tensor: its whole gradient} for the leaves that require grad and the tensors that retain theirs, in
    arrays that nobody else holds. What arrives at one tensor, from all its uses, adds up before it is sent on.

    An operation without inputs was released: `released_error`. What a backward returned, `one_per_input` makes a
    tuple, and `fitting` makes each part an array of its input's shape and dtype, or raises. A part that is None,
    or belongs to an input that requires no grad, goes nowhere.
    """
    # TODO 2.2: see `nox -s hint -- 2.2`
    raise NotImplementedError("2.2: propagate is not written yet")


def add_to_grads(gradients):
    """Add each gradient of {tensor: gradient} to the tensor's .grad, all or none of them.

    A .grad is a Tensor, made of an array by `tensor.wrap`, or None where nothing is there yet. ShapeError, before any
    .grad changes, for one that somebody has set to another shape.
    """
    # TODO 2.2: see `nox -s hint -- 2.2`
    raise NotImplementedError("2.2: add_to_grads is not written yet")


def release(operations):
    """Let go of what the operations hold, so that its memory is free: inputs become (), arrays kept on self None."""
    # TODO 2.3: see `nox -s hint -- 2.3`
    raise NotImplementedError("2.3: release is not written yet")


def one_per_input(parts, operation):
    """What a backward returned, as a tuple of a gradient per input; ShapeError if there are more or fewer."""
    if not isinstance(parts, (tuple, list)):
        parts = (parts,)
    if len(parts) != len(operation.inputs):
        name = type(operation).__name__
        raise ShapeError(
            f"{name}.backward returned {len(parts)} gradient(s) for {len(operation.inputs)} input(s): "
            "return a tuple with one for each input, or None in its place",
            operation=name,
        )
    return tuple(parts)


def fitting(part, source, operation):
    """A gradient that a backward returned, as an array of its input's dtype; ShapeError for another shape."""
    part = np.asarray(part)
    if part.shape != source.shape:
        name = type(operation).__name__
        raise ShapeError(
            f"{name}.backward returned a gradient of shape {part.shape} for an input of shape {source.shape}: a "
            f"gradient has the shape of its tensor. If {name} broadcasts, end with unbroadcast_gradient(grad, shape)",
            shapes=(part.shape, source.shape),
            operation=name,
        )
    return part.astype(source.dtype, copy=False)


def released_error(operation):
    """The error of a walk that comes to an operation whose inputs an earlier backward has let go."""
    return GradientError(
        f"backward() came to {type(operation).__name__}, which an earlier backward() released together with the "
        "arrays it kept: compute the result anew, or call the earlier one as backward(retain_graph=True)"
    )
