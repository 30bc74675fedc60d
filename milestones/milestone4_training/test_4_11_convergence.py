"""4.11 Line, XOR, spirals, digits: all the parts learn together.

The comment next to each threshold says how many of 1,000 seeds reach it with the reference (proofs/convergence.py).
"""

import numpy as np

import datasets
import neural_framework as nf


def test_a_line_reaches_the_least_squares_solution(see, seed):
    """From every start, SGD on the mean squared error reaches the line that the normal equations give."""
    inputs, targets = datasets.line()
    columns = np.hstack([inputs, np.ones_like(inputs)]).astype(np.float64)
    weight_and_bias = np.linalg.lstsq(columns, targets[:, 0], rcond=None)[0]
    see.close([fitted_line(seed + i) for i in range(3)], [weight_and_bias] * 3, tolerance=1e-3)  # 1,000 of 1,000


def test_xor_is_learned_completely(see, seed):
    """No line separates XOR, but a hidden layer of 8 units trained by Adam gets all four cases right."""
    see.most_at_least([xor_accuracy(seed + i) for i in range(3)], 1.0)  # 1,000 of 1,000


def test_two_spirals_are_told_apart(see, seed):
    """A network with two hidden layers separates two interleaved spirals of 100 points each."""
    see.most_at_least([spirals_accuracy(seed + i) for i in range(3)], 0.97)  # 1,000 of 1,000, the lowest 1.0


def test_digits_it_has_not_seen_are_recognised(see, seed):
    """Trained on 1,437 handwritten digits, the network reads 360 others, most of them written by other people."""
    see.most_at_least([digits_accuracy(seed + i) for i in range(3)], 0.87)  # 1,000 of 1,000, the lowest 0.878


def fitted_line(seed):
    nf.manual_seed(seed)
    model = nf.Linear(1, 1)
    train(model, datasets.line(), 64, nf.SGD(model.parameters(), lr=0.3), nf.MSELoss(), epochs=60)
    return [model.weight.item(), model.bias.item()]


def xor_accuracy(seed):
    nf.manual_seed(seed)
    model = nf.Sequential(nf.Linear(2, 8), nf.Tanh(), nf.Linear(8, 2))
    train(model, datasets.xor(), 4, nf.Adam(model.parameters(), lr=0.1), nf.CrossEntropyLoss(), epochs=60)
    return accuracy(model, datasets.xor())


def spirals_accuracy(seed):
    nf.manual_seed(seed)
    model = nf.Sequential(nf.Linear(2, 32), nf.ReLU(), nf.Linear(32, 32), nf.ReLU(), nf.Linear(32, 2))
    train(model, datasets.spirals(), 50, nf.Adam(model.parameters(), lr=0.02), nf.CrossEntropyLoss(), epochs=80)
    return accuracy(model, datasets.spirals())


def digits_accuracy(seed):
    nf.manual_seed(seed)
    training, held_out = datasets.digits()
    model = nf.Sequential(nf.Linear(64, 64), nf.ReLU(), nf.Linear(64, 10))
    train(model, training, 64, nf.Adam(model.parameters(), lr=0.01), nf.CrossEntropyLoss(), epochs=12)
    return accuracy(model, held_out)


def train(model, data, batch_size, optimizer, loss_fn, epochs):
    loader = nf.DataLoader(data, batch_size)
    for _ in range(epochs):
        nf.train_epoch(model, loader, optimizer, loss_fn)


def accuracy(model, data):
    inputs, labels = data
    with nf.no_grad():
        logits = model(nf.Tensor(inputs)).numpy()
    return float(np.mean(logits.argmax(axis=1) == labels))
