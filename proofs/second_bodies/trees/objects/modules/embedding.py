"""Embedding: a learned vector for each symbol."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor, as_tensor
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

    def forward(self, indices: Any) -> Tensor:
        """Indices, a Tensor, array or list of any shape -> (*indices.shape, embedding_dim).

        A row that is looked up several times receives the sum of the gradients. TypeError unless the
        indices are integers; IndexError, naming index and range, unless all are in 0..num_embeddings - 1.
        """
        return self.weight[self._checked(as_tensor(indices).data, listed=isinstance(indices, (list, tuple)))]

    def _checked(self, indices: np.ndarray, listed: bool) -> np.ndarray:
        """The indices as NumPy takes them; errors as in `forward`. An empty list has no dtype, and counts as integers."""
        if indices.dtype.kind not in "iu" and not (listed and indices.size == 0):
            raise TypeError(
                f"{self._title()} expects indices that are integers, got {indices.dtype}: astype(np.int64) converts"
            )
        outside = indices[(indices < 0) | (indices >= self.num_embeddings)]
        if outside.size:
            raise IndexError(
                f"{self._title()} got index {outside.flat[0]}, which is out of range: expected 0 to "
                f"{self.num_embeddings - 1}"
            )
        return indices.astype(np.intp)

    def extra_repr(self):
        return f"{self.num_embeddings}, {self.embedding_dim}"
