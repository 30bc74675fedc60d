"""Other bodies for images/convolution.py: a product for each position of the kernel, and windows as rows."""

import math

import numpy as np

from ..errors import ShapeError
from ..modules import Parameter
from ..tensor import random_generator, zeros
from .sizes import window_grid, window_settings
from .windows import fold, unfold


def conv2d(x, weight, bias=None, stride=1, padding=0):
    kernel, stride, padding = window_settings("conv2d", weight.shape[-2:], stride, padding)
    if weight.ndim != 4:
        raise ShapeError(f"conv2d: the weight must have 4 axes, (O, C, kh, kw), got {weight.shape}")
    if x.ndim != 4:
        raise ShapeError(f"conv2d: x must have 4 axes, got {x.shape}; for one image, use unsqueeze(0)")
    if x.shape[1] != weight.shape[1]:
        raise ShapeError(f"conv2d: {x.shape[1]} channels in x, but {weight.shape[1]} in the weight")
    if bias is not None and bias.shape != (weight.shape[0],):
        raise ShapeError(f"conv2d: bias of shape {bias.shape}, expected ({weight.shape[0]},)")
    ho, wo = window_grid(x.shape[2:], kernel, stride, padding, "conv2d")
    rows = unfold(x, kernel, stride, padding).transpose(0, 2, 1)  # (N, L, C * kh * kw)
    matrix = weight.flatten(start_axis=1).T  # (C * kh * kw, O)
    y = rows @ matrix
    if bias is not None:
        y = y + bias
    return y.transpose(0, 2, 1).reshape(x.shape[0], weight.shape[0], ho, wo)


def conv_transpose2d(x, weight, bias=None, stride=1, padding=0):
    kernel, stride, padding = window_settings("conv_transpose2d", weight.shape[-2:], stride, padding)
    if x.ndim != 4:
        raise ShapeError(f"conv_transpose2d: x must have 4 axes, got {x.shape}; for one image, use unsqueeze(0)")
    if weight.ndim != 4 or x.shape[1] != weight.shape[0]:
        raise ShapeError(f"conv_transpose2d: x {x.shape} and weight {weight.shape} (C, O, kh, kw) do not fit")
    n, c, h, w = x.shape
    outputs = weight.shape[1]
    if bias is not None and bias.shape != (outputs,):
        raise ShapeError(f"conv_transpose2d: bias of shape {bias.shape}, expected ({outputs},)")
    size = [(x.shape[2 + a] - 1) * stride[a] - 2 * padding[a] + kernel[a] for a in (0, 1)]
    if size[0] <= 0 or size[1] <= 0:
        raise ShapeError(f"conv_transpose2d: a result of {size} has no pixels")
    patches = x.transpose(0, 2, 3, 1).reshape(n, h * w, c) @ weight.reshape(c, outputs * kernel[0] * kernel[1])
    y = fold(patches.transpose(0, 2, 1), size, kernel, stride, padding)
    if bias is None:
        bias = zeros(outputs, dtype=y.dtype)
    return y + bias.unsqueeze(1).unsqueeze(1)


class Conv2d:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        Convolution.__init__(self, in_channels, out_channels, kernel_size, stride, padding)  # noqa: F821
        kh, kw = self.kernel_size
        bound = math.sqrt(6 / (in_channels * kh * kw))
        values = random_generator().uniform(-bound, bound, (out_channels, in_channels, kh, kw)).astype("float32")
        self.register_parameter("weight", Parameter(np.clip(values, -np.float32(bound), np.float32(bound))))
        self.register_parameter("bias", Parameter([0.0] * out_channels) if bias else None)

    def forward(self, x):
        settings = {"stride": self.stride, "padding": self.padding}
        return conv2d(x, self.weight, bias=self.bias, **settings)
