"""DataLoader: iterates over a data set in batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..modules import integer
from ..tensor import Tensor, as_array, from_numpy, random_generator


class Batch(NamedTuple):
    """A pair of Tensors."""

    inputs: Tensor
    targets: Tensor


class DataLoader:
    """Pairs of Tensors (inputs, targets), batch_size samples at a time.

    data: a pair (samples, labels), arrays or Tensors of the same length. shuffle: a new order in every epoch.
    drop_last: skip a last batch that is not full. ValueError for unequal lengths.
    """

    def __init__(self, data, batch_size, shuffle=True, drop_last=False):
        if not isinstance(data, (tuple, list)) or len(data) != 2:
            raise ValueError(
                f"DataLoader expects the pair (samples, labels), got {type(data).__name__}"
                + (f" of {len(data)}" if isinstance(data, (tuple, list)) else "")
            )
        self.samples, self.labels = (as_array(values) for values in data)
        if self.samples.ndim == 0 or self.labels.ndim == 0 or len(self.samples) != len(self.labels):
            raise ValueError(
                f"DataLoader: samples have shape {self.samples.shape}, labels {self.labels.shape}, but both need "
                f"the same length along axis 0"
            )
        self.batch_size = integer("DataLoader", "batch_size", batch_size, least=1)
        self.shuffle = shuffle
        self.drop_last = drop_last

    def __len__(self) -> int:
        """The number of batches in an epoch: N / batch_size, rounded down with drop_last, otherwise up."""
        whole, rest = divmod(len(self.samples), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Batch]:
        """One epoch: yield (inputs, targets), Tensors of batch_size samples; the last may have fewer.

        `self.samples` and `self.labels` are arrays, both of length N; their dtypes are kept. With
        `self.shuffle`, `random_generator().permutation(N)` gives the order of each epoch. `self.drop_last` skips the
        last batch if it is not full.
        """
        return map(self._batch, self._chunks())

    def _chunks(self) -> Iterator[np.ndarray]:
        """The positions of each batch; the order of an epoch is drawn when it begins."""
        count = len(self.samples)
        order = random_generator().permutation(count) if self.shuffle else np.arange(count)
        for number in range(len(self)):
            yield order[number * self.batch_size :][: self.batch_size]

    def _batch(self, positions: np.ndarray) -> Batch:
        """The samples and labels at the positions, in new memory."""
        return Batch(from_numpy(self.samples[positions]), from_numpy(self.labels[positions]))
