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
    # TODO 5.6: see `nox -s hint -- 5.6`
    raise NotImplementedError("5.6: max_pool2d is not written yet")


def avg_pool2d(x, kernel_size, stride=None, padding=0):
    """y = the mean of each window; padding counts as zeros.

    x (N, C, H, W) -> (N, C, Ho, Wo); each channel has windows of its own. `pooling_settings` gives the settings as
    pairs, and raises the errors for what does not fit.
    """
    # TODO 5.7: see `nox -s hint -- 5.7`
    raise NotImplementedError("5.7: avg_pool2d is not written yet")


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
        # TODO 5.6: see `nox -s hint -- 5.6`
        raise NotImplementedError("5.6: MaxPool2d.forward is not written yet")


class AvgPool2d(Pooling):
    """y = avg_pool2d(x, kernel_size, stride, padding): x (N, C, H, W) -> (N, C, Ho, Wo)."""

    def forward(self, x):
        return avg_pool2d(x, self.kernel_size, self.stride, self.padding)
