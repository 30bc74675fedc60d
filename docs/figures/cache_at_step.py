"""What a key-value cache holds while a text is written, and which positions a step runs."""

from __future__ import annotations

import numpy as np

import neural_framework as nf

from .svg import Picture

PROMPT, CONTEXT, STEPS = 3, 6, 5
CELL = 34
LEFT = 96


def steps() -> list[tuple[int, int, int]]:
    """For each step of `generate`: the tokens so far, those that the model runs, and the keys in the cache after it."""
    nf.manual_seed(0)
    model, ran = nf.GPT(5, CONTEXT, 4, 1, 1), []
    caches, forward = [], model.forward

    def noted(tokens, cache=None):
        logits = forward(tokens, cache=cache)
        ran.append(tokens.shape[1])
        caches.append(0 if cache is None else len(cache[0]))
        return logits

    object.__setattr__(model, "forward", noted)
    nf.generate(model, list(np.arange(PROMPT)), STEPS)
    return [(PROMPT + step, count, kept) for step, (count, kept) in enumerate(zip(ran, caches, strict=True))]


def draw() -> str:
    """The picture."""
    found = steps()
    fitting = [each for each in found if each[2]]
    picture = Picture(
        420,
        150 + 62 * len(found),
        "What the cache holds at each step of writing",
        f"A prompt of {PROMPT} tokens and a context length of {CONTEXT}. "
        + " ".join(
            f"With {so_far} tokens, {count} {'is' if count == 1 else 'are'} run, and the cache then has the keys and "
            f"values of {kept}."
            for so_far, count, kept in fitting
        )
        + f" From {CONTEXT + 1} tokens on, the window moves, and all of its {CONTEXT} tokens are run again.",
    )
    picture.text(16, 28, "Which tokens a step runs, and what is kept", "bold", size=15)
    picture.text(16, 50, f"prompt of {PROMPT} tokens, context_length {CONTEXT}", "soft", size=13)
    for number, (so_far, count, kept) in enumerate(found):
        top = 82 + 62 * number
        picture.text(16, top + 18, f"step {number + 1}", size=14)
        for token in range(so_far):
            fresh, lost = token >= so_far - count, token < so_far - CONTEXT
            kind = "ghost" if lost else "forward" if fresh else "backward"
            x = LEFT + CELL * token
            picture.box(x, top, CELL, 28, kind, round=3)
            word = "" if lost else "run" if fresh else "kept"
            picture.text(x + CELL / 2, top + 19, word, "bold" if fresh else "", "middle", 13)
        used = f"{kept - count or 'none'} kept, {count} run: {kept} keys after it"
        note = used if kept else f"{count} run again, no cache"
        picture.text(LEFT, top + 46, note, "soft", size=13)
    bottom = 82 + 62 * len(found)
    picture.text(16, bottom + 22, "Up to the context length, a step runs one token.", size=13)
    picture.text(16, bottom + 42, "Beyond it positions shift, and nothing that was kept is right.", size=13)
    return picture.svg()
