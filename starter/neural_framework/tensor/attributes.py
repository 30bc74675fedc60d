"""What may be assigned to a tensor's data, grad and requires_grad: anything else is refused at once."""

import numpy as np

from ..errors import GradientError, ShapeError


def checked_data(tensor, value):
    """The array for tensor.data: an array of numbers, a NumPy number, or what a Tensor holds (p.data - lr * p.grad)."""
    if hasattr(value, "grad_fn"):
        value = value.data
    elif isinstance(value, (np.generic, np.ndarray)):
        value = np.asarray(value)  # also of subclasses: np.matrix multiplies in another way
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
        raise TypeError(f"data is a NumPy array of real numbers or bools, got {described(value)}: np.asarray makes one")
    if not (value.flags.writeable and value.dtype.isnative):
        value = value.astype(value.dtype.type)  # a copy that a step can change, in this machine's order of bytes
    if tensor.requires_grad and value.dtype.kind != "f":
        raise GradientError(
            f"data of a tensor that requires grad holds floating-point numbers, got dtype {value.dtype}: "
            "convert it, or call requires_grad_(False) first"
        )
    if tensor.grad is not None:
        require_fit(value, tensor.grad.data, "data", "zero_grad() removes the .grad")
    return value


def checked_grad(tensor, value):
    """The Tensor, or None, for tensor.grad."""
    if value is not None:
        if not hasattr(value, "grad_fn"):
            raise TypeError(f"grad is a Tensor or None, got {described(value)}: from_numpy(array) makes a Tensor")
        require_fit(value.data, tensor.data, "grad", "a gradient has the shape and dtype of its tensor")
    return value


def checked_requires_grad(tensor, value):
    """The bool for tensor.requires_grad: only floating-point numbers have gradients, and only a leaf can do without."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"requires_grad is True or False, got {value!r}: a shape is one tuple, as in zeros((2, 3))")
    if value and tensor.dtype.kind != "f":
        raise GradientError(
            f"requires_grad=True needs floating-point numbers, but this tensor has dtype {tensor.dtype}: "
            "use dtype=np.float32, or astype(np.float32)"
        )
    if not value and tensor.grad_fn is not None:
        raise GradientError(
            f"requires_grad=False takes a leaf, but this tensor is a result of {type(tensor.grad_fn).__name__}: "
            "detach() gives one without a gradient"
        )
    return bool(value)


def require_fit(value, other, name, repair):
    """ShapeError or GradientError unless both arrays have one shape and one dtype."""
    if value.shape != other.shape:
        raise ShapeError(
            f"{name} got shape {value.shape}, expected {other.shape}: {repair}",
            shapes=(value.shape, other.shape),
            operation=name,
        )
    if value.dtype != other.dtype:
        raise GradientError(f"{name} got dtype {value.dtype}, expected {other.dtype}: {repair}")


def described(value):
    """The type of a value, with the dtype of an array, for messages."""
    return f"{type(value).__name__} of dtype {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__


CHECKS = {"data": checked_data, "grad": checked_grad, "requires_grad": checked_requires_grad}
