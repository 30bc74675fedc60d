"""The workloads: what is computed, the goals, and the arrays that every system starts from.

Everything is float32. W1 to W4 are training steps with Adam, on one batch; W5 to W9 are a forward and a backward. W7 to
W9 are of the electives, and outside of the mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

SYMBOLS, EMBEDDED, HIDDEN = 64, 32, 64  # W4


@dataclass(frozen=True)
class Workload:
    """One row of the table.

    goal: the reference's time as a multiple of the floor's, or None for one that is outside of the mean. size: the
    batch, time steps or operations that `arrays` makes inputs for, where there is a choice. lr: large enough for the
    loss to tell right gradients from wrong ones.
    """

    name: str
    title: str
    goal: float | None
    arrays: Callable[..., dict]
    size: int | None = None
    lr: float = 0.01

    @property
    def kind(self) -> str:
        """W1 to W9, whatever the size: the name under which the systems have the code."""
        return self.name[:2]

    @property
    def trains(self) -> bool:
        """Whether a step changes parameters and gives the loss."""
        return self.kind in ("W1", "W2", "W3", "W4")

    def make_arrays(self) -> dict:
        """New arrays, the same at every call."""
        rng = np.random.default_rng(0)
        return self.arrays(rng) if self.size is None else self.arrays(rng, self.size)


def uniform(rng, *shape: int, bound: float = 1.0) -> np.ndarray:
    """Draws from U(-bound, bound), float32."""
    return rng.uniform(-bound, bound, shape).astype(np.float32)


def dense_layers(rng, *sizes: int) -> list[np.ndarray]:
    """weight (out, in), bias (out,), weight, bias, ... of layers between the sizes."""
    arrays = []
    for inputs, outputs in pairwise(sizes):
        bound = (6 / (inputs + outputs)) ** 0.5
        arrays += [uniform(rng, outputs, inputs, bound=bound), np.zeros(outputs, np.float32)]
    return arrays


def xor(rng) -> dict:
    """x (4, 2), y (4, 1), and the parameters of 2-4-1."""
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    y = np.array([[0], [1], [1], [0]], np.float32)
    return {"x": x, "y": y, "parameters": dense_layers(rng, 2, 4, 1)}


def small_perceptron(rng) -> dict:
    """x (64, 64), classes y (64,), and the parameters of 64-128-64-10."""
    return classification(rng, 64, 64, 128, 64, 10)


def large_perceptron(rng, batch: int) -> dict:
    """x (batch, 784), classes y (batch,), and the parameters of 784-256-128-10."""
    return classification(rng, batch, 784, 256, 128, 10)


def classification(rng, batch: int, *sizes: int) -> dict:
    """Inputs and classes drawn at random, and the layers' parameters."""
    x, y = uniform(rng, batch, sizes[0]), rng.integers(0, sizes[-1], batch)
    return {"x": x, "y": y, "parameters": dense_layers(rng, *sizes)}


def sequences(rng, steps: int) -> dict:
    """x and y (32, T) symbols, and the parameters of Embedding, LSTM (as in PyTorch) and a Linear for each step."""
    x, y = rng.integers(0, SYMBOLS, (2, 32, steps))
    bound = HIDDEN**-0.5
    return {
        "x": x,
        "y": y,
        "parameters": [
            rng.standard_normal((SYMBOLS, EMBEDDED)).astype(np.float32),
            uniform(rng, 4 * HIDDEN, EMBEDDED, bound=bound),  # weight_ih
            uniform(rng, 4 * HIDDEN, HIDDEN, bound=bound),  # weight_hh
            uniform(rng, 4 * HIDDEN, bound=bound),  # bias_ih
            uniform(rng, 4 * HIDDEN, bound=bound),  # bias_hh
            *dense_layers(rng, HIDDEN, SYMBOLS),
        ],
    }


def chain(rng, operations: int) -> dict:
    """x, a and b (10,): x = x * a and x = x + b take turns; only x is differentiated."""
    a = 1 + uniform(rng, 10, bound=1e-5)
    return {"x": uniform(rng, 10), "a": a, "b": uniform(rng, 10, bound=1e-4), "operations": operations}


def broadcasting(rng) -> dict:
    """x (256, 256), w (256,), b (256, 1): all three are differentiated."""
    return {"x": uniform(rng, 256, 256), "w": uniform(rng, 256), "b": uniform(rng, 256, 1)}


def attention(rng) -> dict:
    """query, key and value (64, 4, 16, 16), 64 sequences, 4 heads, 16 positions, and the upstream gradient."""
    return {name: uniform(rng, 64, 4, 16, 16) for name in ("query", "key", "value", "grad")}


def convolution(rng) -> dict:
    """x (64, 16, 8, 8), weight (32, 16, 3, 3), bias (32,), and the upstream gradient; positive, so nothing cancels."""
    shapes = {"x": (64, 16, 8, 8), "weight": (32, 16, 3, 3), "bias": (32,), "grad": (64, 32, 8, 8)}
    return {name: np.abs(uniform(rng, *shape)) for name, shape in shapes.items()}


def pooling(rng) -> dict:
    """x (64, 32, 8, 8), whose windows of 2 x 2 are pooled, and the upstream gradient."""
    return {"x": uniform(rng, 64, 32, 8, 8), "grad": uniform(rng, 64, 32, 4, 4)}


W3 = Workload("W3", "large MLP", 1.07, large_perceptron, 128, lr=0.001)
W4 = Workload("W4", "LSTM", 2.0, sequences, 32)
W5 = Workload("W5", "1,000 operations", 7.5, chain, 1_000)
W5_LONG = Workload("W5 long", "20,000 operations", None, chain, 20_000)
WORKLOADS = [
    Workload("W1", "XOR", 3.7, xor),
    Workload("W2", "small MLP", 1.4, small_perceptron),
    W3,
    W4,
    W5,
    W5_LONG,
    Workload("W6", "broadcasting", 1.5, broadcasting),
    Workload("W7", "attention", None, attention),
    Workload("W8", "conv2d", None, convolution),
    Workload("W9", "max pooling", None, pooling),
]
