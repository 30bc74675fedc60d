"""Each workload with a tree's `neural_framework`: the reference, or any other that keeps the contract."""

from __future__ import annotations

import functools
import importlib
import sys
from pathlib import Path
from types import ModuleType

from .workloads import EMBEDDED, HIDDEN, SYMBOLS

SOLUTIONS = Path(__file__).resolve().parents[1] / "solutions"


def load_tree(folder: Path) -> ModuleType:
    """The package in `folder`, with modules of its own: several trees can be there at once."""
    others = take_modules()
    sys.path.insert(0, str(folder))
    try:
        package = importlib.import_module("neural_framework")
    finally:
        sys.path.remove(str(folder))
        take_modules()
        sys.modules.update(others)
    if not Path(package.__file__).is_relative_to(folder):
        raise ImportError(f"no neural_framework in {folder}")
    return package


def take_modules() -> dict[str, ModuleType]:
    """Take the modules of neural_framework out of those that Python finds again."""
    names = [name for name in sys.modules if name.split(".")[0] == "neural_framework"]
    return {name: sys.modules.pop(name) for name in names}


def tree_steps(nf: ModuleType) -> dict:
    """The workloads for one tree."""
    return {name: functools.partial(function, nf) for name, function in STEPS.items()}


def fill(parameters, arrays) -> None:
    """Write the workload's values into the parameters, in order."""
    for parameter, array in zip(parameters, arrays, strict=True):
        parameter.data[...] = array


def trainer(nf, model, loss_function, arrays: dict, lr: float):
    """A step() that trains the model."""
    parameters = list(model.parameters())
    fill(parameters, arrays["parameters"])
    optimizer = nf.Adam(parameters, lr=lr)

    def step() -> float:
        optimizer.zero_grad()
        loss = loss_function(model)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def xor(nf, arrays, lr):
    x, y, criterion = nf.Tensor(arrays["x"]), nf.Tensor(arrays["y"]), nf.MSELoss()
    model = nf.Sequential(nf.Linear(2, 4), nf.Tanh(), nf.Linear(4, 1), nf.Sigmoid())
    return trainer(nf, model, lambda model: criterion(model(x), y), arrays, lr)


def perceptron(nf, arrays, lr):
    x, y, criterion = nf.Tensor(arrays["x"]), nf.Tensor(arrays["y"]), nf.CrossEntropyLoss()
    layers = []
    for weight in arrays["parameters"][::2]:
        layers += [nf.Linear(weight.shape[1], weight.shape[0]), nf.ReLU()]
    return trainer(nf, nf.Sequential(*layers[:-1]), lambda model: criterion(model(x), y), arrays, lr)


def sequences(nf, arrays, lr):
    x, y, criterion = nf.Tensor(arrays["x"]), nf.Tensor(arrays["y"].ravel()), nf.CrossEntropyLoss()

    class Model(nf.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nf.Embedding(SYMBOLS, EMBEDDED)
            self.lstm = nf.LSTM(EMBEDDED, HIDDEN)
            self.head = nf.Linear(HIDDEN, SYMBOLS)

        def forward(self, x):
            outputs, _ = self.lstm(self.embedding(x))
            return self.head(outputs).reshape(-1, SYMBOLS)

    return trainer(nf, Model(), lambda model: criterion(model(x), y), arrays, lr)


def chain(nf, arrays, lr):
    x = nf.Tensor(arrays["x"], requires_grad=True)
    a, b = nf.Tensor(arrays["a"]), nf.Tensor(arrays["b"])

    def step():
        x.grad = None
        y = x
        for _ in range(arrays["operations"] // 2):
            y = y * a
            y = y + b
        total = y.sum()
        total.backward()
        return total, x.grad

    return step


def broadcasting(nf, arrays, lr):
    x, w, b = (nf.Tensor(arrays[name], requires_grad=True) for name in "xwb")

    def step():
        x.grad = w.grad = b.grad = None
        total = (x * w + b).relu().sum()
        total.backward()
        return total, x.grad, w.grad, b.grad

    return step


def differentiated(nf, function, arrays, *names):
    """A step() that gives the function's result for the arrays of these names, and their gradients."""
    inputs, grad = [nf.Tensor(arrays[name], requires_grad=True) for name in names], arrays["grad"]

    def step():
        for x in inputs:
            x.grad = None
        y = function(*inputs)
        y.backward(grad)
        return y, *(x.grad for x in inputs)

    return step


def attention(nf, arrays, lr):
    def function(query, key, value):
        return nf.scaled_dot_product_attention(query, key, value, causal=True)

    return differentiated(nf, function, arrays, "query", "key", "value")


def convolution(nf, arrays, lr):
    return differentiated(nf, lambda *inputs: nf.conv2d(*inputs, padding=1), arrays, "x", "weight", "bias")


def pooling(nf, arrays, lr):
    return differentiated(nf, lambda x: nf.max_pool2d(x, 2), arrays, "x")


STEPS = {"W1": xor, "W2": perceptron, "W3": perceptron, "W4": sequences, "W5": chain, "W6": broadcasting}
STEPS |= {"W7": attention, "W8": convolution, "W9": pooling}
