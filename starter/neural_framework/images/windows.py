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
        # TODO 5.1: see `nox -s hint -- 5.1`
        raise NotImplementedError("5.1: Unfold.forward is not written yet")

    def backward(self, grad):
        """A pixel gets the sum of the gradients of its places in the columns: `Fold` adds them up."""
        # TODO 5.2: see `nox -s hint -- 5.2`
        raise NotImplementedError("5.2: Unfold.backward is not written yet")


class Fold(Operation):
    """columns (N, C * kh * kw, L) -> x (N, C, H, W): each number goes back to the pixel that Unfold takes it from.

    Where windows overlap, the numbers add up; what belongs to the padding is dropped. The settings are pairs.
    """

    def __init__(self, output_size, kernel_size, stride, padding):
        self.output_size = output_size
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, columns):
        """The columns fit the output size: `fold` checks that."""
        # TODO 5.2: see `nox -s hint -- 5.2`
        raise NotImplementedError("5.2: Fold.forward is not written yet")

    def backward(self, grad):
        """Each number of the columns gets the gradient of its pixel: `Unfold` looks it up."""
        # TODO 5.2: see `nox -s hint -- 5.2`
        raise NotImplementedError("5.2: Fold.backward is not written yet")


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
