"""Other bodies for language/generation.py: a draw from running sums, a loop over tokens, a stack of restorations."""
# ruff: noqa: F821 (names of the file that these functions are put into)

from contextlib import ExitStack

import numpy as np

from ..tensor import Tensor, no_grad, random_generator


def sample(logits, temperature=1.0, top_k=None, top_p=None):
    logits = sampling_logits(logits)
    temperature, top_k, top_p = sampling_settings(temperature, top_k, top_p)
    if temperature == 0:
        return np.flatnonzero(logits == logits.max()).tolist()[0]
    chances = probabilities(logits, temperature, top_k, top_p)
    possible = np.flatnonzero(chances)
    place = np.searchsorted(np.cumsum(chances[possible]), random_generator().random(), side="right")
    return int(possible[min(place, len(possible) - 1)])


def probabilities(logits, temperature, top_k, top_p):
    tokens = sorted(range(len(logits)), key=lambda token: -logits[token])
    tokens = tokens[: len(tokens) if top_k is None else top_k]
    with np.errstate(over="ignore"):
        powers = {token: np.exp((logits[token] - logits[tokens[0]]) / temperature) for token in tokens}
    total, reached, kept = sum(powers.values()), 0.0, []
    for token in tokens:
        if top_p is not None and reached >= top_p:
            break
        kept.append(token)
        reached += powers[token] / total
    total = sum(powers[token] for token in kept)
    return np.array([powers[token] / total if token in kept else 0.0 for token in range(len(logits))])


def generate(model, tokens, count, temperature=1.0, top_k=None, top_p=None):
    generation_settings(tokens, count, temperature, top_k, top_p)
    new, cache = [], new_cache(model)
    with ExitStack() as afterwards:
        for module in model.modules():
            afterwards.callback(setattr, module, "training", module.training)
        model.eval()
        afterwards.enter_context(no_grad())
        while len(new) < count:
            new += [sample(next_logits(model, [*tokens, *new], cache), temperature, top_k, top_p)]
    return new


def next_logits(model, tokens, cache):
    start, settings = 0, {}
    if hasattr(model, "context_length"):
        start = max(0, len(tokens) - model.context_length)
    if start == 0 and cache is not None:
        start, settings = len(cache[0]), {"cache": cache}
    logits = model(Tensor([tokens[start:]]), **settings)
    return np.asarray(logits)[0][-1]
