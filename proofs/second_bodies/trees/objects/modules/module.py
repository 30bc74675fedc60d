"""Module, the base of every layer and model, and Parameter, a tensor that a model trains."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..errors import NeuralFrameworkError
from ..tensor import Tensor, as_tensor
from .loading import Loading
from .walking import Named, Place, first_names, state_at, walk, walk_places


class Parameter(Tensor):
    """A Tensor that requires grad, and that a Module registers when it is assigned as an attribute."""

    def __init__(self, data):
        super().__init__(data, requires_grad=True)


class Module:
    """A layer or a model: named parameters, buffers and child modules, and a `forward`.

    The three registries, `_parameters`, `_buffers` and `_modules`, are dictionaries from names to objects, in order
    of registration. Each object is an ordinary attribute as well: `self.weight` and `self._parameters["weight"]`
    are the same.
    """

    def __init__(self):
        # Not through __setattr__, which needs the registries.
        self.__dict__.update(_parameters={}, _buffers={}, _modules={}, training=True)

    # Calling

    def __call__(self, *inputs, **options):
        """Run `forward`."""
        return self.forward(*inputs, **options)

    def forward(self, *inputs):
        """What the module computes; every layer and model defines its own."""
        raise NotImplementedError(f"{type(self).__name__} has no forward: define `def forward(self, x)` in the class")

    # Registration

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, and register it if it is state.

        A Parameter goes to `register_parameter`, a Module to `register_module`, and a new value of a registered
        buffer to `register_buffer`. Anything else assigned over a registered parameter is a TypeError, except None,
        which removes the parameter. All others are ordinary attributes: `_store(None, name, value)` sets one.
        """
        match value:
            case Parameter():
                self.register_parameter(name, value)
            case Module():
                self.register_module(name, value)
            case None if name in self._parameters:
                self.register_parameter(name, None)
            case _ if name in self._parameters:
                raise TypeError(
                    f"{type(self).__name__}.{name} is a parameter, and cannot become a {type(value).__name__}: assign "
                    f"a Parameter, or None to remove it; its numbers are in {name}.data"
                )
            case _ if name in self._buffers:
                self.register_buffer(name, value)
            case _:
                self._store(None, name, value)

    def register_parameter(self, name: str, tensor: Tensor | None) -> None:
        """Register a tensor that the model trains; None removes the parameter.

        TypeError unless it is a Tensor, ValueError unless it requires grad. `_store` stores it.
        """
        match tensor:
            case None:
                self._store(None, name, None)
            case Tensor(requires_grad=True):
                self._store(self._parameters, name, tensor)
            case Tensor():
                raise ValueError(
                    f"{type(self).__name__}: parameter {name!r} must require grad, or it could not be trained: make it "
                    "a Parameter, or use register_buffer"
                )
            case _:
                raise TypeError(f"{type(self).__name__}: parameter {name!r} is a Tensor, got {type(tensor).__name__}")

    def register_module(self, name: str, module: Module) -> None:
        """Register a child module. TypeError unless it is a Module."""
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__}: {name!r} must be a Module, got {type(module).__name__}")
        self._store(self._modules, name, module)

    def register_buffer(self, name, array):
        """Register state that is saved but not trained, as a Tensor without grad; None removes the buffer."""
        if array is None:
            self._store(None, name, None)
        else:
            tensor = as_tensor(array)
            # A buffer that was computed from parameters would hold their graph in memory.
            self._store(self._buffers, name, tensor.detach() if tensor.requires_grad else tensor)

    def _store(self, registry, name, value):
        """Make `value` the attribute `name`, held by `registry` (None: by none) and by no other registry."""
        if registry is not None:
            self._check_name(name)
        for other in (self._parameters, self._buffers, self._modules):
            if other is not registry:
                other.pop(name, None)
        if registry is not None:
            registry[name] = value
        object.__setattr__(self, name, value)

    def _check_name(self, name):
        """Raise an error unless `name` can be one part of a dotted name and does not hide a method of Module."""
        if not isinstance(name, str):
            raise TypeError(f"{type(self).__name__}: a name must be a string, got {name!r}")
        if name == "" or "." in name:
            raise ValueError(f"{type(self).__name__}: a name must not be empty or contain a dot, got {name!r}")
        if hasattr(Module, name):
            raise ValueError(f"{type(self).__name__}: {name!r} is a method of every Module; choose another name")

    def __delattr__(self, name):
        object.__delattr__(self, name)
        for registry in (self._parameters, self._buffers, self._modules):
            registry.pop(name, None)

    def __getattr__(self, name):
        # Python calls this only if the attribute does not exist.
        owner = type(self).__name__
        if "_parameters" not in self.__dict__:
            raise AttributeError(f"{owner}.__init__ must call super().__init__() before anything else")
        raise AttributeError(f"{owner} has no attribute {name!r}")

    # Traversal

    def children(self) -> Iterator[Module]:
        """Iterate over the modules directly inside this one, each once, in order of registration."""
        for _, module in self.named_children():
            yield module

    def named_children(self):
        """Iterate over (name, module) of the modules directly inside this one, each once, under its first name."""
        seen = set()
        for name, module in self._modules.items():
            if module not in seen:
                seen.add(module)
                yield name, module

    def modules(self):
        """Iterate over this module and all modules inside it, each once, in the order of `named_modules`."""
        for _, module in self.named_modules():
            yield module

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Iterate over (dotted name, module) of this module (named `prefix`) and of all modules inside it.

        A module comes before its children, and they come in order of registration, each with everything inside it
        before the next. A module with several names comes once, under the first; so cycles end.
        """
        for name, module in walk(self, prefix):
            yield name, module

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """Iterate over (dotted name, parameter), in the order of `named_modules`.

        A parameter with several names comes once, under the first. With recurse=False only the module's own
        parameters come.
        """
        holders = walk(self, prefix) if recurse else iter([Named(prefix, self)])
        yield from first_names(
            (holder.under(part), parameter)
            for holder in holders
            for part, parameter in list(holder.module._parameters.items())
        )

    def parameters(self, recurse=True):
        """Iterate over the parameters, each once."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    # Modes and gradients

    def train(self, mode: bool = True) -> Module:
        """Set `training` of this module and of all modules inside it; return this module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """The opposite of `train()`; return this module."""
        return self.train(mode=False)

    def zero_grad(self) -> None:
        """Clear the gradient of every parameter: each `.grad` becomes None."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def parameter_count(self) -> int:
        """How many numbers the parameters hold; shared parameters count once."""
        return sum(parameter.size for parameter in self.parameters())

    # State

    def _named_state(self, prefix: str = "", above: tuple[Module, ...] = ()) -> Iterator[tuple[str, Tensor]]:
        """Iterate over (dotted name, tensor) of every parameter and buffer, shared ones under every name.

        `above` holds the modules that contain this one; if one of them is found again inside, it is left out, so
        that cycles end.
        """
        for place in walk_places(Place(Named(prefix, self), tuple(above))):
            yield from state_at(place)

    def state_dict(self) -> dict[str, np.ndarray]:
        """{dotted name: copy of the array}: own parameters, own buffers, then those of the children."""
        return {name: tensor.data.copy() for name, tensor in self._named_state()}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> None:
        """Copy the arrays of a state dict into the parameters and buffers, which keep their dtypes.

        One NeuralFrameworkError lists every missing name, every unknown name, and every entry of another shape or
        without real numbers (see `real_numbers`); nothing is changed then. With strict=False, missing and unknown
        names are ignored.
        """
        loading = Loading.plan(dict(self._named_state()), state, real_numbers)
        if complaints := list(loading.complaints(strict)):
            raise NeuralFrameworkError(
                "\n  ".join([f"load_state_dict: the state does not fit {type(self).__name__}", *complaints]),
                missing=loading.missing,
                unknown=loading.unknown,
            )
        loading.carry_out()

    # Summaries

    def parameter_summary(self):
        """A table of every parameter with its shape and size, and of their total, as text."""
        rows = [(name, str(p.shape), f"{p.size:,}") for name, p in self.named_parameters()]
        rows = [("parameter", "shape", "size"), *rows, ("total", "", f"{self.parameter_count():,}")]
        first, second, third = (max(len(row[column]) for row in rows) for column in range(3))
        return "\n".join(f"{name:<{first}}  {shape:<{second}}  {size:>{third}}" for name, shape, size in rows)

    def extra_repr(self):
        """What `repr` shows between the parentheses: the layer's settings."""
        return ""

    def _title(self):
        """The module on one line, as in error messages: Linear(3, 4)."""
        return f"{type(self).__name__}({self.extra_repr()})"

    def __repr__(self):
        return self._tree(())

    def _tree(self, above):
        """The module and, indented, its children; a module inside itself is shown by its type alone."""
        if self in above:
            return f"{type(self).__name__}(...)"
        if not self._modules:
            return self._title()
        lines = [self.extra_repr()] if self.extra_repr() else []
        for name, child in self._modules.items():
            lines.append(f"({name}): {child._tree((*above, self))}")
        inside = textwrap.indent("\n".join(lines), "  ")
        return f"{type(self).__name__}(\n{inside}\n)"


def real_numbers(value):
    """A value of a state dict, copied to an array; None if it is not an array of real numbers."""
    try:
        array = np.array(value)
    except ValueError:  # ragged
        return None
    return array if array.dtype.kind in "biuf" else None
