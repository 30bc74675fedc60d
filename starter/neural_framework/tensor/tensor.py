"""Tensor: an array of numbers that remembers how it was computed."""

import math
from math import prod
from operator import index

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .. import autodiff
from ..errors import GradientError, ShapeError
from ..operations import (
    Abs,
    Add,
    AsType,
    BroadcastTo,
    Clip,
    Cos,
    Divide,
    Exp,
    Index,
    LeakyReLU,
    Log,
    LogSoftmax,
    MatMul,
    Max,
    Mean,
    Min,
    Multiply,
    Negate,
    Power,
    ReLU,
    Reshape,
    Sigmoid,
    Sin,
    Sqrt,
    Subtract,
    Sum,
    Tanh,
    TensorPower,
    Transpose,
    broadcast_shapes,
    plain_number,
    silent,
)
from .attributes import CHECKS
from .names import named_here
from .notebook import html_table
from .recording import apply, is_recording, set_unchecked


class Tensor:
    """An array, `data`, with what automatic differentiation needs to know about it.

    requires_grad: whether backward() computes its gradient. grad: that gradient, a Tensor of the same shape and
    dtype, or None. grad_fn: the Operation that made it, or None for a leaf.
    """

    requires_grad = False
    grad = None
    grad_fn = None
    retains_grad = False

    __array_ufunc__ = None  # NumPy leaves array + tensor to Tensor.__radd__

    def __init__(self, data, requires_grad=False, dtype=None):
        """Copy `data`: an array, a number, (nested) lists of them, or a Tensor.

        dtype: an explicit one wins. Otherwise NumPy arrays, NumPy scalars and Tensors keep theirs, and Python numbers
        become float32, int64 or bool (an empty list: float32). With requires_grad, integers and bools become float32,
        and an explicit integer or bool dtype is a GradientError. TypeError for data that as_array rejects.
        """
        # TODO 1.1: see `nox -s hint -- 1.1`
        raise NotImplementedError("1.1: Tensor.__init__ is not written yet")

    @staticmethod
    def wrap(array):
        """A Tensor around `array` itself: no copy, no check, no gradient."""
        tensor = Tensor.__new__(Tensor)
        set_unchecked(tensor, "data", array)
        return tensor

    def __setattr__(self, name, value):
        check = CHECKS.get(name)
        set_unchecked(self, name, value if check is None else check(self, value))

    def __getstate__(self):
        if self.grad_fn is not None:
            raise GradientError(
                f"only leaves can be copied by copy or saved by pickle, but this tensor is a result of "
                f"{type(self.grad_fn).__name__}: detach() gives one without the graph, and copy() is recorded"
            )
        return vars(self)

    def __setstate__(self, state):
        vars(self).update(state)
        self.data = self.data  # a copy if it is read-only: pickle can load arrays from the memory of others

    # Properties

    @property
    def shape(self):
        return self.data.shape

    @property
    def dtype(self):
        return self.data.dtype

    @property
    def ndim(self):
        return self.data.ndim

    @property
    def size(self):
        return self.data.size

    def numel(self):
        """The number of elements: `size`, under its name in PyTorch."""
        return self.size

    @property
    def T(self):
        """The axes in reverse order."""
        return apply(Transpose(), self)

    @property
    def is_leaf(self):
        """Whether no recorded operation made this tensor."""
        return self.grad_fn is None

    def __repr__(self):
        values = np.array2string(self.data, separator=", ", prefix="Tensor(")
        notes = ""
        if self.dtype not in (np.float32, np.int64, np.bool_):
            notes += f", dtype={self.dtype}"
        if self.size == 0 and self.shape != (0,):
            notes += f", shape={self.shape}"
        if self.grad_fn is not None:
            notes += f", grad_fn=<{type(self.grad_fn).__name__}>"
        elif self.requires_grad:
            notes += ", requires_grad=True"
        return f"Tensor({values}{notes})"

    def _repr_html_(self):
        """What a notebook shows: a table of values, shape, dtype, and what is known about gradients."""
        return html_table(self)

    def __format__(self, specification):
        """A 0-d tensor as its number, and any tensor of one element if there is a specification: f"{loss:.3f}"."""
        if self.ndim == 0 or (specification and self.size == 1):
            return format(self.item(), specification)
        if specification:
            raise TypeError(f"format {specification!r} takes a tensor of one element, got shape {self.shape}")
        return repr(self)

    def __contains__(self, number):
        """Whether an element equals the number. (Python would ask ==, which is identity, and never find anything.)"""
        if np.ndim(number) > 0 or (not isinstance(number, int) and np.asarray(number).dtype.kind not in "biuf"):
            raise TypeError(f"`in` takes a number, but got {type(number).__name__}: compare the arrays, .data")
        return bool(self._compare(np.equal, number).data.any())

    def __len__(self):
        if self.ndim == 0:
            raise TypeError("len() got a 0-d tensor, which has no axis to count along")
        return self.data.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    # Gradients

    def backward(self, gradient=None, retain_graph=False):
        """Add the gradient of this tensor to the .grad of every leaf that led to it; see autodiff.backward."""
        autodiff.backward(self, gradient, retain_graph)

    def requires_grad_(self, flag=True):
        """Switch the gradient on or off. GradientError for integers and bools, and when a non-leaf is switched off."""
        self.requires_grad = flag  # checked by checked_requires_grad
        return self

    def zero_grad(self):
        """Clear the gradient: grad becomes None."""
        self.grad = None

    def retain_grad(self):
        """Have backward() fill .grad even if this is not a leaf."""
        if not self.requires_grad:
            raise GradientError("retain_grad() takes a tensor that requires grad, but this one does not")
        self.retains_grad = True

    def detach(self):
        """A Tensor on the same memory that is not part of the graph."""
        return Tensor.wrap(self.data)

    # Conversions

    def numpy(self):
        """The array itself, not a copy."""
        return self.data

    def tolist(self):
        """The elements as (nested) Python lists; for a 0-d tensor, the number."""
        return self.data.tolist()

    def item(self):
        """The number in a tensor of one element."""
        if self.size != 1:
            raise ShapeError(
                f"item(), float(), int() and bool() take a tensor of one element, got shape {self.shape}",
                shapes=(self.shape,),
                operation="item",
            )
        return self.data.item()

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __bool__(self):
        return bool(self.item())

    def __index__(self):
        """A 0-d tensor of an integer as a size or an index of Python's: range(n), x[:n], names[n]."""
        if self.ndim > 0 or self.dtype.kind not in "iu":
            raise TypeError(f"a size or an index is a 0-d integer tensor, got shape {self.shape}, dtype {self.dtype}")
        return self.item()

    def __array__(self, dtype=None, copy=None):
        return np.array(self.data, dtype=dtype, copy=copy)

    def copy(self):
        """The same numbers in new memory; recorded, so that gradients flow back."""
        return apply(AsType(self.dtype), self)

    def astype(self, dtype):
        """The same numbers in another dtype, always in new memory; recorded if the new dtype is a float."""
        dtype = real_dtype(dtype)
        return apply(AsType(dtype), self if dtype.kind == "f" else self.detach())

    # Arithmetic

    def operand(self, other):
        """`other`, a Tensor, number or array, as a Tensor to compute with.

        A Python number is weak: it takes this tensor's dtype, unless NumPy has to promote that to hold the number.
        """
        if isinstance(other, Tensor):
            return other
        other = plain_number(other)
        if type(other) not in (float, int, bool):
            return Tensor.wrap(as_array(other))
        dtype = self.data.dtype
        if dtype.kind != "f":
            dtype = np.result_type(dtype, other)
        return Tensor.wrap(np.array(other, dtype))

    def __add__(self, other):
        return apply(Add(), self, self.operand(other))

    def __radd__(self, other):
        return apply(Add(), self.operand(other), self)

    def __sub__(self, other):
        # TODO 1.4: see `nox -s hint -- 1.4`
        raise NotImplementedError("1.4: Tensor.__sub__ is not written yet")

    def __rsub__(self, other):
        # TODO 1.4: see `nox -s hint -- 1.4`
        raise NotImplementedError("1.4: Tensor.__rsub__ is not written yet")

    def __mul__(self, other):
        # TODO 1.4: see `nox -s hint -- 1.4`
        raise NotImplementedError("1.4: Tensor.__mul__ is not written yet")

    def __rmul__(self, other):
        # TODO 1.4: see `nox -s hint -- 1.4`
        raise NotImplementedError("1.4: Tensor.__rmul__ is not written yet")

    def __truediv__(self, other):
        # TODO 1.4: see `nox -s hint -- 1.4`
        raise NotImplementedError("1.4: Tensor.__truediv__ is not written yet")

    def __rtruediv__(self, other):
        # TODO 1.4: see `nox -s hint -- 1.4`
        raise NotImplementedError("1.4: Tensor.__rtruediv__ is not written yet")

    def __neg__(self):
        # TODO 1.4: see `nox -s hint -- 1.4`
        raise NotImplementedError("1.4: Tensor.__neg__ is not written yet")

    def __pos__(self):
        return self

    def __abs__(self):
        return self.abs()

    def __pow__(self, exponent):
        if isinstance(exponent, (int, float, np.number)):
            return apply(Power(plain_number(exponent)), self)
        return apply(TensorPower(), self, self.operand(exponent))

    def __rpow__(self, base):
        return apply(TensorPower(), self.operand(base), self)

    def matmul(self, other):
        """The matrix product, as np.matmul: vectors, matrices, and batches of matrices that broadcast."""
        return apply(MatMul(), self, self.operand(other))

    def __matmul__(self, other):
        return apply(MatMul(), self, self.operand(other))

    def __rmatmul__(self, other):
        return apply(MatMul(), self.operand(other), self)

    def __lt__(self, other):
        return self._compare(np.less, other)

    def __le__(self, other):
        return self._compare(np.less_equal, other)

    def __gt__(self, other):
        return self._compare(np.greater, other)

    def __ge__(self, other):
        return self._compare(np.greater_equal, other)

    @silent
    def _compare(self, ufunc, other):
        """A Tensor of bools, without a gradient. (== stays identity, so that a Tensor can be a dictionary key.)

        A Python number may be one that this tensor's dtype cannot hold: then NumPy compares it all the same.
        """
        data, other = self.data, plain_number(other)
        if type(other) not in (float, int, bool):
            other = self.operand(other).data
            broadcast_shapes(self.shape, other.shape, ufunc.__name__)
        elif data.dtype == bool:
            data = data.astype(np.int8)  # NumPy compares these with any number, but not bools
        elif data.dtype.kind == "f" and is_beyond(other, data.dtype):
            # More than any finite number and less than inf, as 1 is more than 0.
            data, other = np.where(np.isfinite(data), 0, data), 1 if other > 0 else -1
        return Tensor.wrap(np.asarray(ufunc(data, other)))

    def __iadd__(self, other):
        return self._change("+", np.add, other)

    def __isub__(self, other):
        return self._change("-", np.subtract, other)

    def __imul__(self, other):
        return self._change("*", np.multiply, other)

    def __itruediv__(self, other):
        return self._change("/", np.divide, other)

    def _change(self, sign, ufunc, other):
        """Change the data in place, which the graph does not record: GradientError if it would have to."""
        other = self.operand(other)
        if is_recording() and (self.requires_grad or other.requires_grad):
            raise GradientError(
                f"a {sign}= b changes a in place, which backward could not follow: write a = a {sign} b, "
                "or do it inside no_grad() if it is not part of the computation"
            )
        if broadcast_shapes(self.shape, other.shape, ufunc.__name__) != self.shape:
            raise ShapeError(
                f"a {sign}= b got shapes {self.shape} and {other.shape}: a cannot grow in place, write a = a {sign} b",
                shapes=(self.shape, other.shape),
                operation=ufunc.__name__,
            )
        with np.errstate(all="ignore"):
            ufunc(self.data, other.data, out=self.data, casting="same_kind")
        return self

    # Elementwise functions: those whose results are fractions take integers and bools as float64.

    def _floats(self):
        """This tensor, or for integers and bools their numbers as float64."""
        return self if self.data.dtype.kind == "f" else Tensor.wrap(self.data.astype(np.float64))

    def exp(self):
        return apply(Exp(), self._floats())

    def log(self):
        return apply(Log(), self._floats())

    def sqrt(self):
        return apply(Sqrt(), self._floats())

    def abs(self):
        return apply(Abs(), self)

    def sin(self):
        return apply(Sin(), self._floats())

    def cos(self):
        return apply(Cos(), self._floats())

    def tanh(self):
        return apply(Tanh(), self._floats())

    def sigmoid(self):
        """1 / (1 + exp(-x))"""
        return apply(Sigmoid(), self._floats())

    def relu(self):
        """max(x, 0)"""
        return apply(ReLU(), self)

    @silent  # slope x may become inf or nan where x > 0, and is not chosen there
    def leaky_relu(self, negative_slope=0.01):
        """x where x > 0, otherwise negative_slope * x"""
        return apply(LeakyReLU(negative_slope), self)

    @named_here
    @silent  # a bound that the dtype cannot hold becomes infinite
    def clip(self, low=None, high=None):
        """x, but at least low and at most high; None means no bound."""
        return apply(Clip(low, high), self)

    @named_here
    def softmax(self, axis=-1):
        """exp(x) / Σ exp(x) along an axis, exact for any x."""
        # TODO 1.7: see `nox -s hint -- 1.7`
        raise NotImplementedError("1.7: Tensor.softmax is not written yet")

    @named_here
    def log_softmax(self, axis=-1):
        """log(softmax(x)), exact for any x."""
        return apply(LogSoftmax(axis), self._floats())

    # Reductions: axis is None (all), an int or a tuple; keepdims leaves the reduced axes as size 1.

    @named_here
    def sum(self, axis=None, keepdims=False):
        return apply(Sum(axis, keepdims), self)

    @named_here
    def mean(self, axis=None, keepdims=False):
        return apply(Mean(axis, keepdims), self)

    @named_here
    def max(self, axis=None, keepdims=False):
        """The largest element; if there are several, they share the gradient."""
        return apply(Max(axis, keepdims), self)

    @named_here
    def min(self, axis=None, keepdims=False):
        """The smallest element; if there are several, they share the gradient."""
        return apply(Min(axis, keepdims), self)

    @named_here
    def var(self, axis=None, keepdims=False):
        """The mean of (x - mean)², divided by n."""
        # TODO 1.9: see `nox -s hint -- 1.9`
        raise NotImplementedError("1.9: Tensor.var is not written yet")

    @named_here
    def argmax(self, axis=None, keepdims=False):
        """Where the largest element is, the first of several, as int64: along an axis, or among all in order."""
        return Tensor.wrap(np.asarray(self.data.argmax(axis=axis, keepdims=keepdims)))

    @named_here
    def argmin(self, axis=None, keepdims=False):
        """Where the smallest element is, the first of several, as int64: along an axis, or among all in order."""
        return Tensor.wrap(np.asarray(self.data.argmin(axis=axis, keepdims=keepdims)))

    # Shapes

    def reshape(self, *shape):
        """reshape(2, 3) or reshape((2, 3)): the same elements in another shape; one -1 takes what remains."""
        return apply(Reshape(as_tuple("reshape", shape)), self)

    def transpose(self, *axes):
        """transpose(1, 0, 2) or transpose((1, 0, 2)): the axes in another order; without arguments, reversed."""
        return apply(Transpose(as_tuple("transpose", axes) or None), self)

    @named_here
    def swapaxes(self, a, b):
        """Swap axes a and b. IndexError (or NumPy's AxisError) for an axis that does not exist."""
        # TODO 1.10: see `nox -s hint -- 1.10`
        raise NotImplementedError("1.10: Tensor.swapaxes is not written yet")

    @named_here
    def squeeze(self, axis=None):
        """Remove axes of size 1: all of them, or those in `axis` (an int or a tuple) whose size is 1."""
        # TODO 1.10: see `nox -s hint -- 1.10`
        raise NotImplementedError("1.10: Tensor.squeeze is not written yet")

    @named_here
    def unsqueeze(self, axis):
        """Insert an axis of size 1 at position `axis`. IndexError for a position outside -ndim - 1 ... ndim."""
        # TODO 1.10: see `nox -s hint -- 1.10`
        raise NotImplementedError("1.10: Tensor.unsqueeze is not written yet")

    @named_here
    def flatten(self, start_axis=0):
        """Merge all axes from `start_axis` on into one. IndexError if `start_axis` does not exist."""
        # TODO 1.10: see `nox -s hint -- 1.10`
        raise NotImplementedError("1.10: Tensor.flatten is not written yet")

    def broadcast_to(self, shape):
        """Stretch to a larger shape, in new memory."""
        return apply(BroadcastTo(as_tuple("broadcast_to", (shape,))), self)

    def __getitem__(self, key):
        key = tuple([index_part(part) for part in key]) if isinstance(key, tuple) else index_part(key)
        return apply(Index(key), self)

    def __setitem__(self, key, value):
        raise TypeError(
            "elements of a tensor cannot be assigned, as backward could not follow: use where(condition, a, b), or "
            "x.data[...] = value for data that is not part of a graph"
        )


