"""Checks outside of points: whether a tree differentiates, or tries nearby values instead."""

import importlib

import numpy as np

NEARBY = 0.05
COMPUTED = {
    "Multiply": lambda nf, x, y: x * y,
    "Divide": lambda nf, x, y: x / y,
    "MatMul": lambda nf, x, y: x @ y,
    "Exp": lambda nf, x, y: x.exp(),
    "Tanh": lambda nf, x, y: x.tanh(),
    "Sum": lambda nf, x, y: x.sum(axis=0),
    "LogSoftmax": lambda nf, x, y: x.log_softmax(),
}
# Operations whose gradients of x are y's alone: one and the same number in each place, where y has one.
EVEN = {
    "Multiply": lambda nf, x, y: x * y,
    "Divide": lambda nf, x, y: x / y,
    "MatMul": lambda nf, x, y: x @ y,
}
SLOPES = {"Multiply": 1.7, "Divide": 1 / 1.7, "MatMul": 4 * 1.7}  # of these, where y is 4 by 4 times 1.7
# Operations of x, with their derivatives.
CURVED = {
    "Exp": (lambda x: x.exp(), np.exp, np.exp),
    "Tanh": (lambda x: x.tanh(), np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "Multiply": (lambda x: x * x, np.square, lambda x: 2 * x),
    "Divide": (lambda x: 1.0 / x, lambda x: 1 / x, lambda x: -1 / x**2),
}
# Operations with their last value, the gradient of the last number, what backward is given for it, and numbers for
# which that gradient is very small.
FAINT = {
    "Log": (lambda x: x.log(), lambda x: np.log(x[-1]), lambda x: 1 / x[-1], [1.0], [1e308]),
    "LogSoftmax": (
        lambda x: x.log_softmax(),
        lambda x: x[-1] - np.log(np.exp(x).sum()),
        lambda x: -np.exp(x[-1]) / np.exp(x).sum(),
        [1.0, 0.0],
        [0.0, -707.0],
    ),
}
ROUNDING, WRONG = 1e-12, 1e-4  # what right gradients differ by at most, and what wrong ones do at least
FEW_DIGITS = 1e-10  # what very small gradients that have lost digits differ by at least


def leaf(nf, value):
    """A leaf that requires grad."""
    return nf.Tensor(value, requires_grad=True, dtype=np.float64)


def test_backward_does_not_run_forward_again(see):
    """An operation that counts its forwards."""
    nf = importlib.import_module("neural_framework")

    class Counting(nf.Operation):
        forwards = 0

        def forward(self, x):
            Counting.forwards += 1
            return x * x

        def backward(self, grad):
            return grad * 7.0

    x = leaf(nf, [3.0, 5.0])
    result = nf.apply(Counting(), x)
    before = Counting.forwards
    result.backward(np.ones(2))
    see.equal(Counting.forwards - before, 0)


def test_backward_is_what_the_operation_says(see):
    """An operation whose backward is deliberately not the derivative of its forward."""
    nf = importlib.import_module("neural_framework")

    class Untrue(nf.Operation):
        def forward(self, x):
            return x * x

        def backward(self, grad):
            return grad * 7.0

    x = leaf(nf, [3.0, 5.0])
    nf.apply(Untrue(), x).backward(np.ones(2))
    see.equal(np.allclose(x.grad.data, [6.0, 10.0], rtol=1e-2), False)


def test_no_operation_is_evaluated_at_nearby_values(see):
    """The tree's own operations: while backward runs, is forward called with almost the same numbers?"""
    nf = importlib.import_module("neural_framework")
    found = [name for name, compute in COMPUTED.items() if evaluated_nearby(nf, compute)]
    see.equal(found, [])


def test_gradients_are_as_exact_as_derivatives_are(see):
    """Differences between values at nearby places are right to some digits alone, and the rest is noise."""
    nf = importlib.import_module("neural_framework")
    found = {name for name, compute in EVEN.items() if uneven(nf, compute)}
    found |= {name for name, (compute, value, slope) in CURVED.items() if inexact(nf, compute, value, slope)}
    see.equal(sorted(found), [])


def test_gradients_do_not_need_values(see):
    """Where x is infinite, x * y has no differences left, at any distance; its gradient is still y."""
    nf = importlib.import_module("neural_framework")
    see.equal([name for name, compute in EVEN.items() if lost_at_infinity(nf, compute, SLOPES[name])], [])


def test_gradients_are_right_however_small(see):
    """A gradient near the smallest number has no place for a factor, such as a step's, to be divided by later."""
    nf = importlib.import_module("neural_framework")
    see.equal([name for name, case in FAINT.items() if lost_when_small(nf, *case)], [])


def lost_when_small(nf, compute, value, slope, grad, faint):
    """Whether the gradient of a right value is 0 or has lost digits where it is very small, and has all elsewhere."""
    faint, usual = np.array(faint), np.sqrt(np.arange(2.0, 2.0 + len(faint)))
    x, other = leaf(nf, faint), leaf(nf, usual)
    try:
        with np.errstate(all="ignore"):
            result = compute(x)
            result.backward(np.array(grad))
            compute(other).backward(np.array(grad))
        exact = error(np.asarray(result.data)[-1], value(faint)) < ROUNDING
        exact &= error(np.asarray(other.grad.data)[-1], slope(usual)) < ROUNDING
        return bool(exact and FEW_DIGITS < error(np.asarray(x.grad.data)[-1], slope(faint)) <= 1)
    except (Exception, SystemExit):
        return False


def lost_at_infinity(nf, compute, slope):
    """Whether gradients that are right elsewhere, also where x is 0, are not a number where it is infinite."""
    found = []
    try:
        with np.errstate(all="ignore"):
            for value in (0.0, 1.0, -3.0, np.inf):
                x = leaf(nf, np.full((4, 4), value))
                compute(nf, x, nf.Tensor(np.full((4, 4), 1.7), dtype=np.float64)).backward(np.ones((4, 4)))
                found.append(np.asarray(x.grad.data))
        return max(error(one, slope) for one in found[:-1]) < WRONG and bool(np.isnan(found[-1]).all())
    except (Exception, SystemExit):
        return False


def uneven(nf, compute):
    """Whether gradients that are one number in every place are so to some digits alone."""
    x = leaf(nf, np.sqrt(np.arange(2.0, 18.0)).reshape(4, 4))
    try:
        compute(nf, x, leaf(nf, np.full((4, 4), 1.7))).backward(np.ones((4, 4)))
        gradient = np.asarray(x.grad.data)
        return bool(ROUNDING < np.ptp(gradient) / np.max(np.abs(gradient)) < WRONG) and not is_single(gradient)
    except (Exception, SystemExit):
        return False


def inexact(nf, compute, value, slope):
    """Whether gradients are right to some digits alone, and values to all."""
    given = np.sqrt(np.arange(2.0, 10.0)) / 2
    x = leaf(nf, given)
    try:
        result = compute(x)
        result.backward(np.ones(8))
        gradient = np.asarray(x.grad.data)
        off = error(gradient, slope(given))
        return bool(error(result.data, value(given)) < ROUNDING < off < WRONG) and not is_single(gradient)
    except (Exception, SystemExit):
        return False


def is_single(array):
    """Whether an array was computed in single precision, which is right to some digits alone as well."""
    return np.array_equal(array, array.astype(np.float32))


def error(found, right):
    """The largest relative difference."""
    return np.max(np.abs(found / right - 1))


def evaluated_nearby(nf, compute):
    """Whether one operation is; False for one that does not work yet."""
    given = [np.array([[1.5, -0.5], [0.25, 2.0]]), np.array([[1.25, 0.75], [3.0, -2.0]])]
    try:
        result = compute(nf, *(leaf(nf, value) for value in given))
        owner = type(result.grad_fn)
        own = owner.forward
    except (Exception, SystemExit):
        return False
    nearby = []

    def watched(self, *arrays):
        for array in map(np.asarray, arrays):
            same = [one for one in given if one.shape == array.shape and one.size]
            gap = min((float(np.max(np.abs(one - array))) for one in same), default=1.0)
            nearby.append(array.dtype.kind == "c" or 0 < gap < NEARBY)
        return own(self, *arrays)

    owner.forward = watched
    try:
        result.backward(np.ones(result.shape))
    except (Exception, SystemExit):
        return False
    finally:
        owner.forward = own
    return any(nearby)
