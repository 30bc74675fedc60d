"""Attention as a layer: several heads that look at different things, and the cache that keeps what was seen.

In shapes: N sequences, T queries, S keys, E numbers each; H heads of E / H numbers.
"""

import numpy as np

from ..errors import GradientError, ShapeError
from ..modules import Linear, Module, Parameter, init, integer
from ..tensor import concatenate, is_recording
from .looking import bools, mask_sizes, scaled_dot_product_attention


class KeyValueCache:
    """The keys and values of one attention layer so far; `len` is their number."""

    def __init__(self):
        self.key = self.value = None  # (N, H, S, E / H) each

    def __len__(self):
        return 0 if self.key is None else self.key.shape[2]

    def append(self, key, value):
        """Add keys and values (N, H, new, E / H); returns all of them so far."""
        if self.key is not None:
            key, value = concatenate([self.key, key], axis=2), concatenate([self.value, value], axis=2)
        self.key, self.value = key, value
        return key, value


class MultiheadAttention(Module):
    """y = out_proj(heads side by side), head h = attention(q_h, k_h, v_h)   (Vaswani et al. 2017)

    q, k, v are query, key and value times the three thirds of `in_proj_weight` (3E, E), plus those of `in_proj_bias`;
    head h has the numbers h E / H to (h + 1) E / H - 1 of each. True in a mask means: may look.
    """

    def __init__(self, embed_dim, num_heads, bias=True):
        """Create `in_proj_weight` (3E, E) and `in_proj_bias` (3E,), float32, and `out_proj`, a Linear(E, E).

        The weight is Xavier uniform as a whole, and the biases are zeros; without bias there is none of both
        (`in_proj_bias` is None). `embed_dim` and `num_heads` are attributes, which given code reads. `head_size` gives
        E / H, and raises ValueError where it is not an int.
        """
        # exercise: 6.6
        super().__init__()
        self.head_size = head_size("MultiheadAttention", embed_dim, num_heads)
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.in_proj_weight = Parameter(np.zeros((3 * embed_dim, embed_dim), dtype=np.float32))
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim, dtype=np.float32)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias)
        init.xavier_uniform_(self.in_proj_weight)

    def forward(self, query, key=None, value=None, mask=None, causal=False, cache=None):
        """query (N, T, E), key (N, S, E), value (N, S, E) -> (N, T, E). key None: query; value None: key.

        mask: bools of 2 or 3 axes that broadcast into (N, T, S). cache: a KeyValueCache; new keys are appended, and S
        means all so far. ShapeError for shapes that do not fit; GradientError for a cache while recording is on.
        """
        key = query if key is None else key
        value = key if value is None else value
        self.require_shapes(query, key, value)
        seen = self.require_cache(cache, query.shape[0])
        mask = self.checked_mask(mask, causal, (query.shape[0], query.shape[1], seen + key.shape[1]))
        query, key, value = (self.split_heads(part) for part in self.project(query, key, value))  # (N, H, ., E / H)
        if cache is not None:
            key, value = cache.append(key, value)
        return self.out_proj(self.merge_heads(scaled_dot_product_attention(query, key, value, mask, causal)))

    def project(self, query, key, value):
        """Each of the three (N, ., E) times its third of `in_proj_weight`, transposed, plus that of `in_proj_bias`."""
        # exercise: 6.6
        projected = []
        for third, x in enumerate((query, key, value)):
            rows = slice(third * self.embed_dim, (third + 1) * self.embed_dim)
            y = x @ self.in_proj_weight[rows].T
            projected.append(y if self.in_proj_bias is None else y + self.in_proj_bias[rows])
        return projected

    def split_heads(self, x):
        """(N, T, E) -> (N, H, T, E / H); the first E / H numbers of a position belong to the first head."""
        # exercise: 6.6
        n, t, _ = x.shape
        return x.reshape(n, t, self.num_heads, self.head_size).swapaxes(1, 2)

    def merge_heads(self, x):
        """(N, H, T, E / H) -> (N, T, E), the way back from `split_heads`."""
        # exercise: 6.6
        n, _, t, _ = x.shape
        return x.swapaxes(1, 2).reshape(n, t, self.embed_dim)

    def require_shapes(self, query, key, value):
        """Raise ShapeError, naming the layer, unless the three are (N, T, E), (N, S, E) and (N, S, E)."""
        shapes = (query.shape, key.shape, value.shape)
        if (
            any(len(shape) != 3 or shape[0] != query.shape[0] or shape[2] != self.embed_dim for shape in shapes)
            or key.shape != value.shape
        ):
            e = self.embed_dim
            raise ShapeError(
                f"{self._title()} expects a query (N, T, {e}), a key (N, S, {e}) and a value (N, S, {e}), got shapes "
                f"{query.shape}, {key.shape} and {value.shape}",
                operation=self._title(),
                shapes=shapes,
            )

    def require_cache(self, cache, n):
        """How many keys the cache has, 0 without one; GradientError while recording, ShapeError for another batch."""
        if cache is None:
            return 0
        if is_recording():
            raise GradientError(
                f"{self._title()} got a cache while recording is on: what a cache keeps has no graph, so gradients "
                "would be wrong; call it inside no_grad()"
            )
        if cache.key is not None and cache.key.shape[0] != n:
            raise ShapeError(
                f"{self._title()} got a batch of {n} and a cache with keys of shape {cache.key.shape}: "
                "start another text with a new cache",
                operation=self._title(),
                shapes=(cache.key.shape,),
            )
        return len(cache)

    def checked_mask(self, mask, causal, shape):
        """The mask with an axis for heads, or None; its errors, and that of causal, for scores of shape (N, T, S)."""
        if causal:
            mask_sizes(*shape[1:], owner=self._title())
        if mask is None:
            return None
        if np.ndim(mask) not in (2, 3):
            raise ShapeError(
                f"{self._title()} expects a mask of 2 or 3 axes that broadcasts into {shape}, got {np.shape(mask)}",
                operation=self._title(),
                shapes=(np.shape(mask), shape),
            )
        return bools(self._title(), mask, shape)[:, np.newaxis]  # (N, 1, T, S)

    def extra_repr(self):
        return f"{self.embed_dim}, {self.num_heads}" + ("" if self.in_proj_bias is not None else ", bias=False")


def head_size(owner, embed_dim, num_heads):
    """embed_dim / num_heads as an int; ValueError, naming the owner, where it is none or a size is below 1."""
    embed_dim = integer(owner, "embed_dim", embed_dim, least=1)
    num_heads = integer(owner, "num_heads", num_heads, least=1)
    if embed_dim % num_heads != 0:
        raise ValueError(f"{owner}: num_heads must divide embed_dim, got {num_heads} heads and embed_dim {embed_dim}")
    return embed_dim // num_heads
