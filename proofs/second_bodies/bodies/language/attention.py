"""Other bodies for language/attention.py: heads cut out one by one and put together again."""
# ruff: noqa: F821 (names of the file that these functions are put into)

from math import sqrt

import numpy as np

from ..modules import Linear, Parameter, init
from ..tensor import concatenate, stack


class MultiheadAttention:
    def __init__(self, embed_dim, num_heads, bias=True):
        super().__init__()
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.head_size = head_size(type(self).__name__, embed_dim, num_heads)
        bound = sqrt(6 / (4 * embed_dim))
        self.in_proj_weight = Parameter(np.empty((3 * embed_dim, embed_dim), dtype=np.float32))
        init.uniform_(self.in_proj_weight, -bound, bound)
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim, dtype=np.float32)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias=bias)

    def project(self, query, key, value):
        parts, width = [], self.embed_dim
        for start, x in zip((0, width, 2 * width), (query, key, value), strict=True):
            everything = x @ self.in_proj_weight.T
            if self.in_proj_bias is not None:
                everything = everything + self.in_proj_bias
            parts.append(everything[:, :, start : start + width])
        return tuple(parts)

    def split_heads(self, x):
        size = self.head_size
        return stack([x[:, :, start : start + size] for start in range(0, self.embed_dim, size)], axis=1)

    def merge_heads(self, x):
        return concatenate([x[:, head] for head in range(self.num_heads)], axis=-1)
