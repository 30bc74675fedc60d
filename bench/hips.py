"""Each workload with HIPS autograd, whose gradients go to the floor's Adam (autograd itself has none in place)."""

from __future__ import annotations

import autograd.numpy as np
from autograd import value_and_grad
from autograd.tracer import getval

from . import floor
from .workloads import HIDDEN


def trainer(loss_function, arrays: dict, lr: float):
    """A step() that trains the parameters."""
    adam = floor.Adam(arrays["parameters"], lr)
    loss_and_gradients = value_and_grad(loss_function)

    def step() -> float:
        loss, gradients = loss_and_gradients(adam.parameters)
        for own, gradient in zip(adam.gradients, gradients, strict=True):
            own[...] = gradient
        adam.step()
        return float(loss)

    return step


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def cross_entropy(logits, classes):
    shifted = logits - getval(logits).max(axis=1, keepdims=True)  # changes nothing, and so needs no gradient
    picked = shifted[np.arange(len(classes)), classes]
    return np.mean(np.log(np.sum(np.exp(shifted), axis=1)) - picked)


def xor(arrays, lr):
    def loss(parameters):
        w1, b1, w2, b2 = parameters
        h = np.tanh(np.dot(arrays["x"], w1.T) + b1)
        difference = sigmoid(np.dot(h, w2.T) + b2) - arrays["y"]
        return np.mean(difference * difference)

    return trainer(loss, arrays, lr)


def perceptron(arrays, lr):
    def loss(parameters):
        x = arrays["x"]
        for layer in range(0, len(parameters), 2):
            x = np.dot(np.maximum(x, 0) if layer else x, parameters[layer].T) + parameters[layer + 1]
        return cross_entropy(x, arrays["y"])

    return trainer(loss, arrays, lr)


def sequences(arrays, lr):
    batch, steps = arrays["x"].shape

    def loss(parameters):
        embedding, weight_ih, weight_hh, bias_ih, bias_hh, weight, bias = parameters
        x = embedding[arrays["x"]]
        h = c = np.zeros((batch, HIDDEN), np.float32)
        outputs = []
        for t in range(steps):
            gates = np.dot(x[:, t], weight_ih.T) + bias_ih + np.dot(h, weight_hh.T) + bias_hh
            i, f, g, o = (gates[:, k * HIDDEN : (k + 1) * HIDDEN] for k in range(4))
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            outputs.append(h)
        logits = np.dot(np.concatenate(outputs), weight.T) + bias  # (T * N, symbols)
        return cross_entropy(logits, arrays["y"].T.ravel())

    return trainer(loss, arrays, lr)


def chain(arrays, lr):
    def total(x):
        for _ in range(arrays["operations"] // 2):
            x = x * arrays["a"]
            x = x + arrays["b"]
        return np.sum(x)

    value_and_gradient = value_and_grad(total)
    return lambda: value_and_gradient(arrays["x"])


def broadcasting(arrays, lr):
    def total(inputs):
        x, w, b = inputs
        return np.sum(np.maximum(x * w + b, 0))

    inputs, value_and_gradients = [arrays[name] for name in "xwb"], value_and_grad(total)

    def step():
        value, gradients = value_and_gradients(inputs)
        return value, *gradients

    return step


STEPS = {"W1": xor, "W2": perceptron, "W3": perceptron, "W4": sequences, "W5": chain, "W6": broadcasting}
