"""The names that docs/electives.md promises for language, by owner, and those of them that PyTorch has nothing for."""

import neural_framework as nf

from .. import test_language

PAGE = "electives.md"
SECTION = "Language (milestone 6, room `language`)"
COMPARED_IN = (test_language,)

# Owner of the names -> an object that has them.
OWNERS = {
    "package": nf,
    "CharacterTokenizer": nf.CharacterTokenizer("text"),
    "BytePairTokenizer": nf.BytePairTokenizer("text", 256),
    "MultiheadAttention": nf.MultiheadAttention(2, 1),
    "TransformerBlock": nf.TransformerBlock(2, 1),
    "GPT": nf.GPT(2, 1, 2, 1, 1),
}

NAMES = {
    "package": """
        CharacterTokenizer BytePairTokenizer gelu GELU LayerNorm scaled_dot_product_attention causal_mask
        MultiheadAttention positional_encoding TransformerBlock GPT KeyValueCache sample generate
    """,
    "CharacterTokenizer": "vocabulary encode decode",
    "BytePairTokenizer": "merges encode decode",
    "MultiheadAttention": "in_proj_weight in_proj_bias out_proj embed_dim num_heads",
    "TransformerBlock": "self_attn norm1 linear1 norm2 linear2",
    "GPT": "token_embedding position_embedding blocks norm head context_length new_cache",
}

# Why names cannot be compared -> those names; "owner.*" stands for all of an owner.
NO_COUNTERPART = {
    "PyTorch has no tokenizers": "package.CharacterTokenizer package.BytePairTokenizer CharacterTokenizer.* "
    "BytePairTokenizer.*",
    "PyTorch's users write it themselves": "package.positional_encoding package.sample package.generate "
    "package.KeyValueCache GPT.context_length GPT.new_cache",
}

# What else the page writes as code: arguments, the parts of the reference that tasks have, and PyTorch's words.
OTHER_WORDS = """
    False TransformerEncoderLayer approximate attend attend_where attention attn_mask batch_first bias block count
    datasets embed_dim is_causal key_padding_mask len lessons model nn norm_first repr text weight
"""
