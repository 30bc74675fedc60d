"""Walks through the tree of modules: generators with stacks of their own, so that no depth is too much."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from ..tensor import Tensor
    from .module import Module

Item = TypeVar("Item", bound=Hashable)


class Named(NamedTuple):
    """A module under one of its names."""

    name: str
    module: Module

    def under(self, part: str) -> str:
        """The dotted name of something inside."""
        return f"{self.name}.{part}" if self.name else part


class Place(NamedTuple):
    """A module at one place of the tree, with all modules above it."""

    here: Named
    above: tuple[Module, ...]

    def inside(self) -> Iterator[Place]:
        """The places of the children, but for those that lie above as well."""
        line = (*self.above, self.here.module)
        for part, child in self.here.module._modules.items():
            if not any(child is ancestor for ancestor in line):
                yield Place(Named(self.here.under(part), child), line)


def first_names(pairs: Iterable[tuple[str, Item]]) -> Iterator[tuple[str, Item]]:
    """The pairs, without those whose item came before."""
    known: set[int] = set()
    for name, item in pairs:
        if id(item) not in known:
            known.add(id(item))
            yield name, item


def walk(root: Module, prefix: str) -> Iterator[Named]:
    """The modules in preorder, each once."""
    visited: set[int] = set()
    waiting = [Named(prefix, root)]
    while waiting:
        current = waiting.pop()
        if id(current.module) in visited:
            continue
        visited.add(id(current.module))
        yield current
        inside = [Named(current.under(part), child) for part, child in current.module._modules.items()]
        waiting.extend(reversed(inside))


def walk_places(root: Place) -> Iterator[Place]:
    """All places in preorder: a module may have several."""
    waiting = [root]
    while waiting:
        place = waiting.pop()
        yield place
        waiting.extend(reversed(list(place.inside())))


def state_at(place: Place) -> Iterator[tuple[str, Tensor]]:
    """The parameters, then the buffers, of the module at a place."""
    for registry in (place.here.module._parameters, place.here.module._buffers):
        for part, tensor in list(registry.items()):
            yield place.here.under(part), tensor


@contextmanager
def evaluating(model: Module) -> Iterator[Module]:
    """Evaluation mode for all modules; afterwards each has its own mode again."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield model.eval()
    finally:
        for module, mode in modes:
            module.training = mode
