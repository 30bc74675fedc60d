"""5.11 Depth: 40 blocks learn with residuals and normalisation, and not without one of them.

The comment next to each threshold says how many of 100 seeds, or of 34 medians of three seeds, reach it with the
reference (nox -s convergence).
"""

from collections import namedtuple

import numpy as np

import datasets
import neural_framework as nf

Run = namedtuple("Run", "model losses guesses labels")
BLOCKS = 40
# Name -> whether each block is added to what came before it, and whether it is normalised.
VARIANTS = {
    "both": (True, True),
    "norm alone": (False, True),
    "residuals alone": (True, False),
    "neither": (False, False),
}


def test_40_blocks_learn_with_residuals_and_normalisation(see, seed):
    """A network of 40 blocks, each normalised and added to what came before, reads most of the held-out digits."""
    runs = [digits(seed + i, *VARIANTS["both"]) for i in range(3)]
    see.most_agree([run.guesses for run in runs], [run.labels for run in runs], 0.75)  # 100 of 100, the lowest 0.817
    see.shows("curve", "40 blocks", lambda: curve(runs))
    see.shows("table", "held-out digits read", lambda: read("both", runs))


def test_40_blocks_do_not_learn_with_one_of_them_alone(see, seed):
    """Without residuals nothing of the digit comes through; without normalisation the sums grow too large."""
    variants = {name: settings for name, settings in VARIANTS.items() if name != "both"}
    runs = {name: [digits(seed + i, *settings) for i in range(3)] for name, settings in variants.items()}
    see.at_most(median([share(run) for run in runs["norm alone"]]), 0.6)  # 34 of 34, the highest 0.139
    see.at_most(median([share(run) for run in runs["residuals alone"]]), 0.6)  # 34 of 34, the highest 0.203
    see.at_most(median([share(run) for run in runs["neither"]]), 0.6)  # 34 of 34, the highest 0.297
    for name in variants:
        see.shows("table", "held-out digits read", lambda n=name: read(n, runs[n]))
    see.shows("table", "gradients before training", gradients)


def network(residual, norm):
    blocks = [block(residual, norm) for _ in range(BLOCKS)]
    return nf.Sequential(nf.Linear(64, 32), *blocks, nf.Linear(32, 10))


def block(residual, norm):
    layers = [nf.Linear(32, 32), nf.BatchNorm1d(32), nf.ReLU()] if norm else [nf.Linear(32, 32), nf.ReLU()]
    return nf.Residual(nf.Sequential(*layers)) if residual else nf.Sequential(*layers)


def digits(seed, residual, norm):
    """Trained for 5 epochs, and tested on the held-out digits, in an order that the seed draws."""
    nf.manual_seed(seed)
    training, (images, labels) = datasets.digits()
    model = network(residual, norm)
    loader, optimizer = nf.DataLoader(training, 64), nf.Adam(model.parameters(), lr=0.003)
    losses = [nf.train_epoch(model, loader, optimizer, nf.CrossEntropyLoss()) for _ in range(5)]
    order = np.random.default_rng(seed).permutation(len(labels))
    model.eval()
    with nf.no_grad():
        guesses = model(nf.Tensor(images[order])).numpy().argmax(axis=1)
    return Run(model, losses, guesses, labels[order])


def share(run):
    return np.mean(run.guesses == run.labels)


def median(numbers):
    """Two of three runs are at least, and at most, as good as this."""
    return float(np.median(numbers))


# What follows is for the pictures alone.


def before_training(residual, norm):
    """A new network, after one backward, with its logits and the loss."""
    nf.manual_seed(0)
    images, labels = datasets.digits()[0]
    model = network(residual, norm)
    logits = model(nf.Tensor(images[:64]))
    loss = nf.CrossEntropyLoss()(logits, nf.Tensor(labels[:64]))
    loss.backward()
    return model, logits, loss


def curve(runs):
    """How the worst run went; of a network that is not trained yet the loss, and the parameters without a gradient."""
    model, logits, loss = before_training(True, True)
    return {
        "losses": min(runs, key=share).losses,
        "first": loss.item(),
        "classes": logits.shape[1],
        "right": [share(run) for run in runs],
        "without_gradient": [name for name, parameter in model.named_parameters() if parameter.grad is None],
    }


def read(name, runs):
    """How many of the held-out digits are read, in each run."""
    shares = [share(run) for run in runs]
    return {"columns": ["run 1", "run 2", "run 3"], "rows": [name], "values": [shares], "percent": True}


def gradients():
    """How large the gradients of the weights of the blocks 1, 20 and 40 are, in each variant."""
    values = []
    for residual, norm in VARIANTS.values():
        model, _, _ = before_training(residual, norm)
        blocks = [model[number].module if residual else model[number] for number in (1, 20, BLOCKS)]
        values.append([np.sqrt((each[0].weight.grad.numpy().astype(np.float64) ** 2).sum()) for each in blocks])
    columns = ["block 1", "block 20", f"block {BLOCKS}"]
    return {"columns": columns, "rows": list(VARIANTS), "values": values, "percent": False}
