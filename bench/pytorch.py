"""Each workload with PyTorch, eager, on one thread; the LSTM as a loop over LSTMCell and as nn.LSTM."""

from __future__ import annotations

import torch
from torch import nn

from .workloads import EMBEDDED, HIDDEN, SYMBOLS

torch.set_num_threads(1)


def trainer(model, loss_function, arrays: dict, lr: float):
    """A step() that trains the model."""
    parameters = list(model.parameters())
    with torch.no_grad():
        for parameter, array in zip(parameters, arrays["parameters"], strict=True):
            parameter.copy_(torch.from_numpy(array))
    optimizer = torch.optim.Adam(parameters, lr=lr)

    def step() -> float:
        optimizer.zero_grad()
        loss = loss_function(model)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def xor(arrays, lr):
    x, y, criterion = torch.tensor(arrays["x"]), torch.tensor(arrays["y"]), nn.MSELoss()
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1), nn.Sigmoid())
    return trainer(model, lambda model: criterion(model(x), y), arrays, lr)


def perceptron(arrays, lr):
    x, y, criterion = torch.tensor(arrays["x"]), torch.tensor(arrays["y"]), nn.CrossEntropyLoss()
    layers = []
    for weight in arrays["parameters"][::2]:
        layers += [nn.Linear(weight.shape[1], weight.shape[0]), nn.ReLU()]
    return trainer(nn.Sequential(*layers[:-1]), lambda model: criterion(model(x), y), arrays, lr)


class CellLoop(nn.Module):
    """An LSTM from its cell, one step in time after the other, as a tree's LSTM."""

    def __init__(self, inputs: int, hidden: int):
        super().__init__()
        self.cell = nn.LSTMCell(inputs, hidden)

    def forward(self, x):
        state, outputs = None, []
        for t in range(x.shape[1]):
            state = self.cell(x[:, t], state)
            outputs.append(state[0])
        return torch.stack(outputs, dim=1), state


class SequenceModel(nn.Module):
    """Embedding, LSTM, and a Linear at each step."""

    def __init__(self, lstm):
        super().__init__()
        self.embedding, self.lstm, self.head = nn.Embedding(SYMBOLS, EMBEDDED), lstm, nn.Linear(HIDDEN, SYMBOLS)

    def forward(self, x):
        outputs, _ = self.lstm(self.embedding(x))
        return self.head(outputs).reshape(-1, SYMBOLS)


def sequences(arrays, lr, lstm=CellLoop):
    x, y, criterion = torch.tensor(arrays["x"]), torch.tensor(arrays["y"].ravel()), nn.CrossEntropyLoss()
    model = SequenceModel(lstm(EMBEDDED, HIDDEN))
    return trainer(model, lambda model: criterion(model(x), y), arrays, lr)


def fused_sequences(arrays, lr):
    return sequences(arrays, lr, lambda inputs, hidden: nn.LSTM(inputs, hidden, batch_first=True))


def chain(arrays, lr):
    x = torch.tensor(arrays["x"], requires_grad=True)
    a, b = torch.tensor(arrays["a"]), torch.tensor(arrays["b"])

    def step():
        x.grad = None
        y = x
        for _ in range(arrays["operations"] // 2):
            y = y * a
            y = y + b
        total = y.sum()
        total.backward()
        return total.detach(), x.grad

    return step


def broadcasting(arrays, lr):
    x, w, b = (torch.tensor(arrays[name], requires_grad=True) for name in "xwb")

    def step():
        x.grad = w.grad = b.grad = None
        total = (x * w + b).relu().sum()
        total.backward()
        return total.detach(), x.grad, w.grad, b.grad

    return step


def differentiated(function, arrays, *names):
    inputs = [torch.tensor(arrays[name], requires_grad=True) for name in names]
    grad = torch.tensor(arrays["grad"])

    def step():
        for x in inputs:
            x.grad = None
        y = function(*inputs)
        y.backward(grad)
        return y.detach(), *(x.grad for x in inputs)

    return step


def attention(arrays, lr):
    def function(query, key, value):
        return nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)

    return differentiated(function, arrays, "query", "key", "value")


def convolution(arrays, lr):
    return differentiated(lambda *inputs: nn.functional.conv2d(*inputs, padding=1), arrays, "x", "weight", "bias")


def pooling(arrays, lr):
    return differentiated(lambda x: nn.functional.max_pool2d(x, 2), arrays, "x")


STEPS = {"W1": xor, "W2": perceptron, "W3": perceptron, "W4": sequences, "W5": chain, "W6": broadcasting}
STEPS |= {"W7": attention, "W8": convolution, "W9": pooling}
FUSED_STEPS = {"W4": fused_sequences}
