"""The tables of milestone 3."""

from __future__ import annotations

import numpy as np

import neural_framework as nf

from . import Rows


def parameters_by_hand() -> Rows:
    """The parameters of a network of two layers, as a model lists them."""
    model = nf.Sequential(nf.Linear(64, 64), nf.ReLU(), nf.Linear(64, 10))
    rows = [("name", "what it is", "shape", "numbers")]
    words = [f"{what} of the {which} layer" for which in ("first", "last") for what in ("weight", "bias")]
    for (name, parameter), what in zip(model.named_parameters(), words, strict=True):
        rows.append((f"`{name}`", what, parameter.shape, f"{parameter.size:,}"))
    return [*rows, ("", "together", "", f"{model.parameter_count():,}")]


def registries() -> Rows:
    """What six lines do to the registries of a module."""
    module = nf.Module()

    def write(line: str) -> tuple:
        exec(line, {"m": module, "nf": nf, "np": np})  # the lines below
        kept = (", ".join(names) for names in (module._parameters, module._buffers, module._modules))
        return (f"`{line}`", *kept)

    lines = [
        "m.weight = nf.Parameter([1.0, 2.0])",
        'm.register_buffer("mean", np.zeros(2))',
        "m.layer = nf.Module()",
        "m.count = 3",
        "m.mean = np.ones(2)",
        "m.weight = None",
        "m.layer = nf.Parameter([5.0])",
    ]
    return [("you write", "parameters", "buffers", "modules"), *map(write, lines)]


def walk() -> Rows:
    """The walk through a model with a shared parameter and a way back."""
    model = nf.Module()
    model.scale = nf.Parameter([2.0])
    model.encoder, model.decoder = nf.Module(), nf.Module()
    model.encoder.inner = nf.Module()
    model.encoder.inner.weight = nf.Parameter([1.0])
    model.encoder.bias = nf.Parameter([0.0])
    model.decoder.weight = model.encoder.inner.weight
    model.decoder.bias = nf.Parameter([0.0])
    model.decoder.parent = model
    given = [name for name, _ in model.named_parameters()]
    remarks = {"decoder": "`weight` was given before; `parent` was visited before"}
    rows = [("visit", "the module's name", "parameters given", "left out")]
    for number, (name, module) in enumerate(model.named_modules(), start=1):
        prefix = f"{name}." if name else ""
        own = [f"`{prefix}{each}`" for each in module._parameters if f"{prefix}{each}" in given]
        rows.append((number, f'`"{name}"`', ", ".join(own), remarks.get(name, "")))
    return rows


def misfits() -> Rows:
    """What loading finds in a state that does not fit."""
    model = nf.Module()
    for name, shape in {"a": (2, 3), "b": (3,), "c": (2,)}.items():
        setattr(model, name, nf.Parameter(np.zeros(shape)))
    state = {"a": np.zeros((2, 3)), "c": np.zeros(1), "d": np.zeros(4)}
    try:
        model.load_state_dict(state)
    except nf.NeuralFrameworkError as error:
        found = error.details
    rows = [("name", "shape in the model", "shape in the state", "so it is")]
    for name in "abcd":
        own = getattr(model, name).shape if name in model._parameters else "–"
        given = state[name].shape if name in state else "–"
        rows.append((f"`{name}`", own, given, next((what for what, names in found.items() if name in names), "right")))
    return rows


def bounds() -> Rows:
    """Fans and bounds of three weights."""
    rows = [("shape of the weight", "fan_in", "fan_out", "Xavier's b", "Kaiming's b, fan_in", "Kaiming's b, fan_out")]
    for shape in ((300, 100), (4, 2), (8, 2, 5)):
        weight = nf.zeros(shape)
        fan_in, fan_out = nf.init.fans(weight, "bounds")
        xavier = np.sqrt(6 / (fan_in + fan_out))
        rows.append((shape, fan_in, fan_out, *_rounded(xavier, np.sqrt(6 / fan_in), np.sqrt(6 / fan_out))))
    return rows


def linear() -> Rows:
    """Two samples through a layer with 2 inputs and 3 outputs."""
    layer = nf.Linear(2, 3)
    layer.weight.data[...] = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    layer.bias.data[...] = [0.5, 0.0, -1.0]
    x = nf.Tensor([[10.0, 1.0], [0.0, 100.0]])
    numbers = {"x": x, "weight": layer.weight, "x @ weight.T": x @ layer.weight.T, "bias": layer.bias}
    numbers["y = x @ weight.T + bias"] = layer(x)
    rows = [("", "numbers", "shape")]
    return rows + [(name, _list(each), each.shape) for name, each in numbers.items()]


def in_turn() -> Rows:
    """A row of numbers through four layers."""
    first, second = nf.Linear(2, 2), nf.Linear(2, 1)
    first.weight.data[...], second.weight.data[...] = [[1.0, -1.0], [2.0, 0.5]], [[1.0, 0.1]]
    x = nf.Tensor([3.0, 4.0])
    rows = [("layer", "takes", "gives")]
    for words, layer in {
        "`Linear(2, 2)`, weight [[1, -1], [2, 0.5]]": first,
        "`ReLU()`": nf.ReLU(),
        "`Linear(2, 1)`, weight [[1, 0.1]]": second,
        "`Sigmoid()`": nf.Sigmoid(),
    }.items():
        y = layer(x)
        rows.append((words, _list(x), _list(y)))
        x = y
    return rows


