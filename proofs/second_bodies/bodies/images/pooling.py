"""Other bodies for images/pooling.py: one of the tied pixels gets all, and a mean is a sum with equal weights."""

import numpy as np

from ..tensor import Tensor
from .sizes import pooling_settings, window_grid
from .windows import unfold


def max_pool2d(x, kernel_size, stride=None, padding=0):
    kernel, stride, padding = pooling_settings("max_pool2d", x, kernel_size, stride, padding)
    n, c, h, w = x.shape
    grid = window_grid((h, w), kernel, stride, padding)
    area, count = kernel[0] * kernel[1], grid[0] * grid[1]
    # Each channel as an image of its own, and the windows as rows: (N * C * L, kh * kw).
    rows = unfold(x.reshape(n * c, 1, h, w), kernel, stride, padding).transpose(0, 2, 1).reshape(n * c * count, area)
    known = unfold(Tensor(np.ones((1, 1, h, w))), kernel, stride, padding).data[0].T  # (L, kh * kw)
    values = np.where(known == 1, rows.data.reshape(n * c, count, area), -np.inf)
    winners = values.argmax(axis=2).reshape(-1)
    return rows[np.arange(len(winners)), winners].reshape(n, c, *grid)


def avg_pool2d(x, kernel_size, stride=None, padding=0):
    kernel, stride, padding = pooling_settings("avg_pool2d", x, kernel_size, stride, padding)
    n, c, h, w = x.shape
    columns = unfold(x.reshape(n * c, 1, h, w), kernel, stride, padding)  # (N * C, kh * kw, L)
    area = kernel[0] * kernel[1]
    weights = Tensor(np.full((1, area), 1 / area, dtype=x.dtype if x.dtype.kind == "f" else np.float64))
    return (weights @ columns).reshape(n, c, *window_grid((h, w), kernel, stride, padding))


class MaxPool2d:
    def forward(self, x):
        return max_pool2d(x, stride=self.stride, padding=self.padding, kernel_size=self.kernel_size)
