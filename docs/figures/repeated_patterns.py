"""How much of a repeated pattern a GPT and an LSTM have learnt, by steps and by its length; tables of a lesson."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

import neural_framework as nf

from .measured import digits, measure

NAME = "repeated_patterns"
SEEDS, STEPS = 5, (40, 80, 120)
SYMBOLS = LENGTH = 16
SHORTER = (16, 15, 12)  # lengths that the trained models are tried on


class Recurrent(nf.Module):
    """An LSTM that reads and guesses symbols, with more than twice the parameters of the GPT."""

    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.head = nf.Embedding(SYMBOLS, 32), nf.LSTM(32, 72), nf.Linear(72, SYMBOLS)

    def forward(self, tokens):
        """Ints (N, T) -> logits (N, T, symbols)."""
        outputs, _ = self.lstm(self.embedding(tokens))
        return self.head(outputs)


MODELS: dict[str, Callable[[], nf.Module]] = {
    "LSTM, 72 hidden units": Recurrent,
    "GPT, one block of 32": lambda: nf.GPT(SYMBOLS, 2 * LENGTH, 32, 2, 1),
}


def measured() -> dict[str, dict[str, list[float]]]:
    """For each model: its parameters; means of the shares of right guesses, after STEPS and for SHORTER; and for these
    the shares of guesses that are the symbol LENGTH - 1 places back, right or not."""
    found = {}
    for name, make in MODELS.items():
        runs = [_run(make, seed) for seed in range(SEEDS)]
        steps, lengths, back = (_means(shares) for shares in zip(*runs, strict=True))
        count = [make().parameter_count()]
        found[name] = {"parameters": count, "by steps": steps, "by length": lengths, "15 back": back}
    return found


def patterns(generator: np.random.Generator, count: int, length: int = LENGTH) -> np.ndarray:
    """Random patterns, each followed by itself: (count, 2 * length)."""
    half = generator.integers(0, SYMBOLS, (count, length))
    return np.concatenate([half, half], axis=1)


def _run(make: Callable[[], nf.Module], seed: int) -> tuple[list[float], ...]:
    """The three kinds of shares of a model."""
    nf.manual_seed(seed)
    generator, model, shares = np.random.default_rng(seed), make(), []
    optimizer = nf.Adam(model.parameters(), lr=0.003)
    for step in range(1, STEPS[-1] + 1):
        tokens = patterns(generator, 32)
        optimizer.zero_grad()
        logits = _second_half(model, tokens)
        nf.CrossEntropyLoss()(logits.swapaxes(1, 2), nf.Tensor(tokens[:, LENGTH:])).backward()
        optimizer.step()
        if step in STEPS:
            shares.append(_shares(model, LENGTH, seed)[0])
    return (shares, *map(list, zip(*(_shares(model, length, seed) for length in SHORTER), strict=True)))


def _shares(model: nf.Module, length: int, seed: int) -> tuple[float, float]:
    """Of the likeliest symbols in the second half of new patterns, how many are right, and how many those 15 back."""
    tokens = patterns(np.random.default_rng(1000 + seed), 200, length)
    with nf.no_grad():
        guesses = _second_half(model, tokens).numpy().argmax(axis=-1)
    early = LENGTH - length  # the first guesses of a shorter pattern have no symbol so far back
    right = np.mean(guesses == tokens[:, length:])
    back = np.mean(guesses[:, early:] == tokens[:, : length - early])
    return float(right), float(back)


def _means(runs: Iterable[list[float]]) -> list[float]:
    return [digits(float(np.mean(each)), 2) for each in zip(*runs, strict=True)]


def _second_half(model: nf.Module, tokens: np.ndarray) -> nf.Tensor:
    """The logits of the second half's symbols."""
    return model(nf.Tensor(tokens[:, :-1]))[:, tokens.shape[1] // 2 - 1 :]


if __name__ == "__main__":
    measure(NAME, measured)
