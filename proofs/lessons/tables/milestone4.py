"""The tables of milestone 4."""

from __future__ import annotations

import numpy as np

import neural_framework as nf
from docs.figures.measured import kept

from . import Rows


def training_by_hand() -> Rows:
    """Four steps of descent for the prediction w x, from w = 1 at the points (1, 2) and (3, 6)."""
    x, t, w = nf.Tensor([1.0, 3.0]), nf.Tensor([2.0, 6.0]), nf.Parameter(np.array([1.0]))
    optimizer = nf.SGD([w], lr=0.05)
    rows = [("step", "w", "predictions", "loss", "dL/dw", "new w = w - 0.05 · dL/dw")]
    for step in range(1, 5):
        optimizer.zero_grad()
        predictions = w * x
        loss = nf.MSELoss()(predictions, t)
        loss.backward()
        before, grad = w.item(), w.grad.item()
        optimizer.step()
        rows.append((step, before, _list(predictions, 4), loss.item(), grad, w.item()))
    return rows


def squared_errors() -> Rows:
    """A mean of four squared errors, and its gradient."""
    p = nf.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    t = nf.Tensor([[1.0, 0.0], [0.0, 4.5]])
    loss = nf.MSELoss()(p, t)
    loss.backward()
    return [
        ("", "numbers"),
        ("predictions p", _list(p)),
        ("targets t", _list(t)),
        ("p - t", _list(p - t)),
        ("(p - t)²", _list(nf.MSELoss("none")(p, t))),
        ("loss, their mean", loss.item()),
        ("dL/dp = 2 (p - t) / 4", _list(p.grad)),
    ]


def binary_losses() -> Rows:
    """Binary cross-entropy at three logits, and its derivative."""
    rows = [("logit x", "target t", "p = σ(x)", "z", "dz/dx")]
    for logit, target in ((2.0, 1.0), (2.0, 0.0), (-1.0, 1.0)):
        x = nf.Tensor(np.array(logit), requires_grad=True)
        loss = nf.BCEWithLogitsLoss("none")(x, nf.Tensor(target))
        loss.backward()
        rows.append((logit, target, *_rounded(x.sigmoid(), loss, x.grad)))
    return rows


def cross_entropies() -> Rows:
    """Cross-entropy of two rows of logits, and its gradient."""
    rows = [("logits", "class", "softmax", "loss = -log softmax at the class", "softmax minus the one-hot row")]
    for row, label in (([1.0, 2.0, 3.0], 0), ([1.0, 2.0, 3.0], 2), ([0.0, 0.0, 0.0], 1)):
        logits = nf.Tensor(np.array([row]), requires_grad=True)
        loss = nf.CrossEntropyLoss()(logits, nf.Tensor([label]))
        loss.backward()
        rows.append((_list(row), label, _list(logits.softmax()[0]), *_rounded(loss), _list(logits.grad[0])))
    return rows


def momentum_steps() -> Rows:
    """SGD with momentum 0.9 and lr 0.1: two gradients that agree and a third against them."""
    rows = [("step", "g", "velocity v = 0.9 · v + g", "p without momentum", "p with momentum", "p with nesterov")]
    plain, heavy, nesterov = (nf.Parameter(np.zeros(1)) for _ in range(3))
    optimizers = [
        nf.SGD([plain], lr=0.1),
        nf.SGD([heavy], lr=0.1, momentum=0.9),
        nf.SGD([nesterov], lr=0.1, momentum=0.9, nesterov=True),
    ]
    velocity = 0.0
    for step, grad in enumerate((1.0, 1.0, -1.0), start=1):
        velocity = 0.9 * velocity + grad
        for parameter, optimizer in zip((plain, heavy, nesterov), optimizers, strict=True):
            parameter.grad = nf.Tensor(np.array([grad]))
            optimizer.step()
        rows.append((step, grad, *_rounded(velocity, plain, heavy, nesterov)))
    return rows


def adam_steps() -> Rows:
    """Three steps of Adam with lr 0.1 from 0."""
    rows = [("t", "g", "m", "v", "m / (1 - 0.9ᵗ)", "v / (1 - 0.999ᵗ)", "p")]
    p = nf.Parameter(np.zeros(1))
    optimizer = nf.Adam([p], lr=0.1)
    m = v = 0.0
    for t, grad in enumerate((2.0, 2.0, -1.0), start=1):
        m, v = 0.9 * m + 0.1 * grad, 0.999 * v + 0.001 * grad**2
        p.grad = nf.Tensor(np.array([grad]))
        optimizer.step()
        corrected = m / (1 - 0.9**t), v / (1 - 0.999**t)
        rows.append((t, grad, round(m, 4), round(v, 6), *_rounded(*corrected, p)))
    return rows


