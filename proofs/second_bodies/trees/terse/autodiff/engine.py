"""Backward: puts the recorded graph in order, sends gradients through it, and adds them up in the leaves.

The graph: a recorded tensor knows the operation that made it (grad_fn), and an operation knows its inputs.
"""

import numpy as np

from ..errors import GradientError, ShapeError
from ..operations import silent


def topological_sort(tensor):
    """The operations that lead to `tensor`, each once, every consumer before the producers of its inputs.

    Iterative, so that the depth is not limited, and linear: each operation is visited once, even if many paths lead
    to it.
    """
    if tensor.grad_fn is None:
        return []
    producers = lambda op: [t.grad_fn for t in op.inputs if t.grad_fn is not None]
    found, uses = [tensor.grad_fn], {id(tensor.grad_fn): 0}
    for op in found:  # grows while it is walked
        for p in producers(op):
            if id(p) not in uses:
                found.append(p)
            uses[id(p)] = uses.get(id(p), 0) + 1
    order = found[:1]
    for op in order:  # grows as well: an operation follows when the last of its consumers has come
        for p in producers(op):
            uses[id(p)] -= 1
            if not uses[id(p)]:
                order.append(p)
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
    add_to_grads(propagate(tensor, gradient, order))
    if not retain_graph:
        release(order)


def starting_gradient(tensor, gradient):
    """The gradient that backward starts with: a copy of `gradient`, an array or Tensor, in `tensor`'s dtype.

    GradientError if the tensor does not require grad, ShapeError for a gradient of another shape.
    """
    if not tensor.requires_grad:
        raise GradientError(
            "backward() takes a tensor that requires grad, but this one does not: make a leaf that led to it with "
            "requires_grad=True, and compute it outside of no_grad()"
        )
    g = np.ones_like(tensor.data) if gradient is None else np.asarray(gradient)
    if g.shape != tensor.shape:
        raise ShapeError(
            f"backward got a gradient of shape {g.shape} for a tensor of shape {tensor.shape}: both must be equal",
            shapes=(g.shape, tensor.shape),
            operation="backward",
        )
    return g.astype(tensor.dtype)


def propagate(tensor, gradient, order):
    """Send `gradient` from `tensor` back through the operations in `order`.

    Returns {tensor: its whole gradient} for the leaves that require grad and the tensors that retain theirs, in
    arrays that nothing else uses. The gradients from all uses of a tensor are added up before the sum is sent on.

    An operation without inputs was released: raise its `released_error`. `one_per_input` makes what a backward
    returned a tuple; `fitting` makes each part an array of its input's shape and dtype, or raises. A part that is
    None, or that belongs to an input that does not require grad, is dropped.
    """
    key = lambda t: id(t if t.grad_fn is None else t.grad_fn)
    G, wanted = {key(tensor): gradient}, {}
    want = lambda t: wanted.update({key(t): t}) if t.grad_fn is None or t.retains_grad else None
    want(tensor)
    for op in order:
        if not op.inputs:
            raise released_error(op)
        g = G.get(id(op)) if id(op) in wanted else G.pop(id(op), None)
        if g is None:
            continue
        for t, dt in zip(op.inputs, one_per_input(op.backward(g), op), strict=True):
            if dt is not None and t.requires_grad:
                k, dt = key(t), fitting(dt, t, op)
                G[k] = np.asarray(G[k] + dt) if k in G else dt
                want(t)
    return {t: np.array(G[k]) for k, t in wanted.items() if k in G}


def add_to_grads(gradients):
    """Add each gradient of {tensor: gradient} to the tensor's .grad: all of them or, after an error, none.

    A .grad is a Tensor, made from an array by `tensor.wrap`, or None if there is no gradient yet. ShapeError, before
    any .grad changes, for a .grad that was set to another shape.
    """
    for t, g in gradients.items():
        if t.grad is not None and t.grad.shape != g.shape:
            raise ShapeError(
                f"backward got a gradient of shape {g.shape} to add to a .grad of shape {t.grad.shape}: zero_grad() "
                "removes the old one",
                shapes=(g.shape, t.grad.shape),
                operation="backward",
            )
    total = lambda t, g: g if t.grad is None else np.asarray(t.grad.data + g, dtype=t.dtype)
    for t, s in [(t, t.wrap(total(t, g))) for t, g in gradients.items()]:
        t.grad = s


def release(operations):
    """Free the memory that the operations hold: their inputs become (), the arrays that they keep become None."""
    for op in operations:
        op.inputs = ()
        vars(op).update({k: None for k, v in vars(op).items() if k == "D" or holds_arrays(v)})


def holds_arrays(v):
    """Whether a value is an array, or a list, tuple or dict with one inside."""
    parts = v.values() if isinstance(v, dict) else v if isinstance(v, (tuple, list)) else ()
    return isinstance(v, np.ndarray) or any(map(holds_arrays, parts))


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
