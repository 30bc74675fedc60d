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
    # exercise: 2.1
    order, seen = [], set()  # ids, as an operation may define == in its own way
    stack = [tensor.grad_fn] if tensor.grad_fn is not None else []
    while stack:
        operation = stack.pop()
        if operation is None:  # everything that leads to the one below is done
            order.append(stack.pop())
        elif id(operation) not in seen:
            seen.add(id(operation))
            stack += operation, None
            for source in operation.inputs:
                if source.grad_fn is not None:
                    stack.append(source.grad_fn)
    order.reverse()
    return order


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
    # exercise: 2.3
    if not tensor.requires_grad:
        raise GradientError(
            f"backward() got a tensor of shape {tensor.shape} that does not require grad: nothing that it was "
            "computed from has requires_grad=True, or it was computed inside no_grad()"
        )
    gradient = np.array(gradient, dtype=tensor.dtype)
    if gradient.shape != tensor.shape:
        raise ShapeError(
            f"backward() got a gradient of shape {gradient.shape} for a tensor of shape {tensor.shape}: "
            "a gradient has exactly the shape of its tensor",
            shapes=(gradient.shape, tensor.shape),
            operation="backward",
        )
    return gradient


def propagate(tensor, gradient, order):
    """Send `gradient` from `tensor` back through the operations in `order`.

    Returns {tensor: its whole gradient} for the leaves that require grad and the tensors that retain theirs, in
    arrays that nothing else uses. The gradients from all uses of a tensor are added up before the sum is sent on.

    An operation without inputs was released: raise its `released_error`. `one_per_input` makes what a backward
    returned a tuple; `fitting` makes each part an array of its input's shape and dtype, or raises. A part that is
    None, or that belongs to an input that does not require grad, is dropped. (Only for speed: where an operation
    `adds_in_place`, its `add_to` can add to a sum that nothing else uses.)
    """
    # exercise: 2.2
    start = id(tensor if tensor.grad_fn is None else tensor.grad_fn)
    sums = {start: gradient}  # the sum so far, by the id of an operation (for its result) or of a leaf
    owned = {start}  # the keys whose sum nothing else uses, so that it can be returned
    wanted = {start: tensor} if tensor.grad_fn is None or tensor.retains_grad else {}
    for operation in order:
        if not operation.inputs:
            raise released_error(operation)
        key = id(operation)
        grad = sums.get(key) if key in wanted else sums.pop(key, None)
        if grad is None:  # every consumer returned None for it
            continue
        if operation.adds_in_place and (target := key_of(operation.inputs[0])) in owned:
            operation.add_to(sums[target], grad)
            continue
        parts = operation.backward(grad)
        if type(parts) is not tuple or len(parts) != len(operation.inputs):
            parts = one_per_input(parts, operation)
        for source, part in zip(operation.inputs, parts):  # noqa: B905 (the lengths are equal; strict takes time)
            if part is None or not source.requires_grad:
                continue
            data = source.data
            if type(part) is not ndarray or part.shape != data.shape or part.dtype is not data.dtype:
                part = fitting(part, source, operation)
            target = id(source if source.grad_fn is None else source.grad_fn)
            if source.grad_fn is None or source.retains_grad:
                wanted[target] = source
            if target not in sums:
                sums[target] = part
            else:
                sums[target] = np.asarray(sums[target] + part)
                owned.add(target)
    return {source: sums[key] if key in owned else sums[key].copy() for key, source in wanted.items()}


def add_to_grads(gradients):
    """Add each gradient of {tensor: gradient} to the tensor's .grad: all of them or, after an error, none.

    A .grad is a Tensor, made from an array by `tensor.wrap`, or None if there is no gradient yet. ShapeError, before
    any .grad changes, for a .grad that was set to another shape.
    """
    # exercise: 2.2
    totals = {}
    for tensor, gradient in gradients.items():
        if tensor.grad is not None:
            if tensor.grad.shape != tensor.shape:
                raise ShapeError(
                    f"backward() cannot add to a .grad of shape {tensor.grad.shape} on a tensor of shape "
                    f"{tensor.shape}: zero_grad() removes it",
                    shapes=(tensor.grad.shape, tensor.shape),
                    operation="backward",
                )
            gradient += tensor.grad.data
        totals[tensor] = tensor.wrap(gradient)
    for tensor, total in totals.items():
        tensor.grad = total


def release(operations):
    """Free the memory that the operations hold: their inputs become (), the arrays that they keep become None."""
    # exercise: 2.3
    for operation in operations:
        operation.inputs = ()
        attributes = vars(operation)
        for name in attributes:
            if isinstance(attributes[name], ndarray):
                attributes[name] = None


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
