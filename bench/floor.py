"""The floor: each workload in hand-written NumPy, with derived gradients, in buffers made beforehand.

Each function takes a workload's arrays and the learning rate, and gives a `step()` that computes once and returns the
loss (W1 to W4), or the result and the gradients (W5 to W9). So do those of trees, pytorch and hips.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from .workloads import EMBEDDED, HIDDEN, SYMBOLS


def like(*arrays: np.ndarray) -> list[np.ndarray]:
    """New arrays of the same shapes."""
    return [np.empty_like(array) for array in arrays]


def buffer(*shape: int) -> np.ndarray:
    """A new array of float32."""
    return np.empty(shape, np.float32)


class Adam:
    """Parameters and their gradients, as views of one vector each, and Adam's step in place on the vectors."""

    def __init__(self, arrays: list[np.ndarray], lr: float):
        self.lr, self.steps = lr, 0
        self.values = np.concatenate([array.ravel() for array in arrays])
        self.grad, self.mean, self.square, self.work = (np.zeros_like(self.values) for _ in range(4))
        ends = np.cumsum([array.size for array in arrays])[:-1]
        self.parameters, self.gradients = (
            [part.reshape(array.shape) for part, array in zip(np.split(vector, ends), arrays, strict=True)]
            for vector in (self.values, self.grad)
        )

    def step(self) -> None:
        """One step along the gradients, with betas (0.9, 0.999) and eps 1e-8."""
        self.steps += 1
        mean, square, work = self.mean, self.square, self.work
        correction1, correction2 = 1 - 0.9**self.steps, math.sqrt(1 - 0.999**self.steps)
        mean *= 0.9
        mean += np.multiply(self.grad, 0.1, out=work)
        square *= 0.999
        np.multiply(self.grad, self.grad, out=work)
        work *= 0.001
        square += work
        np.sqrt(square, out=work)
        work += 1e-8 * correction2
        np.divide(mean, work, out=work)
        work *= self.lr * correction2 / correction1
        self.values -= work


class CrossEntropy:
    """The mean cross-entropy of logits (N, C) with classes (N,): its value, and then its gradient in `logits`."""

    def __init__(self, logits: np.ndarray, classes: np.ndarray):
        self.logits, self.classes = logits, classes
        self.rows = np.arange(len(classes))
        self.column, self.picked = buffer(len(classes), 1), buffer(len(classes))

    def __call__(self) -> float:
        z, rows, classes, column = self.logits, self.rows, self.classes, self.column
        column[:, 0] = z[rows, z.argmax(axis=1)]  # on short rows much faster than max
        z -= column
        self.picked[:] = z[rows, classes]
        np.exp(z, out=z)
        z.sum(axis=1, keepdims=True, out=column)
        z /= column
        z[rows, classes] -= 1
        z /= len(rows)
        return float((np.log(column).sum() - self.picked.sum()) / len(rows))


def xor(arrays: dict, lr: float):
    """sigmoid(tanh(x W1ᵀ + b1) W2ᵀ + b2), mean squared error."""
    x, y = arrays["x"], arrays["y"]
    adam = Adam(arrays["parameters"], lr)
    (w1, b1, w2, b2), (dw1, db1, dw2, db2) = adam.parameters, adam.gradients
    h, p = buffer(len(x), len(w1)), buffer(len(x), 1)
    dh, dp, error, slope = like(h, p, p, p)

    def step() -> float:
        np.matmul(x, w1.T, out=h)
        np.add(h, b1, out=h)
        np.tanh(h, out=h)
        np.matmul(h, w2.T, out=p)
        np.add(p, b2, out=p)
        np.negative(p, out=p)
        np.exp(p, out=p)
        np.add(p, 1, out=p)
        np.reciprocal(p, out=p)
        np.subtract(p, y, out=error)
        np.multiply(error, error, out=dp)
        loss = float(dp.sum()) / len(y)

        np.subtract(1, p, out=slope)
        np.multiply(slope, p, out=slope)
        np.multiply(error, slope, out=dp)
        np.multiply(dp, 2 / len(y), out=dp)
        np.matmul(dp.T, h, out=dw2)
        dp.sum(axis=0, out=db2)
        np.matmul(dp, w2, out=dh)
        np.multiply(h, h, out=h)
        np.subtract(1, h, out=h)
        np.multiply(dh, h, out=dh)
        np.matmul(dh.T, x, out=dw1)
        dh.sum(axis=0, out=db1)
        adam.step()
        return loss

    return step


