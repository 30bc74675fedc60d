"""4.12 Sequences and recall: what a recurrent network remembers, and for how long.

The comment next to each threshold says how many of 1,000 seeds reach it with the reference (proofs/convergence.py).
"""

from collections import namedtuple

import numpy as np

import datasets
import neural_framework as nf

HIDDEN = 32  # the size of every hidden state here; the gates i, f, g, o of an LSTM have 32 rows each
Run = namedtuple("Run", "losses given guesses labels")


def test_a_recurrent_network_continues_sequences(see, seed):
    """Trained on a bouncing ball, the network continues 4 symbols with 30 of its own, from every position."""
    runs = [continuation(seed + i) for i in range(3)]
    see.most_agree([run.guesses for run in runs], [run.labels for run in runs], 0.95)  # 1,000 of 1,000, the lowest 1.0
    see.shows("curve", "bouncing ball", lambda: curve(runs, nf.RNN, datasets.sequences()))
    see.shows("sequence", "and continues it", lambda: worst_continuation(runs))


def test_an_lstm_recalls_over_many_steps(see, seed):
    """The first symbol of 50 decides: an LSTM whose forget gates start open carries it past 49 distractors."""
    runs = [recall(nf.LSTM, "long", seed + i) for i in range(3)]
    see.most_agree([run.guesses for run in runs], [run.labels for run in runs], 0.95)  # 1,000 of 1,000, lowest 0.992
    see.shows("curve", "LSTM, long", lambda: curve(runs, nf.LSTM, datasets.recall("long")[0]))
    see.shows("table", "recalled", lambda: recalled("LSTM", [recall(nf.LSTM, "short", seed)], runs))


def test_a_plain_rnn_recalls_over_few_steps_and_forgets_over_many(see, seed):
    """A plain RNN of the same size carries the symbol past 4 distractors. Past 49 it can only guess, right in half
    of the cases: the gradient shrinks at every time step, so the network never learns what lies far back."""
    short = [recall(nf.RNN, "short", seed + i) for i in range(3)]
    long = [recall(nf.RNN, "long", seed + i) for i in range(3)]
    see.most_agree([run.guesses for run in short], [run.labels for run in short], 0.95)  # 1,000 of 1,000, lowest 1.0
    see.most_agree([run.guesses for run in long], [1 - run.labels for run in long], 0.25)  # wrong; 1,000, lowest 0.43
    see.shows("curve", "RNN, short", lambda: curve(short, nf.RNN, datasets.recall("short")[0]))
    see.shows("table", "recalled", lambda: recalled("RNN", short, long))
    see.shows("table", "size of the gradient, by steps back", lambda: gradients_by_steps_back(seed))


def continuation(seed):
    """How the model continues the way of the ball, from 14 positions in an order that the seed draws; and that way."""
    nf.manual_seed(seed)
    symbols = datasets.sequences()
    model = sequence_model(nf.RNN, symbols=8, classes=8)
    optimizer = nf.Adam(model.parameters(), lr=0.01)
    loader = nf.DataLoader((symbols[:, :-1], symbols[:, 1:]), batch_size=16)  # each symbol's target is the next
    losses = [nf.train_epoch(model, loader, optimizer, nf.CrossEntropyLoss(), max_grad_norm=1.0) for _ in range(15)]
    way = np.tile([0, 1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1], 4)
    right = np.array([way[start : start + 34] for start in np.random.default_rng(seed).permutation(14)])
    continued = right[:, :4]
    for _ in range(30):
        next_symbols = logits_of(model, continued)[:, :, -1].argmax(axis=1)
        continued = np.hstack([continued, next_symbols[:, np.newaxis]])
    return Run(losses, right[:, :4], continued[:, 4:], right[:, 4:])


