"""Checking gradients: central differences, and their comparison with what backward gives."""

from contextlib import contextmanager

import numpy as np

from .engine import topological_sort


def numerical_gradient(f, inputs, h=1e-5):
    """(f(x + h) - f(x - h)) / 2h for each element x of each input, where f stands for the sum of f(*inputs).

    inputs: Tensors or arrays; f sees their floats as float64. Returns a float64 array per input, zeros for integers.
    """
    with in_float64(as_list(inputs)) as arguments:
        return [central_differences(f, arguments, np.asarray(varied), h) for varied in arguments]


def check_gradients(f, inputs, tolerance=1e-6):
    """Whether |a - n| / max(1, |a|, |n|) <= tolerance for all gradients: a from backward, n from central differences.

    Compares the inputs that require grad, all in float64, and prints where the difference is largest. f may return
    a Tensor of any shape. NaN never agrees.
    """
    inputs = as_list(inputs)
    if not any(getattr(value, "requires_grad", False) for value in inputs):
        print("check_gradients: nothing was compared, as no input requires grad: make one with requires_grad=True")
        return False
    analytic, numerical = backward_gradients(f, inputs), numerical_gradient(f, inputs)
    worst, report = -1.0, "the inputs that require grad have no elements"
    for number, (value, a, n) in enumerate(zip(inputs, analytic, numerical, strict=True)):
        if a.size == 0 or not getattr(value, "requires_grad", False):
            continue
        with np.errstate(all="ignore"):
            difference = np.abs(a - n) / np.maximum(1, np.maximum(np.abs(a), np.abs(n)))
        difference = np.where(np.isnan(difference), np.inf, difference)  # an array also where both are 0-d
        index = tuple(int(i) for i in np.unravel_index(difference.argmax(), difference.shape))
        if difference[index] > worst:
            worst = difference[index]
            report = (
                f"the largest difference is at input {number}, index {index}: backward gives {a[index]:.9g}, "
                f"central differences {n[index]:.9g} (relative {worst:.2g}, tolerance {tolerance:.2g})"
            )
    print(f"check_gradients: {report}")
    return bool(worst <= tolerance)


def as_list(inputs):
    """The inputs of f as a list, also of a single Tensor."""
    return [inputs] if hasattr(inputs, "grad_fn") else list(inputs)


@contextmanager
def in_float64(inputs):
    """The arguments for f: floats as float64, Tensors as leaves without grad. Restores the Tensors afterwards."""
    tensors = [value for value in inputs if hasattr(value, "grad_fn")]
    before = [(tensor.data, tensor.grad, tensor.grad_fn) for tensor in tensors]
    try:
        for tensor in tensors:
            tensor.grad, tensor.grad_fn, tensor.data = None, None, copy_in_float64(tensor.data)
        yield [value if hasattr(value, "grad_fn") else copy_in_float64(np.asarray(value)) for value in inputs]
    finally:
        for tensor, (data, grad, grad_fn) in zip(tensors, before, strict=True):
            tensor.grad = None  # it would have to fit the data
            tensor.data, tensor.grad, tensor.grad_fn = data, grad, grad_fn


def copy_in_float64(array):
    """A copy, in float64 if the array holds floats, otherwise in its own dtype."""
    return array.astype(np.float64 if array.dtype.kind == "f" else array.dtype)


def central_differences(f, arguments, varied, h):
    """The gradient of the sum of f(*arguments) with respect to `varied`, the array of one of the arguments."""
    gradient = np.zeros(varied.shape)
    if varied.dtype.kind != "f":
        return gradient
    for index in np.ndindex(varied.shape):
        value = varied[index]
        varied[index] = value + h
        above = np.array(f(*arguments), dtype=np.float64)
        varied[index] = value - h
        below = np.array(f(*arguments), dtype=np.float64)
        varied[index] = value
        gradient[index] = np.sum(above - below) / (2 * h)
    return gradient


def backward_gradients(f, inputs):
    """The gradients from backward, an array per input. No .grad changes, including that of other tensors in f."""
    with in_float64(inputs) as arguments:
        result = f(*arguments)
        if not hasattr(result, "grad_fn"):
            raise TypeError(f"check_gradients: f must return a Tensor, but returned {type(result).__name__}")
        used = {tensor: tensor.grad for operation in topological_sort(result) for tensor in operation.inputs}
        try:
            for tensor in used:
                tensor.grad = None
            if result.requires_grad:
                result.backward()
            grads = [getattr(value, "grad", None) for value in arguments]
            return [
                np.zeros(np.shape(value)) if grad is None else np.asarray(grad)
                for value, grad in zip(arguments, grads, strict=True)
            ]
        finally:
            for tensor, grad in used.items():
                tensor.grad = grad
