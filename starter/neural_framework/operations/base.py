"""Operation, the class that every step of a computation is an instance of."""

import numpy as np

# A decorator for what answers with inf or nan, as IEEE arithmetic does, instead of a warning. It costs as much
# as a small multiplication: only a forward that can make inf or nan of finite numbers wears it.
silent = np.errstate(all="ignore")


class Operation:
    """One step of a computation, z = f(x, y, ...), on NumPy arrays: it never sees a Tensor.

    A new operation is one subclass with both methods; settings such as an axis go to its __init__.
    """

    inputs = ()  # the input Tensors, set by apply(): they belong to the graph, and an operation never reads them
    recorded = False  # set by apply() and never reset: an instance records one step

    def forward(self, *arrays):
        """ndarrays -> the result as an ndarray; keeps on self what backward needs."""
        raise NotImplementedError(f"{self._methods()} no forward(self, *arrays): write one in the class")

    def backward(self, grad):
        """dL/dz, shaped like z -> a tuple of dL/dx, dL/dy, ..., each shaped like its input.

        None stands for a gradient that is zero or not needed. With a single input, a bare array is enough.
        """
        raise NotImplementedError(f"{self._methods()} no backward(self, grad): write one in the class")

    def needs_grad(self, position):
        """Whether the input at `position`, counted from 0, requires a gradient; False allows backward to skip it."""
        return self.inputs[position].requires_grad

    def _methods(self):
        """The operation and what its class defines, for messages: a misspelt or wrongly indented method shows there."""
        defined = [name for name, value in vars(type(self)).items() if callable(value)]
        return f"{type(self).__name__} defines {', '.join(defined) or 'nothing'}, and"
