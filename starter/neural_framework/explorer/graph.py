"""The recorded graph of a result: its operations in the order of computation, and its tensors."""

from ..errors import GradientError

MOST = 1_000  # operations; a page of more is no longer readable


class Graph:
    """The operations that lead to `loss`, producers first; its tensors, each with a key and a list of uses.

    tensors: {key: tensor}. uses: {key: [(operation's number, position of the input)]}.
    """

    def __init__(self, loss):
        require_graph(loss)
        self.loss = loss
        self.operations = in_order(loss)
        self.tensors, self.uses = {}, {}
        for number, operation in enumerate(self.operations):
            for position, tensor in enumerate(operation.inputs):
                self.tensors[key_of(tensor)] = tensor
                self.uses.setdefault(key_of(tensor), []).append((number, position))
        self.tensors[key_of(loss)] = loss
        self.uses.setdefault(key_of(loss), [])

    def awaited(self, key):
        """How many gradients a tensor waits for: one for each use, and one if backward starts there."""
        return len(self.uses[key]) + (key == key_of(self.loss))


def key_of(tensor):
    """The key of a tensor: the id of the operation that made it, or its own id if it is a leaf."""
    return id(tensor if tensor.grad_fn is None else tensor.grad_fn)


def in_order(loss):
    """The operations that lead to `loss`, each once, every producer before its consumers."""
    order, seen = [], set()
    stack = [loss.grad_fn] if loss.grad_fn is not None else []
    while stack:
        operation = stack.pop()
        if operation is None:  # everything that leads to the one below is done
            order.append(stack.pop())
        elif id(operation) not in seen:
            seen.add(id(operation))
            stack += operation, None
            stack += [source.grad_fn for source in reversed(operation.inputs) if source.grad_fn is not None]
    return order


def require_graph(loss):
    """GradientError, TypeError or ValueError unless `loss` is a result whose graph can be shown."""
    if not hasattr(loss, "grad_fn"):
        raise TypeError(f"explore() takes the result of a computation, a Tensor, got {type(loss).__name__}")
    if not loss.requires_grad:
        raise GradientError(
            "explore() got a tensor that does not require grad, so backward has no way to go: nothing that it was "
            "computed from has requires_grad=True, or it was computed inside no_grad()"
        )
    operations = in_order(loss)
    for operation in operations:
        if not operation.inputs:
            raise GradientError(
                f"explore() reached {type(operation).__name__}, which an earlier backward() released: call explore() "
                "before backward(), or that backward(retain_graph=True)"
            )
    if len(operations) > MOST:
        raise ValueError(
            f"explore() got a graph of {len(operations):,} operations, expected at most {MOST:,}: explore a smaller "
            "batch of work, such as fewer time steps"
        )
