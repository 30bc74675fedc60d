"""4.12 Sequences and recall: what a recurrent network remembers, and for how long.

The comment next to each threshold says how many of 1,000 seeds reach it with the reference (proofs/convergence.py).
"""

import numpy as np

import datasets
import neural_framework as nf

HIDDEN = 32  # the size of every hidden state here; the gates i, f, g, o of an LSTM have 32 rows each


def test_a_recurrent_network_continues_sequences(see, seed):
    """Trained on a bouncing ball, the network continues 4 symbols with 30 of its own, from every position."""
    continued, right = zip(*[continuation(seed + i) for i in range(3)], strict=True)
    see.most_agree(continued, right, 0.95)  # 1,000 of 1,000, the lowest 1.0


def test_an_lstm_recalls_over_many_steps(see, seed):
    """The first symbol of 50 decides: an LSTM whose forget gates start open carries it past 49 distractors."""
    recalled, right = zip(*[recall(nf.LSTM, "long", seed + i) for i in range(3)], strict=True)
    see.most_agree(recalled, right, 0.95)  # 1,000 of 1,000, the lowest 0.992


def test_a_plain_rnn_recalls_over_few_steps_and_forgets_over_many(see, seed):
    """A plain RNN of the same size carries the symbol past 4 distractors. Past 49 it can only guess, right in half
    of the cases: the gradient shrinks at every time step, so the network never learns what lies far back."""
    recalled, right = zip(*[recall(nf.RNN, "short", seed + i) for i in range(3)], strict=True)
    guessed, first = zip(*[recall(nf.RNN, "long", seed + i) for i in range(3)], strict=True)
    see.most_agree(recalled, right, 0.95)  # 1,000 of 1,000, the lowest 1.0
    see.most_agree(guessed, [1 - symbols for symbols in first], 0.25)  # wrong guesses; 1,000 of 1,000, the lowest 0.43


def continuation(seed):
    """How the model continues the way of the ball, from 14 positions in an order that the seed draws; and that way."""
    nf.manual_seed(seed)
    symbols = datasets.sequences()
    model = sequence_model(nf.RNN, symbols=8, classes=8)
    optimizer = nf.Adam(model.parameters(), lr=0.01)
    loader = nf.DataLoader((symbols[:, :-1], symbols[:, 1:]), batch_size=16)  # each symbol's target is the next
    for _ in range(15):
        nf.train_epoch(model, loader, optimizer, nf.CrossEntropyLoss(), max_grad_norm=1.0)
    way = np.tile([0, 1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1], 4)
    right = np.array([way[start : start + 34] for start in np.random.default_rng(seed).permutation(14)])
    continued = right[:, :4]
    for _ in range(30):
        next_symbols = logits_of(model, continued)[:, :, -1].argmax(axis=1)
        continued = np.hstack([continued, next_symbols[:, np.newaxis]])
    return continued[:, 4:], right[:, 4:]


def recall(recurrent, length, seed):
    """What the model recalls as the first symbols of sequences in an order that the seed draws; and those symbols."""
    nf.manual_seed(seed)
    training, (symbols, labels) = datasets.recall(length)
    model = sequence_model(recurrent, symbols=6, classes=2)
    if recurrent is nf.LSTM:  # forget gates start open (Gers, Schmidhuber & Cummins 2000)
        model.recurrent.cell.bias_ih.data[HIDDEN : 2 * HIDDEN] = 5.0
    optimizer = nf.Adam(model.parameters(), lr=0.003)
    loader = nf.DataLoader(training, batch_size=128)
    for _ in range(9):  # at most nine epochs: once the loss is small, more of them change little
        if nf.train_epoch(model, loader, optimizer, loss_at_the_end, max_grad_norm=1.0) < 0.1:
            break
    order = np.random.default_rng(seed).permutation(len(labels))
    return logits_of(model, symbols[order])[:, :, -1].argmax(axis=1), labels[order]


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
