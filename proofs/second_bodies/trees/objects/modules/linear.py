"""The fully connected layer."""

from __future__ import annotations

from functools import partial

import numpy as np

from ..errors import ShapeError
from ..tensor import Tensor, affine
from . import init
from .module import Module, Parameter
from .settings import integer


class Linear(Module):
    """y = x @ weight.T + bias

    x: (..., in_features), weight: (out_features, in_features), bias: (out_features,), y: (..., out_features).
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        """Create the float32 parameters `weight` and `bias` (None without bias), and draw their values."""
        super().__init__()
        self.in_features = integer("Linear", "in_features", in_features, least=0)
        self.out_features = integer("Linear", "out_features", out_features, least=0)
        blank = partial(np.zeros, dtype=np.float32)
        self.weight = Parameter(blank((self.out_features, self.in_features)))
        self.bias = Parameter(blank(self.out_features)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weight again (Xavier uniform), and set the bias to zeros."""
        init.xavier_uniform_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(..., in_features) -> (..., out_features); ShapeError, naming the layer, for another shape."""
        x = self.weight.operand(x)
        match x.shape:
            case (*_, self.in_features):
                return x @ self.weight.T if self.bias is None else affine(x, self.weight, self.bias)
            case shape:
                raise ShapeError(
                    f"{self._title()} expects x of shape (..., {self.in_features}), got {shape}",
                    shapes=(shape,),
                    operation=self._title(),
                )

    def extra_repr(self):
        return f"{self.in_features}, {self.out_features}" + ("" if self.bias is not None else ", bias=False")
