"""Backward: puts the recorded graph in order, sends gradients through it, and adds them up in the leaves.

The graph: a recorded tensor knows the operation that made it (grad_fn), and an operation knows its inputs.
"""

import numpy as np

from ..errors import GradientError, ShapeError
from ..operations import silent
from .freeing import forget_arrays
from .graph_walk import consumers_first
from .sums import RunningSums


def topological_sort(tensor):
    """The operations that lead to `tensor`, each once, every consumer before the producers of its inputs.

    Iterative, so that the depth is not limited, and linear: each operation is visited once, even if many paths lead
    to it.
    """
    last_operation = tensor.grad_fn
    if last_operation is None:
        return []
    return consumers_first(last_operation)


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
    add_to_grads(propagate(tensor, gradient, order))
    if not retain_graph:
        release(order)


def starting_gradient(tensor, gradient):
    """The gradient that backward starts with: a copy of `gradient`, an array or Tensor, in `tensor`'s dtype.

    GradientError if the tensor does not require grad, ShapeError for a gradient of another shape.
    """
    if not tensor.requires_grad:
        raise GradientError(
            f"backward() got a tensor of shape {tensor.shape} that does not require grad, so nothing was recorded: "
            "expected one that was computed, outside of no_grad(), from a tensor with requires_grad=True"
        )
    if gradient is None:
        return np.ones(tensor.shape, dtype=tensor.dtype)
    if hasattr(gradient, "grad_fn"):
        given = gradient.data
    else:
        given = np.asarray(gradient)
    if given.dtype.kind not in ("b", "i", "u", "f"):
        raise TypeError(f"backward() got a gradient of dtype {given.dtype}, but expects real numbers")
    if given.shape != tensor.shape:
        raise ShapeError(
            f"backward() got a gradient of shape {given.shape} for a tensor of shape {tensor.shape}: both must be the "
            "same",
            shapes=(given.shape, tensor.shape),
            operation="backward",
        )
    own_gradient = np.array(given, dtype=tensor.dtype, copy=True)
    return own_gradient


def propagate(tensor, gradient, order):
    """Send `gradient` from `tensor` back through the operations in `order`.

    Returns {tensor: its whole gradient} for the leaves that require grad and the tensors that retain theirs, in
    arrays that nothing else uses. The gradients from all uses of a tensor are added up before the sum is sent on.

    An operation without inputs was released: raise its `released_error`. `one_per_input` makes what a backward
    returned a tuple; `fitting` makes each part an array of its input's shape and dtype, or raises. A part that is
    None, or that belongs to an input that does not require grad, is dropped.
    """
    for operation in order:
        if len(operation.inputs) == 0:
            raise released_error(operation)
    sums = RunningSums()
    sums.add(tensor, gradient)
    gradients = {}
    for operation in order:
        whole_gradient = sums.take(operation)
        if whole_gradient is None:
            continue
        for keeper in sums.keepers_of(operation):
            gradients[keeper] = np.array(whole_gradient, copy=True)
        returned = operation.backward(whole_gradient)
        parts = one_per_input(returned, operation)
        for source, part in zip(operation.inputs, parts, strict=True):
            if part is None or not source.requires_grad:
                continue
            fitting_part = fitting(part, source, operation)
            sums.add(source, fitting_part)
    for key, leaf in sums.leaves.items():
        gradients[leaf] = sums.of_leaves[key]
    return gradients


def add_to_grads(gradients):
    """Add each gradient of {tensor: gradient} to the tensor's .grad: all of them or, after an error, none.

    A .grad is a Tensor, made from an array by `tensor.wrap`, or None if there is no gradient yet. ShapeError, before
    any .grad changes, for a .grad that was set to another shape.
    """
    new_sums = []
    for tensor, gradient in gradients.items():
        if tensor.grad is None:
            new_sums.append((tensor, np.array(gradient, dtype=tensor.dtype, copy=True)))
            continue
        old_gradient = tensor.grad.data
        if old_gradient.shape != tensor.shape or gradient.shape != tensor.shape:
            raise ShapeError(
                f"backward() would add a gradient of shape {gradient.shape} to a .grad of shape {old_gradient.shape}: "
                "zero_grad() removes the old one",
                shapes=(gradient.shape, old_gradient.shape),
                operation="backward",
            )
        new_sum = np.add(old_gradient, gradient)
        new_sums.append((tensor, np.array(new_sum, dtype=tensor.dtype, copy=True)))
    for tensor, new_sum in new_sums:
        tensor.grad = tensor.wrap(new_sum)


def release(operations):
    """Free the memory that the operations hold: their inputs become (), the arrays that they keep become None."""
    for operation in operations:
        operation.inputs = ()
        forget_arrays(operation)


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
    """A gradient that a backward returned, as an array of its input's dtype; ShapeError if the shape differs."""
    part = np.asarray(part)
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
