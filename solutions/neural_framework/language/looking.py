"""Attention as a function: how similar queries and keys are, and who may look where.

In shapes: T queries and S keys of D numbers, S values of V numbers; `...` are leading axes, which broadcast.
"""

from math import inf, sqrt

import numpy as np

from ..errors import ShapeError
from ..modules import integer
from ..operations import broadcast_shapes
from ..tensor import where


def scaled_dot_product_attention(query, key, value, mask=None, causal=False):
    """y = softmax(q kᵀ / √D) v   (Vaswani et al. 2017)

    query (..., T, D), key (..., S, D), value (..., S, V) -> (..., T, V). mask: bools, an array or a Tensor, that
    broadcast into (..., T, S); True where a query may look at a key. causal: only where causal_mask(T, S) is True as
    well. A query that may look at no key gets zeros and sends no gradient; a key that no query may look at influences
    nothing. ShapeError for shapes that do not fit, and for T > S with causal; TypeError for a mask not of bools.
    """
    scores_shape = require_attention("scaled_dot_product_attention", query, key, value, causal)
    if mask is None and not causal:
        return attend(query, key, value)
    return attend_where(query, key, value, bools("scaled_dot_product_attention", mask, scores_shape), causal)


def attention_scores(query, key):
    """scores = q kᵀ / √D: query (..., T, D), key (..., S, D) -> (..., T, S)."""
    # exercise: 6.4
    return query @ key.swapaxes(-1, -2) / sqrt(query.shape[-1])


def attend(query, key, value):
    """y = softmax(scores) v, each query looks at each key: (..., T, D), (..., S, D), (..., S, V) -> (..., T, V).

    `attention_scores` gives the scores; the weights of each query add up to 1.
    """
    # exercise: 6.4
    return attention_scores(query, key).softmax(-1) @ value


def causal_mask(T, S=None):
    """A new array of bools (T, S), True where the key s <= S - T + t: the last query may look at every key.

    S None: T. `mask_sizes` gives both, and raises ShapeError for T > S.
    """
    # exercise: 6.5
    T, S = mask_sizes(T, S)
    return np.arange(S) <= S - T + np.arange(T)[:, np.newaxis]


def attend_where(query, key, value, mask, causal):
    """As `attend`, where each query looks only at the keys that it may look at.

    mask: an array of bools (..., T, S); with causal, causal_mask(T, S) must be True as well. A query that may look at
    no key gets zeros and sends no gradient, whatever it holds. A key that no query may look at, and its value,
    influence nothing, even if they hold nan.
    """
    # exercise: 6.5
    if causal:
        mask = mask & causal_mask(*mask.shape[-2:])
    blind = ~mask.any(axis=-1)[..., np.newaxis]  # queries without a key: (..., T, 1)
    hidden = ~mask.any(axis=-2)[..., np.newaxis]  # keys without a query: (..., S, 1)
    query, key, value = where(blind, 0.0, query), where(hidden, 0.0, key), where(hidden, 0.0, value)
    scores = where(mask | blind, attention_scores(query, key), -inf)  # softmax of -inf alone would be nan
    return where(blind, 0.0, scores.softmax(-1) @ value)


def mask_sizes(T, S=None, owner="causal_mask"):
    """T and S as ints, S None: T. ShapeError, naming the owner (a string), for more queries than keys."""
    T = integer(owner, "T", T, least=0)
    S = T if S is None else integer(owner, "S", S, least=0)
    if T > S:
        raise ShapeError(
            f"{owner} got {T} queries and {S} keys: the last query is aligned with the last key, so the first ones "
            "would have no key; expected T <= S",
            operation=owner,
            shapes=((T, S),),
        )
    return T, S


def require_attention(owner, query, key, value, causal):
    """The shape (..., T, S) of the scores, after all checks of shapes; ShapeError names the owner (a string)."""
    shapes = (query.shape, key.shape, value.shape)
    if min(map(len, shapes)) < 2 or query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise ShapeError(
            f"{owner} expects a query (..., T, D), a key (..., S, D) and a value (..., S, V), got shapes "
            f"{query.shape}, {key.shape} and {value.shape}",
            operation=owner,
            shapes=shapes,
        )
    if causal:
        mask_sizes(query.shape[-2], key.shape[-2], owner)
    leading = broadcast_shapes(query.shape[:-2], key.shape[:-2], owner)
    return (*broadcast_shapes(leading, value.shape[:-2], owner), query.shape[-2], key.shape[-2])


def bools(owner, mask, shape):
    """A mask, an array or a Tensor, as an array of bools of this shape; None is True everywhere.

    TypeError unless it has bools, ShapeError unless it broadcasts into the shape; both name the owner (a string).
    """
    mask = np.asarray(True if mask is None else mask)
    if mask.dtype != bool:
        raise TypeError(
            f"{owner} expects a mask of bools, True where a query may look at a key, got {mask.dtype}: "
            "mask != 0 makes bools of numbers"
        )
    try:
        return np.broadcast_to(mask, shape)
    except ValueError as error:
        raise ShapeError(
            f"{owner} expects a mask that broadcasts into {shape}, a bool for each query and key, got {mask.shape}",
            operation=owner,
            shapes=(mask.shape, shape),
        ) from error