def dropped() -> Rows:
    """Five numbers under a mask that keeps two of them."""
    kept, p = np.array([0, 1, 0, 0, 1]), 0.6
    x = nf.Tensor(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), requires_grad=True)
    grad = np.array([10.0, 20.0, 30.0, 40.0, 50.0])
    y = x * (kept / (1 - p))
    y.backward(grad)
    return [
        ("", "numbers"),
        ("x", _list(x)),
        ("kept", _list(kept)),
        ("y = x · kept / (1 - 0.6)", _list(y)),
        ("upstream gradient", _list(grad)),
        ("dL/dx", _list(x.grad)),
    ]


def symbols() -> Rows:
    """Four rows of a table, of which one is read twice."""
    table = nf.Embedding(4, 2)
    table.weight.data[...] = [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]]
    indices, grad = [1, 3, 1], np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    y = table(indices)
    y.backward(grad)
    rows = [("row k", "weight[k]", "read at the positions", "dL/dweight[k]")]
    for k in range(4):
        positions = [position for position, index in enumerate(indices) if index == k]
        sums = " + ".join(_list(grad[position]) for position in positions)
        total = _list(table.weight.grad[k])
        joined = f"{sums} = {total}" if len(positions) > 1 else total
        rows.append((k, _list(table.weight[k]), ", ".join(map(str, positions)) or "none", joined))
    return rows


def echo() -> Rows:
    """An RNN of one unit that sees a 1 and then zeros."""
    cell = nf.RNNCell(1, 1)
    for parameter, value in zip(cell.parameters(), (1.0, 0.8, 0.0, 0.0), strict=True):
        parameter.data[...] = value
    rows = [("step", "x", "h before", "x + 0.8 h", "h' = tanh(x + 0.8 h)", "dh'/dh = 0.8 (1 - h'²)")]
    h = nf.Tensor([[0.0]])
    for step, x in enumerate((1.0, 0.0, 0.0, 0.0), start=1):
        before = nf.Tensor(h.data.copy(), requires_grad=True)
        h = cell(nf.Tensor([[x]]), before)
        h.backward()
        rows.append((step, x, *_rounded(before, x + 0.8 * before.item(), h, before.grad)))
    return rows


def lstm_step() -> Rows:
    """One step of an LSTM of one unit, the numbers of the figure."""
    i, f, g, o, c = (nf.Tensor([value]) for value in (0.5, 1.0, -1.0, 2.0, 2.0))
    cell = nf.LSTMCell(1, 1)
    for parameter in cell.parameters():
        parameter.data[...] = 0.0
    cell.bias_ih.data[...] = [0.5, 1.0, -1.0, 2.0]
    h2, c2 = cell(nf.Tensor([[0.0]]), (nf.Tensor([[0.0]]), nf.Tensor([[2.0]])))
    steps = {
        "input gate": ("σ(0.5)", i.sigmoid()),
        "forget gate": ("σ(1)", f.sigmoid()),
        "candidate": ("tanh(-1)", g.tanh()),
        "output gate": ("σ(2)", o.sigmoid()),
        "kept of the memory": ("σ(1) · 2", f.sigmoid() * c),
        "written": ("σ(0.5) · tanh(-1)", i.sigmoid() * g.tanh()),
        "new memory c'": ("kept + written", c2),
        "new state h'": ("σ(2) · tanh(c')", h2),
    }
    return [("", "computed as", "value")] + [(name, how, *_rounded(value)) for name, (how, value) in steps.items()]


def shared_weight() -> Rows:
    """h' = w h + x over three steps: the gradient of w is a sum of three terms."""
    w, h = nf.Tensor(np.array(0.5), requires_grad=True), nf.Tensor(np.array(4.0))
    states, befores, inputs = [], [], (1.0, 2.0, 3.0)
    for x in inputs:
        befores.append(h)
        h = w * h + x
        h.retain_grad()
        states.append(h)
    h.backward()
    rows = [("step t", "x_t", "h before", "h_t = 0.5 h + x_t", "dL/dh_t", "term of dL/dw: dL/dh_t · h before")]
    terms = [state.grad.item() * before.item() for state, before in zip(states, befores, strict=True)]
    for t, (x, before, state, term) in enumerate(zip(inputs, befores, states, terms, strict=True), start=1):
        rows.append((t, x, before.item(), state.item(), state.grad.item(), term))
    assert sum(terms) == w.grad.item()
    return [*rows, ("", "", "", "", "", f"together {w.grad.item():g}")]


def _rounded(*numbers: object) -> list[float]:
    """Numbers to three digits after the point."""
    return [round(float(np.asarray(getattr(each, "data", each)).item()), 3) for each in numbers]


def _list(numbers: object, digits: int = 3) -> str:
    """Numbers as a list, or rows of them one after the other."""
    array = np.asarray(getattr(numbers, "data", numbers))
    rows = array if array.ndim == 2 else array[None]
    return ", ".join(f"[{', '.join(f'{round(float(each), digits):g}' for each in row)}]" for row in rows)