def index_part(part):
    """A part of an index: ints, slices, None and ... as they are, the rest as an array that no caller can change."""
    if type(part) in (int, slice) or part is None or part is ...:
        return part
    array = np.array(part)
    return array if array.size or hasattr(part, "dtype") else array.astype(np.intp)  # an empty list: no integers


def is_beyond(number, dtype):
    """Whether a finite Python number would become infinite in a floating-point dtype."""
    try:
        return abs(number) != math.inf and bool(np.isinf(dtype.type(number)))
    except OverflowError:  # an integer that no float64 can hold
        return True


def as_array(data, dtype=None):
    """`data` (array, number, lists of them, Tensor) as an array of bools, integers or floats.

    An explicit dtype wins, and numbers are converted to it once. Without one, NumPy arrays and scalars keep theirs;
    Python numbers become float32, int64 or bool, and an empty list becomes float32. TypeError for complex numbers,
    strings, other objects, and nested lists of unequal lengths. `converted` refuses what an integer dtype cannot hold.
    """
    # TODO 1.1: see `nox -s hint -- 1.1`
    raise NotImplementedError("1.1: as_array is not written yet")


def as_numpy(data, dtype=None):
    """np.asarray(data), with Python's integers beyond 64 bits as `dtype`, or float64: NumPy makes objects of them.

    OverflowError if `dtype` is an integer dtype, which cannot hold them.
    """
    array = np.asarray(data)
    if array.dtype == object and not hasattr(data, "dtype") and all(isinstance(x, (float, int)) for x in array.flat):
        array = np.asarray(data, np.float64 if dtype is None else real_dtype(dtype))
    return array


