"""Backward: puts the recorded graph in order, sends gradients through it, and adds them up in the leaves.

The graph: a recorded tensor knows the operation that made it (grad_fn), and an operation knows its inputs.
"""

from threading import Lock

import numpy as np
from numpy import ndarray

from ..errors import GradientError, ShapeError
from ..operations import silent

adding = Lock()  # one backward at a time adds its gradients


def topological_sort(tensor):
    """The operations that lead to `tensor`, each once, every consumer before the producers of its inputs.

    Iterative, so that the depth is not limited, and linear: each operation is visited once, even if many paths lead
    to it.
    """
    # TODO 2.1: see `nox -s hint -- 2.1`
    raise NotImplementedError("2.1: topological_sort is not written yet")


@silent  # gradients may be inf or nan; one decorator here costs less than one per operation
def backward(tensor, gradient=None, retain_graph=False):
    """Add d(tensor)/d(leaf), times `gradient`, to the .grad of every leaf that requires grad.

    gradient: dL/d(tensor), an array or Tensor of its shape; None means ones. Afterwards the graph is released,
    unless `retain_graph`. If an error is raised, no .grad changes.
    """
    if gradient is None and tensor.requires_grad:
        gradient = np.ones_like(tensor.data)
    else:
        gradient = starting_gradient(tensor, gradient)
    order = topological_sort(tensor)
    gradients = propagate(tensor, gradient, order)
    with adding:  # another thread may add to the same leaves
        add_to_grads(gradients)
    if not retain_graph:
        release(order)


def starting_gradient(tensor, gradient):
    """The gradient that backward starts with: a copy of `gradient`, an array or Tensor, in `tensor`'s dtype.

    GradientError if the tensor does not require grad, ShapeError for a gradient of another shape.
    """
    # TODO 2.3: see `nox -s hint -- 2.3`
    raise NotImplementedError("2.3: starting_gradient is not written yet")


def propagate(tensor, gradient, order):
    """Send `gradient` from `tensor` back through the operations in `order`.

    Returns {tensor: its whole gradient} for the leaves that require grad and the tensors that retain theirs, in
    arrays that nothing else uses. The gradients from all uses of a tensor are added up before the sum is sent on.

    An operation without inputs was released: raise its `released_error`. `one_per_input` makes what a backward
    returned a tuple; `fitting` makes each part an array of its input's shape and dtype, or raises. A part that is
    None, or that belongs to an input that does not require grad, is dropped. (Only for speed: where an operation
    `adds_in_place`, its `add_to` can add to a sum that nothing else uses.)
    """
    # TODO 2.2: see `nox -s hint -- 2.2`
    raise NotImplementedError("2.2: propagate is not written yet")


def add_to_grads(gradients):
    """Add each gradient of {tensor: gradient} to the tensor's .grad: all of them or, after an error, none.

    A .grad is a Tensor, made from an array by `tensor.wrap`, or None if there is no gradient yet. ShapeError, before
    any .grad changes, for a .grad that was set to another shape.
    """
    # TODO 2.2: see `nox -s hint -- 2.2`
    raise NotImplementedError("2.2: add_to_grads is not written yet")


def release(operations):
    """Free the memory that the operations hold: their inputs become (), the arrays that they keep become None."""
    # TODO 2.3: see `nox -s hint -- 2.3`
    raise NotImplementedError("2.3: release is not written yet")


def key_of(tensor):
    """The key of a tensor's gradient: the id of the operation that made it, or its own id if it is a leaf."""
    return id(tensor if tensor.grad_fn is None else tensor.grad_fn)


def one_per_input(parts, operation):
    """What a backward returned, as a tuple with one gradient per input; ShapeError if there are more or fewer."""
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
    """A gradient that a backward returned, as an array of its input's dtype; ShapeError if the shape differs.

    TypeError for texts, and for complex numbers, whose imaginary part would be dropped.
    """
    part = np.asarray(part)
    if part.dtype.kind in "cSU":
        raise TypeError(
            f"{type(operation).__name__}.backward returned a gradient of dtype {part.dtype}, expected real numbers"
        )
    if part.shape != source.shape:
        name = type(operation).__name__
        stretched = len({each.shape for each in operation.inputs}) > 1 and stretches(source.shape, part.shape)
        advice = f". If {name} broadcasts, end with unbroadcast_gradient(grad, shape)" if stretched else ""
        raise ShapeError(
            f"{name}.backward returned a gradient of shape {part.shape} for an input of shape {source.shape}: a "
            f"gradient has the shape of its tensor{advice}",
            shapes=(part.shape, source.shape),
            operation=name,
        )
    return part.astype(source.dtype, copy=False)


def stretches(shape, longer):
    """Whether broadcasting can make one shape of another: axes of size 1 grow, and axes come in front."""
    pairs = zip(shape[::-1], longer[::-1], strict=False)
    return len(shape) <= len(longer) and all(size in (1, other) for size, other in pairs)


def released_error(operation):
    """The error for an operation that an earlier backward has released."""
    return GradientError(
        f"backward() reached {type(operation).__name__}, which an earlier backward() released together with the "
        "arrays it kept: compute the result again, or call the earlier one as backward(retain_graph=True)"
    )
