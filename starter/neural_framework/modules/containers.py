"""Modules that hold a sequence of other modules: ModuleList and Sequential."""

from collections.abc import Iterable

from .module import Module


class ModuleList(Module):
    """A list of modules that are registered as children "0", "1"...

    Takes modules, or one list of them. Indexing works as in a list; a slice is a container of the same modules.
    """

    def __init__(self, *modules):
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], Iterable) and not isinstance(modules[0], Module):
            (modules,) = modules
        if isinstance(modules, (set, frozenset, dict)):
            lack = "whose names it does not use" if isinstance(modules, dict) else "which has no order"
            raise TypeError(
                f"{type(self).__name__} got a {type(modules).__name__} of modules, {lack}, but expects "
                f"modules, or one list of them"
            )
        for module in modules:
            self.append(module)

    def append(self, module):
        """Add a module at the end; return this container. TypeError unless it is a Module."""
        taken = [int(name) for name in self._modules if name.isdecimal()]  # `del` leaves gaps
        self.register_module(str(max(taken, default=-1) + 1), module)
        return self

    def __len__(self):
        return len(self._modules)

    def __getitem__(self, index):
        modules = list(self._modules.values())
        if isinstance(index, slice):
            return type(self)(modules[index])
        try:
            return modules[index]
        except IndexError:
            raise IndexError(f"{type(self).__name__} has {len(self)} modules, but none at {index}") from None

    def __iter__(self):
        return iter(self._modules.values())


class Sequential(ModuleList):
    """y = last(... second(first(x))); the identity when it is empty."""

    def forward(self, x):
        # TODO 3.7: see `nox -s hint -- 3.7`
        raise NotImplementedError("3.7: Sequential.forward is not written yet")
