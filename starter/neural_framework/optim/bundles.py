"""Bundle: the small parameters of a group as one vector, so that one `update` changes all of them.

A call of NumPy takes as long for ten numbers as for a thousand, so an optimizer of many small parameters spends its
time on calls. PyTorch's fused optimizers do the same.
"""

from itertools import pairwise

import numpy as np
from numpy.lib.array_utils import byte_bounds

from ..tensor import Tensor

LARGEST = 2**15  # numbers in a bundle; beyond it, copying the gradients takes longer than the calls that it saves


class Bundle:
    """Parameters as one `vector` with one `state`: their arrays, and those in their own states, are views of it.

    What is not an array in a state, such as a count of steps, is the same for all of them.
    """

    def __init__(self, parameters, states):
        self.parameters, self.states = list(parameters), states
        self.vector = Tensor.wrap(joined(parameter.data for parameter in parameters))
        self.state = {
            key: joined(state[key] for state in states) if isinstance(value, np.ndarray) else value
            for key, value in states[0].items()
        }
        self.views = self._views(self.vector.data)
        for parameter, view in zip(parameters, self.views, strict=True):
            parameter.data = view
        self.shown = {}  # what is in `state`, as it was when the parameters' states last got their parts
        self.parts = [{} for _ in parameters]  # the parts
        self._show()

    def fits(self, parameters, states):
        """Whether it still holds these parameters, all with a gradient, and no array or state of them was replaced.

        states: {parameter: its state}, that of the optimizer.
        """
        if parameters != self.parameters:
            return False
        for parameter, view, state, parts in zip(parameters, self.views, self.states, self.parts, strict=True):
            if parameter.grad is None or parameter.data is not view or len(state) != len(parts):
                return False
            if states.get(parameter) is not state:
                return False
            for key, part in parts.items():
                if state.get(key) is not part:
                    return False
        return True

    def step(self, update, group):
        """Call `update` once, for the whole vector."""
        vector, array = self.vector, self.vector.data
        vector.grad = Tensor.wrap(joined(parameter.grad.data for parameter in self.parameters))
        update(vector, vector.grad.data, self.state, group)
        if vector.data is not array:  # an update may assign a new array
            array[...] = vector.data
            vector.data = array
        self._show()

    def _show(self):
        """Give each parameter's state its part of everything in `state` that is new."""
        for key, value in self.state.items():
            if self.shown.get(key) is not value:
                self.shown[key] = value
                views = self._views(value) if isinstance(value, np.ndarray) else [value] * len(self.states)
                for state, parts, view in zip(self.states, self.parts, views, strict=True):
                    state[key] = parts[key] = view

    def _views(self, array):
        """The array of all numbers, cut into one view for each parameter, with its shape."""
        views, start = [], 0
        for parameter in self.parameters:
            views.append(array[start : start + parameter.size].reshape(parameter.shape))
            start += parameter.size
        return views


def can_bundle(parameters, states):
    """Whether one update of a vector does the same as one of each parameter: one dtype, and equal histories."""
    dtype, history = parameters[0].dtype, plain(states[0])
    return (
        all(parameter.grad is not None and parameter.dtype == dtype == parameter.grad.dtype for parameter in parameters)
        and all(parameter.ndim > 0 for parameter in parameters)  # NumPy makes scalars of 0-d states
        and len(parameters) > 1
        and sum(parameter.size for parameter in parameters) <= LARGEST
        and all(plain(state) == history for state in states)
        and all(
            value.shape == parameter.shape
            for parameter, state in zip(parameters, states, strict=True)
            for value in state.values()
            if isinstance(value, np.ndarray)
        )
        and not overlap([parameter.data for parameter in parameters])
    )


def plain(state):
    """A state in which the arrays, whose numbers do not matter here, are replaced by their dtypes."""
    return {key: value.dtype if isinstance(value, np.ndarray) else value for key, value in state.items()}


def joined(arrays):
    """The numbers of all arrays, in one vector."""
    return np.concatenate([array.reshape(-1) for array in arrays])


def overlap(arrays):
    """Whether some of the arrays share memory, so that a change of one changes another."""
    spans = sorted(byte_bounds(array) for array in arrays if array.size > 0)
    return any(end > start for (_, end), (start, _) in pairwise(spans))
