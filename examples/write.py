"""A GPT learns to write from the lessons of this course, and goes on with your sentence. Milestones 1 to 4, and 6.

    nox -s python -- examples/write.py

It looks like the lessons and makes no sense: one block that sees a line of text can do no better. Play with the
settings below for ten minutes. Each time, say what you expect before you run it.

1. At which of the TEMPERATURES does it say the same again and again, and at which are there no words? What does TOP_P
   change at each of them: 1.0 keeps all tokens, and 0.1?
2. With MERGES = 0 it reads bytes. Which pieces of words does it get with more, and why is the loss higher then, while
   the text is better?
"""

import numpy as np

import datasets
import neural_framework as nf

# Play with these.
PROMPT = "The gradient of"
TEMPERATURES = (0, 0.5, 1.0, 2.0)
TOP_P = 0.9  # 1.0: every token may be drawn
MERGES = 100  # of the byte pair tokenizer
STEPS = 400
LENGTH = 60  # tokens to write

SEED = 1
CHARACTERS = 60_000  # to read; the first 15,000 are those that merges are learnt from
CONTEXT = 24  # tokens that it sees at once


def main():
    """Learn merges, train, and write at each temperature."""
    nf.manual_seed(SEED)
    text = datasets.lessons()[0][:CHARACTERS]
    tokenizer = nf.BytePairTokenizer(text[: CHARACTERS // 4], 256 + MERGES)
    tokens = np.array(tokenizer.encode(text))
    print(f"{len(text):,} characters are {len(tokens):,} tokens; the longest merges:")
    print(" ".join(sorted((repr(tokenizer.decode([one])) for _, one in tokenizer.merges), key=len)[-10:]) or "none")
    model = nf.GPT(len(tokenizer), CONTEXT, 64, 4, 1)
    train(model, tokens)
    for temperature in TEMPERATURES:
        written = nf.generate(model, tokenizer.encode(PROMPT), LENGTH, temperature, top_p=TOP_P)
        print(f"\ntemperature {temperature}, top_p {TOP_P}:\n{shown(PROMPT + tokenizer.decode(written))}")


def train(model, tokens):
    """Guess each next token, at random places of the text."""
    random, optimizer = np.random.default_rng(SEED), nf.AdamW(model.parameters(), lr=0.01)
    schedule = nf.CosineAnnealingLR(optimizer, STEPS, eta_min=0.001)
    for step in range(1, STEPS + 1):
        windows = tokens[random.integers(0, len(tokens) - CONTEXT, (32, 1)) + np.arange(CONTEXT + 1)]
        inputs, targets = nf.Tensor(windows[:, :-1]), nf.Tensor(windows[:, 1:])
        loss = nf.training_step(model, inputs, targets, optimizer, cross_entropy, max_grad_norm=1.0)
        schedule.step()
        if step % 100 == 0 or step == STEPS:
            print(f"step {step:4}   loss {loss:.2f}")


def cross_entropy(logits, targets):
    """Logits (N, T, tokens), of which classes come on axis 1, and ints (N, T)."""
    return nf.CrossEntropyLoss()(logits.swapaxes(1, 2), targets)


def shown(text):
    """Lines with a margin, in characters that every terminal has."""
    lines = text.encode("ascii", "replace").decode().replace("\r", "?").split("\n")
    return "\n".join("    " + "".join(each if each.isprintable() else "?" for each in line) for line in lines)


if __name__ == "__main__":
    main()
