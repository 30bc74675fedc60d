"""Another body for modules/embedding.py: a product with one-hot rows, whose gradient adds repeats up by itself."""

import numpy as np

from ..tensor import from_numpy


class Embedding:
    def forward(self, indices):
        indices = np.asarray(indices)
        if indices.dtype.kind not in "iu":
            raise TypeError(f"Embedding: indices must be integers, got {indices.dtype}")
        for index in indices.ravel().tolist():
            if index not in range(self.num_embeddings):
                raise IndexError(f"Embedding: index {index} is not in 0..{self.num_embeddings - 1}")
        one_hot = indices[..., None] == np.arange(self.num_embeddings)  # (..., num_embeddings)
        return from_numpy(one_hot.astype(self.weight.dtype)) @ self.weight
