"""Second bodies: no_grad() nests what was before in a tuple; apply() asks first, and records last."""
# ruff: noqa: F821 (names of the file that these functions are put into)

import numpy as np

from ..errors import GradientError


class no_grad:
    def __enter__(self):
        recording.paused = (recording.paused,)

    def __exit__(self, *error):
        (recording.paused,) = recording.paused


def apply(operation, *inputs):
    if operation.recorded:
        raise GradientError(f"one instance of {type(operation).__name__} records one step")
    if not all(hasattr(value, "grad_fn") for value in inputs):
        raise TypeError(f"apply takes Tensors, and got {inputs}")
    array = np.asarray(operation.forward(*[tensor.data for tensor in inputs]))
    result = type(inputs[0]).wrap(array)
    result.requires_grad = is_recording() and any(tensor.requires_grad for tensor in inputs)
    if result.requires_grad:
        operation.inputs, operation.recorded = tuple(inputs), True
        result.grad_fn = operation
    return result
