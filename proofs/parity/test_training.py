"""Losses, optimizers, schedules, clipping, loaders and whole training runs against PyTorch's."""

import math

import numpy as np
import pytest
import torch

import neural_framework as nf

from .comparison import OURS, THEIRS, Table, agree, both, in_float64, run, same

draw = np.random.default_rng(2)

INPUTS = {
    "x": draw.standard_normal((5, 3)),
    "y": draw.standard_normal((5, 3)),
    "probability": draw.uniform(0.05, 0.95, (5, 3)),
    "target": draw.uniform(0.0, 1.0, (5, 3)),
    "certain": np.array([0.0, 1.0, 0.0, 1.0, 1e-50, 0.5, 1e-10]),
    "truth": np.array([0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0]),
    "extreme": np.array([0.0, -0.0, 1000.0, -1000.0, 1e4, -1e4, 30.0]),
    "kink": np.array([1.0, 2.0, 3.0]),
    "image": draw.standard_normal((2, 3, 4, 5)),
    "pixels": draw.integers(0, 3, (2, 4, 5)),
    "soft": draw.dirichlet(np.ones(3), 5),
    "soft_pixels": np.moveaxis(draw.dirichlet(np.ones(3), (2, 4, 5)), -1, 1),
    "classes": np.array([0, 2, 1, 2, 0]),
    "some": np.array([0, -100, 1, 2, -100]),
    "none": np.array([-100] * 5),
    "weights": np.array([0.5, 2.0, 0.0]),
    "distant": np.array([[1.7e308, -1.7e308, 0.0], [0.0, -np.inf, 1.0], [-1.7e308, 0.0, -1.7e308]]),
    "distant_classes": np.array([0, 2, 1]),
    "large": np.array([[1e4, -1e4, 0.0], [-1e4, 0.0, 1e4], [1e4, 1e4, 1e4], [0.0, 0.0, 0.0], [1e4, 0.0, -1e4]]),
}

LOSSES = Table("""
    MSELoss()(x, y)
    MSELoss(reduction="sum")(x, y)
    MSELoss(reduction="none")(x, y)
    L1Loss()(x, y)
    L1Loss(reduction="sum")(x, y)
    L1Loss(reduction="none")(kink, kink.detach())
    BCELoss()(probability, target)
    BCELoss(reduction="sum")(probability, target)
    BCELoss(reduction="none")(probability, target.detach())
    BCELoss(reduction="none")(certain.detach(), truth.detach())
    BCEWithLogitsLoss()(x, target)
    BCEWithLogitsLoss(reduction="sum")(x, target)
    BCEWithLogitsLoss(reduction="none")(extreme, truth.detach())
    CrossEntropyLoss()(x, classes)
    CrossEntropyLoss(reduction="sum")(x, classes)
    CrossEntropyLoss(reduction="none")(x, classes)
    CrossEntropyLoss()(large, classes)
    CrossEntropyLoss(reduction="none")(large, classes)
    CrossEntropyLoss()(image, pixels)
    CrossEntropyLoss(reduction="none")(image, pixels)
    CrossEntropyLoss()(x, soft)
    CrossEntropyLoss(reduction="sum")(x, soft)
    CrossEntropyLoss(reduction="none")(image, soft_pixels)
    CrossEntropyLoss()(image, soft_pixels)
    CrossEntropyLoss()(x, some)
    CrossEntropyLoss(reduction="none")(x, some)
    CrossEntropyLoss(ignore_index=2)(x, classes)
    CrossEntropyLoss(ignore_index=1)(image, pixels)
    CrossEntropyLoss()(x, none)
    CrossEntropyLoss(reduction="sum")(x, none)
    CrossEntropyLoss(weight=weights.detach())(x, classes)
    CrossEntropyLoss(weight=weights.detach(), reduction="none")(x, classes)
    CrossEntropyLoss(weight=weights.detach(), reduction="sum")(image, pixels)
    CrossEntropyLoss(weight=weights.detach(), ignore_index=0)(image, pixels)
    CrossEntropyLoss(weight=weights.detach())(x, soft)
    CrossEntropyLoss(weight=weights.detach(), reduction="none")(image, soft_pixels)
    CrossEntropyLoss(label_smoothing=0.2)(x, classes)
    CrossEntropyLoss(label_smoothing=0.2, reduction="none")(x, some)
    CrossEntropyLoss(label_smoothing=0.2)(x, some)
    CrossEntropyLoss(label_smoothing=1.0)(image, pixels)
    CrossEntropyLoss(label_smoothing=0.2)(x, soft)
    CrossEntropyLoss(label_smoothing=0.1, weight=weights.detach())(x, classes)
    CrossEntropyLoss(label_smoothing=0.1, weight=weights.detach())(x, some)
    CrossEntropyLoss(label_smoothing=0.1, weight=weights.detach(), reduction="none")(image, pixels)
    CrossEntropyLoss(label_smoothing=0.1, weight=weights.detach(), ignore_index=1)(image, pixels)
    CrossEntropyLoss(label_smoothing=0.1, weight=weights.detach(), reduction="sum")(image, soft_pixels)
    CrossEntropyLoss()(x[:0], classes[:0])
    CrossEntropyLoss(weight=weights.detach()).state_dict()
    | dict(CrossEntropyLoss(weight=weights.detach()).state_dict())
    CrossEntropyLoss(reduction="none")(distant, distant_classes)
    CrossEntropyLoss(weight=weights.detach())(distant, distant_classes)
    CrossEntropyLoss(ignore_index=1, reduction="none")(distant, distant_classes)
    cross_entropy(x, classes) | F.cross_entropy(x, classes, reduction="none")
    cross_entropy(x, soft) | F.cross_entropy(x, soft, reduction="none")
""")

