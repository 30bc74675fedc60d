"""Other bodies for images/normalisation.py: channels as rows, and factors that are computed first."""

import numpy as np

from ..errors import ShapeError
from ..tensor import Tensor


class BatchNorm:
    def forward(self, x):
        channels = self.weight.shape[0]
        if x.ndim not in [len(way) for way in self.ways] or x.shape[1] != channels:
            one = ", or unsqueeze(0) for a single one" if x.ndim == 3 else ""
            raise ShapeError(f"{type(self).__name__}: shape {x.shape}, expected {channels} channels on axis 1{one}")
        like = (1, channels) + (1,) * (x.ndim - 2)
        if self.training and x.shape[0] > 0:
            mean, variance, count = self.batch_statistics(x)
            self.update(mean.numpy().flatten(), variance.numpy().flatten(), count)
        else:
            mean = Tensor(np.asarray(self.running_mean)).reshape(like)
            variance = Tensor(np.asarray(self.running_var)).reshape(like)
        factor = self.weight.reshape(like) / (variance + self.eps) ** 0.5
        return x * factor + (self.bias.reshape(like) - mean * factor)

    def batch_statistics(self, x):
        channels = x.shape[1]
        order = (1, 0, *range(2, x.ndim))
        rows = x.transpose(order).reshape(channels, x.size // channels)
        count = rows.shape[1]
        if count < 2:
            raise ValueError(f"{type(self).__name__} in training got shape {x.shape}: one value has no variance")
        like = (1, channels) + (1,) * (x.ndim - 2)
        mean = rows.sum(axis=1, keepdims=True) / count
        variance = ((rows - mean) ** 2).sum(axis=1, keepdims=True) / count
        return mean.reshape(like), variance.reshape(like), count

    def update(self, mean, variance, count):
        old_mean, old_variance = np.asarray(self.running_mean), np.asarray(self.running_var)
        new_mean = old_mean + self.momentum * (mean - old_mean)
        new_variance = old_variance + self.momentum * (variance * count / (count - 1) - old_variance)
        self.running_mean = Tensor(new_mean, dtype=old_mean.dtype)
        self.running_var = Tensor(new_variance, dtype=old_variance.dtype)
        self.num_batches_tracked = np.array(int(self.num_batches_tracked) + 1)


class GroupNorm:
    def forward(self, x):
        if x.ndim < 2 or x.shape[1] != self.weight.shape[0]:
            raise ShapeError(f"GroupNorm: shape {x.shape}, expected (N, {self.weight.shape[0]}, ...)")
        n, c, *rest = x.shape
        groups, each = self.num_groups, c // self.num_groups
        places = int(np.prod(rest))
        grouped = x.reshape(n, groups, each * places)
        centred = grouped - grouped.mean(axis=-1, keepdims=True)
        scale = ((centred * centred).mean(axis=-1, keepdims=True) + self.eps) ** -0.5
        y = (centred * scale).reshape(n, c, places)
        return (y * self.weight.unsqueeze(1) + self.bias.unsqueeze(1)).reshape(n, c, *rest)
