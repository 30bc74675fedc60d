"""Loading a state dict: first all that is wrong with it, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ..tensor import Tensor


class Entry(NamedTuple):
    """A tensor and the array that it is to get; None if what was given is not an array of real numbers."""

    name: str
    tensor: Tensor
    array: np.ndarray | None

    def complaint(self) -> str | None:
        """What is wrong with it."""
        match self.array:
            case None:
                return f"{self.name}: expected an array of real numbers"
            case array if array.shape != self.tensor.shape:
                return f"{self.name}: expected shape {self.tensor.shape}, got {array.shape}"
            case _:
                return None

    def load(self) -> None:
        """Write the numbers into the tensor's own memory."""
        self.tensor.data[...] = self.array


class Loading(NamedTuple):
    """The entries that both sides have, and the names that only one has."""

    entries: list[Entry]
    missing: list[str]
    unknown: list[Any]

    @classmethod
    def plan(cls, own: Mapping[str, Tensor], state: Mapping[str, Any], reading: Any) -> Loading:
        """Compare the names; `reading` makes arrays of the values."""
        return cls(
            [Entry(name, tensor, reading(state[name])) for name, tensor in own.items() if name in state],
            [name for name in own if name not in state],
            [name for name in state if name not in own],
        )

    def complaints(self, strict: bool) -> Iterator[str]:
        """All that is wrong."""
        if strict:
            yield from (f"{name}: missing in the state" for name in self.missing)
            yield from (f"{name}: unknown to the module" for name in self.unknown)
        yield from filter(None, map(Entry.complaint, self.entries))

    def carry_out(self) -> None:
        """Load every entry."""
        with np.errstate(all="ignore"):
            for entry in self.entries:
                entry.load()
