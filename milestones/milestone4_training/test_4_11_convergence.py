"""4.11 Line, XOR, spirals, digits: all the parts learn together.

The comment next to each threshold says how many of 1,000 seeds reach it with the reference (proofs/convergence.py).
"""

import numpy as np

import datasets
import neural_framework as nf


def test_a_line_reaches_the_least_squares_solution(see, seed):
    """From every start, SGD on the mean squared error reaches the line that the normal equations give."""
    inputs, targets = datasets.line()
    targets = targets + np.float32(np.random.default_rng(seed).uniform()) * inputs  # another slope for another seed
    columns = np.hstack([inputs, np.ones_like(inputs)]).astype(np.float64)
    weight_and_bias = np.linalg.lstsq(columns, targets[:, 0], rcond=None)[0]
    lines = [fitted_line((inputs, targets), seed + i) for i in range(3)]
    see.close(lines, [weight_and_bias] * 3, tolerance=1e-3)  # 1,000 of 1,000


def test_xor_is_learned_completely(see, seed):
    """No line separates XOR, but a hidden layer of 8 units trained by Adam gets all four cases right."""
    guesses, labels = three_times(xor, seed)
    see.most_agree(guesses, labels, 1.0)  # 1,000 of 1,000


def test_two_spirals_are_told_apart(see, seed):
    """A network with two hidden layers separates two interleaved spirals of 100 points each."""
    guesses, labels = three_times(spirals, seed)
    see.most_agree(guesses, labels, 0.97)  # 1,000 of 1,000, the lowest 1.0


def test_digits_it_has_not_seen_are_recognised(see, seed):
    """Trained on 1,437 handwritten digits, the network reads 360 others, most of them written by other people."""
    guesses, labels = three_times(digits, seed)
    see.most_agree(guesses, labels, 0.87)  # 1,000 of 1,000, the lowest 0.878


def three_times(trained, seed):
    """Guesses and labels with three seeds."""
    return zip(*[trained(seed + i) for i in range(3)], strict=True)


def fitted_line(points, seed):
    nf.manual_seed(seed)
    model = nf.Linear(1, 1)
    train(model, points, 64, nf.SGD(model.parameters(), lr=0.3), nf.MSELoss(), epochs=60)
    return [model.weight.item(), model.bias.item()]


def xor(seed):
    nf.manual_seed(seed)
    model = nf.Sequential(nf.Linear(2, 8), nf.Tanh(), nf.Linear(8, 2))
    train(model, datasets.xor(), 4, nf.Adam(model.parameters(), lr=0.1), nf.CrossEntropyLoss(), epochs=60)
    return guesses_and_labels(model, datasets.xor(), seed)


def spirals(seed):
    nf.manual_seed(seed)
    model = nf.Sequential(nf.Linear(2, 32), nf.ReLU(), nf.Linear(32, 32), nf.ReLU(), nf.Linear(32, 2))
    train(model, datasets.spirals(), 50, nf.Adam(model.parameters(), lr=0.02), nf.CrossEntropyLoss(), epochs=80)
    return guesses_and_labels(model, datasets.spirals(), seed)


def digits(seed):
    nf.manual_seed(seed)
    training, held_out = datasets.digits()
    model = nf.Sequential(nf.Linear(64, 64), nf.ReLU(), nf.Linear(64, 10))
    train(model, training, 64, nf.Adam(model.parameters(), lr=0.01), nf.CrossEntropyLoss(), epochs=12)
    return guesses_and_labels(model, held_out, seed)


def train(model, data, batch_size, optimizer, loss_fn, epochs):
    loader = nf.DataLoader(data, batch_size)
    for _ in range(epochs):
        nf.train_epoch(model, loader, optimizer, loss_fn)


def guesses_and_labels(model, data, seed):
    """What the model takes the samples for, in an order that the seed draws, and what they are."""
    order = np.random.default_rng(seed).permutation(len(data[0]))
    inputs, labels = data[0][order], data[1][order]
    with nf.no_grad():
        logits = model(nf.Tensor(inputs)).numpy()
    return logits.argmax(axis=1), labels
