"""Other bodies for language/looking.py: queries that are scaled first, and weights that are multiplied by the mask."""
# ruff: noqa: F821 (names of the file that these functions are put into)

import numpy as np

from ..tensor import where


def attention_scores(query, key):
    return (query * query.shape[-1] ** -0.5) @ key.transpose(*range(key.ndim - 2), key.ndim - 1, key.ndim - 2)


def attend(query, key, value):
    return attention_scores(query, key).log_softmax(axis=-1).exp() @ value


def causal_mask(T, S=None):
    T, S = mask_sizes(T, S)
    return np.tri(T, S, S - T, dtype=bool)


def attend_where(query, key, value, mask, causal):
    if causal:
        queries, keys = mask.shape[-2:]
        mask = np.logical_and(mask, causal_mask(queries, keys))
    sees, seen = mask.any(axis=-1)[..., None], mask.any(axis=-2)[..., None]
    scores = where(mask, attention_scores(where(sees, query, 0.0), where(seen, key, 0.0)), 0.0)
    largest = np.where(mask, scores.numpy(), -np.inf).max(axis=-1, keepdims=True, initial=-np.inf)
    powers = where(mask, (scores - np.where(sees, largest, 0.0).astype(scores.dtype)).clip(None, 0.0).exp(), 0.0)
    weights = powers / where(sees, powers.sum(axis=-1, keepdims=True), 1.0)
    return weights @ where(seen, value, 0.0)