OPTIMIZERS = Table("""
    SGD([p, q], lr=0.01)
    SGD([p, q], lr=0.01, weight_decay=0.1)
    SGD([p, q], lr=0.01, momentum=0.9)
    SGD([p, q], lr=0.01, momentum=0.9, weight_decay=0.1)
    SGD([p, q], lr=0.01, momentum=0.9, nesterov=True)
    SGD([p, q], lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.1)
    SGD([{"params": [p], "lr": 0.02, "momentum": 0.5}, {"params": q, "weight_decay": 0.3}], lr=0.01)
    Adam([p, q])
    Adam([p, q], lr=0.1)
    Adam([p, q], lr=0.05, betas=(0.7, 0.9), eps=1e-3)
    Adam([p, q], lr=0.05, weight_decay=0.1)
    Adam([p, q], lr=0.05, betas=(0.0, 0.0))
    Adam([{"params": [p], "lr": 0.1}, {"params": [q], "betas": (0.5, 0.9)}])
    AdamW([p, q])
    AdamW([p, q], lr=0.05, betas=(0.7, 0.9), eps=1e-3, weight_decay=0.2)
    AdamW([p, q], lr=0.05, weight_decay=0.0)
    RMSprop([p, q])
    RMSprop([p, q], lr=0.02, alpha=0.9, eps=1e-3)
    RMSprop([p, q], lr=0.02, weight_decay=0.1)
    RMSprop([p, q], lr=0.02, momentum=0.9, weight_decay=0.1)
""")

SCHEDULERS = Table("""
    StepLR(optimizer, 7)
    StepLR(optimizer, step_size=1, gamma=0.9)
    ExponentialLR(optimizer, gamma=0.95)
    CosineAnnealingLR(optimizer, 50)
    CosineAnnealingLR(optimizer, T_max=20, eta_min=0.01)  # 60 epochs: up again, and down
    LinearWarmup(optimizer, 8) | LinearLR(optimizer, start_factor=1 / 8, end_factor=1.0, total_iters=7)
    LinearWarmup(optimizer, warmup_steps=2) | LinearLR(optimizer, start_factor=1 / 2, end_factor=1.0, total_iters=1)
    ReduceLROnPlateau(optimizer)
    ReduceLROnPlateau(optimizer, mode="max", factor=0.5, patience=2)
    ReduceLROnPlateau(optimizer, patience=0, cooldown=3, min_lr=0.003)
    ReduceLROnPlateau(optimizer, factor=0.3, patience=1, threshold=0.2, threshold_mode="abs")
    ReduceLROnPlateau(optimizer, mode="max", factor=0.3, patience=1, threshold=0.2, threshold_mode="abs")
    ReduceLROnPlateau(optimizer, factor=0.3, patience=1, threshold=0.3, threshold_mode="rel")
    ReduceLROnPlateau(optimizer, mode="max", factor=0.3, patience=1, threshold=0.3, threshold_mode="rel")
""")

