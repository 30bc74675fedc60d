"""Layers without parameters that networks for images are put together with."""

from ..errors import ShapeError
from ..modules import Module, python_numbers
from ..tensor import Tensor
from .sizes import refuse_array


class Flatten(Module):
    """All axes from `start_axis` on as one: (N, C, H, W) -> (N, C * H * W)."""

    def __init__(self, start_axis=1):
        super().__init__()
        self.start_axis = python_numbers(start_axis)

    def forward(self, x):
        refuse_array(self._title(), x)
        return x.flatten(self.start_axis)

    def extra_repr(self):
        return "" if self.start_axis == 1 else f"start_axis={self.start_axis}"


class Residual(Module):
    """y = x + module(x)   (He et al. 2016). ShapeError unless both have one shape: they are never broadcast.

    TypeError unless it is a Module whose result is a Tensor.
    """

    def __init__(self, module):
        super().__init__()
        self.register_module("module", module)

    def forward(self, x):
        y = self.module(x)
        if not isinstance(y, Tensor):
            name = self.module._title()
            raise TypeError(f"Residual expects the result of {name} to be a Tensor, got {type(y).__name__}")
        if y.shape != x.shape:
            raise ShapeError(
                f"Residual adds x to module(x), but x has shape {x.shape} and the module's result {y.shape}: "
                "the module must keep the shape",
                operation="Residual",
                shapes=(x.shape, y.shape),
            )
        return x + y
