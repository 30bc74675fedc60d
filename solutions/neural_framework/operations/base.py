"""Operation, the base class of every step of a computation."""

import numpy as np

from ..errors import GradientError

# A decorator for functions that answer with inf or nan, as IEEE arithmetic does, instead of a warning. It costs as
# much as a small multiplication, so only a forward that can turn finite numbers into inf or nan has it.
silent = np.errstate(all="ignore")


class Operation:
    """One step of a computation, z = f(x, y, ...), on NumPy arrays: it never sees a Tensor.

    A new operation is one subclass with both methods; settings such as an axis go to its __init__.
    """

    inputs = ()  # the input Tensors, set by apply(): they belong to the graph, and an operation never reads them
    adds_in_place = False  # whether add_to(total, grad) can add its gradient to the sum of a tensor's gradients
    recorded = False  # set by apply() and never reset: an instance records one step

    def forward(self, *arrays):
        """ndarrays -> the result, an ndarray. Keeps on self what backward needs."""
        raise NotImplementedError(f"{self._methods()} no forward(self, *arrays): write one in the class")

    def backward(self, grad):
        """The upstream gradient dL/dz, shaped like z -> a tuple dL/dx, dL/dy, ..., each shaped like its input.

        None stands for a gradient that is zero or not needed. For a single input, the bare array is enough.
        """
        raise NotImplementedError(f"{self._methods()} no backward(self, grad): write one in the class")

    def needs_grad(self, position):
        """Whether the input at `position`, counted from 0, requires a gradient; False allows backward to skip it."""
        return self.inputs[position].requires_grad

    def __repr__(self):
        return f"<{type(self).__name__}>"

    def __getstate__(self):
        if self.inputs:
            raise GradientError(
                f"this {type(self).__name__} belongs to a graph, which cannot be copied by copy or saved by pickle"
            )
        return vars(self)

    def _methods(self):
        """The operation and the methods of its class, for messages: a misspelt or wrongly indented one shows there."""
        defined = [name for name, value in vars(type(self)).items() if callable(value)]
        return f"{type(self).__name__} defines {', '.join(defined) or 'nothing'}, and"


def python_number(setting):
    """A setting as a Python number, which leaves results their dtype: np.float64(0.1) would not."""
    if isinstance(setting, (np.generic, np.ndarray)) and setting.size == 1:
        setting = float(setting) if setting.dtype == np.longdouble else setting.item()
    if not isinstance(setting, (int, float)):
        raise TypeError(f"a setting of an operation is a number, got {type(setting).__name__}")
    return plain_number(setting)


def plain_number(value):
    """A number of a subclass of Python's, such as a member of an IntEnum, as int or float; all else unchanged.

    NumPy takes a subclass for an array of 64 bits, which would change the dtype of float32.
    """
    if type(value) in (float, int, bool) or isinstance(value, np.generic) or not isinstance(value, (float, int)):
        return value
    return int(value) if isinstance(value, int) else float(value)
