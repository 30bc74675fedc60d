"""The tables of milestone 6."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import numpy as np

import neural_framework as nf
from docs.figures import attention_row, merges, repeated_patterns
from docs.figures.measured import kept
from neural_framework.language.generation import probabilities

from . import Rows


def repeated() -> Rows:
    """How many symbols of a repeated pattern two models guess, by steps of training."""
    heading = ("guesses that are right", "parameters", *(f"after {steps} steps" for steps in repeated_patterns.STEPS))
    found = kept(repeated_patterns.NAME).items()
    return [heading, *((name, *of["parameters"], *map(_percent, of["by steps"])) for name, of in found)]


def shorter_patterns() -> Rows:
    """What the same models guess in patterns that are shorter than those in training."""
    rows = [("guesses", *(f"of {length} symbols" for length in repeated_patterns.SHORTER))]
    found = kept(repeated_patterns.NAME)
    rows += [(f"{name}: right", *map(_percent, of["by length"])) for name, of in found.items()]
    name, of = list(found.items())[-1]
    return [*rows, (f"{name}: the symbol 15 places back", *map(_percent, of["15 back"]))]


def attended() -> Rows:
    """A query and three keys, from products to weighted values."""
    scores, weights, result = attention_row.row()
    rows = [("key", "q · k", "score: divided by √4", "e to the score", "weight", "value", "weight · value")]
    for key, value, score, weight in zip(attention_row.KEYS, attention_row.VALUES, scores, weights, strict=True):
        numbers = (attention_row.QUERY @ key, score, np.exp(score), weight)
        rows.append((_list(key), *map(_rounded, numbers), _list(value), _list(weight * value, 2)))
    rows.append(("sum", "–", "–", _rounded(np.exp(scores).sum()), 1, "–", _list(result, 2)))
    return rows


def merged_pairs() -> Rows:
    """What is counted and merged in each round."""
    rows = [("merge", "most frequent pair of ids", "times", "just as frequent", "new id", "it stands for")]
    steps = merges.rounds()
    for number, ((_, before), (after, _)) in enumerate(pairwise(steps), start=1):
        counts = Counter(pairwise(before))
        pair, new = after.merges[-1]
        others = sorted(each for each in counts if counts[each] == counts[pair] and each != pair)
        named = ", ".join(map(str, others)) or "–"
        rows.append((number, pair, counts[pair], named, new, f"`{after.decode([new])}`"))
    return rows


def bent() -> Rows:
    """ReLU and gelu, and their slopes."""
    numbers = np.array([-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0])
    rows = [("x", *map(_rounded, numbers))]
    for name, function in (("relu", nf.Tensor.relu), ("gelu", nf.gelu)):
        x = nf.Tensor(numbers, requires_grad=True)
        y = function(x)
        y.sum().backward()
        rows += [(f"{name}(x)", *map(_rounded, y.numpy())), (f"slope of {name}", *map(_rounded, x.grad.numpy()))]
    return rows


def normalised_rows() -> Rows:
    """Four numbers, moved and stretched, under layer normalisation."""
    rows = [("position", "numbers", "mean", "variance, by n", "normalised")]
    for number, x in enumerate(([1.0, 2.0, 3.0, 6.0], [101.0, 102.0, 103.0, 106.0], [10.0, 20.0, 30.0, 60.0])):
        y = nf.LayerNorm(4, eps=0.0)(nf.Tensor(np.array([x]))).numpy()[0]
        rows.append((number, _list(x), np.mean(x), np.var(x), _list(y)))
    return rows


def causal_rows() -> Rows:
    """Which keys 2 queries may look at, where there are 5 keys."""
    rows = [("query", "its place in the whole", "key 0", "key 1", "key 2", "key 3", "key 4")]
    for query, allowed in enumerate(nf.causal_mask(2, 5)):
        rows.append((query, 3 + query, *("yes" if each else "no" for each in allowed)))
    return rows


def heads_of_two() -> Rows:
    """Two positions of 6 numbers, in 3 heads."""
    x = np.arange(12.0).reshape(1, 2, 6)
    heads = nf.MultiheadAttention(6, 3).split_heads(nf.Tensor(x)).numpy()[0]
    rows = [("position", "6 numbers", "head 0", "head 1", "head 2")]
    return [*rows, *((t, _list(x[0, t]), *(_list(head[t]) for head in heads)) for t in range(2))]


def encoded() -> Rows:
    """The first positions, in 4 numbers each."""
    rows = [("t", "sin(t)", "cos(t)", "sin(t / 100)", "cos(t / 100)")]
    encoding = nf.positional_encoding(101, 4)
    return [*rows, *((t, *map(_rounded, encoding[t])) for t in (0, 1, 2, 3, 100))]


def block_parts() -> Rows:
    """The parts of a block, and their parameters."""
    block = nf.TransformerBlock(32, 2)
    formulas = {
        "norm1": "2 E",
        "self_attn": "4 E² + 4 E",
        "norm2": "2 E",
        "linear1": "4 E² + 4 E",
        "linear2": "4 E² + E",
    }
    rows = [("part", "from -> to", "parameters", "for E = 32")]
    for name, formula in formulas.items():
        shapes = {"linear1": "(N, T, E) -> (N, T, 4 E)", "linear2": "(N, T, 4 E) -> (N, T, E)"}
        shape = shapes.get(name, "(N, T, E) -> (N, T, E)")
        rows.append((f"`{name}`", shape, formula, getattr(block, name).parameter_count()))
    return [*rows, ("all", "(N, T, E) -> (N, T, E)", "12 E² + 13 E", block.parameter_count())]


def gpt_parts() -> Rows:
    """What a GPT is made of."""
    model = nf.GPT(16, 32, 32, 2, 1)
    rows = [("part", "what comes out", "parameters")]
    shapes = {
        "token_embedding": "(N, T, 32)",
        "position_embedding": "(T, 32), added to each sequence",
        "blocks": "(N, T, 32)",
        "norm": "(N, T, 32)",
        "head": "(N, T, 16): logits",
    }
    rows += [(f"`{name}`", shape, getattr(model, name).parameter_count()) for name, shape in shapes.items()]
    return [*rows, ("all", "(N, T, 16): logits", model.parameter_count())]


def chances() -> Rows:
    """How likely four tokens are, under different settings."""
    logits = np.log([0.5, 0.3, 0.15, 0.05])
    rows = [("settings", "token 0", "token 1", "token 2", "token 3")]
    for name, settings in {
        "none": (1.0, None, None),
        "temperature 0.5": (0.5, None, None),
        "temperature 2": (2.0, None, None),
        "top_k 2": (1.0, 2, None),
        "top_p 0.7": (1.0, None, 0.7),
        "top_p 0.9": (1.0, None, 0.9),
        "top_k 2, top_p 0.6": (1.0, 2, 0.6),
    }.items():
        rows.append((name, *map(_rounded, probabilities(logits, *settings))))
    return [*rows, ("temperature 0", *np.eye(4)[nf.sample(logits, 0)])]


def _list(numbers: Iterable[float], digits: int = 3) -> str:
    return f"[{', '.join(f'{_rounded(each, digits):g}' for each in numbers)}]"


def _rounded(value: float, digits: int = 3) -> float:
    return round(float(value), digits) + 0.0


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
