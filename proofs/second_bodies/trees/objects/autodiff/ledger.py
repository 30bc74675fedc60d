"""The book of a backward pass: what each tensor has received so far, and what is reported at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import singledispatch
from typing import Any

import numpy as np

Array = np.ndarray


class RunningSum:
    """A sum of gradients. The first one is borrowed, as others may use its array; from the second on, it is our own."""

    __slots__ = ("array", "own")

    def __init__(self, first: Array) -> None:
        self.array = first
        self.own = False

    def add(self, part: Array) -> None:
        """Add one more gradient."""
        self.merge(_add_into, part)

    def merge(self, add_to: Callable[[Array, Array], None], part: Array) -> None:
        """Have `add_to(total, part)` change the total, in an array that nothing else uses."""
        if not self.own:
            self.array, self.own = self.array.copy(), True
        add_to(self.array, part)

    def separate(self) -> Array:
        """The sum in an array of its own."""
        return self.array if self.own else self.array.copy()


def _add_into(total: Array, part: Array) -> None:
    np.add(total, part, out=total)


class Ledger:
    """The running sums of all tensors that wait for their gradient, by key, and the tensors that want to see theirs."""

    def __init__(self, key_of: Callable[[Any], int]) -> None:
        self.key_of = key_of
        self.sums: dict[int, RunningSum] = {}
        self.watching: dict[int, Any] = {}

    def watch(self, tensor: Any) -> None:
        """Remember leaves, and what retains its gradient, for `reported`."""
        if tensor.requires_grad and (tensor.grad_fn is None or tensor.retains_grad):
            self.watching[self.key_of(tensor)] = tensor

    def post(self, tensor: Any, part: Array) -> None:
        """Credit the tensor with one gradient."""
        self.watch(tensor)
        account = self.sums.get(self.key_of(tensor))
        if account is None:
            self.sums[self.key_of(tensor)] = RunningSum(part)
        else:
            account.add(part)

    def post_inside(self, tensor: Any, add_to: Callable[[Array, Array], None], part: Array) -> bool:
        """Credit a tensor that has a sum already, in the operation's own way; False if it has none."""
        account = self.sums.get(self.key_of(tensor))
        if account is None:
            return False
        self.watch(tensor)
        account.merge(add_to, part)
        return True

    def settle(self, operation: Any) -> tuple[Any, RunningSum] | None:
        """Close the account of an operation's result: who watches it, and its whole gradient; None without one."""
        account = self.sums.pop(id(operation), None)
        return None if account is None else (self.watching.get(id(operation)), account)

    def leaves(self) -> Iterator[tuple[Any, Array]]:
        """(tensor, gradient) of the accounts that are still open and watched."""
        for key, account in self.sums.items():
            if key in self.watching:
                yield self.watching[key], account.separate()


@singledispatch
def holds_arrays(value: object) -> bool:
    """Whether an attribute keeps arrays alive: it is one, or a container with one somewhere inside."""
    return False


@holds_arrays.register
def _(value: np.ndarray) -> bool:
    return True


@holds_arrays.register(list)
@holds_arrays.register(tuple)
@holds_arrays.register(dict)
@holds_arrays.register(set)
def _(value: Any) -> bool:
    seen: set[int] = set()
    waiting: list[Any] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, np.ndarray):
            return True
        if isinstance(part, (list, tuple, dict, set)) and id(part) not in seen:
            seen.add(id(part))
            waiting.extend(part.values() if isinstance(part, dict) else part)
    return False


def forget_arrays(operations: Iterable[Any]) -> None:
    """Make every attribute that keeps arrays None."""
    for operation in operations:
        attributes = vars(operation)
        attributes.update(dict.fromkeys([name for name, value in attributes.items() if holds_arrays(value)]))
