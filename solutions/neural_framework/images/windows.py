"""Windows as columns, and back: the two operations that convolutions and poolings are built on.

In shapes: N images of C channels, H rows and W columns; a kernel of kh x kw; Ho x Wo windows, L in all.
"""

import numpy as np

from ..errors import ShapeError
from ..operations import Operation
from ..tensor import apply
from .sizes import pair, refuse_array, require_axes, window_grid, window_settings


class Unfold(Operation):
    """x (N, C, H, W) -> columns (N, C * kh * kw, L): one column for each window.

    A column has the window's pixels channel by channel, and each channel row by row. The windows go row by row over
    the image, which has ph rows and pw columns of zeros around it. The settings are pairs (height, width).
    """

    def __init__(self, kernel_size, stride, padding):
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x):
        """Keeps the size of the image, without padding. `window_grid` says how many windows there are."""
        # exercise: 5.1
        n, c, *self.size = x.shape
        (kh, kw), (sh, sw), (ph, pw) = self.kernel_size, self.stride, self.padding
        ho, wo = window_grid(self.size, self.kernel_size, self.stride, self.padding)
        padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        columns = np.empty((n, c, kh, kw, ho, wo), dtype=x.dtype)
        for i in range(kh):
            for j in range(kw):  # the pixel (i, j) of all windows
                columns[:, :, i, j] = padded[:, :, i : i + sh * ho : sh, j : j + sw * wo : sw]
        return columns.reshape(n, c * kh * kw, ho * wo)

    def backward(self, grad):
        """A pixel gets the sum of the gradients of its places in the columns: `Fold` adds them up."""
        # exercise: 5.2
        return Fold(self.size, self.kernel_size, self.stride, self.padding).forward(grad)


class Fold(Operation):
    """columns (N, C * kh * kw, L) -> x (N, C, H, W): each number goes back to the pixel that Unfold takes it from.

    Where windows overlap, the numbers add up; what belongs to the padding is dropped. The settings are pairs.
    """

    def __init__(self, output_size, kernel_size, stride, padding):
        self.output_size = output_size
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, columns):
        """The columns fit the output size: `fold` checks that."""
        # exercise: 5.2
        (h, w), (kh, kw), (sh, sw), (ph, pw) = self.output_size, self.kernel_size, self.stride, self.padding
        ho, wo = window_grid(self.output_size, self.kernel_size, self.stride, self.padding)
        n, c = columns.shape[0], columns.shape[1] // (kh * kw)
        columns = columns.reshape(n, c, kh, kw, ho, wo)
        padded = np.zeros((n, c, h + 2 * ph, w + 2 * pw), dtype=columns.dtype)
        for i in range(kh):
            for j in range(kw):  # no two windows have the same pixel (i, j)
                padded[:, :, i : i + sh * ho : sh, j : j + sw * wo : sw] += columns[:, :, i, j]
        return padded[:, :, ph : ph + h, pw : pw + w]

    def backward(self, grad):
        """Each number of the columns gets the gradient of its pixel: `Unfold` looks it up."""
        # exercise: 5.2
        return Unfold(self.kernel_size, self.stride, self.padding).forward(grad)


def unfold(x, kernel_size, stride=1, padding=0):
    """The windows of images as columns: x (N, C, H, W) -> (N, C * kh * kw, L). See Unfold.

    kernel_size, stride and padding are ints or pairs (height, width). ShapeError for an x without 4 axes, and for a
    kernel that is larger than the padded image; ValueError for a kernel size or stride below 1, or negative padding.
    """
    kernel_size, stride, padding = window_settings("unfold", kernel_size, stride, padding)
    require_axes("unfold", x, "NCHW")
    return apply(Unfold(kernel_size, stride, padding), x)


def fold(columns, output_size, kernel_size, stride=1, padding=0):
    """Columns back to images: (N, C * kh * kw, L) -> (N, C, H, W), where output_size is (H, W). See Fold.

    The settings are ints or pairs (height, width), as in `unfold`. ShapeError for columns that do not fit them.
    """
    kernel_size, stride, padding = window_settings("fold", kernel_size, stride, padding)
    output_size = pair("fold", "output_size", output_size, least=1)
    ho, wo = window_grid(output_size, kernel_size, stride, padding, owner="fold")
    area = kernel_size[0] * kernel_size[1]
    refuse_array("fold", columns)
    if columns.ndim != 3 or columns.shape[1] % area != 0 or columns.shape[2] != ho * wo:
        raise ShapeError(
            f"fold expects columns of shape (N, C * {area}, {ho * wo}) for images of {output_size} pixels, with "
            f"{ho} x {wo} windows of {kernel_size[0]} x {kernel_size[1]} pixels, got {columns.shape}",
            operation="fold",
            shapes=(columns.shape,),
        )
    return apply(Fold(output_size, kernel_size, stride, padding), columns)
