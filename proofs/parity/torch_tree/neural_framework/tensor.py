"""The Tensor: a torch.Tensor, `value`, under the contract's names."""

import functools
import operator

import numpy as np
import torch

from . import autodiff
from .errors import GradientError, ShapeError
from .operations import broadcast_shapes

__all__ = [
    "Tensor",
    "apply",
    "arange",
    "concatenate",
    "from_numpy",
    "full",
    "manual_seed",
    "maximum",
    "minimum",
    "no_grad",
    "ones",
    "rand",
    "randn",
    "stack",
    "unwrapped",
    "where",
    "wrapped",
    "zeros",
]

no_grad, manual_seed = torch.no_grad, torch.manual_seed


def unwrapped(value):
    """What PyTorch is to see: a torch.Tensor for a Tensor or an array, also inside of tuples and lists."""
    if isinstance(value, Tensor):
        return value.value
    if isinstance(value, (np.ndarray, np.generic)):
        return torch.from_numpy(np.asarray(value))
    if isinstance(value, (tuple, list)):
        return type(value)(map(unwrapped, value))
    return value


def wrapped(value):
    """What the course is to see: a Tensor for a torch.Tensor, also inside of tuples."""
    if isinstance(value, torch.Tensor):
        tensor = Tensor.__new__(Tensor)
        tensor.value = value
        return tensor
    return tuple(map(wrapped, value)) if isinstance(value, tuple) else value


def operation(function, name, broadcast=lambda shapes: []):
    """A function of PyTorch's on Tensors; what it refuses is a ShapeError that names `name`.

    broadcast: of the operands' shapes, those that must fit together (else it is a BroadcastingError).
    """

    def call(*operands, **settings):
        try:
            return wrapped(function(*map(unwrapped, operands), **settings))
        except (RuntimeError, IndexError) as error:
            shapes = [np.shape(part) for value in operands for part in (value if isinstance(value, list) else [value])]
            functools.reduce(lambda joint, shape: broadcast_shapes(joint, shape, name), broadcast(shapes), ())
            raise ShapeError(f"{name} of shapes {shapes}: {error}", shapes, name) from None

    return call


def elementwise(function, name):
    """An operation whose operands all broadcast."""
    return operation(function, name, broadcast=list)


def method(function, name):
    """An operation of one Tensor with settings."""
    call = operation(function, name)
    return lambda self, *settings, **named: call(self, *settings, **named)


def reduction(function, name, every_axis=None, **settings):
    """An operation along axes; every_axis: what PyTorch's function calls all of them."""

    def call(value, axis=None, keepdims=False):
        return function(value, dim=every_axis if axis is None else axis, keepdim=keepdims, **settings)

    return method(call, name)


def reflected(function):
    """The operator with its operands exchanged."""
    return lambda self, other: function(other, self)


subtract, divide = elementwise(operator.sub, "subtract"), elementwise(operator.truediv, "divide")
add, multiply = elementwise(operator.add, "add"), elementwise(operator.mul, "multiply")
power = elementwise(operator.pow, "power")
matmul = operation(operator.matmul, "matmul", broadcast=lambda shapes: [shape[:-2] for shape in shapes])


