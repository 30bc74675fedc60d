"""Embedding: a learned vector for each symbol."""

import numpy as np

from ..tensor import Tensor  # noqa: F401 (a student may need Tensor)
from . import init
from .module import Module, Parameter
from .settings import integer


class Embedding(Module):
    """y = weight[indices]; row k of `weight`, drawn from N(0, 1), is the vector of symbol k.

    weight: (num_embeddings, embedding_dim).
    """

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.num_embeddings = integer("Embedding", "num_embeddings", num_embeddings, least=0)
        self.embedding_dim = integer("Embedding", "embedding_dim", embedding_dim, least=0)
        self.weight = Parameter(np.zeros((self.num_embeddings, self.embedding_dim), dtype=np.float32))
        self.reset_parameters()

    def reset_parameters(self):
        """Draw the weight again."""
        init.normal_(self.weight)

    def forward(self, indices):
        """Indices, a Tensor, array or list of any shape -> (*indices.shape, embedding_dim).

        A row that is looked up several times receives the sum of the gradients. TypeError unless the
        indices are integers; IndexError, naming index and range, unless all are in 0..num_embeddings - 1.
        """
        i, V = np.asarray(indices), len(self.weight)
        if i.size == 0 and not hasattr(indices, "dtype"):
            i = i.astype(np.intp)  # [] holds floats
        if i.dtype.kind not in "iu":
            raise TypeError(f"{self._title()} expects indices that are integers, got dtype {i.dtype}")
        bad = i[(i < 0) | (i >= V)]
        if bad.size:
            raise IndexError(f"{self._title()}: index {bad.flat[0]} is out of range, expected 0 to {V - 1}")
        return self.weight[i]

    def extra_repr(self):
        return f"{self.num_embeddings}, {self.embedding_dim}"
