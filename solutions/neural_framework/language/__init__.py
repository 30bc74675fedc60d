"""Language: tokenizers, attention, transformers, and text that a model writes."""

from .attention import KeyValueCache, MultiheadAttention
from .generation import generate, sample
from .layers import GELU, LayerNorm, gelu, positional_encoding
from .looking import causal_mask, scaled_dot_product_attention
from .tokenizers import BytePairTokenizer, CharacterTokenizer
from .transformer import GPT, TransformerBlock

__all__ = [
    "GELU",
    "GPT",
    "BytePairTokenizer",
    "CharacterTokenizer",
    "KeyValueCache",
    "LayerNorm",
    "MultiheadAttention",
    "TransformerBlock",
    "causal_mask",
    "gelu",
    "generate",
    "positional_encoding",
    "sample",
    "scaled_dot_product_attention",
]