# p and q are parameters with gradients, `optimizer` is SGD([p, q], lr=0.1, momentum=0.9).
OBJECTS = Table("""
    group = optimizer.param_groups[0]; group["lr"], group["momentum"], len(group["params"]), group["params"][1] is q
    optimizer.add_param_group({"params": [Parameter(p.data)], "lr": 0.5}); [g["lr"] for g in optimizer.param_groups]
    len(optimizer.state), optimizer.step(), len(optimizer.state)
    optimizer.step(); sorted(optimizer.state_dict()), list(optimizer.state_dict()["state"])
    optimizer.step(); optimizer.load_state_dict(optimizer.state_dict()); optimizer.step(); [p.data, q.data]
    optimizer.zero_grad(); [p.grad, q.grad]
    p.grad = None; optimizer.step(); [p.data, q.data]
    isinstance(optimizer, Optimizer), isinstance(Adam([p]), Optimizer)
    clip_grad_norm_([p, q], 0.5); [p.grad, q.grad]
    clip_grad_norm_([p, q], 1e6); [p.grad, q.grad]
    clip_grad_norm_(iter([p, q]), max_norm=1.0) | clip_grad_norm_(iter([p, q]), max_norm=1.0).item()
    clip_grad_norm_(p, 0.1); [p.grad, q.grad]
    q.grad = None; clip_grad_norm_([p, q], 0.1) | q.grad = None; clip_grad_norm_([p, q], 0.1).item()
    clip_grad_value_([p, q], 0.3); [p.grad, q.grad]
    clip_grad_value_(p, clip_value=0.3); [p.grad, q.grad]
    StepLR(optimizer, 3).get_last_lr()
    [(x, y) for x, y in DataLoader((p.data, q.data), 2, shuffle=False)]
    | [(x, y) for x, y in DataLoader(TensorDataset(p.data, q.data), 2)]
    [(x, y) for x, y in DataLoader((p.data, q.data), 2, False, drop_last=True)]
    | [(x, y) for x, y in DataLoader(TensorDataset(p.data, q.data), 2, drop_last=True)]
    len(DataLoader((p.data, q.data), 2)), len(DataLoader((p.data, q.data), 2, drop_last=True))
    | len(DataLoader(p.data, 2)), len(DataLoader(p.data, 2, drop_last=True))
    sorted(x.tolist() for x, _ in DataLoader((p.data, q.data), 1, shuffle=True))
    | sorted(x.tolist() for x, _ in DataLoader(TensorDataset(p.data, q.data), 1, shuffle=True))
""")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@LOSSES.cases()
def test_losses(row, dtype):
    """Values and gradients, of the targets too where they have one."""
    agree(row, INPUTS, dtype)


def test_binary_cross_entropy_of_certain_predictions():
    """Their gradient divides by at least 1e-12; PyTorch rounds that number to single precision, so 1e-8 must do."""
    ours, theirs = both(INPUTS)
    for side in (ours, theirs):
        run("BCELoss(reduction='sum')(certain, truth.detach()).backward()", side)
    np.testing.assert_allclose(ours["certain"].grad, theirs["certain"].grad, rtol=1e-8)


@OPTIMIZERS.cases()
def test_optimizers(row, rng):
    """100 steps; one gradient is missing for a while, and ours goes on in a new optimizer with the old one's state."""
    sides = both({"p": rng.standard_normal((3, 4)), "q": rng.standard_normal(4)})
    optimizers = [run(code, side) for code, side in zip(row, sides, strict=True)]
    for step in range(100):
        if step == 60:
            saved = optimizers[0].state_dict()
            optimizers[0] = run(row[0], sides[0])
            optimizers[0].load_state_dict(saved)
        for optimizer, side in zip(optimizers, sides, strict=True):
            optimizer.zero_grad()
            run("((p * q - 1) ** 2).sum().backward()", side)
            if 20 <= step < 30:
                side["q"].grad = None
            optimizer.step()
        for name in "pq":
            mine, reference = (side[name].detach().numpy() for side in sides)
            np.testing.assert_allclose(mine, reference, rtol=1e-6, atol=1e-9, err_msg=f"{name} after {step + 1} steps")