def perceptron(arrays: dict, lr: float):
    """Dense layers with ReLU between them, cross-entropy."""
    x = arrays["x"]
    adam = Adam(arrays["parameters"], lr)
    weights, biases = adam.parameters[::2], adam.parameters[1::2]
    weight_gradients, bias_gradients = adam.gradients[::2], adam.gradients[1::2]
    outputs = [buffer(len(x), len(bias)) for bias in biases]
    inputs = [x, *outputs[:-1]]
    gradients = like(*outputs)
    masks = [np.empty(output.shape, bool) for output in outputs]
    zeros = [np.zeros_like(output) for output in outputs]  # maximum is twice as fast with an array as with 0
    gradients[-1] = outputs[-1]  # the loss leaves its gradient in place of the logits
    cross_entropy = CrossEntropy(outputs[-1], arrays["y"])
    last = len(outputs) - 1

    def step() -> float:
        for k, output in enumerate(outputs):
            np.matmul(inputs[k], weights[k].T, out=output)
            np.add(output, biases[k], out=output)
            if k < last:
                np.maximum(output, zeros[k], out=output)
        loss = cross_entropy()
        for k in range(last, -1, -1):
            grad = gradients[k]
            if k < last:
                np.multiply(grad, np.greater(outputs[k], 0, out=masks[k]), out=grad)
            np.matmul(grad.T, inputs[k], out=weight_gradients[k])
            grad.sum(axis=0, out=bias_gradients[k])
            if k > 0:
                np.matmul(grad, weights[k], out=gradients[k - 1])
        adam.step()
        return loss

    return step


def sequences(arrays: dict, lr: float):
    """Embedding, LSTM and a dense layer at each of T steps; time comes first in all buffers."""
    batch, steps = arrays["x"].shape
    symbols, classes = (np.ascontiguousarray(arrays[name].T).ravel() for name in "xy")  # (T * N,)
    adam = Adam(arrays["parameters"], lr)
    embedding, weight_ih, weight_hh, bias_ih, bias_hh, weight, bias = adam.parameters
    d_embedding, d_weight_ih, d_weight_hh, d_bias_ih, d_bias_hh, d_weight, d_bias = adam.gradients

    x = buffer(steps * batch, EMBEDDED)
    gates, d_gates = buffer(steps, batch, 4 * HIDDEN), buffer(steps, batch, 4 * HIDDEN)
    h, c = np.zeros((2, steps + 1, batch, HIDDEN), np.float32)  # h[t] is the state before step t
    tanh_c, d_outputs = buffer(steps, batch, HIDDEN), buffer(steps, batch, HIDDEN)
    dh, dc, work = (buffer(batch, HIDDEN) for _ in range(3))
    gates_work = buffer(batch, 4 * HIDDEN)
    logits = buffer(steps * batch, SYMBOLS)
    cross_entropy = CrossEntropy(logits, classes)
    one_hot = np.zeros((steps * batch, SYMBOLS), np.float32)
    dx = np.empty_like(x)
    all_gates, all_d_gates = gates.reshape(-1, 4 * HIDDEN), d_gates.reshape(-1, 4 * HIDDEN)
    outputs = h[1:].reshape(-1, HIDDEN)
    rows = np.arange(steps * batch)

    # sigmoid(z) = ½ + ½ tanh(½ z): with these factors, one tanh makes all four gates.
    factor = np.full(4 * HIDDEN, 0.5, np.float32)
    factor[2 * HIDDEN : 3 * HIDDEN] = 1
    offset = 1 - factor

    def quarters(array: np.ndarray) -> list[np.ndarray]:
        return [array[:, k * HIDDEN : (k + 1) * HIDDEN] for k in range(4)]

    parts = [quarters(step_gates) for step_gates in gates]
    d_parts = [quarters(step_gates) for step_gates in d_gates]
    slope_i_f, slope_g, slope_o = np.split(gates_work, [2 * HIDDEN, 3 * HIDDEN], axis=1)

    def step() -> float:
        np.take(embedding, symbols, axis=0, out=x)
        np.matmul(x, weight_ih.T, out=all_gates)
        np.add(all_gates, bias_ih + bias_hh, out=all_gates)
        for t in range(steps):
            now = gates[t]
            np.matmul(h[t], weight_hh.T, out=gates_work)
            np.add(now, gates_work, out=now)
            np.multiply(now, factor, out=now)
            np.tanh(now, out=now)
            np.multiply(now, factor, out=now)
            np.add(now, offset, out=now)
            i, f, g, o = parts[t]
            np.multiply(f, c[t], out=c[t + 1])
            np.multiply(i, g, out=work)
            np.add(c[t + 1], work, out=c[t + 1])
            np.tanh(c[t + 1], out=tanh_c[t])
            np.multiply(o, tanh_c[t], out=h[t + 1])
        np.matmul(outputs, weight.T, out=logits)
        np.add(logits, bias, out=logits)
        loss = cross_entropy()

        np.matmul(logits.T, outputs, out=d_weight)
        logits.sum(axis=0, out=d_bias)
        np.matmul(logits, weight, out=d_outputs.reshape(-1, HIDDEN))
        dh.fill(0)
        dc.fill(0)
        for t in range(steps - 1, -1, -1):
            (i, f, g, o), (di, df, dg, do) = parts[t], d_parts[t]
            np.add(dh, d_outputs[t], out=dh)
            np.multiply(dh, tanh_c[t], out=do)
            np.multiply(tanh_c[t], tanh_c[t], out=work)
            np.subtract(1, work, out=work)
            np.multiply(work, o, out=work)
            np.multiply(work, dh, out=work)
            np.add(dc, work, out=dc)
            np.multiply(dc, g, out=di)
            np.multiply(dc, c[t], out=df)
            np.multiply(dc, i, out=dg)
            np.multiply(dc, f, out=dc)
            np.multiply(gates[t], gates[t], out=gates_work)  # the slopes: s - s² of sigmoid, 1 - s² of tanh
            np.subtract(gates[t, :, : 2 * HIDDEN], slope_i_f, out=slope_i_f)
            np.subtract(1, slope_g, out=slope_g)
            np.subtract(o, slope_o, out=slope_o)
            np.multiply(d_gates[t], gates_work, out=d_gates[t])
            np.matmul(d_gates[t], weight_hh, out=dh)
        np.matmul(all_d_gates.T, h[:-1].reshape(-1, HIDDEN), out=d_weight_hh)
        np.matmul(all_d_gates.T, x, out=d_weight_ih)
        all_d_gates.sum(axis=0, out=d_bias_ih)
        d_bias_hh[:] = d_bias_ih
        np.matmul(all_d_gates, weight_ih, out=dx)
        one_hot.fill(0)
        one_hot[rows, symbols] = 1
        np.matmul(one_hot.T, dx, out=d_embedding)  # adds up the rows of each symbol
        adam.step()
        return loss

    return step


