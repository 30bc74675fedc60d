"""Other bodies for training/data.py: a list of the indices, cut into chunks."""

import math

import numpy as np

from ..tensor import Tensor, random_generator


class DataLoader:
    def __len__(self):
        batches = self.samples.shape[0] / self.batch_size
        return math.floor(batches) if self.drop_last else math.ceil(batches)

    def __iter__(self):
        indices = list(range(len(self.labels)))
        if self.shuffle:
            random_generator().shuffle(indices)
        chunks = [indices[start : start + self.batch_size] for start in range(0, len(indices), self.batch_size)]
        if self.drop_last and chunks and len(chunks[-1]) < self.batch_size:
            del chunks[-1]
        return ((Tensor(np.take(self.samples, one, axis=0)), Tensor(self.labels[one])) for one in chunks)
