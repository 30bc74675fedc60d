"""Other bodies for modules/module.py: registries filled by hand, walks by recursion where they were loops, and back."""

import math

import numpy as np

from ..errors import NeuralFrameworkError
from ..tensor import Tensor


class Module:
    def __setattr__(self, name, value):
        if "_parameters" not in vars(self):
            raise RuntimeError(f"{type(self).__name__}: call super().__init__() first thing in your __init__")
        home = None
        if isinstance(value, Module):
            home = self._modules
        elif isinstance(value, Parameter):  # noqa: F821 - stands in the module that this body goes to
            home = self._parameters
        elif value is not None and name in self._parameters:
            raise TypeError(f"{name} is a parameter of {type(self).__name__}, so assign a Parameter or None")
        elif value is not None and name in self._buffers:
            home = self._buffers
            value = value if isinstance(value, Tensor) else Tensor(value)
        if home is not None:
            self._check_name(name)
        forget(self, name, but=home)
        if home is not None:
            home[name] = value
        super().__setattr__(name, value)

    def register_parameter(self, name, tensor):
        if tensor is None:
            forget(self, name)
        elif isinstance(tensor, Tensor) and tensor.requires_grad:
            self._check_name(name)
            forget(self, name, but=self._parameters)
            self._parameters[name] = tensor
        else:
            error = ValueError if isinstance(tensor, Tensor) else TypeError
            raise error(f"{type(self).__name__}.{name} must be a Tensor that requires grad, got {tensor!r}")
        vars(self)[name] = tensor

    def register_module(self, name, module):
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__}.{name} must be a Module, got {module!r}")
        self._check_name(name)
        forget(self, name, but=self._modules)
        self._modules[name] = vars(self)[name] = module

    def children(self):
        found = []
        for child in self._modules.values():
            if not any(child is other for other in found):
                found.append(child)
        return iter(found)

    def named_modules(self, prefix=""):
        return iter(walk(self, prefix, found={}).items())

    def named_parameters(self, prefix="", recurse=True):
        modules = walk(self, prefix, found={}) if recurse else {prefix: self}
        first_names = {}
        for path, module in modules.items():
            for name, parameter in module._parameters.items():
                first_names.setdefault(id(parameter), (joined(path, name), parameter))
        return iter(list(first_names.values()))

    def train(self, mode=True):
        reached = [self]
        for module in reached:  # which grows as it goes: breadth first
            module.training = mode
            reached += [child for child in module.children() if not any(child is other for other in reached)]
        return self

    def eval(self):
        for _, module in list(self.named_modules()):
            object.__setattr__(module, "training", False)
        return self

    def zero_grad(self):
        for _, module in self.named_modules():
            for parameter in module._parameters.values():
                parameter.grad = None

    def parameter_count(self):
        sizes = {id(parameter): math.prod(parameter.shape) for parameter in self.parameters()}
        return sum(sizes.values())

    def _named_state(self, prefix="", above=()):
        found = []
        waiting = [(prefix, self, above)]
        while waiting:
            start, module, outer = waiting.pop()
            found += [(start + name, tensor) for name, tensor in module._parameters.items()]
            found += [(start + name, tensor) for name, tensor in module._buffers.items()]
            inner = (*outer, module)
            waiting += [
                (f"{start}{name}.", child, inner)
                for name, child in reversed(module._modules.items())
                if not any(child is one for one in inner)
            ]
        return found

    def state_dict(self):
        state = {}
        collect_state(self, "", [], state)
        return {name: np.array(tensor.data) for name, tensor in state.items()}

    def load_state_dict(self, state, strict=True):
        own = {}
        collect_state(self, "", [], own)
        problems, fitting = [], []
        for name in [*own, *(name for name in state if name not in own)]:
            if name not in own:
                if strict:
                    problems.append(f"{name} is unknown")
                continue
            if name not in state:
                if strict:
                    problems.append(f"{name} is missing")
                continue
            try:
                array = np.array(state[name])
            except ValueError:
                problems.append(f"{name} is ragged")
                continue
            tensor = own[name]
            if array.shape != tensor.shape or not (np.isrealobj(array) and array.dtype.kind in "bfiu"):
                problems.append(f"{name} has shape {array.shape} of {array.dtype}, expected {tensor.shape} of numbers")
            else:
                fitting.append((tensor, array.astype(tensor.dtype)))
        if problems:
            raise NeuralFrameworkError(f"{type(self).__name__}: the state does not fit: " + "; ".join(problems))
        for tensor, array in fitting:
            tensor.data = array


def forget(module, name, but=None):
    """Take the name out of every registry of the module, except the one given."""
    for registry in (module._parameters, module._buffers, module._modules):
        if registry is not but and name in registry:
            del registry[name]


def joined(path, name):
    """The dotted name of what is called `name` in the module at `path`."""
    return ".".join(part for part in (path, name) if part)


def walk(module, path, found):
    """`found` with {path: module} of the module and of all inside it that are not in it yet, by recursion."""
    if not any(module is other for other in found.values()):
        found[path] = module
        for name, child in module._modules.items():
            walk(child, joined(path, name), found)
    return found


def collect_state(module, start, above, state):
    """Put {dotted name: tensor} of all parameters and buffers into `state`, by recursion."""
    for name in module._parameters:
        state[start + name] = module._parameters[name]
    for name in module._buffers:
        state[start + name] = module._buffers[name]
    for name, child in module._modules.items():
        if child is not module and not any(child is one for one in above):
            collect_state(child, f"{start}{name}.", [*above, module], state)