def chain(arrays: dict, lr: float):
    """x = x * a; x = x + b; ...: the results of the products are kept, as a gradient of a would need them."""
    x, a, b, operations = arrays["x"], arrays["a"], arrays["b"], arrays["operations"]
    results = list(buffer(operations // 2 + 1, len(x)))
    results[0][:] = x
    dx = np.empty_like(x)

    def step():
        for before, after in pairwise(results):
            np.multiply(before, a, out=after)
            np.add(after, b, out=after)
        total = results[-1].sum()
        dx.fill(1)
        for _ in range(operations // 2):
            np.multiply(dx, a, out=dx)
        return total, dx

    return step


def broadcasting(arrays: dict, lr: float):
    """sum(max(x * w + b, 0)) and its gradients."""
    x, w, b = arrays["x"], arrays["w"], arrays["b"]
    y, dy, dx, dw, db = like(x, x, x, w, b)
    mask, zeros = np.empty(x.shape, bool), np.zeros_like(x)

    def step():
        np.multiply(x, w, out=y)
        np.add(y, b, out=y)
        np.maximum(y, zeros, out=y)
        total = y.sum()
        np.greater(y, 0, out=mask)
        np.copyto(dy, mask)
        np.multiply(dy, w, out=dx)
        np.multiply(dy, x, out=y)
        y.sum(axis=0, out=dw)
        dy.sum(axis=1, keepdims=True, out=db)
        return total, dx, dw, db

    return step


def attention(arrays: dict, lr: float):
    """softmax(q kᵀ / √D) v, each query up to its own position, and the gradients of all three."""
    query, key, value, grad = (arrays[name] for name in ("query", "key", "value", "grad"))
    steps, size = query.shape[-2:]
    scale = np.float32(size**-0.5)
    hidden = np.where(np.tri(steps, dtype=bool), 0, -np.inf).astype(np.float32)
    weights = buffer(*query.shape[:-1], steps)
    d_scores, work = like(weights, weights)
    column = buffer(*query.shape[:-1], 1)
    scaled, y, dq, dk, dv = like(query, query, query, key, value)

    def step():
        np.multiply(query, scale, out=scaled)
        np.matmul(scaled, key.swapaxes(-1, -2), out=weights)
        np.add(weights, hidden, out=weights)
        weights.max(axis=-1, keepdims=True, out=column)
        np.subtract(weights, column, out=weights)
        np.exp(weights, out=weights)
        weights.sum(axis=-1, keepdims=True, out=column)
        np.divide(weights, column, out=weights)
        np.matmul(weights, value, out=y)

        np.matmul(weights.swapaxes(-1, -2), grad, out=dv)
        np.matmul(grad, value.swapaxes(-1, -2), out=d_scores)
        np.multiply(d_scores, weights, out=work)
        work.sum(axis=-1, keepdims=True, out=column)
        np.subtract(d_scores, column, out=d_scores)
        np.multiply(d_scores, weights, out=d_scores)
        np.matmul(d_scores, key, out=dq)
        np.multiply(dq, scale, out=dq)
        np.matmul(d_scores.swapaxes(-1, -2), scaled, out=dk)
        return y, dq, dk, dv

    return step


def convolution(arrays: dict, lr: float):
    """3 x 3 kernels with padding 1, as one matrix product over all windows of all images, and the gradients."""
    x, weight, bias, grad = (arrays[name] for name in ("x", "weight", "bias", "grad"))
    (n, c, h, w), o = x.shape, len(weight)
    rows = weight.reshape(o, c * 9)
    padded, d_padded = np.zeros((2, c, n, h + 2, w + 2), np.float32)
    columns, d_columns = buffer(c, 3, 3, n, h, w), buffer(c, 3, 3, n, h, w)
    flat, d_flat = columns.reshape(c * 9, n * h * w), d_columns.reshape(c * 9, n * h * w)
    outputs, d_outputs = buffer(o, n, h, w), buffer(o, n, h, w)
    flat_outputs, d_flat_outputs = outputs.reshape(o, -1), d_outputs.reshape(o, -1)
    y, dx, d_weight, d_bias = like(grad, x, weight, bias)

    def step():
        padded[:, :, 1:-1, 1:-1] = x.swapaxes(0, 1)
        for i in range(3):
            for j in range(3):
                columns[:, i, j] = padded[:, :, i : i + h, j : j + w]
        np.matmul(rows, flat, out=flat_outputs)
        np.add(flat_outputs, bias[:, np.newaxis], out=flat_outputs)
        y[:] = outputs.swapaxes(0, 1)

        d_outputs[:] = grad.swapaxes(0, 1)
        d_flat_outputs.sum(axis=1, out=d_bias)
        np.matmul(d_flat_outputs, flat.T, out=d_weight.reshape(o, c * 9))
        np.matmul(rows.T, d_flat_outputs, out=d_flat)
        d_padded.fill(0)
        for i in range(3):
            for j in range(3):
                d_padded[:, :, i : i + h, j : j + w] += d_columns[:, i, j]
        dx[:] = d_padded[:, :, 1:-1, 1:-1].swapaxes(0, 1)
        return y, dx, d_weight, d_bias

    return step


def pooling(arrays: dict, lr: float):
    """The maximum of each window of 2 x 2; its pixel gets the gradient (the workload has no ties)."""
    x, grad = arrays["x"], arrays["grad"]
    y, other, dx = *like(grad, grad), np.empty_like(x)
    mask = np.empty(grad.shape, bool)

    def step():
        np.maximum(x[:, :, ::2, ::2], x[:, :, ::2, 1::2], out=y)
        np.maximum(x[:, :, 1::2, ::2], x[:, :, 1::2, 1::2], out=other)
        np.maximum(y, other, out=y)
        for i in range(2):
            for j in range(2):
                np.equal(x[:, :, i::2, j::2], y, out=mask)
                np.multiply(grad, mask, out=dx[:, :, i::2, j::2])
        return y, dx

    return step


STEPS = {"W1": xor, "W2": perceptron, "W3": perceptron, "W4": sequences, "W5": chain, "W6": broadcasting}
STEPS |= {"W7": attention, "W8": convolution, "W9": pooling}
