"""DataLoader: iterates over a data set in batches."""

import numpy as np

from ..modules import integer
from ..tensor import Tensor, as_array, from_numpy, random_generator  # noqa: F401 (a student may need Tensor)


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
        arrays = (as_array(values) for values in data)
        # The copies of a batch have this machine's order of bytes, as all tensors.
        self.samples, self.labels = (array.astype(array.dtype.type, copy=False) for array in arrays)
        if self.samples.ndim == 0 or self.labels.ndim == 0 or len(self.samples) != len(self.labels):
            raise ValueError(
                f"DataLoader: samples have shape {self.samples.shape}, labels {self.labels.shape}, but both need "
                f"the same length along axis 0"
            )
        self.batch_size = integer("DataLoader", "batch_size", batch_size, least=1)
        self.shuffle = shuffle
        self.drop_last = drop_last

    def __len__(self):
        """The number of batches in an epoch: N / batch_size, rounded down with drop_last, otherwise up."""
        # TODO 4.8: see `nox -s hint -- 4.8`
        raise NotImplementedError("4.8: DataLoader.__len__ is not written yet")

    def __iter__(self):
        """One epoch: yield (inputs, targets), Tensors of batch_size samples; the last may have fewer.

        `self.samples` and `self.labels` are arrays, both of length N; their dtypes are kept. With
        `self.shuffle`, `random_generator().permutation(N)` gives the order of each epoch. `self.drop_last` skips the
        last batch if it is not full.
        """
        # TODO 4.8: see `nox -s hint -- 4.8`
        raise NotImplementedError("4.8: DataLoader.__iter__ is not written yet")
