"""Other bodies for language/transformer.py: layers by their names, branches in a loop, products written out."""

import numpy as np

from ..modules import Dropout, Embedding, Linear, ModuleList
from ..tensor import random_generator
from .attention import MultiheadAttention
from .layers import GELU, LayerNorm


class TransformerBlock:
    def __init__(self, embed_dim, num_heads, feedforward_dim=None, dropout=0.0):
        super().__init__()
        if feedforward_dim is None:
            feedforward_dim = embed_dim * 4
        layers = {"self_attn": MultiheadAttention(embed_dim, num_heads)}
        layers |= {"linear1": Linear(embed_dim, feedforward_dim), "linear2": Linear(feedforward_dim, embed_dim)}
        layers |= {"norm1": LayerNorm(embed_dim), "norm2": LayerNorm(embed_dim), "dropout": Dropout(dropout)}
        for name, layer in layers.items():
            setattr(self, name, layer)

    def branches(self, x, attend):
        for norm, branch in ((self.norm1, attend), (self.norm2, self.feedforward)):
            x = self.dropout(branch(norm(x))) + x
        return x

    def feedforward(self, x):
        hidden = GELU()(x @ self.linear1.weight.T + self.linear1.bias)
        return self.dropout(hidden) @ self.linear2.weight.T + self.linear2.bias


class GPT:
    def __init__(self, vocabulary_size, context_length, embed_dim, num_heads, num_layers, dropout=0.0):
        super().__init__()
        self.context_length = context_length
        for name, rows in (("token_embedding", vocabulary_size), ("position_embedding", context_length)):
            embedding = Embedding(rows, embed_dim)
            small = 0.02 * random_generator().standard_normal((rows, embed_dim))
            embedding.weight.data = small.astype(np.float32)
            setattr(self, name, embedding)
        self.blocks = ModuleList()
        while len(self.blocks) < num_layers:
            self.blocks.append(TransformerBlock(embed_dim, num_heads, 4 * embed_dim, dropout))
        self.norm, self.head = LayerNorm(embed_dim), Linear(embed_dim, vocabulary_size, bias=False)

    def logits(self, tokens, start, caches):
        places = slice(start, start + tokens.shape[-1])
        x = self.token_embedding(tokens) + self.position_embedding.weight[places].unsqueeze(0)
        for number, cache in enumerate(caches):
            x = self.blocks[number](x, None, True, cache)
        return self.norm(x) @ self.head.weight.T
