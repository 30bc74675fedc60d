"""Sizes: of kernels, strides and padding, and how many windows they give; and the errors for what does not fit."""

import numpy as np

from ..errors import ShapeError
from ..modules import integer


def pair(owner, name, value, least):
    """(height, width) from an int, which counts for both, or a pair; ValueError unless both are at least `least`."""
    height, width = value if isinstance(value, (tuple, list)) and len(value) == 2 else (value, value)
    return integer(owner, name, height, least), integer(owner, name, width, least)


def window_settings(owner, kernel_size, stride, padding):
    """The three as pairs. ValueError for a kernel size or a stride below 1, and for negative padding."""
    return (
        pair(owner, "kernel_size", kernel_size, least=1),
        pair(owner, "stride", stride, least=1),
        pair(owner, "padding", padding, least=0),
    )


def window_grid(size, kernel_size, stride, padding, owner="unfold"):
    """(Ho, Wo): in how many places a kernel fits below each other, and next to each other.

    Ho = (H + 2 ph - kh) // sh + 1, and Wo alike, where size is (H, W), and kernel_size, stride and padding are pairs.
    ShapeError, naming the owner (a string), for a kernel that is larger than the padded image.
    """
    # TODO 5.1: see `nox -s hint -- 5.1`
    raise NotImplementedError("5.1: window_grid is not written yet")


def refuse_array(owner, x):
    """Raise TypeError, naming the owner, for a NumPy array: it has a shape as well, and would fail much later."""
    if isinstance(x, np.ndarray):
        raise TypeError(f"{owner} expects a Tensor, got {type(x).__name__}: from_numpy(...) makes one of an array")


def require_axes(owner, x, letters, channels=None):
    """Raise ShapeError unless x has an axis for each letter, such as "NCHW", and `channels` channels if they are given.

    TypeError if x is an array.

    letters: one way to read x, or several, such as ("NC", "NCL").
    """
    refuse_array(owner, x)
    ways = (letters,) if isinstance(letters, str) else letters
    expected = " or ".join(f"({', '.join(way)})" for way in ways)
    if x.ndim not in [len(way) for way in ways]:
        repair = ": unsqueeze(0) makes a batch of one" if x.ndim + 1 == len(ways[-1]) else ""
        raise ShapeError(
            f"{owner} expects {expected}, got shape {x.shape} with {x.ndim} axes{repair}",
            operation=owner,
            shapes=(x.shape,),
        )
    if channels is not None and x.shape[1] != channels:
        raise ShapeError(
            f"{owner} expects {expected} with {channels} channels, got shape {x.shape} with {x.shape[1]}",
            operation=owner,
            shapes=(x.shape,),
        )


def require_convolution(owner, x, weight, bias, inputs, outputs):
    """Raise ShapeError unless x (N, C, H, W), a weight and a bias fit each other.

    inputs, outputs: the axes of the weight, 0 or 1, that count the channels of x and of the result.
    """
    if weight.ndim != 4:
        order = "(O, C, kh, kw)" if inputs == 1 else "(C, O, kh, kw)"
        raise ShapeError(
            f"{owner} expects a weight of shape {order}, got {weight.shape}", operation=owner, shapes=(weight.shape,)
        )
    require_axes(owner, x, "NCHW", channels=weight.shape[inputs])
    if bias is not None and bias.shape != (weight.shape[outputs],):
        raise ShapeError(
            f"{owner} expects a bias of shape ({weight.shape[outputs]},), one number for each channel of the result, "
            f"got {bias.shape}",
            operation=owner,
            shapes=(weight.shape, bias.shape),
        )


def pooling_settings(owner, x, kernel_size, stride, padding):
    """Kernel size, stride and padding of a pooling as pairs, after all its checks; stride None is the kernel's size.

    ShapeError for an x without 4 axes, and for a kernel that is larger than the padded image; ValueError for a kernel
    size or stride below 1, negative padding, and padding above half of the kernel.
    """
    stride = kernel_size if stride is None else stride
    kernel_size, stride, padding = window_settings(owner, kernel_size, stride, padding)
    if any(2 * added > size for added, size in zip(padding, kernel_size, strict=True)):
        raise ValueError(
            f"{owner}: padding may be at most half of the kernel, got padding {padding} and kernel_size {kernel_size}: "
            "otherwise a window could hold nothing but padding"
        )
    require_axes(owner, x, "NCHW")
    window_grid(x.shape[2:], kernel_size, stride, padding, owner)
    return kernel_size, stride, padding


def per_channel(vector, ndim):
    """A Tensor (C,) as (C, 1, ...), so that it broadcasts along the channels of (N, C, ...), which has `ndim` axes."""
    return vector.reshape(len(vector), *(1,) * (ndim - 2))
