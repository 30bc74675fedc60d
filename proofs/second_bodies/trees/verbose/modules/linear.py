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
        empty_weight = np.zeros((self.out_features, self.in_features), dtype=np.float32)
        self.weight = Parameter(empty_weight)
        if bias:
            empty_bias = np.zeros((self.out_features,), dtype=np.float32)
            self.bias = Parameter(empty_bias)
        else:
            self.bias = None
        self.reset_parameters()

    def reset_parameters(self):
        """Draw the weight again (Xavier uniform), and set the bias to zeros."""
        init.xavier_uniform_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, x):
        """(..., in_features) -> (..., out_features); ShapeError, naming the layer, for another shape."""
        tensor = as_tensor(x)
        if tensor.ndim == 0 or tensor.shape[-1] != self.in_features:
            raise ShapeError(
                f"{self._title()} expects x of shape (..., {self.in_features}), got {tensor.shape}",
                shapes=(tensor.shape,),
                operation=self._title(),
            )
        if self.bias is None:
            return tensor @ self.weight.T
        return affine(tensor, self.weight, self.bias)

    def extra_repr(self):
        return f"{self.in_features}, {self.out_features}" + ("" if self.bias is not None else ", bias=False")
