"""Images: convolutions, poolings and normalisation, built from windows as columns."""

from .convolution import Conv1d, Conv2d, ConvTranspose2d, conv2d, conv_transpose2d
from .layers import Flatten, Residual
from .normalisation import BatchNorm1d, BatchNorm2d, GroupNorm
from .pooling import AvgPool2d, MaxPool2d, avg_pool2d, max_pool2d
from .windows import Fold, Unfold, fold, unfold

__all__ = [
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv1d",
    "Conv2d",
    "ConvTranspose2d",
    "Flatten",
    "Fold",
    "GroupNorm",
    "MaxPool2d",
    "Residual",
    "Unfold",
    "avg_pool2d",
    "conv2d",
    "conv_transpose2d",
    "fold",
    "max_pool2d",
    "unfold",
]
