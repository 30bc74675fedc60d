"""The fully connected layer."""

import numpy as np

from ..errors import ShapeError
from ..tensor import affine, as_tensor
from . import init
from .module import Module, Parameter
from .settings import integer


class Linear(Module):
    """y = x @ weight.T + bias

    x: (..., in_features), weight: (out_features, in_features), bias: (out_features,), y: (..., out_features).
    """

    def __init__(self, in_features, out_features, bias=True):
        """Create the float32 parameters `weight` and `bias` (None without bias), and draw their values."""
        super().__init__()
        self.in_features = integer("Linear", "in_features", in_features, least=0)
        self.out_features = integer("Linear", "out_features", out_features, least=0)
        self.weight = Parameter(np.zeros((self.out_features, self.in_features), np.float32))
        self.bias = Parameter(np.zeros(self.out_features, np.float32)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        """Draw the weight again (Xavier uniform), and set the bias to zeros."""
        init.xavier_uniform_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, x):
        """(..., in_features) -> (..., out_features); ShapeError, naming the layer, for another shape."""
        x, D = as_tensor(x), self.weight.shape[1]
        if x.shape[-1:] != (D,):
            raise ShapeError(
                f"{self._title()} expects x of shape (..., {D}), got {x.shape}",
                shapes=(x.shape,),
                operation=self._title(),
            )
        return x @ self.weight.T if self.bias is None else affine(x, self.weight, self.bias)

    def extra_repr(self):
        return f"{self.in_features}, {self.out_features}" + ("" if self.bias is not None else ", bias=False")
