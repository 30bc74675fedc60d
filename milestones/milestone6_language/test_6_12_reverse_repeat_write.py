"""6.12 Reverse, repeat, write: what attention learns in a minute, and what it writes.

The comment next to each threshold says how many of 100 seeds, or of 34 medians of three seeds, reach it with the
reference (nox -s convergence).
"""

from collections import namedtuple

import numpy as np

import datasets
import neural_framework as nf

Run = namedtuple("Run", "model losses guesses labels")
HEADS = 2  # of the networks that reverse and repeat
SYMBOLS, LENGTH = 16, 16  # of a pattern to repeat
CONTEXT, KNOWN = 16, 8  # characters that the model sees, and at least so many before each that it is tested on
STEPS = 1400


def test_a_block_reverses_sequences(see, seed):
    """One block with two heads and no mask gives 10 symbols back to front, nearly always without a mistake."""
    runs = [reversal(seed + i) for i in range(3)]
    guesses, labels = [as_numbers(run.guesses) for run in runs], [as_numbers(run.labels) for run in runs]
    see.most_agree(guesses, labels, 0.95)  # 100 of 100, the lowest 0.975
    see.shows("curve", "reverse, symbols", lambda: curve(runs, reverser, sequences_to_reverse))
    see.shows("pictures", "where each position looks", lambda: mirrored(worst(runs).model, seed))


def test_a_gpt_repeats_a_pattern(see, seed):
    """A GPT repeats 16 symbols that it has seen once: it learns to look 15 positions back. An LSTM with twice as many
    parameters is still guessing after the same steps."""
    runs = [repetition(small_gpt, seed + i) for i in range(3)]
    see.most_agree([run.guesses for run in runs], [run.labels for run in runs], 0.95)  # 100 of 100, the lowest 1.0
    others = [repetition(lstm, seed + i) for i in range(3)]
    see.at_most(float(np.median([share(run) for run in others])), 0.2)  # 34 of 34, the highest 0.067
    see.shows("curve", "repeat, symbols", lambda: curve(runs, small_gpt, patterns))
    see.shows("sequence", "GPT repeats", lambda: repeated(worst(runs)))
    see.shows("sequence", "LSTM repeats", lambda: repeated(worst(others)))
    see.shows("table", "by length of the pattern", lambda: by_length(worst(runs).model, worst(others).model, seed))
    see.shows("pictures", "where the GPT looks", lambda: looked_back(worst(runs).model, seed))


def test_a_gpt_writes(see, seed):
    """Trained on the lessons of this course, a GPT tells the next character better than counting three in a row does.

    What it writes looks like a lesson and makes no sense: nearly all its trigrams are those of lessons."""
    run = writing(seed)
    see.at_most(run.bits[-1], counted(3))  # 100 of 100; the highest 2.60, and the trigram 2.82
    see.most_agree([run.guesses], [run.labels], 0.45)  # 100 of 100, the lowest 0.498
    see.at_least(share_of_known_trigrams(run.text), 0.8)  # 100 of 100, the lowest 0.939
    see.shows("table", "bits a character, by steps", lambda: bits_by_steps(run))
    see.shows("text", f"after {STEPS:,} steps, it writes", lambda: {"written": f"The {run.text}"})


def reversal(seed):
    nf.manual_seed(seed)
    random, model = np.random.default_rng(seed), reverser()
    losses = train(model, sequences_to_reverse, random, epochs=15)  # 300 steps
    sequences, labels = sequences_to_reverse(random, 400)
    return Run(model, losses, logits_of(model, sequences).argmax(axis=1), labels)


def repetition(network, seed):
    nf.manual_seed(seed)
    random, model = np.random.default_rng(seed), network()
    losses = train(model, patterns, random, epochs=6)  # 120 steps
    tokens, labels = patterns(random, 200)
    return Run(model, losses, logits_of(model, tokens).argmax(axis=1), labels)


def train(model, drawn, random, epochs):
    """20 steps an epoch, each on 32 sequences that are new."""
    optimizer = nf.Adam(model.parameters(), lr=0.003)
    loaders = (nf.DataLoader(drawn(random, 640), 32) for _ in range(epochs))
    return [nf.train_epoch(model, loader, optimizer, nf.CrossEntropyLoss()) for loader in loaders]


def sequences_to_reverse(random, count):
    """Sequences of 10 symbols, and the same back to front."""
    sequences = random.integers(0, 10, (count, 10))
    return sequences, sequences[:, ::-1].copy()


def patterns(random, count, length=LENGTH):
    """A pattern followed by itself, without the last symbol; and the pattern, which is to come in the second half."""
    pattern = random.integers(0, SYMBOLS, (count, length))
    return np.hstack([pattern, pattern[:, :-1]]), pattern


