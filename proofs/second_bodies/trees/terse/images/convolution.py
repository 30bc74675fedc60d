"""Convolutions: one kernel for all places of an image.

In shapes: N images of C channels, H rows and W columns; O channels of the result; a kernel of kh x kw pixels.
"""

import numpy as np

from ..errors import ShapeError
from ..modules import Module, Parameter, init, integer
from .sizes import per_channel, require_axes, require_convolution, window_grid, window_settings
from .windows import fold, unfold


def conv2d(x, weight, bias=None, stride=1, padding=0):
    """y[n, o] at each place = Σ weight[o] * the window of x[n] + bias[o]   (cross-correlation; LeCun et al. 1989)

    x (N, C, H, W), weight (O, C, kh, kw), bias (O,) or None -> (N, O, Ho, Wo), as `window_grid` counts them.
    `convolution_settings` gives stride and padding as pairs, and raises the errors for what does not fit.
    """
    stride, padding = convolution_settings(x, weight, bias, stride, padding)
    o, c, kh, kw = weight.shape
    ho, wo = window_grid(x.shape[2:], (kh, kw), stride, padding, owner="conv2d")
    patches = unfold(x, (kh, kw), stride, padding).swapaxes(1, 2)  # (N, L, C * kh * kw)
    y = patches @ weight.reshape(o, c * kh * kw).T  # (N, L, O)
    if bias is not None:
        y = y + bias
    return y.swapaxes(1, 2).reshape(x.shape[0], o, ho, wo)


def convolution_settings(x, weight, bias, stride, padding):
    """Stride and padding of conv2d as pairs, after all its checks.

    ShapeError for an x or a weight without 4 axes, for channels or a bias that do not fit, and for a kernel that is
    larger than the padded image; ValueError for a stride below 1 or negative padding.
    """
    require_convolution("conv2d", x, weight, bias, inputs=1, outputs=0)
    kernel_size, stride, padding = window_settings("conv2d", weight.shape[2:], stride, padding)
    window_grid(x.shape[2:], kernel_size, stride, padding, owner="conv2d")
    return stride, padding


def conv_transpose2d(x, weight, bias=None, stride=1, padding=0):
    """Each pixel of x adds its multiple of the kernel to the result, + bias[o]   (the adjoint of conv2d)

    x (N, C, H, W), weight (C, O, kh, kw), bias (O,) or None -> (N, O, Ho, Wo). `transposed_settings` gives stride,
    padding and (Ho, Wo) as pairs, and raises the errors for what does not fit.
    """
    stride, padding, output_size = transposed_settings(x, weight, bias, stride, padding)
    n, c, h, w = x.shape
    _, o, kh, kw = weight.shape
    pixels = x.transpose(0, 2, 3, 1).reshape(n, h * w, c)
    stamps = pixels @ weight.reshape(c, o * kh * kw)  # (N, H * W, O * kh * kw)
    y = fold(stamps.swapaxes(1, 2), output_size, (kh, kw), stride, padding)
    return y if bias is None else y + bias.unsqueeze(1).unsqueeze(2)


def transposed_settings(x, weight, bias, stride, padding):
    """Stride, padding and the size of the result of conv_transpose2d, (H - 1) sh - 2 ph + kh and alike, as pairs.

    ShapeError for an x or a weight without 4 axes, for channels or a bias that do not fit, and for a result without
    pixels; ValueError for a stride below 1 or negative padding.
    """
    require_convolution("conv_transpose2d", x, weight, bias, inputs=0, outputs=1)
    kernel_size, stride, padding = window_settings("conv_transpose2d", weight.shape[2:], stride, padding)
    output_size = tuple(
        (pixels - 1) * step - 2 * dropped + kernel
        for pixels, step, dropped, kernel in zip(x.shape[2:], stride, padding, kernel_size, strict=True)
    )
    if min(output_size) < 1:
        raise ShapeError(
            f"conv_transpose2d got images of {x.shape[2:]} pixels and a kernel of {kernel_size} with stride {stride} "
            f"and padding {padding}: the result of {output_size} would have no pixels",
            operation="conv_transpose2d",
            shapes=(x.shape, weight.shape),
        )
    return stride, padding, output_size


class Convolution(Module):
    """The base of all convolutional layers: their settings, sizes as pairs, and what `repr` shows of them."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__()
        name = type(self).__name__
        self.in_channels = integer(name, "in_channels", in_channels, least=1)
        self.out_channels = integer(name, "out_channels", out_channels, least=1)
        self.kernel_size, self.stride, self.padding = window_settings(name, kernel_size, stride, padding)

    def extra_repr(self):
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        return f"{text}, padding={self.padding}" + ("" if self.bias is not None else ", bias=False")


class Conv2d(Convolution):
    """y = conv2d(x, weight, bias): x (N, in_channels, H, W) -> (N, out_channels, Ho, Wo).

    weight: (out_channels, in_channels, kh, kw), bias: (out_channels,).
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        """Create the float32 parameters `weight` (Kaiming uniform) and `bias` (zeros; None without bias).

        `Convolution.__init__` takes the five settings, and keeps the last three as pairs under their names.
        """
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)
        shape = (self.out_channels, self.in_channels, *self.kernel_size)
        self.weight = init.kaiming_uniform_(Parameter(np.empty(shape, dtype=np.float32)))
        self.bias = Parameter(np.zeros(shape[0], dtype=np.float32)) if bias else None

    def forward(self, x):
        """(N, in_channels, H, W) -> (N, out_channels, Ho, Wo); ShapeError for another shape."""
        require_axes(self._title(), x, "NCHW", channels=self.in_channels)
        return conv2d(x, self.weight, self.bias, self.stride, self.padding)


class ConvTranspose2d(Convolution):
    """y = conv_transpose2d(x, weight, bias): x (N, in_channels, H, W) -> (N, out_channels, Ho, Wo).

    weight: (in_channels, out_channels, kh, kw), bias: (out_channels,).
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding)
        self.weight = Parameter(np.zeros((self.in_channels, self.out_channels, *self.kernel_size), dtype=np.float32))
        self.bias = Parameter(np.zeros(self.out_channels, dtype=np.float32)) if bias else None
        init.kaiming_uniform_(self.weight)

    def forward(self, x):
        return conv_transpose2d(x, self.weight, self.bias, self.stride, self.padding)


class Conv1d(Convolution):
    """y = a convolution along one axis: x (N, in_channels, L) -> (N, out_channels, (L + 2 p - k) // s + 1).

    weight: (out_channels, in_channels, k), bias: (out_channels,). The sizes are ints. It is conv2d of one row.
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        for name, value in (("kernel_size", kernel_size), ("stride", stride), ("padding", padding)):
            integer("Conv1d", name, value, least=0)
        super().__init__(in_channels, out_channels, (1, kernel_size), (1, stride), (0, padding))
        self.weight = Parameter(np.zeros((self.out_channels, self.in_channels, kernel_size), dtype=np.float32))
        self.bias = Parameter(np.zeros(self.out_channels, dtype=np.float32)) if bias else None
        init.kaiming_uniform_(self.weight)

    def forward(self, x):
        require_axes(self._title(), x, "NCL", channels=self.in_channels)
        return conv2d(x.unsqueeze(2), self.weight.unsqueeze(2), self.bias, self.stride, self.padding).squeeze(2)

    def extra_repr(self):
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size[1]}, stride={self.stride[1]}"
        return f"{text}, padding={self.padding[1]}" + ("" if self.bias is not None else ", bias=False")
