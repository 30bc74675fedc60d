"""Module, the base of every layer and model, and Parameter, a tensor that a model trains."""

import textwrap

import numpy as np

from ..errors import NeuralFrameworkError
from ..tensor import Tensor, as_tensor

TENSOR_ATTRIBUTES = {"data", *dir(Tensor)}  # data is set in each tensor


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

    def __getstate__(self):
        """What copy and pickle take: registries of its own, as a copy gets parameters of its own by assignment."""
        registries = ("_parameters", "_buffers", "_modules")
        return {name: dict(value) if name in registries else value for name, value in vars(self).items()}

    # Calling

    def __call__(self, *inputs, **options):
        """Run `forward`. TypeError, naming the layer, for an input that should have been a Tensor."""
        try:
            return self.forward(*inputs, **options)
        except AttributeError as error:
            # Only Tensors are asked for these names; an AttributeError that forward itself raises has none.
            is_input = any(error.obj is value for value in (*inputs, *options.values()))
            if not is_input or isinstance(error.obj, Tensor) or error.name not in TENSOR_ATTRIBUTES:
                raise
            raise TypeError(
                f"{self._title()} expects a Tensor, got {type(error.obj).__name__}: "
                "Tensor(...) makes one of numbers, from_numpy(...) of an array"
            ) from error

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
        # exercise: 3.1
        if isinstance(value, Parameter):
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            self.register_module(name, value)
        elif name in self._buffers:
            self.register_buffer(name, value)
        elif name in self._parameters and value is not None:
            raise TypeError(
                f"{type(self).__name__}.{name} is a parameter; a {type(value).__name__} in its "
                f"place would not be trained: assign Parameter(...), or write into {name}.data[...]"
            )
        else:
            self._store(None, name, value)

    def register_parameter(self, name, tensor):
        """Register a tensor that the model trains; None removes the parameter.

        TypeError unless it is a Tensor, ValueError unless it requires grad. `_store` stores it.
        """
        # exercise: 3.1
        if tensor is None:
            self._store(None, name, None)
            return
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"{type(self).__name__}: parameter {name!r} must be a Tensor, not {type(tensor).__name__}; "
                "wrap it in Parameter(...)"
            )
        if not tensor.requires_grad:
            raise ValueError(
                f"{type(self).__name__}: parameter {name!r} must require grad, but this tensor does not; "
                "make it Parameter(...), or use register_buffer for state that is not trained"
            )
        self._store(self._parameters, name, tensor)

    def register_module(self, name, module):
        """Register a child module. TypeError unless it is a Module."""
        # exercise: 3.1
        if not isinstance(module, Module):
            raise TypeError(
                f"{type(self).__name__}: child {name!r} must be a Module, not {type(module).__name__}"
                + (f": create an instance, {module.__name__}(...)" if isinstance(module, type) else "")
            )
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
        if isinstance(getattr(type(self), name, None), property):  # it raised an AttributeError: again, for its message
            return object.__getattribute__(self, name)
        raise AttributeError(f"{owner} has no attribute {name!r}")

    # Traversal

    def children(self):
        """Iterate over the modules directly inside this one, each once, in order of registration."""
        # exercise: 3.2
        yield from dict.fromkeys(self._modules.values())

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
        # exercise: 3.2
        seen = set()
        waiting = [(prefix, self)]
        while waiting:
            name, module = waiting.pop()
            if module in seen:
                continue
            seen.add(module)
            yield name, module
            for child_name, child in reversed(module._modules.items()):
                waiting.append((f"{name}.{child_name}" if name else child_name, child))

    def named_parameters(self, prefix="", recurse=True):
        """Iterate over (dotted name, parameter), in the order of `named_modules`.

        A parameter with several names comes once, under the first. With recurse=False only the module's own
        parameters come.
        """
        # exercise: 3.2
        seen = set()
        for module_name, module in self.named_modules(prefix) if recurse else [(prefix, self)]:
            for name, parameter in module._parameters.items():
                if parameter not in seen:
                    seen.add(parameter)
                    yield (f"{module_name}.{name}" if module_name else name), parameter

    def parameters(self, recurse=True):
        """Iterate over the parameters, each once."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    # Modes and gradients

    def train(self, mode=True):
        """Set `training` of this module and of all modules inside it; return this module."""
        # exercise: 3.3
        for _, module in self.named_modules():
            module.training = mode
        return self

    def eval(self):
        """The opposite of `train()`; return this module."""
        # exercise: 3.3
        return self.train(False)

    def zero_grad(self):
        """Clear the gradient of every parameter: each `.grad` becomes None."""
        # exercise: 3.3
        for parameter in self.parameters():
            parameter.zero_grad()

    def parameter_count(self):
        """How many numbers the parameters hold; shared parameters count once."""
        # exercise: 3.3
        return sum(parameter.size for parameter in self.parameters())

    # State

    def _named_state(self, prefix="", above=()):
        """Iterate over (dotted name, tensor) of every parameter and buffer, shared ones under every name.

        `above` holds the modules that contain this one; if one of them is found again inside, it is left out, so
        that cycles end.
        """
        # exercise: 3.4
        for name, tensor in (*self._parameters.items(), *self._buffers.items()):
            yield prefix + name, tensor
        above = (*above, self)
        for name, child in self._modules.items():
            if child not in above:
                yield from child._named_state(f"{prefix}{name}.", above)

    def state_dict(self):
        """{dotted name: copy of the array}: own parameters, own buffers, then those of the children."""
        # exercise: 3.4
        return {name: tensor.data.copy() for name, tensor in self._named_state()}

    def load_state_dict(self, state, strict=True):
        """Copy the arrays of a state dict into the parameters and buffers, which keep their dtypes.

        One NeuralFrameworkError (`state_error` makes it) lists every missing name, every unknown name, and every entry
        of another shape or without real numbers (see `real_numbers`); nothing is changed then. With strict=False,
        missing and unknown names are ignored.
        """
        # exercise: 3.4
        tensors = dict(self._named_state())
        # Copies, as the state may hold views of this model's own arrays.
        arrays = {name: real_numbers(state[name]) for name in tensors if name in state}
        missing = [name for name in tensors if name not in state]
        unknown = [name for name in state if name not in tensors]
        misshapen = [name for name, array in arrays.items() if array is None or array.shape != tensors[name].shape]
        if misshapen or (strict and (missing or unknown)):
            raise state_error(self, tensors, arrays, missing, unknown, misshapen)
        for name, array in arrays.items():
            tensors[name].data[...] = array

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


def state_error(module, tensors, arrays, missing, unknown, misshapen):
    """The error for a state that does not fit: a line for each missing, unknown and misshapen name, three lists.

    tensors: the module's own, by name. arrays: those of the state, by name; None for one without real numbers.
    """
    lines = [f"{type(module).__name__}.load_state_dict: the state does not fit; nothing was changed"]
    lines += [f"  missing: {name}, expected with shape {tensors[name].shape}" for name in missing]
    lines += [f"  unknown: {name}" for name in unknown]
    for name in misshapen:
        got = "no real numbers" if arrays[name] is None else f"shape {arrays[name].shape}"
        lines.append(f"  misshapen: {name} has {got}, expected shape {tensors[name].shape}")
    return NeuralFrameworkError("\n".join(lines), missing=missing, unknown=unknown, misshapen=misshapen)