@SCHEDULERS.cases()
def test_schedulers(row):
    """The rates of two groups over 60 epochs; ours goes on in a new scheduler with the old one's state."""
    sides = both({"p": np.ones(2), "q": np.ones(3)})
    for side in sides:
        side["optimizer"] = run('SGD([{"params": [p], "lr": 0.5}, {"params": [q]}], lr=0.1)', side)
    schedulers = [run(code, side) for code, side in zip(row, sides, strict=True)]
    for epoch in range(60):
        metric = math.cos(epoch / 5) + 4 / (epoch + 1)
        if epoch == 25:
            saved = schedulers[0].state_dict()
            schedulers[0] = run(row[0], sides[0])
            schedulers[0].load_state_dict(saved)
        for scheduler, side in zip(schedulers, sides, strict=True):
            side["optimizer"].step()  # changes nothing, but PyTorch expects it before the scheduler's
            scheduler.step(*[metric] if row[0].startswith("ReduceLROnPlateau") else [])
        rates = [[group["lr"] for group in side["optimizer"].param_groups] for side in sides]
        np.testing.assert_allclose(rates[0], rates[1], rtol=1e-9, atol=1e-14, err_msg=f"after epoch {epoch}")
        assert schedulers[0].get_last_lr() == rates[0]


@OBJECTS.cases()
def test_optimizer_interface(row):
    """Groups, state, clipping, loaders."""
    ours, theirs = both({"p": INPUTS["x"], "q": INPUTS["y"]})
    for side in (ours, theirs):
        run("((p * q - 1) ** 2).sum().backward()", side)
        side["optimizer"] = run("SGD([p, q], lr=0.1, momentum=0.9)", side)
    same(run(row[0], ours), run(row[1], theirs))


MLP = "Sequential(Linear(6, 16), ReLU(), Linear(16, 16), Tanh(), Linear(16, 3))"


class Recurrent(nf.Module):
    """Embedding, LSTM, and a Linear at each step."""

    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.linear = nf.Embedding(7, 5), nf.LSTM(5, 12), nf.Linear(12, 7)

    def forward(self, symbols):
        outputs, _ = self.lstm(self.embedding(symbols))
        return self.linear(outputs).swapaxes(1, 2)  # (N, C, T)


class TorchRecurrent(torch.nn.Module):
    """The same with PyTorch's layers."""

    def __init__(self):
        super().__init__()
        self.embedding, self.linear = torch.nn.Embedding(7, 5), torch.nn.Linear(12, 7)
        self.lstm = torch.nn.LSTM(5, 12, batch_first=True)

    def forward(self, symbols):
        outputs, _ = self.lstm(self.embedding(symbols))
        return self.linear(outputs).swapaxes(1, 2)


def batches_of_points(rng):
    """Batches of 16 points with one of three classes."""
    points = rng.standard_normal((10, 16, 6))
    return [(x, (x[:, 0] + x[:, 1] * x[:, 2] > 0).astype(int) + (x[:, 3] > 1)) for x in points]


def batches_of_sequences(rng):
    """Batches of 8 sequences of 10 symbols; the target is the symbol before."""
    symbols = rng.integers(0, 7, (10, 8, 10))
    return [(x, np.roll(x, 1, axis=1)) for x in symbols]


RUNS = {
    "MLP": (lambda: run(MLP, dict(OURS)), lambda: run(MLP, dict(THEIRS)), batches_of_points),
    "LSTM": (Recurrent, TorchRecurrent, batches_of_sequences),
}


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize("name", RUNS)
def test_training_runs(name, optimizer, rng):
    """200 steps from the same weights on the same batches: every loss."""
    make, make_other, make_batches = RUNS[name]
    model, other = in_float64(make(), make_other())
    settings = {"SGD": {"lr": 0.3, "momentum": 0.9}, "Adam": {"lr": 0.02}}[optimizer]
    mine = getattr(nf, optimizer)(model.parameters(), **settings)
    reference = getattr(torch.optim, optimizer)(other.parameters(), **settings)
    batches = make_batches(rng)
    losses = []
    for step in range(200):
        inputs, targets = batches[step % len(batches)]
        loss = nf.training_step(model, nf.Tensor(inputs), nf.Tensor(targets), mine, nf.CrossEntropyLoss(), 1.0)

        reference.zero_grad()
        expected = torch.nn.CrossEntropyLoss()(other(torch.tensor(inputs)), torch.tensor(targets))
        expected.backward()
        torch.nn.utils.clip_grad_norm_(other.parameters(), 1.0)
        reference.step()
        losses.append((loss, expected.item()))
    np.testing.assert_allclose(*np.transpose(losses), rtol=0, atol=1e-6)
    assert losses[-1][1] < losses[0][1] / 2, "nothing was learnt, so nothing is proved"