def require_int64(data):
    """OverflowError where all of `data` are Python's integers and int64 cannot hold one: NumPy chose another dtype."""
    numbers = np.asarray(data, dtype=object).ravel()
    limits = np.iinfo(np.int64)
    if all(isinstance(number, int) for number in numbers):
        outside = next(number for number in numbers if not limits.min <= number <= limits.max)
        raise OverflowError(f"dtype=int64 holds {limits.min} to {limits.max}, but got {outside}: floats round it")


def converted(array, dtype):
    """`array` in `dtype`, copied only if it must. OverflowError for numbers that an integer dtype cannot hold."""
    if dtype.kind in "iu" and array.dtype.kind in "iuf":
        limits = np.iinfo(dtype)
        # In float64, as float16 cannot hold the limits. Of nan, no comparison holds.
        whole = np.trunc(array, dtype=np.result_type(array, np.float64)) if array.dtype.kind == "f" else array
        fits = (whole >= limits.min) & (whole < limits.max + 1)
        if not fits.all():
            raise OverflowError(f"dtype={dtype} holds {limits.min} to {limits.max}, but got {array[~fits].flat[0]}")
    return array.astype(dtype, copy=False)


def real_dtype(dtype):
    """`dtype` as a NumPy dtype of bools, integers or floats; TypeError for any other."""
    dtype = np.dtype(dtype)
    if dtype.kind not in "biuf":
        raise TypeError(f"a Tensor holds real numbers or bools, but got dtype={dtype}")
    return np.dtype(dtype.type)  # in this machine's order of bytes


@silent  # a number that the dtype cannot hold becomes infinite
def operands(*values):
    """Tensors, numbers and arrays as Tensors to compute with; Python numbers adopt the first array's dtype."""
    first = next((value for value in values if hasattr(value, "dtype")), None)
    if first is None:
        tensors = [Tensor(value) for value in values]
        dtype = np.float32 if any(tensor.dtype.kind == "f" for tensor in tensors) else None  # as in one list of them
        return [Tensor(tensor, dtype=dtype) for tensor in tensors]
    first = Tensor.wrap(as_array(first))
    return [first.operand(value) for value in values]


def as_tuple(caller, sizes):
    """The tuple that f(2, 3), f((2, 3)) and f([2, 3]) all mean; TypeError for what is not an integer."""
    try:
        if len(sizes) == 1 and not isinstance(sizes[0], int) and getattr(sizes[0], "ndim", 1) > 0:
            sizes = sizes[0]
        return tuple(map(index, sizes))
    except TypeError:
        raise TypeError(f"{caller} takes integers, or one tuple of them, got {sizes!r}") from None
