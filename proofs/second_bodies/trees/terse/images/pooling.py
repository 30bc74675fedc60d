"""Poolings: each window of a channel becomes one number.

In shapes: N images of C channels, H rows and W columns; a kernel of kh x kw pixels; Ho x Wo windows.
"""

import numpy as np

from ..modules import Module
from ..operations import Operation
from ..tensor import apply
from .sizes import pooling_settings, window_grid, window_settings
from .windows import first_pixels, gather, places, scatter, unfold


class WindowMax(Operation):
    """The largest pixel of each window; the first of the largest gets the whole gradient. Keeps where it was."""

    def __init__(self, kernel_size, stride, padding):
        self.geometry = kernel_size, stride, padding

    def forward(self, x):
        lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
        windows = gather(x, *self.geometry, border=lowest)  # (N, C, kh * kw, L)
        winners = windows.argmax(axis=2)[:, :, None]  # (N, C, 1, L)
        self.winners, self.shape = winners, x.shape
        n, c, h, w = x.shape
        ho, wo = window_grid((h, w), *self.geometry)
        return np.take_along_axis(windows, winners, axis=2).reshape(n, c, ho, wo)

    def backward(self, grad):
        n, c, *size = self.shape
        padding = self.geometry[2]
        inside = places(size, *self.geometry)
        chosen = inside[self.winners, np.arange(inside.shape[1])]  # (N, C, 1, L)
        chosen = chosen.reshape(n * c, 1, inside.shape[1]) + first_pixels(n, c, size, padding)
        return scatter(grad, chosen, n, c, size, padding)


def max_pool2d(x, kernel_size, stride=None, padding=0):
    """y = the largest pixel of each window; padding never wins, as if it were -inf.

    x (N, C, H, W) -> (N, C, Ho, Wo); each channel has windows of its own. Pixels that tie for the maximum share its
    gradient. `pooling_settings` gives the settings as pairs, and raises the errors for what does not fit.
    """
    return apply(WindowMax(*pooling_settings("max_pool2d", x, kernel_size, stride, padding)), x)


def avg_pool2d(x, kernel_size, stride=None, padding=0):
    """y = the mean of each window; padding counts as zeros.

    x (N, C, H, W) -> (N, C, Ho, Wo); each channel has windows of its own. `pooling_settings` gives the settings as
    pairs, and raises the errors for what does not fit.
    """
    kernel_size, stride, padding = pooling_settings("avg_pool2d", x, kernel_size, stride, padding)
    n, c, h, w = x.shape
    ho, wo = window_grid((h, w), kernel_size, stride, padding, "avg_pool2d")
    alone = x.reshape(n * c, 1, h, w)  # each channel is an image of its own
    return unfold(alone, kernel_size, stride, padding).mean(axis=1).reshape(n, c, ho, wo)


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
        return max_pool2d(x, self.kernel_size, self.stride, self.padding)


class AvgPool2d(Pooling):
    """y = avg_pool2d(x, kernel_size, stride, padding): x (N, C, H, W) -> (N, C, Ho, Wo)."""

    def forward(self, x):
        return avg_pool2d(x, self.kernel_size, self.stride, self.padding)
