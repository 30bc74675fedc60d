"""Other bodies for modules/linear.py: parameters registered by name, a product per matrix rather than per call."""

import math

import numpy as np

from ..errors import ShapeError
from ..tensor import random_generator
from . import init
from .module import Module, Parameter


class Linear:
    def __init__(self, in_features, out_features, bias=True):
        Module.__init__(self)
        self.in_features, self.out_features = in_features, out_features
        weight = Parameter(np.empty((out_features, in_features), "float32"))
        self.register_parameter("weight", init.xavier_uniform_(weight))
        self.register_parameter("bias", Parameter([0.0] * out_features) if bias else None)

    def reset_parameters(self):
        outputs, inputs = self.weight.shape
        bound = math.sqrt(6 / max(inputs + outputs, 1))
        for row in self.weight.data:
            row[:] = random_generator().uniform(-bound, bound, inputs)
        if self.bias is not None:
            self.bias.data.fill(0)

    def forward(self, x):
        outputs, inputs = self.weight.shape
        if x.ndim == 0 or x.shape[-1] != inputs:
            message = f"Linear({inputs}, {outputs}) got an input of shape {x.shape}, not (..., {inputs})"
            raise ShapeError(message, shapes=[x.shape, self.weight.shape], operation="Linear")
        y = x.matmul(self.weight.swapaxes(0, 1))
        if self.bias is not None:
            y = self.bias + y
        return y
