"""Writing: a token drawn from logits, and a text drawn token by token.   In shapes: V tokens to choose from."""

import numpy as np

from ..errors import ShapeError
from ..modules import at_least_zero, integer, real
from ..tensor import Tensor, no_grad, random_generator
from .transformer import GPT


def sample(logits, temperature=1.0, top_k=None, top_p=None):
    """A token, an int, drawn from logits (V,), a Tensor or an array, with `random_generator()`.

    Temperature 0: the largest, the first of equals, whatever top_k and top_p; otherwise `log_chances` decides.
    `sampling_logits` makes float64 of the logits, and `sampling_settings` raises the errors of the other three.
    """
    logits = sampling_logits(logits)
    temperature, top_k, top_p = sampling_settings(temperature, top_k, top_p)
    if temperature == 0:
        return int(logits.argmax())
    tokens, scaled = log_chances(logits, temperature, top_k, top_p)
    # The largest of log p + Gumbel noise is token i with probability p_i (Gumbel 1954).
    return int(tokens[np.argmax(scaled + random_generator().gumbel(size=len(scaled)))])


def log_chances(logits, temperature, top_k, top_p):
    """The tokens that may be drawn, the likeliest first, and the logarithms of their chances (up to a constant)."""
    half = 0.5 if np.abs(logits[np.isfinite(logits)]).max() > 1e300 else 1.0  # differences may exceed float64
    order = np.argsort(-logits, kind="stable")
    order = order[np.isfinite(logits[order])][:top_k]
    with np.errstate(over="ignore"):
        scaled = (logits[order] * half - logits[order[0]] * half) / temperature / half
    if top_p is not None and top_p < 1:
        chances = np.exp(scaled) / np.exp(scaled).sum()
        needed = 1 + np.count_nonzero(np.cumsum(chances) < top_p)
        order, scaled = order[:needed], scaled[:needed]
    return order, scaled


def sampling_logits(logits):
    """Logits as a float64 array (V,); ShapeError for another shape, ValueError where the largest is not finite."""
    logits = np.asarray(logits, dtype=np.float64)
    if logits.ndim != 1 or logits.size == 0:
        raise ShapeError(
            f"sample expects logits (V,), one for each token, got shape {logits.shape}",
            operation="sample",
            shapes=(logits.shape,),
        )
    if not np.isfinite(logits.max()):
        raise ValueError(f"sample expects logits with a finite maximum, got {logits.max()}: no token can be drawn")
    return logits


def sampling_settings(temperature, top_k, top_p):
    """The three as Python's numbers; ValueError for temperature < 0, top_k < 1, or top_p outside of (0, 1]."""
    temperature = at_least_zero("sample", "temperature", temperature)
    if top_k is not None:
        top_k = integer("sample", "top_k", top_k, least=1)
    if top_p is not None:
        top_p = real("sample", "top_p", top_p)
        if not 0 < top_p <= 1:
            raise ValueError(f"sample: top_p must be above 0 and at most 1, got {top_p}")
    return temperature, top_k, top_p


def generate(model, tokens, count, temperature=1.0, top_k=None, top_p=None):
    """`count` new tokens, a list of ints, each drawn by one `sample` from the logits after those before it.

    model: a Module from ints (1, T) to logits (1, T, V); tokens: a list of at least one int, which stays as it is.
    `next_logits` runs the model, in eval mode and without recording; the mode of every submodule is restored, even
    after an error. `generation_settings` raises ValueError for no token, and for settings that `sample` refuses.
    """
    generation_settings(tokens, count, temperature, top_k, top_p)
    text = [int(token) for token in tokens]
    begun = len(text)
    modes = {module: module.training for module in model.modules()}
    cache = new_cache(model)
    try:
        model.eval()
        with no_grad():
            while len(text) < begun + count:
                text.append(sample(next_logits(model, text, cache), temperature, top_k, top_p))
    finally:
        for module, mode in modes.items():
            module.training = mode
    return text[begun:]


def next_logits(model, tokens, cache):
    """The logits (V,), an array, after the last of the tokens.

    The model sees the last `context_length` tokens, all if it has no such attribute. With a cache (of `new_cache`; or
    None), it runs only those that the cache has not seen, as long as all tokens fit into `context_length`; beyond it
    positions shift, and each call runs its window without the cache.
    """
    limit = getattr(model, "context_length", len(tokens))
    if cache is None or len(tokens) > limit:
        logits = model(Tensor([tokens[-limit:]]))
    else:
        logits = model(Tensor([tokens[len(cache[0]) :]]), cache=cache)
    return np.asarray(logits)[0, -1]


def new_cache(model):
    """A GPT's new cache; None for another model, which has none."""
    return model.new_cache() if isinstance(model, GPT) else None


def generation_settings(tokens, count, temperature, top_k, top_p):
    """Raise ValueError without a token, for a negative count, and for what `sampling_settings` refuses."""
    if len(tokens) == 0:
        raise ValueError("generate expects at least one token to go on from, got none")
    integer("generate", "count", count, least=0)
    sampling_settings(temperature, top_k, top_p)
