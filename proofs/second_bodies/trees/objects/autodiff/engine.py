"""Backward: puts the recorded graph in order, sends gradients through it, and adds them up in the leaves.

The graph: a recorded tensor knows the operation that made it (grad_fn), and an operation knows its inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Any

import numpy as np
from numpy import ndarray

from ..errors import GradientError, ShapeError
from ..operations import Operation, silent
from .ledger import Ledger, forget_arrays

adding = Lock()  # one backward at a time adds its gradients


def topological_sort(tensor: Any) -> list[Operation]:
    """The operations that lead to `tensor`, each once, every consumer before the producers of its inputs.

    Iterative, so that the depth is not limited, and linear: each operation is visited once, even if many paths lead
    to it.
    """
    return list(consumers_first(tensor.grad_fn))


def producers(operation: Operation) -> Iterator[Operation]:
    """The operations that made the inputs of an operation, once for each use."""
    return (source.grad_fn for source in operation.inputs if source.grad_fn is not None)


def consumers_first(last: Operation | None) -> Iterator[Operation]:
    """Kahn's algorithm: an operation comes when all uses of its result have come."""
    if last is None:
        return
    uses, unexplored = {id(last): 0}, [last]
    while unexplored:
        for producer in producers(unexplored.pop()):
            if id(producer) not in uses:
                uses[id(producer)] = 0
                unexplored.append(producer)
            uses[id(producer)] += 1
    ready = [last]
    while ready:
        operation = ready.pop()
        yield operation
        for producer in producers(operation):
            uses[id(producer)] -= 1
            if not uses[id(producer)]:
                ready.append(producer)


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


def starting_gradient(tensor: Any, gradient: Any) -> ndarray:
    """The gradient that backward starts with: a copy of `gradient`, an array or Tensor, in `tensor`'s dtype.

    GradientError if the tensor does not require grad, ShapeError for a gradient of another shape.
    """
    if not tensor.requires_grad:
        raise GradientError(
            "backward() takes a tensor that requires grad, but this one does not: create it, or what it is computed "
            "from, with requires_grad=True, and outside of no_grad()"
        )
    if gradient is None:
        return np.ones_like(tensor.data)
    given = np.asarray(gradient)
    if given.shape != tensor.shape:
        raise ShapeError(
            f"backward() got a gradient of shape {given.shape}, expected {tensor.shape}, the shape of the tensor",
            shapes=(given.shape, tensor.shape),
            operation="backward",
        )
    return np.array(given, dtype=tensor.dtype)


def propagate(tensor: Any, gradient: ndarray, order: list[Operation]) -> dict[Any, ndarray]:
    """Send `gradient` from `tensor` back through the operations in `order`.

    Returns {tensor: its whole gradient} for the leaves that require grad and the tensors that retain theirs, in
    arrays that nothing else uses. The gradients from all uses of a tensor are added up before the sum is sent on.

    An operation without inputs was released: raise its `released_error`. `one_per_input` makes what a backward
    returned a tuple; `fitting` makes each part an array of its input's shape and dtype, or raises. A part that is
    None, or that belongs to an input that does not require grad, is dropped. (Only for speed: where an operation
    `adds_in_place`, its `add_to` can add to a sum that nothing else uses.)
    """
    for operation in order:
        if not operation.inputs:
            raise released_error(operation)
    ledger, reported = Ledger(key_of), {}
    ledger.post(tensor, gradient)
    for operation in order:
        match ledger.settle(operation):
            case None:
                continue  # nothing that was computed from it has a gradient
            case None, account:
                pass
            case watcher, account:
                reported[watcher] = account.array.copy()
        send(operation, account.array, ledger)
    reported.update(ledger.leaves())
    return reported


def send(operation: Operation, grad: ndarray, ledger: Ledger) -> None:
    """Post what the operation makes of `grad` for each of its inputs."""
    if operation.adds_in_place and ledger.post_inside(operation.inputs[0], operation.add_to, grad):
        return
    parts = one_per_input(operation.backward(grad), operation)
    for source, part in zip(operation.inputs, parts, strict=True):
        if part is not None and source.requires_grad:
            ledger.post(source, fitting(part, source, operation))


def add_to_grads(gradients: dict[Any, ndarray]) -> None:
    """Add each gradient of {tensor: gradient} to the tensor's .grad: all of them or, after an error, none.

    A .grad is a Tensor, made from an array by `tensor.wrap`, or None if there is no gradient yet. ShapeError, before
    any .grad changes, for a .grad that was set to another shape.
    """
    for tensor, gradient in gradients.items():
        if tensor.grad is not None and tensor.grad.shape != gradient.shape:
            raise ShapeError(
                f"backward() cannot add a gradient of shape {gradient.shape} to a .grad that was set to shape "
                f"{tensor.grad.shape}: zero_grad() removes it",
                shapes=(gradient.shape, tensor.grad.shape),
                operation="backward",
            )
    totals = [
        (tensor, gradient if tensor.grad is None else np.asarray(tensor.grad.data + gradient, dtype=gradient.dtype))
        for tensor, gradient in gradients.items()
    ]
    for tensor, total in totals:
        tensor.grad = tensor.wrap(total)


def release(operations: Iterable[Operation]) -> None:
    """Free the memory that the operations hold: their inputs become (), the arrays that they keep become None."""
    forget_arrays(operations)
    for operation in operations:
        operation.inputs = ()


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
