"""The tables of milestone 5."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import neural_framework as nf
from docs.figures.measured import kept

from . import Rows

IMAGE = np.arange(1.0, 13.0).reshape(3, 4)


def moved_digits() -> Rows:
    """How many digits two networks read, by how far they moved."""
    rows = [("network, trained on centred digits", "in place", "moved by 1 pixel", "moved by 2 pixels")]
    return [*rows, *((name, *map(_percent, shares)) for name, shares in kept("digits_that_moved").items())]


def windows_as_columns() -> Rows:
    """The six windows of 2 x 2 pixels of a 3 x 4 image."""
    columns = nf.unfold(nf.Tensor(IMAGE[None, None]), 2).numpy()[0]
    heading = ("position in the kernel", *(f"window {number}" for number in range(1, 7)))
    places = ("(0, 0)", "(0, 1)", "(1, 0)", "(1, 1)")
    return [heading, *((place, *row) for place, row in zip(places, columns, strict=True))]


def folded_back() -> Rows:
    """What 24 ones, and the columns of the image itself, become when they are folded."""
    size = IMAGE.shape
    ones = nf.fold(nf.ones((1, 4, 6)), size, 2).numpy()[0, 0]
    there_and_back = nf.fold(nf.unfold(nf.Tensor(IMAGE[None, None]), 2), size, 2).numpy()[0, 0]
    rows = [("folded", "first row", "second row", "third row")]
    rows.append(("columns of ones: in how many windows a pixel is", *map(_list, ones)))
    rows.append(("the columns of 1 to 12: pixel times windows", *map(_list, there_and_back)))
    return rows


def convolved() -> Rows:
    """A kernel over the image, place by place, as one row times columns."""
    kernel = np.array([[1.0, 0.0], [2.0, -1.0]])
    columns = nf.unfold(nf.Tensor(IMAGE[None, None]), 2).numpy()[0]
    y = nf.conv2d(nf.Tensor(IMAGE[None, None]), nf.Tensor(kernel[None, None])).numpy()[0, 0]
    rows = [("place", "window, row by row", "times [1, 0, 2, -1], added up", "y")]
    for number, value in enumerate(y.ravel()):
        window = columns[:, number]
        terms = [f"{weight:g} · {pixel:g}" for weight, pixel in zip(kernel.ravel(), window, strict=True)]
        rows.append((divmod(number, 3), _list(window), " + ".join(terms).replace("+ -", "- "), value))
    return rows


def layers_of_convolutions() -> Rows:
    """What four layers have, and what they make of an image."""
    rows = [("layer", "weight", "parameters", "fan in", "bound √(6 / fan in)", "result for (N, C, 28, 28)")]
    for settings in ((1, 16, 3), (16, 32, 3, 2, 1), (16, 32, 5, 1, 2), (32, 8, 1)):
        layer = nf.Conv2d(*settings)
        fan_in = layer.weight.size // layer.out_channels
        result = layer(nf.zeros((1, layer.in_channels, 28, 28))).shape[1:]
        words = [f"{name}={value}" for name, value in zip(("stride", "padding"), settings[3:], strict=False)]
        text = f"`Conv2d({', '.join([*map(str, settings[:3]), *words])})`"
        bound = f"{np.sqrt(6 / fan_in):.3g}"
        rows.append((text, layer.weight.shape, layer.parameter_count(), fan_in, bound, f"(N, {str(result)[1:]}"))
    return rows


def stamps() -> Rows:
    """A row of two pixels, each of which stamps a kernel."""
    x, kernel = np.array([[[[1.0, 10.0]]]]), np.array([[[[1.0, 2.0, 3.0]]]])
    rows = [("stride", "stamp of the pixel 1", "stamp of the pixel 10", "their sum")]
    for stride in (1, 2, 3):
        parts = [x * [1.0, 0.0], x * [0.0, 1.0], x]
        made = [nf.conv_transpose2d(nf.Tensor(part), nf.Tensor(kernel), stride=stride) for part in parts]
        rows.append((stride, *(_list(each.numpy()[0, 0, 0]) for each in made)))
    return rows


def pooled() -> Rows:
    """Four windows of a row, their maximum and mean, and what both send back."""
    row = np.array([[[[1.0, 4.0, -3.0, -1.0, 2.0, 2.0]]]])
    grad = np.array([[[[10.0, 20.0, 30.0]]]])
    back = []
    for function in (nf.max_pool2d, nf.avg_pool2d):
        x = nf.Tensor(row, requires_grad=True)
        y = function(x, (1, 2))
        y.backward(grad)
        back.append((y.numpy().ravel(), x.grad.numpy().ravel().reshape(3, 2)))
    rows = [("window", "upstream gradient", "maximum", "its gradient", "mean", "its gradient")]
    for number, window in enumerate(row.reshape(3, 2)):
        (largest, share), (mean, part) = ((values[number], grads[number]) for values, grads in back)
        rows.append((_list(window), grad.ravel()[number], largest, _list(share), mean, _list(part)))
    return rows


def normalised_batches() -> Rows:
    """Three batches through one BatchNorm1d, and then a sample in eval mode."""
    layer = nf.BatchNorm1d(1)
    rows = [("mode", "batch", "mean", "variance, by n", "by n - 1", "result", "running mean", "running variance")]
    for batch in ([2.0, 6.0], [1.0, 2.0, 6.0], [2.0, 6.0, 100.0]):
        x = np.array(batch)[:, None]
        y = layer(nf.Tensor(x))
        running = [_rounded(np.asarray(each).item()) for each in (layer.running_mean, layer.running_var)]
        own = (x.mean(), x.var(), x.var(ddof=1))
        rows.append(("training", _list(batch), *map(_rounded, own), _list(y.numpy().ravel()), *running))
    y = layer.eval()(nf.Tensor([[2.0]]))
    return [*rows, ("eval", "[2]", "–", "–", "–", _list(y.numpy().ravel()), *running)]


def grouped() -> Rows:
    """One sample of four channels, normalised in 1, 2 and 4 groups."""
    x = np.array([[[1.0, 3.0], [5.0, 7.0], [10.0, 20.0], [40.0, 50.0]]])
    rows = [("groups", "channel 0: [1, 3]", "channel 1: [5, 7]", "channel 2: [10, 20]", "channel 3: [40, 50]")]
    for groups in (1, 2, 4):
        y = nf.GroupNorm(groups, 4)(nf.Tensor(x)).numpy()[0]
        rows.append((groups, *map(_list, y)))
    return rows


def depths() -> Rows:
    """Four networks of 40 blocks before training, and what they read after it."""
    rows = [("40 blocks with", "signal after block 40", "gradient before block 1", "held-out digits read")]
    for name, sizes in kept("forty_blocks").items():
        low, *_, high = map(_percent, sizes["read"])
        read = high if low == high else f"{low} to {high}"
        rows.append((name, _power(sizes["signal"][-1]), _power(sizes["gradient"][0]), read))
    return rows


def _list(numbers: Sequence[float]) -> str:
    return f"[{', '.join(f'{_rounded(each):g}' for each in numbers)}]"


def _rounded(value: float) -> float:
    return round(float(value), 3) + 0.0


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _power(size: float) -> str:
    return f"{size:.1g}" if size < 1e-3 or size >= 1e3 else f"{size:.2g}"
