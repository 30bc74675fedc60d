"""Normalisation: layers that shift and scale their input to mean 0 and variance 1, and then as they have learnt.

In shapes: N samples, C channels.
"""

from math import prod

import numpy as np

from ..errors import ShapeError
from ..modules import Module, Parameter, Setting, integer
from ..tensor import Tensor
from .sizes import per_channel, refuse_array, require_axes


class BatchNorm(Module):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, for each channel   (Ioffe & Szegedy 2015)

    In training, mean and variance are those of the batch, and running statistics follow them. In eval mode, the
    running statistics are used.
    """

    eps, momentum = Setting(), Setting()
    ways = ()  # the axes that x may have

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        name = type(self).__name__
        self.num_features = integer(name, "num_features", num_features, least=1)
        self.eps, self.momentum = eps, momentum
        self.weight = Parameter(np.ones(self.num_features, dtype=np.float32))
        self.bias = Parameter(np.zeros(self.num_features, dtype=np.float32))
        self.register_buffer("running_mean", np.zeros(self.num_features, dtype=np.float32))
        self.register_buffer("running_var", np.ones(self.num_features, dtype=np.float32))
        self.register_buffer("num_batches_tracked", np.zeros((), dtype=np.int64))

    def forward(self, x):
        """x (N, C, ...) -> the same shape, with gradients through mean and variance.

        In training, `batch_statistics` gives mean and variance, and `update` follows them; `per_channel` makes
        vectors fit x. A batch without values changes no buffer. `require_axes` raises ShapeError for another shape.
        """
        # TODO 5.8: see `nox -s hint -- 5.8`
        raise NotImplementedError("5.8: BatchNorm.forward is not written yet")

    def batch_statistics(self, x):
        """Mean and variance (divided by n) of each channel, Tensors that broadcast along x, and n.

        ValueError for a single value per channel, whose variance says nothing.
        """
        # TODO 5.8: see `nox -s hint -- 5.8`
        raise NotImplementedError("5.8: BatchNorm.batch_statistics is not written yet")

    def update(self, mean, variance, count):
        """running = (1 - momentum) * running + momentum * new, for both; and one more batch is counted.

        mean, variance: arrays (C,), the variance divided by n = count; the new one is divided by n - 1. The buffers
        keep their dtype.
        """
        # TODO 5.8: see `nox -s hint -- 5.8`
        raise NotImplementedError("5.8: BatchNorm.update is not written yet")

    def extra_repr(self):
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}"


class BatchNorm1d(BatchNorm):
    """BatchNorm of vectors (N, C), or of sequences (N, C, L)."""

    ways = ("NC", "NCL")


class BatchNorm2d(BatchNorm):
    """BatchNorm of images (N, C, H, W)."""

    ways = ("NCHW",)


class GroupNorm(Module):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias   (Wu & He 2018)

    Mean and variance are those of a group of neighbouring channels in one sample; weight and bias are per channel.
    Training and eval mode do not differ. ValueError unless num_groups divides num_channels.
    """

    eps = Setting()

    def __init__(self, num_groups, num_channels, eps=1e-5):
        super().__init__()
        self.num_groups = integer("GroupNorm", "num_groups", num_groups, least=1)
        self.num_channels = integer("GroupNorm", "num_channels", num_channels, least=1)
        if self.num_channels % self.num_groups != 0:
            raise ValueError(
                f"GroupNorm: num_groups must divide num_channels, got {num_groups} groups of {num_channels} channels"
            )
        self.eps = eps
        self.weight = Parameter(np.ones(self.num_channels, dtype=np.float32))
        self.bias = Parameter(np.zeros(self.num_channels, dtype=np.float32))

    def forward(self, x):
        """x (N, C, ...) -> the same shape, with gradients through mean and variance (divided by n).

        `require_channels` raises ShapeError for another shape; `per_channel` makes vectors fit x.
        """
        # TODO 5.9: see `nox -s hint -- 5.9`
        raise NotImplementedError("5.9: GroupNorm.forward is not written yet")

    def require_channels(self, x):
        """Raise ShapeError, naming the layer, unless x is (N, num_channels, ...)."""
        refuse_array(self._title(), x)
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise ShapeError(
                f"{self._title()} expects (N, {self.num_channels}, ...), got shape {x.shape}",
                operation=self._title(),
                shapes=(x.shape,),
            )

    def extra_repr(self):
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}"
