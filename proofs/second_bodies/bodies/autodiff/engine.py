"""Second bodies: Kahn's counting, lists of what arrives by tensor, sums made when their turn comes."""
# ruff: noqa: F821 (names of the file that these functions are put into)

from collections import deque

import numpy as np

from ..errors import GradientError, ShapeError


def topological_sort(tensor):
    if tensor.grad_fn is None:
        return []
    found = {id(tensor.grad_fn): tensor.grad_fn}
    uses = {id(tensor.grad_fn): 0}  # how many inputs of operations found so far are an operation's result
    queue = deque(found.values())
    while queue:
        for source in queue.popleft().inputs:
            producer = source.grad_fn
            if producer is None:
                continue
            uses[id(producer)] = uses.get(id(producer), 0) + 1
            if id(producer) not in found:
                found[id(producer)] = producer
                queue.append(producer)
    order = []
    ready = deque([tensor.grad_fn])
    while ready:
        operation = ready.popleft()
        order.append(operation)
        for source in operation.inputs:
            if source.grad_fn is not None:
                uses[id(source.grad_fn)] -= 1
                if uses[id(source.grad_fn)] == 0:
                    ready.append(source.grad_fn)
    return order


def starting_gradient(tensor, gradient):
    if not tensor.requires_grad:
        raise GradientError(f"backward() takes a tensor that requires grad, and this one of {tensor.shape} does not")
    given = np.asarray(gradient)
    if given.shape != tensor.shape:
        raise ShapeError(
            f"backward() of a tensor of shape {tensor.shape} got a gradient of shape {given.shape}",
            shapes=(given.shape, tensor.shape),
        )
    start = np.empty(tensor.shape, tensor.dtype)
    start[...] = given
    return start


def propagate(tensor, gradient, order):
    arrived = {tensor: [gradient]}  # every contribution, by the tensor that it belongs to
    results = {id(tensor.grad_fn): tensor}
    for operation in order:
        if len(operation.inputs) == 0:
            raise released_error(operation)
        result = results[id(operation)]
        for source in operation.inputs:
            results[id(source.grad_fn)] = source
        if result not in arrived:
            continue
        total = sum_of(arrived[result])
        arrived[result] = [total]
        if not result.retains_grad:
            del arrived[result]
        for source, part in zip(operation.inputs, one_per_input(operation.backward(total), operation), strict=True):
            if source.requires_grad and part is not None:
                arrived.setdefault(source, []).append(fitting(part, source, operation))
    return {one: sum_of(parts).copy() for one, parts in arrived.items()}


def sum_of(parts):
    """The sum of arrays of one shape; of a single one, itself."""
    total = parts[0]
    for part in parts[1:]:
        total = np.asarray(total + part)
    return total


def add_to_grads(gradients):
    for tensor in gradients:
        if tensor.grad is not None and tensor.grad.shape != tensor.shape:
            raise ShapeError(f"the .grad of a tensor of shape {tensor.shape} has shape {tensor.grad.shape}")
    for tensor, gradient in gradients.items():
        if tensor.grad is None:
            tensor.grad = tensor.wrap(np.zeros_like(gradient))
        tensor.grad.data += gradient


def release(operations):
    for operation in reversed(operations):
        arrays = [name for name, value in vars(operation).items() if isinstance(value, np.ndarray)]
        vars(operation).update(dict.fromkeys(arrays), inputs=())
