"""Poolings: each window of a channel becomes one number.

In shapes: N images of C channels, H rows and W columns; a kernel of kh x kw pixels; Ho x Wo windows.
"""

import numpy as np

from ..modules import Module
from ..tensor import Tensor, ones, where  # noqa: F401 (a student may need Tensor)
from .sizes import pooling_settings, window_grid, window_settings
from .windows import unfold


def max_pool2d(x, kernel_size, stride=None, padding=0):
    """y = the largest pixel of each window; padding never wins, as if it were -inf.

    x (N, C, H, W) -> (N, C, Ho, Wo); each channel has windows of its own. Pixels that tie for the maximum share its
    gradient. `pooling_settings` gives the settings as pairs, and raises the errors for what does not fit.
    """
    # exercise: 5.6
    kernel_size, stride, padding = pooling_settings("max_pool2d", x, kernel_size, stride, padding)
    n, c, h, w = x.shape
    sizes = kernel_size[0] * kernel_size[1], *window_grid((h, w), kernel_size, stride, padding)  # kh * kw, Ho, Wo
    windows = unfold(x, kernel_size, stride, padding).reshape(n, c, *sizes)
    if padding != (0, 0):
        inside = unfold(ones((1, 1, h, w)), kernel_size, stride, padding).reshape(1, 1, *sizes) > 0
        windows = where(inside, windows, -np.inf)
    return windows.max(axis=2)


def avg_pool2d(x, kernel_size, stride=None, padding=0):
    """y = the mean of each window; padding counts as zeros.

    x (N, C, H, W) -> (N, C, Ho, Wo); each channel has windows of its own. `pooling_settings` gives the settings as
    pairs, and raises the errors for what does not fit.
    """
    # exercise: 5.7
    kernel_size, stride, padding = pooling_settings("avg_pool2d", x, kernel_size, stride, padding)
    n, c, *size = x.shape
    ho, wo = window_grid(size, kernel_size, stride, padding)
    windows = unfold(x, kernel_size, stride, padding).reshape(n, c, kernel_size[0] * kernel_size[1], ho, wo)
    return windows.mean(axis=2)


class Pooling(Module):
    """The base of the pooling layers: their settings as pairs; stride None is the kernel's size."""

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        stride = kernel_size if stride is None else stride
        self.kernel_size, self.stride, self.padding = window_settings(type(self).__name__, kernel_size, stride, padding)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxPool2d(Pooling):
    """y = max_pool2d(x, kernel_size, stride, padding): x (N, C, H, W) -> (N, C, Ho, Wo)."""

    def forward(self, x):
        # exercise: 5.6
        return max_pool2d(x, self.kernel_size, self.stride, self.padding)


class AvgPool2d(Pooling):
    """y = avg_pool2d(x, kernel_size, stride, padding): x (N, C, H, W) -> (N, C, Ho, Wo)."""

    def forward(self, x):
        return avg_pool2d(x, self.kernel_size, self.stride, self.padding)
