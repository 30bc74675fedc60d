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
        # exercise: 5.8
        require_axes(self._title(), x, self.ways, channels=self.num_features)
        if self.training and x.size > 0:
            mean, variance, count = self.batch_statistics(x)
            self.update(mean.data.reshape(-1), variance.data.reshape(-1), count)
        else:
            mean = per_channel(Tensor(self.running_mean), x.ndim)
            variance = per_channel(Tensor(self.running_var), x.ndim)
        normalised = (x - mean) / (variance + self.eps).sqrt()
        return normalised * per_channel(self.weight, x.ndim) + per_channel(self.bias, x.ndim)

    def batch_statistics(self, x):
        """Mean and variance (divided by n) of each channel, Tensors that broadcast along x, and n.

        ValueError for a single value per channel, whose variance says nothing.
        """
        # exercise: 5.8
        count = x.size // self.num_features
        if count == 1:
            raise ValueError(
                f"{self._title()} got shape {x.shape} in training: a single value per channel has no variance; "
                "give it a larger batch, or call eval() to use the running statistics"
            )
        axes = (0, *range(2, x.ndim))
        return x.mean(axes, keepdims=True), x.var(axes, keepdims=True), count

    def update(self, mean, variance, count):
        """running = (1 - momentum) * running + momentum * new, for both; and one more batch is counted.

        mean, variance: arrays (C,), the variance divided by n = count; the new one is divided by n - 1. The buffers
        keep their dtype.
        """
        # exercise: 5.8
        unbiased = variance * (count / (count - 1))
        for name, new in (("running_mean", mean), ("running_var", unbiased)):
            old = np.asarray(getattr(self, name))
            setattr(self, name, ((1 - self.momentum) * old + self.momentum * new).astype(old.dtype))
        self.num_batches_tracked = np.asarray(self.num_batches_tracked) + 1

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
        # exercise: 5.9
        self.require_channels(x)
        groups = x.reshape(x.shape[0], self.num_groups, prod(x.shape[1:]) // self.num_groups)
        mean, variance = groups.mean(2, keepdims=True), groups.var(2, keepdims=True)  # (N, groups, 1)
        normalised = ((groups - mean) / (variance + self.eps).sqrt()).reshape(x.shape)
        return normalised * per_channel(self.weight, x.ndim) + per_channel(self.bias, x.ndim)

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