def schedules() -> Rows:
    """The rates of the first epochs under two schedules."""
    rows = [("finished epochs", "StepLR(step_size=3, gamma=0.5)", "CosineAnnealingLR(T_max=4, eta_min=0.2)")]
    optimizers = [nf.SGD([nf.Parameter([0.0])], lr=0.8) for _ in range(2)]
    both = nf.StepLR(optimizers[0], 3, gamma=0.5), nf.CosineAnnealingLR(optimizers[1], 4, eta_min=0.2)
    for steps in range(7):
        rows.append((steps, *_rounded(*(each.get_last_lr()[0] for each in both))))
        for each in both:
            each.step()
    return rows


def clipped() -> Rows:
    """Two gradients that are clipped to a joint length of 1.4."""
    a, b = nf.Parameter(np.zeros(2)), nf.Parameter(np.zeros(1))
    a.grad, b.grad = nf.Tensor(np.array([2.0, -3.0])), nf.Tensor(np.array([6.0]))
    before = _list(a.grad), _list(b.grad)
    norm = nf.clip_grad_norm_([a, b], 1.4)
    after = _list(a.grad), _list(b.grad), nf.clip_grad_norm_([a, b], np.inf)
    return [
        ("", "gradient of a", "gradient of b", "joint length"),
        ("before", *before, norm),
        ("after `clip_grad_norm_([a, b], 1.4)`", after[0], after[1], round(after[2], 3)),
    ]


def batches() -> Rows:
    """Five samples in batches of two, in an order that was drawn."""
    order, samples, labels = np.array([3, 0, 4, 1, 2]), np.arange(10.0, 15.0), np.arange(5) * 100
    rows = [("batch", "positions, a slice of the order", "samples", "labels")]
    for number in range(3):
        chosen = order[2 * number : 2 * number + 2]
        rows.append((number, *map(_list, (chosen, samples[chosen], labels[chosen]))))
    return rows


def one_step() -> Rows:
    """What a training step does to the model w x with w = 1, an old gradient of 7, and the sample (2, 5)."""
    w, x, t = nf.Parameter(np.array([1.0])), nf.Tensor([2.0]), nf.Tensor([5.0])
    w.grad = nf.Tensor(np.array([7.0]))
    optimizer = nf.SGD([w], lr=0.1)
    rows = [("call", "afterwards", "w.grad", "w"), ("", "an old gradient", w.grad.item(), w.item())]
    optimizer.zero_grad()
    rows.append(("`zero_grad()`", "it is gone", w.grad, w.item()))
    loss = nf.MSELoss()(w * x, t)
    rows.append(("`model(inputs)`, `loss_fn(...)`", f"the loss is {loss.item():g}, and finite", w.grad, w.item()))
    loss.backward()
    rows.append(("`backward()`", "the gradient is finite", w.grad.item(), w.item()))
    norm = nf.clip_grad_norm_([w], 6.0)
    rows.append(("`clip_grad_norm_(..., 6.0)`", f"the length was {norm:g}", *_rounded(w.grad, w)))
    optimizer.step()
    rows.append(("`step()`", f"w moved by 0.1 · {abs(w.grad.item()):.3g}", *_rounded(w.grad, w)))
    return rows


def curves() -> Rows:
    """Losses of a network for digits, with one thing wrong at a time."""
    rows = [("what is wrong", "loss before training", "epoch 1", "epoch 2", "epoch 6", "held-out digits read")]
    for name, (*losses, share) in kept("curves_of_loss").items():
        rows.append((name, *losses, f"{100 * share:.0f} %"))
    return rows


def reach() -> Rows:
    """How large a gradient is at the first input, from the numbers of the figure `reach_of_a_gradient`."""
    sizes = kept("reach_of_a_gradient")
    rows = [("steps from input to loss", *sizes)]
    return rows + [(steps, *(f"{size[steps - 1]:.1g}" for size in sizes.values())) for steps in (1, 10, 25, 50)]


def _rounded(*values: nf.Tensor | float) -> list[float]:
    """To three digits behind the point."""
    return [round(float(value), 3) + 0.0 for value in values]


def _list(values: object, digits: int = 3) -> str:
    """Numbers in brackets, row by row."""
    array = np.asarray(values)
    if array.ndim > 1:
        return ", ".join(map(_list, array))
    return f"[{', '.join(f'{value + 0.0:.{digits}g}' for value in array)}]"
