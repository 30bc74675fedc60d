"""Module, the base of every layer and model, and Parameter, a tensor that a model trains."""

import textwrap

import numpy as np

from ..errors import NeuralFrameworkError
from ..tensor import Tensor, as_tensor
from .loading import LoadingPlan, write_into
from .walking import join_names, walk_every_name, walk_once


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

    def __setattr__(self, name, value):
        """Set an attribute, and register it if it is state.

        A Parameter goes to `register_parameter`, a Module to `register_module`, and a new value of a registered
        buffer to `register_buffer`. Anything else assigned over a registered parameter is a TypeError, except None,
        which removes the parameter. All others are ordinary attributes: `_store(None, name, value)` sets one.
        """
        parameter_names = self._parameters  # if it does not exist, __getattr__ tells what was forgotten
        buffer_names = self._buffers
        if isinstance(value, Parameter):
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            self.register_module(name, value)
        elif name in parameter_names:
            if value is None:
                self.register_parameter(name, None)
            else:
                raise TypeError(
                    f"{type(self).__name__}: {name!r} is a registered parameter, and takes a Parameter or None, got "
                    f"{type(value).__name__}: write Parameter(...), or change its .data"
                )
        elif name in buffer_names:
            self.register_buffer(name, value)
        else:
            self._store(None, name, value)

    def register_parameter(self, name, tensor):
        """Register a tensor that the model trains; None removes the parameter.

        TypeError unless it is a Tensor, ValueError unless it requires grad. `_store` stores it.
        """
        if tensor is None:
            self._store(None, name, None)
            return
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"{type(self).__name__}: the parameter {name!r} must be a Tensor, got {type(tensor).__name__}: write "
                "Parameter(...)"
            )
        if not tensor.requires_grad:
            raise ValueError(
                f"{type(self).__name__}: the parameter {name!r} must require grad, or it could not be trained: write "
                "Parameter(...), or register_buffer for state that is not trained"
            )
        self._store(self._parameters, name, tensor)

    def register_module(self, name, module):
        """Register a child module. TypeError unless it is a Module."""
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__}: the child {name!r} must be a Module, got {type(module).__name__}")
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

    def children(self):
        """Iterate over the modules directly inside this one, each once, in order of registration."""
        for _, child in self.named_children():
            yield child

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

    def named_modules(self, prefix=""):
        """Iterate over (dotted name, module) of this module (named `prefix`) and of all modules inside it.

        A module comes before its children, and they come in order of registration, each with everything inside it
        before the next. A module with several names comes once, under the first; so cycles end.
        """
        for place in walk_once(self, prefix):
            yield place.name, place.module

    def named_parameters(self, prefix="", recurse=True):
        """Iterate over (dotted name, parameter), in the order of `named_modules`.

        A parameter with several names comes once, under the first. With recurse=False only the module's own
        parameters come.
        """
        if recurse:
            owners = self.named_modules(prefix)
        else:
            owners = [(prefix, self)]
        seen_ids = set()
        for owner_name, owner in owners:
            for own_name, parameter in list(owner._parameters.items()):
                if id(parameter) in seen_ids:
                    continue
                seen_ids.add(id(parameter))
                yield join_names(owner_name, own_name), parameter

    def parameters(self, recurse=True):
        """Iterate over the parameters, each once."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    # Modes and gradients

    def train(self, mode=True):
        """Set `training` of this module and of all modules inside it; return this module."""
        for module in self.modules():
            module.training = bool(mode)
        return self

    def eval(self):
        """The opposite of `train()`; return this module."""
        return self.train(False)

    def zero_grad(self):
        """Clear the gradient of every parameter: each `.grad` becomes None."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def parameter_count(self):
        """How many numbers the parameters hold; shared parameters count once."""
        count = 0
        for parameter in self.parameters():
            count = count + int(parameter.size)
        return count

    # State

    def _named_state(self, prefix="", above=()):
        """Iterate over (dotted name, tensor) of every parameter and buffer, shared ones under every name.

        `above` holds the modules that contain this one; if one of them is found again inside, it is left out, so
        that cycles end.
        """
        for place in walk_every_name(self, prefix, above):
            for name, parameter in list(place.module._parameters.items()):
                yield join_names(place.name, name), parameter
            for name, buffer in list(place.module._buffers.items()):
                yield join_names(place.name, name), buffer

    def state_dict(self):
        """{dotted name: copy of the array}: own parameters, own buffers, then those of the children."""
        state = {}
        for name, tensor in self._named_state():
            state[name] = np.array(tensor.data, copy=True)
        return state

    def load_state_dict(self, state, strict=True):
        """Copy the arrays of a state dict into the parameters and buffers, which keep their dtypes.

        One NeuralFrameworkError lists every missing name, every unknown name, and every entry of another shape or
        without real numbers (see `real_numbers`); nothing is changed then. With strict=False, missing and unknown
        names are ignored.
        """
        plan = self._plan_loading(state)
        complaints = plan.complaints(strict)
        if complaints:
            raise NeuralFrameworkError(
                f"{type(self).__name__}: the state dict does not fit, and nothing was loaded:\n  " + "\n  ".join(complaints),
                missing=list(plan.missing),
                unknown=list(plan.unknown),
                unfitting=list(plan.unfitting),
            )
        for tensor, values in plan.writes:
            write_into(tensor, values)

    def _plan_loading(self, state):
        """Compare a state dict with what is here, without changing anything."""
        plan = LoadingPlan()
        known_names = set()
        for name, tensor in self._named_state():
            known_names.add(name)
            if name not in state:
                plan.missing.append(name)
                continue
            values = real_numbers(state[name])
            if values is None:
                plan.unfitting.append(f"no real numbers: {name}")
            elif values.shape != tensor.shape:
                plan.unfitting.append(f"shape of {name}: got {values.shape}, expected {tensor.shape}")
            else:
                plan.writes.append((tensor, values))
        for name in state:
            if name not in known_names:
                plan.unknown.append(name)
        return plan

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