class Tensor:
    """A torch.Tensor that looks like the contract's."""

    __array_ufunc__ = None  # array + tensor is left to __radd__

    def __init__(self, data, requires_grad=False, dtype=None):
        data = data.data if isinstance(data, Tensor) else data
        dtype = None if dtype is None else torch.from_numpy(np.empty(0, dtype)).dtype
        try:
            self.value = torch.tensor(data, dtype=dtype)
        except (RuntimeError, ValueError) as error:
            raise (OverflowError if "verflow" in str(error) else TypeError)(str(error)) from None
        self.requires_grad_(requires_grad)

    def requires_grad_(self, flag=True):
        try:
            self.value.requires_grad_(flag)
        except RuntimeError as error:
            raise GradientError(f"{error}, not {self.dtype}") from None
        return self

    data = property(
        lambda self: self.value.detach().numpy(),
        lambda self, array: setattr(self.value, "data", torch.from_numpy(array)),
    )
    grad = property(
        lambda self: wrapped(self.value.grad),
        lambda self, gradient: setattr(self.value, "grad", unwrapped(gradient)),
    )
    grad_fn = property(lambda self: autodiff.operation_of(self.value.grad_fn))
    requires_grad = property(lambda self: self.value.requires_grad, lambda self, flag: self.requires_grad_(flag))
    is_leaf = property(lambda self: self.value.is_leaf)
    shape = property(lambda self: tuple(self.value.shape))
    dtype = property(lambda self: self.data.dtype)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.numel())
    T = property(lambda self: self.transpose())

    def backward(self, gradient=None, retain_graph=False):
        autodiff.backward(self.value, gradient, retain_graph)

    def zero_grad(self):
        self.value.grad = None

    def retain_grad(self):
        self.value.retain_grad()

    def numpy(self):
        return self.data

    def __array__(self, dtype=None, copy=None):
        return np.array(self.data, dtype=dtype, copy=copy)

    def tolist(self):
        return self.value.tolist()

    def item(self):
        return self.value.item()

    def __float__(self):
        return float(self.value)

    def __bool__(self):
        return bool(self.value)

    def __len__(self):
        return len(self.value)

    def __iter__(self):
        return map(wrapped, self.value)

    def __repr__(self):
        return repr(self.value)

    def __getitem__(self, index):
        return wrapped(self.value[unwrapped(index)])

    def copy(self):
        return wrapped(self.value.clone())

    def astype(self, dtype):
        return wrapped(self.value.to(torch.from_numpy(np.empty(0, dtype)).dtype, copy=True))

    __add__, __radd__ = add, reflected(add)
    __sub__, __rsub__ = subtract, reflected(subtract)
    __mul__, __rmul__ = multiply, reflected(multiply)
    __truediv__, __rtruediv__ = divide, reflected(divide)
    __pow__, __rpow__ = power, reflected(power)
    __matmul__, __rmatmul__ = matmul, reflected(matmul)
    matmul = matmul
    __neg__ = method(operator.neg, "negate")
    __lt__, __le__ = elementwise(operator.lt, "less"), elementwise(operator.le, "less_equal")
    __gt__, __ge__ = elementwise(operator.gt, "greater"), elementwise(operator.ge, "greater_equal")

    detach = method(torch.detach, "detach")
    exp, log, sqrt = method(torch.exp, "exp"), method(torch.log, "log"), method(torch.sqrt, "sqrt")
    sin, cos, tanh = method(torch.sin, "sin"), method(torch.cos, "cos"), method(torch.tanh, "tanh")
    abs, relu, sigmoid = method(torch.abs, "abs"), method(torch.relu, "relu"), method(torch.sigmoid, "sigmoid")
    leaky_relu = method(torch.nn.functional.leaky_relu, "leaky_relu")
    clip = method(torch.clip, "clip")
    softmax = method(lambda value, axis=-1: torch.softmax(value, axis), "softmax")
    log_softmax = method(lambda value, axis=-1: torch.log_softmax(value, axis), "log_softmax")

    sum, mean = reduction(torch.sum, "sum"), reduction(torch.mean, "mean")
    max, min = reduction(torch.amax, "max", ()), reduction(torch.amin, "min", ())
    var = reduction(torch.var, "var", correction=0)

    reshape = method(torch.Tensor.reshape, "reshape")
    transpose = method(lambda value, *axes: value.permute(axes or tuple(reversed(range(value.ndim)))), "transpose")
    swapaxes = method(torch.swapaxes, "swapaxes")
    squeeze = method(lambda value, axis=None: value.squeeze() if axis is None else value.squeeze(axis), "squeeze")
    unsqueeze = method(torch.unsqueeze, "unsqueeze")
    flatten = method(lambda value, start_axis=0: value.flatten(start_axis), "flatten")
    broadcast_to = method(torch.broadcast_to, "broadcast_to")


def apply(operation, *inputs):
    """Run and record an operation of one's own."""
    operation.inputs = inputs
    return wrapped(autodiff.recorded(type(operation).__name__).apply(operation, *map(unwrapped, inputs)))


def of_tensors(function):
    """A function that takes tensors alone, with numbers made tensors."""
    return lambda *operands: function(*map(torch.as_tensor, operands))


maximum = elementwise(of_tensors(torch.maximum), "maximum")
minimum = elementwise(of_tensors(torch.minimum), "minimum")
where = elementwise(torch.where, "where")
concatenate = operation(lambda tensors, axis=0: torch.cat(tensors, axis), "concatenate")
stack = operation(lambda tensors, axis=0: torch.stack(tensors, axis), "stack")


def from_numpy(array, requires_grad=False):
    """A Tensor on the memory of an array."""
    return wrapped(torch.from_numpy(array)).requires_grad_(requires_grad)


def creation(function):
    """A function of PyTorch's that makes tensors."""

    def create(*sizes, requires_grad=False, dtype=np.float32):
        return wrapped(function(*sizes)).astype(dtype).requires_grad_(requires_grad)

    return create


zeros, ones, full = creation(torch.zeros), creation(torch.ones), creation(torch.full)
randn, rand, arange = creation(torch.randn), creation(torch.rand), creation(torch.arange)
