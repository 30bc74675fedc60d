"""Graphs that the tests of the explorer share, and the facts of its pages."""

import re

import numpy as np

import datasets
import neural_framework as nf
from neural_framework import Tensor
from neural_framework.explorer.facts import from_json

RNG = np.random.default_rng(0)


def leaf(*shape):
    return Tensor(RNG.normal(size=shape) + 0.1, requires_grad=True)


def facts_of(page):
    """The data in a page."""
    return from_json(re.search(r'id="facts">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)[1])


def rnn_loss():
    model = nf.RNN(3, 4)
    outputs, _ = model(leaf(2, 5, 3))
    return (outputs * outputs).mean()


def lstm_loss():
    outputs, (_, c) = nf.LSTM(2, 3)(leaf(2, 3, 2))
    return (outputs[:, -1] * c).sum()


def mlp_loss():
    model = nf.Sequential(nf.Linear(4, 5), nf.ReLU(), nf.Linear(5, 3))
    return nf.CrossEntropyLoss()(model(leaf(6, 4)), np.array([0, 1, 2, 0, 1, 2]))


def digits_loss():
    (images, labels), _ = datasets.digits()
    model = nf.Sequential(nf.Linear(64, 32), nf.ReLU(), nf.Linear(32, 10))
    return nf.CrossEntropyLoss()(model(Tensor(images[:16])), labels[:16])


GRAPHS = {
    "product": lambda: leaf() * leaf(),
    "square": lambda: (lambda x: x * x)(leaf()),
    "diamond": lambda: (lambda x: (x + x.abs()) * x.exp())(leaf()),
    "broadcasting": lambda: (leaf(2, 3) * leaf(3) + leaf(2, 1)).sum(),
    "quotient": lambda: (leaf(3) / (leaf(2, 3) + 5)).mean(),
    "powers": lambda: (lambda x: (x**2 + x**3 + x**0).sum())(leaf(4)),
    "tensor power": lambda: ((leaf(3).abs() + 1) ** leaf(3)).sum(),
    "matrices": lambda: (leaf(2, 3) @ leaf(3, 4)).tanh().sum(),
    "vectors": lambda: leaf(3) @ leaf(3, 2) @ leaf(2),
    "batches": lambda: (leaf(2, 1, 2, 3) @ leaf(4, 3, 2)).mean(),
    "smooth": lambda: (lambda x: (x.exp() + x.sin() * x.cos() + x.sigmoid()).sum())(leaf(3)),
    "logarithms": lambda: (leaf(3).abs() + 1).log().sqrt().tanh().sum(),
    "kinks": lambda: (lambda x: (x.relu() + x.leaky_relu(0.1) + x.abs() + x.clip(-1, 1)).sum())(
        Tensor([-2.0, -1.0, 0.0, 1.0, 2.0], requires_grad=True)
    ),
    "ties": lambda: (lambda x: x.max(axis=1).sum() + x.min() + nf.maximum(x, 1.0).sum() + nf.minimum(x, x[0]).sum())(
        Tensor([[1.0, 1.0, 0.0], [2.0, 3.0, 3.0]], requires_grad=True)
    ),
    "shapes": lambda: (lambda x: (x.T.reshape(2, 6) + x.swapaxes(0, 1).flatten()[:2].unsqueeze(1)).sum())(leaf(4, 3)),
    "indices": lambda: (lambda x: x[[0, 0, 1]].sum() + x[:, 1].mean() + x[x > 0].sum())(leaf(3, 2)),
    "joined": lambda: (lambda a, b: nf.stack([a, b]).sum(axis=0) @ nf.concatenate([b, a])[1:4])(leaf(3), leaf(3)),
    "chosen": lambda: nf.where(np.array([True, False]), leaf(2, 2), leaf()).var(),
    "softmax": lambda: (leaf(2, 3).log_softmax() * leaf(2, 3).softmax(axis=0)).sum(),
    "float16": lambda: ((leaf(3, 4) * 3.0).astype(np.float16) * 2.0).sigmoid().mean(),
    "large": lambda: (leaf(4, 4) * 1e20).log_softmax().sum(),
    "clipped to one number": lambda: Tensor([1.0, 0.0, 2.0], requires_grad=True).clip(1, 1).sum(),
    "mlp": mlp_loss,
    "digits": digits_loss,
    "rnn": rnn_loss,
    "lstm": lstm_loss,
    "float32": lambda: (nf.randn((3, 4), requires_grad=True) @ nf.randn((4, 2))).sigmoid().mean(),
}
