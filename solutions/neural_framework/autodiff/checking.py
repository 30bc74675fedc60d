"""Are the gradients right? Central differences, and a comparison with what backward gives."""

import numpy as np

from .engine import topological_sort


def numerical_gradient(f, inputs, h=1e-5):
    """df/dx = (f(x + h) - f(x - h)) / 2h for each number x of each input, where f is the sum of f(*inputs).

    inputs: Tensors or arrays; f sees the floating ones as float64, and all are restored. An ndarray per input.
    """
    with_arrays = [_Float64(value) for value in inputs]
    try:
        arguments = [value.argument for value in with_arrays]
        return [_central_differences(f, arguments, value.array, h) for value in with_arrays]
    finally:
        for value in with_arrays:
            value.restore()


def check_gradients(f, inputs, tolerance=1e-6):
    """Whether backward through f agrees with central differences: |a - n| / max(1, |a|, |n|) <= tolerance everywhere.

    Prints the place where they differ most. Compares the inputs that require grad; f may return any shape.
    """
    numerical = numerical_gradient(f, inputs)
    analytic = _analytic_gradients(f, inputs)
    worst, place, values = -1.0, None, None
    for number, (a, n) in enumerate(zip(analytic, numerical, strict=True)):
        if a is None or a.size == 0:
            continue
        with np.errstate(invalid="ignore", over="ignore"):
            errors = np.abs(a - n) / np.maximum(1, np.maximum(np.abs(a), np.abs(n)))
        errors[np.isnan(errors)] = np.inf  # NaN never agrees, nor does an infinite slope
        index = np.unravel_index(np.argmax(errors), errors.shape)
        if errors[index] > worst:
            worst, place, values = errors[index], (number, tuple(map(int, index))), (a[index], n[index])
    if place is None:
        print("check_gradients: no input with elements requires grad, so there is nothing to compare")
        return True
    print(
        f"check_gradients: the largest difference is at input {place[0]}, index {place[1]}: "
        f"backward gives {values[0]:.9g}, central differences {values[1]:.9g} "
        f"(relative difference {worst:.2g}, tolerance {tolerance:.2g})"
    )
    return bool(worst <= tolerance)


def _central_differences(f, arguments, array, h):
    gradient = np.zeros(array.shape)
    if not np.issubdtype(array.dtype, np.floating):
        return gradient  # integers and bools are no variables
    for index in np.ndindex(array.shape):
        value = array[index]
        array[index] = value + h
        above = np.array(f(*arguments), dtype=np.float64)
        array[index] = value - h
        below = np.array(f(*arguments), dtype=np.float64)
        array[index] = value
        gradient[index] = np.sum(above - below) / (2 * h)
    return gradient


def _analytic_gradients(f, inputs):
    with_arrays = [_Float64(value) for value in inputs]
    others = {}
    try:
        result = f(*[value.argument for value in with_arrays])
        for operation in topological_sort(result):
            others.update((tensor, tensor.grad) for tensor in operation.inputs)
        for value in with_arrays:
            value.argument.grad = None
        if result.requires_grad:
            result.backward()
        gradients = []
        for tensor in inputs:
            zero = np.zeros(tensor.shape)
            found = zero if tensor.grad is None else tensor.grad.data
            gradients.append(found if tensor.requires_grad else None)
        return gradients
    finally:
        for tensor, grad in others.items():
            tensor.grad = grad
        for value in with_arrays:
            value.restore()


class _Float64:
    """One argument of f, a Tensor or an array, for a while in float64 and, if a Tensor, a leaf."""

    def __init__(self, value):
        self.is_tensor = hasattr(value, "requires_grad")
        if self.is_tensor:
            self.original = (value.data, value.grad, value.grad_fn)
            self.array = self.argument = None
            value.data, value.grad_fn = _as_float64(value.data), None
            self.argument, self.array = value, value.data
        else:
            self.argument = self.array = _as_float64(np.asarray(value))

    def restore(self):
        if self.is_tensor:
            self.argument.data, self.argument.grad, self.argument.grad_fn = self.original


def _as_float64(array):
    return array.astype(np.float64) if np.issubdtype(array.dtype, np.floating) else array
