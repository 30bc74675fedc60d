"""The base of all optimizers: parameter groups, a state per parameter, and saving both."""

import copy
import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from ..modules import Module, python_numbers
from ..tensor import Tensor
from .bundles import Bundle, can_bundle

# Every known hyperparameter is finite, at least 0, and less than the limit given here.
UPPER_LIMITS = {
    "lr": math.inf,
    "momentum": math.inf,
    "weight_decay": math.inf,
    "eps": math.inf,
    "alpha": 1.0,
    "betas": 1.0,
}


class Optimizer:
    """Changes parameters along their gradients; a subclass defines `update` for a single parameter.

    params: Tensors, or group dicts {"params": [...], "lr": ...}, whose settings override `defaults`.
    `param_groups` holds the settings, `state[parameter]` a dict with what `update` remembers.
    ValueError for missing, repeated or untrainable parameters, and for hyperparameters out of range.
    """

    elementwise = False  # a subclass whose `update` treats each number by itself sets True: see `_bundle`

    def __init__(self, params, defaults):
        self.defaults = dict(defaults)
        self.param_groups = []
        self.state = defaultdict(dict)
        self._bundles = {}  # number of a group -> its Bundle
        if isinstance(params, (Tensor, dict)):
            raise self._params_error(params)
        params = self._listed(params)
        if not params:
            raise ValueError(
                f"{self._name} got no parameters. An iterator like model.parameters() is empty after its "
                f"first use: call it again"
            )
        groups = params if isinstance(params[0], dict) else [{"params": params}]
        for group in groups:
            self.add_param_group(group)

    def __getstate__(self):
        """What copy and pickle take: no bundles, as a copied array is no longer a view of a copied vector."""
        return {**vars(self), "_bundles": {}}

    @property
    def _name(self):
        """The name of the class, for messages."""
        return type(self).__name__

    def add_param_group(self, group):
        """Add a group dict: "params", and any settings that differ from the defaults."""
        if not isinstance(group, dict) or "params" not in group:
            raise TypeError(f'{self._name}: a parameter group is a dict with the key "params", got {group!r}')
        params = group["params"]
        params = [params] if isinstance(params, Tensor) else self._listed(params)
        group = {**self.defaults, **group, "params": params}
        self._settle(group)
        self._check_parameters(params)
        self.param_groups.append(group)

    def _params_error(self, params):
        """The TypeError for what cannot be the parameters."""
        return TypeError(
            f"{self._name} got a {type(params).__name__} as params, but expects a list of Tensors or of "
            f"group dicts, such as model.parameters() or [tensor]"
        )

    def _listed(self, params):
        """The parameters as a list. TypeError for a module, for what has no elements, and for a set.

        The order of a set changes between runs, and saved states name parameters by position.
        """
        if not isinstance(params, Iterable) or isinstance(params, (Module, str)):
            raise self._params_error(params)
        if isinstance(params, (set, frozenset)):
            raise TypeError(
                f"{self._name} got a {type(params).__name__} of parameters, which has no order, but expects a list, "
                f"such as list(model.parameters())"
            )
        return list(params)

    def _settle(self, group):
        """Make the settings of a group Python numbers, in place, and check their ranges."""
        for key, value in group.items():
            if key != "params":
                group[key] = python_numbers(value)
        self._check_hyperparameters(group)

    def _check_hyperparameters(self, group):
        """Raise ValueError if a setting of the group is out of its range, TypeError if it is not a number."""
        for key, limit in UPPER_LIMITS.items():
            if key not in group:
                continue
            values = group[key]
            if key == "betas" and (not isinstance(values, (tuple, list)) or len(values) != 2):
                raise ValueError(f"{self._name}: betas must be a pair of numbers, got {values!r}")
            for value in values if key == "betas" else [values]:
                if not isinstance(value, (int, float)):
                    raise TypeError(f"{self._name}: {key} must be a number, got {value!r}")
                if not (0 <= value < limit):  # also true for nan
                    below = "" if limit == math.inf else f" and below {limit:g}"
                    raise ValueError(f"{self._name}: {key} must be a finite number, at least 0{below}, got {value!r}")

    def _check_parameters(self, params):
        """Raise ValueError for missing, repeated or untrainable parameters, TypeError for other objects."""
        if not params:
            raise ValueError(f"{self._name}: a parameter group needs at least one parameter, got none")
        known = {id(parameter) for parameter in self._parameters()}
        for position, parameter in enumerate(params):
            if not isinstance(parameter, Tensor):
                raise TypeError(f"{self._name}: parameter {position} must be a Tensor, got {type(parameter).__name__}")
            if not parameter.requires_grad:
                raise ValueError(
                    f"{self._name}: parameter {position} of shape {parameter.shape} does not require grad, so "
                    f"it would never change. Leave it out, or call requires_grad_() on it"
                )
            if not parameter.is_leaf:
                raise ValueError(
                    f"{self._name}: parameter {position} of shape {parameter.shape} is the result of an "
                    f"operation; only leaves receive a gradient. Pass the tensor that it was computed from"
                )
            if id(parameter) in known:
                raise ValueError(
                    f"{self._name}: parameter {position} of shape {parameter.shape} is given twice, so it "
                    f"would be updated twice in a step. Pass each parameter once"
                )
            known.add(id(parameter))

    def zero_grad(self):
        """Clear all gradients: every `.grad` becomes None."""
        for parameter in self._parameters():
            parameter.zero_grad()

    def step(self):
        """Update every parameter that has a gradient; the others keep their values and state."""
        for group in self.param_groups:  # all before the first update: an error then changes no parameter
            self._settle(group)  # as a schedule or a caller may have written other values
        for number, group in enumerate(self.param_groups):
            bundle = self._bundle(number, group["params"])
            if bundle is not None:
                bundle.step(self.update, group)
                continue
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self.update(parameter, parameter.grad.data, self.state[parameter], group)

    def _bundle(self, number, parameters):
        """The Bundle that this step of a group can use: that of the step before, or a new one; otherwise None."""
        if not self.elementwise:
            return None
        bundle = self._bundles.get(number)
        if bundle is None or not bundle.fits(parameters, self.state):
            states = [self.state[parameter] for parameter in parameters]
            bundle = Bundle(parameters, states) if can_bundle(parameters, states) else None
            self._bundles[number] = bundle
        return bundle

    def update(self, parameter, grad, state, group):
        """Change `parameter.data` by one step. With `elementwise`, it may be a vector of several parameters' numbers.

        grad: ndarray with the parameter's shape, which must not change.
        state: this parameter's dict, empty at first; arrays in it have the parameter's shape, or ().
        group: the dict with its settings.
        """
        raise NotImplementedError(f"{self._name} has no update(parameter, grad, state, group): define it")

    def state_dict(self):
        """Copies of all state and settings; parameters are named by position, so that any run can load it."""
        position = {parameter: index for index, parameter in enumerate(self._parameters())}
        return {
            "state": {position[p]: copy.deepcopy(entries) for p, entries in self.state.items() if entries},
            "param_groups": [
                {
                    **copy.deepcopy({key: python_numbers(value) for key, value in group.items() if key != "params"}),
                    "params": [position[parameter] for parameter in group["params"]],
                    "shapes": [parameter.shape for parameter in group["params"]],
                }
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state):
        """Continue exactly where `state` was saved. ValueError, and no change, if it does not fit.

        What was saved with a less precise parameter gets the dtype of the one that it is loaded for.
        """
        if not is_state(state):
            raise ValueError(f"{self._name}: a state is a dict, as state_dict() of an optimizer gives, got {state!r}")
        saved_groups = state["param_groups"]
        if len(saved_groups) != len(self.param_groups):
            raise ValueError(
                f"{self._name} has {len(self.param_groups)} parameter groups, the state has "
                f"{len(saved_groups)}. Create the optimizer as it was created when the state was saved"
            )
        groups = [
            self._fitting_group(index, own, saved)
            for index, (own, saved) in enumerate(zip(self.param_groups, saved_groups, strict=True))
        ]
        parameters = list(self._parameters())
        loaded = defaultdict(dict)
        for position, entries in state["state"].items():
            if position not in range(len(parameters)):
                raise ValueError(
                    f"{self._name}: the state has an entry for parameter {position!r}, but there are only "
                    f"{len(parameters)}, counted from 0"
                )
            self._check_entries(position, entries, parameters[position].shape)
            loaded[parameters[position]] = precise(copy.deepcopy(entries), parameters[position].dtype)
        self.state, self._bundles = loaded, {}
        for own, saved in zip(self.param_groups, groups, strict=True):
            own.update(saved)  # in the same dict, which schedulers and callers may hold

    def _fitting_group(self, index, own, saved):
        """The settings of a saved group without its params; ValueError unless they fit the group `own`."""
        settings = {key: value for key, value in saved.items() if key not in ("params", "shapes")}
        own_keys = own.keys() - {"params"}
        if settings.keys() != own_keys:
            raise ValueError(
                f"{self._name}: parameter group {index} has the settings {sorted(own_keys)}, the state has "
                f"{sorted(settings)}. It was saved by another kind of optimizer"
            )
        own_shapes = [parameter.shape for parameter in own["params"]]
        saved_shapes = [tuple(shape) for shape in saved["shapes"]]
        if own_shapes != saved_shapes:
            raise ValueError(
                f"{self._name}: parameter group {index} has parameters of shapes {own_shapes}, the state has "
                f"{saved_shapes}. It was saved with another model, or with parameters in another order"
            )
        settings = copy.deepcopy(settings)
        self._settle(settings)
        return settings

    def _check_entries(self, position, entries, shape):
        """Raise ValueError unless every array in a parameter's state is shaped like it, or a single number."""
        for key, value in entries.items():
            if isinstance(value, np.ndarray) and value.shape not in ((), shape):
                raise ValueError(
                    f"{self._name}: {key} of parameter {position} has shape {value.shape}, the parameter {shape}"
                )

    def _parameters(self):
        for group in self.param_groups:
            yield from group["params"]


def is_state(state):
    """Whether it has the form of what `state_dict` gives."""
    if not isinstance(state, dict) or not state.keys() >= {"param_groups", "state"}:
        return False
    groups, entries = state["param_groups"], state["state"]
    return (
        isinstance(groups, (list, tuple))
        and all(isinstance(group, dict) and group.keys() >= {"params", "shapes"} for group in groups)
        and isinstance(entries, dict)
        and all(isinstance(entry, dict) for entry in entries.values())
    )


def precise(entries, dtype):
    """The state of a parameter of this dtype, whose floating arrays are at least as precise: they decide its steps."""
    return {
        key: value.astype(np.promote_types(value.dtype, dtype))
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
        else value
        for key, value in entries.items()
    }
