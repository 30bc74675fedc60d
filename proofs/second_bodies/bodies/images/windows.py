"""Other bodies for images/windows.py: strided views and sums by index, rather than a slice for each position."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .sizes import window_grid


class Unfold:
    def forward(self, x):
        window_grid(x.shape[2:], self.kernel_size, self.stride, self.padding)
        (sh, sw), (ph, pw) = self.stride, self.padding
        self.size = x.shape[2:]
        padded = np.zeros((*x.shape[:2], x.shape[2] + 2 * ph, x.shape[3] + 2 * pw), x.dtype)
        padded[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]] = x
        views = sliding_window_view(padded, self.kernel_size, axis=(2, 3))[:, :, ::sh, ::sw]  # (N, C, Ho, Wo, kh, kw)
        n, c, ho, wo, kh, kw = views.shape
        return np.array(views.transpose(0, 1, 4, 5, 2, 3)).reshape(n, c * kh * kw, ho * wo)

    def backward(self, grad):
        (h, w), (kh, kw), (sh, sw), (ph, pw) = self.size, self.kernel_size, self.stride, self.padding
        ho, wo = window_grid(self.size, self.kernel_size, self.stride, self.padding)
        rows = np.arange(kh)[:, None, None, None] + sh * np.arange(ho)[:, None]  # (kh, 1, Ho, 1)
        columns = np.arange(kw)[:, None, None] + sw * np.arange(wo)  # (kw, 1, Wo)
        parts = grad.reshape(len(grad), grad.shape[1] // (kh * kw), kh, kw, ho, wo)
        dx = np.zeros((*parts.shape[:2], h + 2 * ph, w + 2 * pw), grad.dtype)
        np.add.at(dx, (slice(None), slice(None), rows, columns), parts)
        return dx[:, :, ph : ph + h, pw : pw + w].copy()


class Fold:
    def forward(self, columns):
        (h, w), (kh, kw), (sh, sw), (ph, pw) = self.output_size, self.kernel_size, self.stride, self.padding
        ho, wo = window_grid(self.output_size, self.kernel_size, self.stride, self.padding)
        n, channels = len(columns), columns.shape[1] // (kh * kw)
        width = w + 2 * pw
        # The flat position of each number of a channel's columns in the padded image, (kh * kw, L).
        within = (np.arange(kh)[:, None] * width + np.arange(kw)).reshape(-1, 1)
        begins = (np.arange(ho)[:, None] * sh * width + np.arange(wo) * sw).reshape(1, -1)
        places = (within + begins).ravel()
        flat = np.zeros((n * channels, (h + 2 * ph) * width), columns.dtype)
        np.add.at(flat.T, places, columns.reshape(n * channels, len(places)).T)
        return flat.reshape(n, channels, h + 2 * ph, width)[:, :, ph : ph + h, pw : pw + w]

    def backward(self, grad):
        (kh, kw), (sh, sw), (ph, pw) = self.kernel_size, self.stride, self.padding
        ho, wo = window_grid(self.output_size, self.kernel_size, self.stride, self.padding)
        padded = np.pad(grad, [(0, 0), (0, 0), (ph, ph), (pw, pw)])
        parts = [
            padded[:, :, i : i + sh * (ho - 1) + 1 : sh, j : j + sw * (wo - 1) + 1 : sw]
            for i in range(kh)
            for j in range(kw)
        ]
        return np.stack(parts, axis=2).reshape(len(grad), grad.shape[1] * kh * kw, ho * wo)
