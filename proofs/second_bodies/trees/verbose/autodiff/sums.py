"""Running sums: the gradients that arrived so far, each in an array that nothing else uses."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(eq=False)
class RunningSums:
    """For operations, the gradient of their result; for leaves, that of the tensor; and who wants to keep one."""

    of_operations: dict = field(default_factory=dict)  # id of the operation -> array
    of_leaves: dict = field(default_factory=dict)  # id of the tensor -> array
    leaves: dict = field(default_factory=dict)  # id of the tensor -> tensor
    keepers: dict = field(default_factory=dict)  # id of the operation -> {id of the tensor: tensor}

    def add(self, tensor, part):
        """Add a part of the gradient of a tensor."""
        if tensor.grad_fn is None:
            self.leaves[id(tensor)] = tensor
            add_to_sum(self.of_leaves, id(tensor), part)
            return
        operation = tensor.grad_fn
        if tensor.retains_grad:
            keepers_of_operation = self.keepers.setdefault(id(operation), {})
            keepers_of_operation[id(tensor)] = tensor
        add_to_sum(self.of_operations, id(operation), part)

    def take(self, operation):
        """Remove and return the whole gradient of an operation's result; None if nothing arrived."""
        return self.of_operations.pop(id(operation), None)

    def keepers_of(self, operation):
        """The tensors that retain the gradient of an operation's result."""
        return list(self.keepers.get(id(operation), {}).values())


def add_to_sum(sums, key, part):
    """Add a part to the sum under the key, in an array of its own."""
    if key not in sums:
        sums[key] = np.array(part, copy=True)
    else:
        sums[key] = np.asarray(sums[key] + part)
