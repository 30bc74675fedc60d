"""Transformers: blocks of attention and feedforward layers, and the GPT that is made of them.

In shapes: N sequences of T positions, E numbers each.
"""

import numpy as np

from ..errors import ShapeError
from ..modules import Dropout, Embedding, Linear, Module, ModuleList, init
from .attention import KeyValueCache, MultiheadAttention
from .layers import LayerNorm, gelu


class TransformerBlock(Module):
    """x + attention(norm1(x)), then x + feedforward(norm2(x))   (Vaswani et al. 2017; norms first: Xiong et al. 2020)

    Dropout comes after each branch and after gelu.
    """

    def __init__(self, embed_dim, num_heads, feedforward_dim=None, dropout=0.0):
        """Create `self_attn`, `linear1` (E -> feedforward_dim, None: 4 E), `linear2` (back), `norm1`, `norm2`.

        They are registered in this order, which is PyTorch's; `forward`, which is given, calls `self_attn`. `dropout`
        is the Dropout that is used three times.
        """
        # TODO 6.8: see `nox -s hint -- 6.8`
        raise NotImplementedError("6.8: TransformerBlock.__init__ is not written yet")

    def forward(self, x, mask=None, causal=False, cache=None):
        """(N, T, E) -> (N, T, E). mask, causal and cache are those of MultiheadAttention."""
        return self.branches(x, lambda y: self.self_attn(y, mask=mask, causal=causal, cache=cache))

    def branches(self, x, attend):
        """Both sums, (N, T, E) -> (N, T, E); `attend` is self-attention with the mask and the cache of the call."""
        # TODO 6.8: see `nox -s hint -- 6.8`
        raise NotImplementedError("6.8: TransformerBlock.branches is not written yet")

    def feedforward(self, x):
        """linear2(dropout(gelu(linear1(x)))): (N, T, E) -> (N, T, E), each position for itself."""
        # TODO 6.8: see `nox -s hint -- 6.8`
        raise NotImplementedError("6.8: TransformerBlock.feedforward is not written yet")


class GPT(Module):
    """Logits of the next token at each position, from the tokens up to there   (Radford et al. 2018, 2019)

    `token_embedding` and `position_embedding`, whose rows are added; `blocks`; `norm`; `head`, a Linear without bias.
    """

    def __init__(self, vocabulary_size, context_length, embed_dim, num_heads, num_layers, dropout=0.0):
        """Create the parts in the order above. The blocks, a ModuleList of num_layers, are 4 E wide and have dropout.

        Both embeddings are drawn with the standard deviation 0.02. `context_length` is an attribute; given code reads
        it and `blocks`.
        """
        # TODO 6.9: see `nox -s hint -- 6.9`
        raise NotImplementedError("6.9: GPT.__init__ is not written yet")

    def forward(self, tokens, cache=None):
        """Ints (N, T) -> logits (N, T, vocabulary_size), causal. cache: the list that `new_cache` makes.

        With a cache, positions go on where the cache ends. ShapeError unless tokens have 2 axes; ValueError for more
        than `context_length`, cached and new together; IndexError for a token out of range.
        """
        if cache is not None:
            self.require_cache(cache)
        start = 0 if cache is None else len(cache[0])
        self.require_tokens(tokens, start)
        return self.logits(tokens, start, [None] * len(self.blocks) if cache is None else cache)

    def logits(self, tokens, start, caches):
        """Ints (N, T) at the positions start, start + 1, ... -> (N, T, vocabulary_size).

        The sum of both embeddings goes through all blocks, causal, each with its one of `caches`; then norm and head.
        """
        # TODO 6.9: see `nox -s hint -- 6.9`
        raise NotImplementedError("6.9: GPT.logits is not written yet")

    def new_cache(self):
        """A list with an empty KeyValueCache for each block."""
        return [KeyValueCache() for _ in self.blocks]

    def require_cache(self, cache):
        """Raise TypeError unless it is what `new_cache` makes."""
        if not isinstance(cache, (list, tuple)) or len(cache) != len(self.blocks):
            got = f"{type(cache).__name__}" + (f" of {len(cache)}" if isinstance(cache, (list, tuple)) else "")
            raise TypeError(
                f"{self._title()} expects as cache a list of {len(self.blocks)} KeyValueCaches, one for each block, as "
                f"new_cache() makes, got {got}"
            )

    def require_tokens(self, tokens, start):
        """Raise ShapeError unless tokens are (N, T), ValueError for more than `context_length` with those before."""
        if tokens.ndim != 2:
            repair = ": unsqueeze(0) makes a batch of one" if tokens.ndim == 1 else ""
            raise ShapeError(
                f"{self._title()} expects tokens (N, T), got shape {tokens.shape}{repair}",
                operation=self._title(),
                shapes=(tokens.shape,),
            )
        if start + tokens.shape[1] > self.context_length:
            cached = f"{start} cached and " if start else ""
            raise ValueError(
                f"{self._title()} got {cached}{tokens.shape[1]} new tokens, expected at most {self.context_length} "
                "together, its context_length"
            )
