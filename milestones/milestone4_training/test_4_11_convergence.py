"""4.11 Line, XOR, spirals, digits: all the parts learn together.

The comment next to each threshold says how many of 1,000 seeds reach it with the reference (proofs/convergence.py).
"""

from collections import namedtuple

import numpy as np

import datasets
import neural_framework as nf

Run = namedtuple("Run", "model losses guesses labels")


def test_a_line_reaches_the_least_squares_solution(see, seed):
    """From every start, SGD on the mean squared error reaches the line that the normal equations give."""
    inputs, targets = datasets.line()
    targets = targets + np.float32(np.random.default_rng(seed).uniform()) * inputs  # another slope for another seed
    columns = np.hstack([inputs, np.ones_like(inputs)]).astype(np.float64)
    weight_and_bias = np.linalg.lstsq(columns, targets[:, 0], rcond=None)[0]
    lines = [fitted_line((inputs, targets), seed + i) for i in range(3)]
    see.close(lines, [weight_and_bias] * 3, tolerance=1e-3)  # 1,000 of 1,000
    see.shows("line", "line", lambda: {"yours": lines[0], "least_squares": weight_and_bias})


def test_xor_is_learned_completely(see, seed):
    """No line separates XOR, but a hidden layer of 8 units trained by Adam gets all four cases right."""
    runs = [xor(seed + i) for i in range(3)]
    see.most_agree([run.guesses for run in runs], [run.labels for run in runs], 1.0)  # 1,000 of 1,000
    see.shows("curve", "XOR", lambda: curve(runs, xor_network, datasets.xor()))
    see.shows("map", "XOR", lambda: decision_map(worst(runs).model, datasets.xor()))


def test_two_spirals_are_told_apart(see, seed):
    """A network with two hidden layers separates two interleaved spirals of 100 points each."""
    runs = [spirals(seed + i) for i in range(3)]
    see.most_agree([run.guesses for run in runs], [run.labels for run in runs], 0.97)  # 1,000 of 1,000, the lowest 1.0
    see.shows("curve", "spirals", lambda: curve(runs, spirals_network, datasets.spirals()))
    see.shows("map", "spirals", lambda: decision_map(worst(runs).model, datasets.spirals()))


def test_digits_it_has_not_seen_are_recognised(see, seed):
    """Trained on 1,437 handwritten digits, the network reads 360 others, most of them written by other people."""
    runs = [digits(seed + i) for i in range(3)]
    see.most_agree([run.guesses for run in runs], [run.labels for run in runs], 0.87)  # 1,000 of 1,000; lowest 0.878
    see.shows("curve", "digits, held out", lambda: curve(runs, digits_network, datasets.digits()[0]))
    see.shows("digits", "misread", lambda: misread(worst(runs).model, datasets.digits()[1]))


def fitted_line(points, seed):
    nf.manual_seed(seed)
    model = nf.Linear(1, 1)
    train(model, points, 64, nf.SGD(model.parameters(), lr=0.3), nf.MSELoss(), epochs=60)
    return [model.weight.item(), model.bias.item()]


def xor(seed):
    nf.manual_seed(seed)
    model = xor_network()
    losses = train(model, datasets.xor(), 4, nf.Adam(model.parameters(), lr=0.1), nf.CrossEntropyLoss(), epochs=60)
    return Run(model, losses, *guesses_and_labels(model, datasets.xor(), seed))


def spirals(seed):
    nf.manual_seed(seed)
    model = spirals_network()
    optimizer = nf.Adam(model.parameters(), lr=0.02)
    losses = train(model, datasets.spirals(), 50, optimizer, nf.CrossEntropyLoss(), epochs=80)
    return Run(model, losses, *guesses_and_labels(model, datasets.spirals(), seed))


def digits(seed):
    nf.manual_seed(seed)
    training, held_out = datasets.digits()
    model = digits_network()
    losses = train(model, training, 64, nf.Adam(model.parameters(), lr=0.01), nf.CrossEntropyLoss(), epochs=12)
    return Run(model, losses, *guesses_and_labels(model, held_out, seed))


def xor_network():
    return nf.Sequential(nf.Linear(2, 8), nf.Tanh(), nf.Linear(8, 2))


def spirals_network():
    return nf.Sequential(nf.Linear(2, 32), nf.ReLU(), nf.Linear(32, 32), nf.ReLU(), nf.Linear(32, 2))


def digits_network():
    return nf.Sequential(nf.Linear(64, 64), nf.ReLU(), nf.Linear(64, 10))


def train(model, data, batch_size, optimizer, loss_fn, epochs):
    loader = nf.DataLoader(data, batch_size)
    return [nf.train_epoch(model, loader, optimizer, loss_fn) for _ in range(epochs)]


def guesses_and_labels(model, data, seed):
    """What the model takes the samples for, in an order that the seed draws, and what they are."""
    order = np.random.default_rng(seed).permutation(len(data[0]))
    inputs, labels = data[0][order], data[1][order]
    return guesses_of(model, inputs), labels


def guesses_of(model, inputs):
    with nf.no_grad():
        return model(nf.Tensor(inputs)).numpy().argmax(axis=1)


# What follows is for the pictures alone.


def worst(runs):
    """The run with the most wrong guesses: there is the most to see."""
    return min(runs, key=lambda run: np.mean(run.guesses == run.labels))


def curve(runs, network, data):
    """How the worst run went; of a network that is not trained yet the loss, and the parameters without a gradient."""
    nf.manual_seed(0)
    model = network()
    logits = model(nf.Tensor(data[0]))
    first = nf.CrossEntropyLoss()(logits, nf.Tensor(data[1]))
    first.backward()
    return {
        "losses": worst(runs).losses,
        "first": first.item(),
        "classes": logits.shape[1],
        "right": [np.mean(run.guesses == run.labels) for run in runs],
        "without_gradient": [name for name, parameter in model.named_parameters() if parameter.grad is None],
    }


def decision_map(model, data):
    """What the model takes each place of the plane for, from the top down, and each point of the data."""
    points, labels = data
    (left, bottom), (right, top) = points.min(axis=0) - 0.25, points.max(axis=0) + 0.25
    rows, columns = np.linspace(top, bottom, 12), np.linspace(left, right, 36)
    places = np.array([[x, y] for y in rows for x in columns], dtype=np.float32)
    return {
        "classes": guesses_of(model, places).reshape(12, 36),
        "extent": [left, right, bottom, top],
        "points": points,
        "guesses": guesses_of(model, points),
        "labels": labels,
    }


def misread(model, data):
    """Three images, each of another digit, that the model takes for other digits."""
    images, labels = data
    guesses = guesses_of(model, images)
    wrong = np.flatnonzero(guesses != labels)
    wrong = wrong[np.unique(labels[wrong], return_index=True)[1]][:3]
    return {"images": images[wrong], "guesses": guesses[wrong], "labels": labels[wrong]}
