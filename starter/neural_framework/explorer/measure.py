"""Central differences of one operation by its own forward: what it should send on, where differences can tell."""

import numpy as np

LIMIT = 256  # numbers of an input, at most
WORK = 1_000_000  # numbers of results that are computed for an input, at most
# Where the slope jumps, the framework's contract chooses: the one on the left, their mean, or the steeper one.
CHOICES = {"ReLU": "left", "LeakyReLU": "left", "Abs": "mean", "Clip": "steeper"}
# What has slope 0 in these also gets 0 from an infinite gradient.
CHOOSING = {"ReLU", "Max", "Min", "Maximum", "Minimum", "Clip", "Where"}


class Measured:
    """What differences say about the gradient of one input, in arrays of its shape.

    value: Σ upstream * slope; nan where it is not known. scale: Σ |upstream * slope|, for tolerances. low, high: the
    bounds between which it must be, where the slope jumps. own: the slope of the element of the result at the same
    place, if all other slopes are 0; otherwise None.
    """

    def __init__(self, shape):
        self.value, self.scale = np.full(shape, np.nan), np.zeros(shape)
        self.low, self.high, self.jumps = np.full(shape, -np.inf), np.full(shape, np.inf), np.zeros(shape, bool)
        self.own = None


def measure(operation, arrived):
    """A Measured, or None where there are too many numbers, for each input of an operation."""
    forward = forward_of(operation)
    arrays = [in_float64(tensor.data) for tensor in operation.inputs]
    found = []
    with np.errstate(all="ignore"):
        for position, tensor in enumerate(operation.inputs):
            small = tensor.size <= LIMIT and tensor.size * arrived.size <= WORK
            wanted = tensor.requires_grad and small and not is_constant(operation)
            found.append(measure_input(operation, forward, arrays, position, arrived) if wanted else None)
    return found


def is_constant(operation):
    """Whether an operation clips to a single number: there the contract has a slope of 1, and differences 0."""
    low, high = getattr(operation, "low", None), getattr(operation, "high", None)
    return type(operation).__name__ == "Clip" and low is not None and low == high


def forward_of(operation):
    """The forward of a copy of an operation, so that the arrays that the operation keeps stay as they are."""

    def forward(arrays):
        copy = object.__new__(type(operation))
        vars(copy).update(vars(operation), inputs=())
        return np.array(copy.forward(*[array.copy() for array in arrays]))

    return forward


def in_float64(array):
    """A copy, with floats as float64."""
    return array.astype(np.float64 if array.dtype.kind == "f" else array.dtype)


def measure_input(operation, forward, arrays, position, arrived):
    """The Measured of one input, or None if forward raises or does not fit."""
    x = arrays[position]
    found = Measured(x.shape)
    name = type(operation).__name__
    try:
        middle = forward(arrays)
        if middle.shape != arrived.shape or middle.dtype.kind != "f":
            return None
        eps = np.finfo(middle.dtype).eps
        upstream = arrived.astype(np.float64)
        own = np.zeros(x.shape)
        apart = x.shape == arrived.shape
        for index in np.ndindex(x.shape):
            slopes = slopes_at(forward, arrays, x, index, middle, eps)
            if slopes is None:
                continue
            left, right, both, jumps = slopes
            if not np.isfinite(upstream[both != 0]).all() or (name not in CHOOSING and not np.isfinite(upstream).all()):
                continue
            found.scale[index] = weighted(np.abs(upstream), np.abs(both))
            if jumps:
                ends = sorted((weighted(upstream, left), weighted(upstream, right)))
                found.low[index], found.high[index], found.jumps[index] = *ends, True
                found.value[index] = chosen(name, weighted(upstream, left), weighted(upstream, right))
            else:
                found.value[index] = weighted(upstream, both)
            if apart:
                own[index] = both[index]
                apart = np.count_nonzero(both) == (both[index] != 0)
        found.own = own if apart else None
    except Exception:  # a forward that does not take float64, or that has state
        return None
    return found


def slopes_at(forward, arrays, x, index, middle, eps):
    """The slopes of the result to the left and the right of x[index], their mean, and whether they jump there.

    None where no step gives finite slopes on which two step sizes agree.
    """
    if not np.isfinite(x[index]):
        return None
    steps = [float(np.cbrt(eps)) * max(1.0, abs(x[index]))]
    if 0 < abs(x[index]) < 1:
        steps.append(float(np.cbrt(eps)) * abs(x[index]))
    for h in steps:
        right, left = (moved(forward, arrays, x, index, middle, sign * h) for sign in (1, -1))
        right2, left2 = (moved(forward, arrays, x, index, middle, sign * h / 2) for sign in (1, -1))
        if not all(np.isfinite(slope).all() for slope in (right, left, right2, left2)):
            continue
        both, both2 = (right + left) / 2, (right2 + left2) / 2
        size = max(1.0, np.abs(both2).max(initial=0))
        allowed = 1e-4 * size + 40 * eps ** (2 / 3)
        if 4 * eps * np.abs(middle).max(initial=0, where=np.isfinite(middle)) / h > allowed:
            continue  # the step would be lost in the rounding of a large result
        gap, gap2 = (np.abs(a - b).max(initial=0) for a, b in ((right, left), (right2, left2)))
        if gap2 > 1e-3 * size and gap2 > 0.75 * gap:
            if np.abs(both - both2).max(initial=0) <= 1e-3 * size:
                return left2, right2, both2, True
            continue
        if np.abs(both - both2).max(initial=0) <= allowed:
            return left2, right2, (4 * both2 - both) / 3, False
    return None


def moved(forward, arrays, x, index, middle, step):
    """(f(x + step) - f(x)) / step, where one number of x moves."""
    value = x[index]
    x[index] = value + step
    result = forward(arrays).astype(np.float64)
    difference = x[index] - value
    x[index] = value
    return (result - middle) / difference


def weighted(upstream, slopes):
    """Σ upstream * slopes; a slope of 0 gives 0, also times inf."""
    return float(np.where(slopes == 0, 0, upstream * slopes).sum())


def chosen(name, left, right):
    """What the contract says where the slope jumps, or nan where it leaves it open."""
    choice = CHOICES.get(name)
    if choice == "left":
        return left
    if choice == "mean":
        return (left + right) / 2
    if choice == "steeper":
        return left if abs(left) > abs(right) else right
    return np.nan
