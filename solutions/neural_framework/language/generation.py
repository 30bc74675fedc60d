"""Writing: a token drawn from logits, and a text drawn token by token.   In shapes: V tokens to choose from."""

import sys

import numpy as np

from ..errors import ShapeError
from ..modules import at_least_zero, integer, real
from ..tensor import Tensor, no_grad, random_generator
from .transformer import GPT


def sample(logits, temperature=1.0, top_k=None, top_p=None):
    """A token, an int, drawn from logits (V,), a Tensor or an array, with `random_generator()`.

    Temperature 0: the largest, the first of equals, whatever top_k and top_p; otherwise `probabilities` decides.
    `sampling_logits` makes float64 of the logits, and `sampling_settings` raises the errors of the other three.
    """
    # exercise: 6.10
    logits = sampling_logits(logits)
    temperature, top_k, top_p = sampling_settings(temperature, top_k, top_p)
    if temperature == 0:
        return int(logits.argmax())
    return int(random_generator().choice(len(logits), p=probabilities(logits, temperature, top_k, top_p)))


def probabilities(logits, temperature, top_k, top_p):
    """The probability of each token to be drawn: arrays (V,) -> (V,), which add up to 1   (Holtzman et al. 2020)

    Logits are divided by the temperature. Of them the top_k largest are kept (None, or above V: all); of their
    renormalised probabilities as few of the largest as reach top_p together (None: all). Which of equal logits are kept
    is open, but not how many. The others get 0, and so does a logit of -inf. Exact for any finite logits and any
    temperature above 0, and without a warning.
    """
    # exercise: 6.10
    with np.errstate(over="ignore"):  # far below the largest, at a low temperature: -inf
        scores = (logits - logits.max()) / temperature
    order = np.argsort(-scores, kind="stable")[:top_k]  # the largest first
    kept = np.exp(scores[order])
    kept /= kept.sum()
    if top_p is not None:
        kept[np.cumsum(kept) - kept >= top_p] = 0.0  # those before it reach top_p already
    result = np.zeros(len(logits))
    result[order] = kept / kept.sum()
    return result


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
    temperature = min(temperature, sys.float_info.max)  # -inf / inf would be nan
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
    # exercise: 6.11
    generation_settings(tokens, count, temperature, top_k, top_p)
    written = list(tokens)
    cache = new_cache(model)
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with no_grad():
            for _ in range(count):
                written.append(sample(next_logits(model, written, cache), temperature, top_k, top_p))
    finally:
        for module, mode in modes:
            module.training = mode
    return written[len(tokens) :]


def next_logits(model, tokens, cache):
    """The logits (V,), an array, after the last of the tokens.

    The model sees the last `context_length` tokens, all if it has no such attribute. With a cache (of `new_cache`; or
    None), it runs only those that the cache has not seen, as long as all tokens fit into `context_length`; beyond it
    positions shift, and each call runs its window without the cache.
    """
    # exercise: 6.11
    limit = getattr(model, "context_length", len(tokens))
    if cache is not None and len(tokens) <= limit:
        return model(Tensor([tokens[len(cache[0]) :]]), cache=cache).numpy()[0, -1]
    return model(Tensor([tokens[-limit:]])).numpy()[0, -1]


def new_cache(model):
    """A GPT's new cache; None for another model, which has none."""
    return model.new_cache() if isinstance(model, GPT) else None


def generation_settings(tokens, count, temperature, top_k, top_p):
    """Raise ValueError without a token, for a negative count, and for what `sampling_settings` refuses.

    TypeError unless tokens are a sequence, and not a text.
    """
    if isinstance(tokens, (str, bytes)) or not hasattr(tokens, "__len__"):
        raise TypeError(
            f"generate expects tokens to be a list of ints, got {type(tokens).__name__}: encode(text) of a tokenizer "
            "makes one of a text"
        )
    if len(tokens) == 0:
        raise ValueError("generate expects at least one token to go on from, got none")
    integer("generate", "count", count, least=0)
    sampling_settings(temperature, top_k, top_p)