def recall(recurrent, length, seed):
    """What the model recalls as the first symbols of sequences in an order that the seed draws; and those symbols."""
    nf.manual_seed(seed)
    training, (symbols, labels) = datasets.recall(length)
    model = sequence_model(recurrent, symbols=6, classes=2)
    if recurrent is nf.LSTM:  # forget gates start open (Gers, Schmidhuber & Cummins 2000)
        model.recurrent.cell.bias_ih.data[HIDDEN : 2 * HIDDEN] = 5.0
    optimizer = nf.Adam(model.parameters(), lr=0.003)
    loader = nf.DataLoader(training, batch_size=128)
    losses = []
    for _ in range(9):  # at most nine epochs: once the loss is small, more of them change little
        losses.append(nf.train_epoch(model, loader, optimizer, loss_at_the_end, max_grad_norm=1.0))
        if losses[-1] < 0.1:
            break
    order = np.random.default_rng(seed).permutation(len(labels))
    return Run(losses, symbols[order], logits_of(model, symbols[order])[:, :, -1].argmax(axis=1), labels[order])


def loss_at_the_end(logits, labels):
    return nf.CrossEntropyLoss()(logits[:, :, -1], labels)


def sequence_model(recurrent, symbols, classes):
    class SequenceModel(nf.Module):
        """Symbols (N, T) -> logits (N, classes, T); the logits at t depend on the symbols up to t."""

        def __init__(self):
            super().__init__()
            self.embedding = nf.Embedding(symbols, 8)
            self.recurrent = recurrent(8, HIDDEN)
            self.readout = nf.Linear(HIDDEN, classes)

        def forward(self, x):
            outputs, _ = self.recurrent(self.embedding(x))
            return self.readout(outputs).swapaxes(1, 2)

    return SequenceModel()


def logits_of(model, symbols):
    with nf.no_grad():
        return model(nf.Tensor(symbols)).numpy()


# What follows is for the pictures alone.


def share(run):
    """How much of its guesses is right."""
    return float(np.mean(run.guesses == run.labels))


def curve(runs, recurrent, data):
    """How the worst run went; of a network that is not trained yet the loss, and the parameters without a gradient."""
    nf.manual_seed(0)
    if isinstance(data, tuple):  # symbols, and what to recall
        model, targets = sequence_model(recurrent, symbols=6, classes=2), data[1][:64]
        logits = model(nf.Tensor(data[0][:64]))[:, :, -1]
    else:
        model, targets = sequence_model(recurrent, symbols=8, classes=8), data[:, 1:]
        logits = model(nf.Tensor(data[:, :-1]))
    first = nf.CrossEntropyLoss()(logits, nf.Tensor(targets))
    first.backward()
    return {
        "losses": min(runs, key=share).losses,
        "first": first.item(),
        "classes": logits.shape[1],
        "right": [share(run) for run in runs],
        "without_gradient": [name for name, parameter in model.named_parameters() if parameter.grad is None],
    }


def worst_continuation(runs):
    """Of the worst run, the sequence with the most wrong guesses."""
    run = min(runs, key=share)
    row = int(np.argmin((run.guesses == run.labels).sum(axis=1)))
    return {"given": run.given[row], "continued": run.guesses[row], "right": run.labels[row]}


def recalled(name, short, long):
    """How often the first symbol is recalled after 4 and after 49 others, the runs together."""
    shares = [np.mean([share(run) for run in runs]) for runs in (short, long)]
    return {"columns": ["short", "long"], "rows": [name], "values": [shares], "percent": True}


def gradients_by_steps_back(seed):
    """How large the gradient of the last output is at each earlier input, in layers that are not trained yet."""
    steps = [0, 10, 20, 30, 40, 49]
    layers = {"RNN": nf.RNN, "LSTM as initialised": nf.LSTM, "LSTM, forget bias 5": nf.LSTM}
    sizes = []
    for name, recurrent in layers.items():
        nf.manual_seed(seed)
        layer = recurrent(8, HIDDEN)
        if name.endswith("5"):
            layer.cell.bias_ih.data[HIDDEN : 2 * HIDDEN] = 5.0
        x = nf.Tensor(np.random.default_rng(seed).normal(size=(16, 50, 8)).astype(np.float32), requires_grad=True)
        layer(x)[0][:, -1].sum().backward()
        at_each_step = np.sqrt((x.grad.numpy().astype(np.float64) ** 2).sum(axis=(0, 2)))
        sizes.append([at_each_step[49 - step] for step in steps])
    return {"columns": [str(step) for step in steps], "rows": list(layers), "values": sizes, "percent": False}