def reverser():
    class Reverser(nf.Module):
        """Symbols (N, 10) -> logits (N, 10 classes, 10)."""

        def __init__(self):
            super().__init__()
            self.embedding, self.readout = nf.Embedding(10, 32), nf.Linear(32, 10)
            self.block = nf.TransformerBlock(32, HEADS)

        def embedded(self, sequences):
            return self.embedding(sequences) + nf.positional_encoding(10, 32)

        def forward(self, sequences):
            return self.readout(self.block(self.embedded(sequences))).swapaxes(1, 2)

    return Reverser()


def small_gpt():
    class Repeater(nf.Module):
        """Tokens (N, 2 length - 1) -> logits of the second half (N, 16 classes, length)."""

        def __init__(self):
            super().__init__()
            self.gpt = nf.GPT(SYMBOLS, 2 * LENGTH, 32, HEADS, 1)

        def forward(self, tokens):
            return self.gpt(tokens)[:, tokens.shape[1] // 2 :].swapaxes(1, 2)

    return Repeater()


def lstm():
    class Repeater(nf.Module):
        """As `small_gpt`, with twice as many parameters."""

        def __init__(self):
            super().__init__()
            self.embedding, self.lstm = nf.Embedding(SYMBOLS, 32), nf.LSTM(32, 72)
            self.readout = nf.Linear(72, SYMBOLS)

        def forward(self, tokens):
            outputs, _ = self.lstm(self.embedding(tokens))
            return self.readout(outputs[:, tokens.shape[1] // 2 :]).swapaxes(1, 2)

    return Repeater()


def logits_of(model, inputs):
    with nf.no_grad():
        return model(nf.Tensor(inputs)).numpy()


def as_numbers(sequences):
    """Each sequence of symbols as one number: equal only if all its symbols are."""
    return sequences @ 10 ** np.arange(sequences.shape[1])


def share(run):
    """How much of its guesses is right."""
    return float(np.mean(run.guesses == run.labels))


Writing = namedtuple("Writing", "bits guesses labels text")


def writing(seed):
    """A GPT that has read lessons: its bits a character by steps, guesses in the held-out part, and what it writes."""
    nf.manual_seed(seed)
    random, (text, _) = np.random.default_rng(seed), datasets.lessons()
    tokenizer = nf.CharacterTokenizer("".join(datasets.lessons()))
    tokens = np.array(tokenizer.encode(text))
    held_out = np.array([tokenizer.encode(window) for window in windows()])
    random.shuffle(held_out)
    model = nf.GPT(len(tokenizer), CONTEXT, 64, 4, 1)
    optimizer = nf.AdamW(model.parameters(), lr=0.01)
    schedule, bits = nf.LinearWarmup(optimizer, 50), [bits_of(model, held_out[:300])]
    for step in range(1, STEPS + 1):
        starts = random.integers(0, len(tokens) - CONTEXT, (32, 1))
        batch = nf.Tensor(tokens[starts + np.arange(CONTEXT + 1)])
        nf.training_step(model, batch[:, :-1], batch[:, 1:], optimizer, cross_entropy, max_grad_norm=1.0)
        schedule.step()
        if step == 50:
            schedule = nf.CosineAnnealingLR(optimizer, STEPS - 50, eta_min=0.001)
        if step % 200 == 0:
            bits.append(bits_of(model, held_out if step == STEPS else held_out[:300]))
    guesses = logits_of(model, held_out[:300, :-1])[:, KNOWN - 1 :].argmax(axis=-1)
    guesses, labels = (code_points(tokenizer.decode(each.ravel())) for each in (guesses, held_out[:300, KNOWN:]))
    written = nf.generate(model, tokenizer.encode("The "), 200, temperature=0.7)
    return Writing(bits, guesses, labels, tokenizer.decode(written))


def cross_entropy(logits, tokens):
    return nf.CrossEntropyLoss()(logits.swapaxes(1, 2), tokens)


def windows():
    """All pieces of the held-out blocks of 500 characters that are one longer than the context, 9 characters apart."""
    text = datasets.lessons()[1]
    places = range(0, 500 - CONTEXT, CONTEXT + 1 - KNOWN)
    starts = [block + place for block in range(0, len(text), 500) for place in places]
    return [text[start : start + CONTEXT + 1] for start in starts]


def bits_of(model, held_out):
    """Bits a character, of the characters with at least 8 before them."""
    total = 0.0
    for part in np.array_split(held_out, len(held_out) // 100):
        logits = logits_of(model, part[:, :-1]).astype(np.float64)
        logarithms = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
        total -= np.take_along_axis(logarithms, part[:, 1:, np.newaxis], axis=-1)[:, KNOWN - 1 :].sum()
    return float(total / np.log(2) / held_out[:, KNOWN:].size)


def counted(n):
    """Bits a character if its probability is counted: how often it came after the n - 1 before it (plus 0.1)."""
    text, held_out = datasets.lessons()[0], "".join(windows())
    characters, ids = np.unique(code_points(text + held_out), return_inverse=True)
    training, held_out = ids[: len(text)], ids[len(text) :].reshape(-1, CONTEXT + 1)
    counts = np.full((len(characters),) * n, 0.1)
    np.add.at(counts, tuple(training[i : len(training) - n + 1 + i] for i in range(n)), 1)
    probabilities = counts / counts.sum(axis=-1, keepdims=True)
    ends = range(KNOWN + 1 - n, KNOWN + 1)  # of the windows, n characters after each other
    return -float(np.log2(probabilities[tuple(held_out[:, i : CONTEXT + 1 - KNOWN + i] for i in ends)]).mean())


def share_of_known_trigrams(written):
    known = {text[i : i + 3] for text in datasets.lessons() for i in range(len(text) - 2)}
    return float(np.mean([written[i : i + 3] in known for i in range(len(written) - 2)]))


def code_points(text):
    return np.array([ord(character) for character in text])


# What follows is for the pictures alone.


def worst(runs):
    """The run with the most wrong guesses: there is the most to see."""
    return min(runs, key=share)


def curve(runs, network, drawn):
    """How the worst run went; of a network that is not trained yet the loss, and the parameters without a gradient."""
    nf.manual_seed(0)
    model, (inputs, targets) = network(), drawn(np.random.default_rng(0), 64)
    logits = model(nf.Tensor(inputs))
    first = nf.CrossEntropyLoss()(logits, nf.Tensor(targets))
    first.backward()
    return {
        "losses": worst(runs).losses,
        "first": first.item(),
        "classes": logits.shape[1],
        "right": [share(run) for run in runs],
        "without_gradient": [name for name, parameter in model.named_parameters() if parameter.grad is None],
    }


def weights_of(block, x, mask):
    """How much each position looks at each, head by head (H, T, T), from the block's parameters and input (1, T, E)."""
    size = x.shape[-1] // HEADS
    layer, x = block.self_attn, block.norm1(x).numpy()[0]
    query, key, _ = np.split(x @ layer.in_proj_weight.numpy().T + layer.in_proj_bias.numpy(), 3, axis=-1)
    query, key = (each.reshape(-1, HEADS, size).swapaxes(0, 1) for each in (query, key))
    scores = np.where(mask, query @ key.swapaxes(1, 2) / np.sqrt(size), -np.inf)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def mirrored(model, seed):
    """The weights of both heads for one sequence: a row for each position, a column for each that it looks at."""
    sequences, _ = sequences_to_reverse(np.random.default_rng(seed), 1)
    with nf.no_grad():
        weights = weights_of(model.block, model.embedded(nf.Tensor(sequences)), True)
    return {"images": weights, "captions": [f"head {head + 1}" for head in range(HEADS)]}


def looked_back(model, seed):
    """The head that looks 15 positions back most: the second half, row by row, looks at the first, column by column."""
    (tokens, _), gpt = patterns(np.random.default_rng(seed), 1), model.gpt
    with nf.no_grad():
        x = gpt.token_embedding(nf.Tensor(tokens)) + gpt.position_embedding(nf.Tensor(np.arange(tokens.shape[1])))
        weights = weights_of(gpt.blocks[0], x, np.tri(tokens.shape[1], dtype=bool))[:, LENGTH - 1 :, :LENGTH]
    head = max(range(HEADS), key=lambda each: weights[each].trace())
    return {"images": [weights[head]], "captions": [f"head {head + 1}"]}


def repeated(run):
    """A pattern, and how it was repeated where most was wrong."""
    row = int(np.argmin((run.guesses == run.labels).sum(axis=1)))
    return {"given": run.labels[row], "continued": run.guesses[row], "right": run.labels[row]}


def by_length(gpt, lstm, seed):
    """How much of patterns as long as those in training is repeated, and of shorter ones.

    The GPT knows where to look by the position alone, not by what it finds there: shorter patterns are lost."""
    values = []
    for model in (gpt, lstm):
        drawn = [patterns(np.random.default_rng(seed), 200, length) for length in (LENGTH, LENGTH - 1, LENGTH - 4)]
        values.append([np.mean(logits_of(model, tokens).argmax(axis=1) == pattern) for tokens, pattern in drawn])
    columns = [f"{length} symbols" for length in (LENGTH, LENGTH - 1, LENGTH - 4)]
    return {"columns": columns, "rows": ["GPT", "LSTM"], "values": values, "percent": True}


def bits_by_steps(run):
    """The model's bits a character next to those of counting."""
    columns = [f"{step:,}" for step in range(0, STEPS + 1, 200)]
    values = [[counted(2)] * len(columns), [counted(3)] * len(columns), run.bits]
    return {"columns": columns, "rows": ["bigram", "trigram", "GPT"], "values": values, "percent": False}
