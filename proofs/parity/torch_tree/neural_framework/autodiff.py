"""PyTorch's graph: walking it backward, the order in which its engine does so, operations of one's own in it."""

import functools

import numpy as np
import torch

from .errors import GradientError, ShapeError

__all__ = ["backward", "recorded", "topological_sort"]


def backward(value, gradient, retain_graph):
    """Send a gradient, an array or ones, from a torch.Tensor backward."""
    gradient = torch.ones_like(value) if gradient is None else torch.tensor(np.asarray(gradient), dtype=value.dtype)
    try:
        value.backward(gradient, retain_graph=retain_graph)
    except RuntimeError as error:
        if "shape" not in str(error) and "number of gradients" not in str(error):
            raise GradientError(str(error)) from None
        shapes = tuple(gradient.shape), tuple(value.shape)
        message = f"{error}; backward began with a gradient of shape {shapes[0]} for a tensor of shape {shapes[1]}"
        raise ShapeError(message, shapes, "backward") from None


def topological_sort(tensor):
    """The operations that lead to a tensor, in the order in which PyTorch's engine comes to them."""
    nodes, handles, leaves, waiting = {}, [], [], [tensor.value.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in nodes:
            continue
        nodes[node] = None
        waiting += [source for source, _ in node.next_functions]
        if hasattr(node, "variable"):  # where PyTorch adds to the .grad of a leaf
            leaves.append(node.variable)
        else:
            handles.append(node.register_prehook(lambda _, node=node: order.append(node)))
    order = []
    if leaves:
        torch.autograd.grad(tensor.value, leaves, torch.ones_like(tensor.value), retain_graph=True)
    for handle in handles:
        handle.remove()
    # PyTorch 2.13 crashes where it frees a long graph whose nodes Python has seen and let go, the leaf's end first.
    tensor.nodes = [*nodes, *order][::-1]
    return [operation_of(node) for node in order]


def operation_of(node):
    """What a result shows as its grad_fn: one's own operation, or PyTorch's node."""
    return getattr(node, "operation", node)


class OwnOperation(torch.autograd.Function):
    """An operation on arrays as PyTorch's documentation writes it: `operation` first, then its inputs."""

    @staticmethod
    def forward(ctx, operation, *values):
        ctx.operation = operation
        ctx.save_for_backward(*values)
        return torch.tensor(operation.forward(*(value.detach().numpy() for value in values)))

    @staticmethod
    def backward(ctx, grad):
        _ = ctx.saved_tensors  # an error if the graph was released
        parts = ctx.operation.backward(grad.numpy())
        parts = parts if isinstance(parts, tuple) else (parts,)
        return None, *(None if part is None else torch.tensor(part) for part in parts)


@functools.cache
def recorded(name):
    """The Function for operations of a name, which PyTorch's messages then name."""
    return type(name, (OwnOperation,), {})
