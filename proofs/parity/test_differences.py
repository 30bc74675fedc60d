"""Where this framework, deliberately, does not do what PyTorch does."""

import copy

import numpy as np
import pytest

from .comparison import Table, both, run

INPUTS = {
    "integers": np.array([[1, 2, 3], [4, 5, 6]]),
    "ties": np.array([[1.0, 2.0, 2.0], [2.0, 0.0, 0.0]]),
    "x": np.array(np.nan),
    "zero": np.array(0.0),
    "one": np.array(1.0),
    "gap": np.array([1.0, np.nan, 2.0]),
}

# What is true of ours | what is true of PyTorch's
DIFFERENCES = Table("""
    # The contract: results of arithmetic follow NumPy, where fractions of integers are float64.
    (integers / integers).dtype == np.float64  |  (integers / integers).dtype == torch.float32
    (integers * 2.5).dtype == np.float64       |  (integers * 2.5).dtype == torch.float32
    (integers * ones(3)).dtype == np.float64   |  (integers * ones(3)).dtype == torch.float32
    (ones(3) * ones((), dtype=np.float64)).dtype == np.float64
    | (ones(3) * ones((), dtype=torch.float64)).dtype == torch.float32
    integers.exp().dtype == np.float64         |  integers.exp().dtype == torch.float32
    integers.softmax().dtype == np.float64     |  fails("integers.softmax(dim=1)", RuntimeError)
    # The contract: data is an array, and a gradient a Tensor of its tensor's shape.
    x.data = x.data - 0.1 * one; type(x.data) is np.ndarray
    | x.data = x.data - 0.1 * one; type(x.data) is torch.Tensor
    fails("one.grad = np.array(1.0)", TypeError)   |  fails("one.grad = np.array(1.0)", TypeError)
    fails("one.grad = ties", ShapeError)           |  fails("one.grad = ties", RuntimeError)
    fails("integers.requires_grad = True", GradientError)   |  fails("integers.requires_grad = True", RuntimeError)
    fails("(one * 2).requires_grad = False", GradientError)   |  fails("(one * 2).requires_grad = False", RuntimeError)
    # The contract: only leaves can be copied.
    fails("copy.deepcopy(one * 2)", GradientError) |  fails("copy.deepcopy(one * 2)", RuntimeError)
    # The contract: what an integer dtype cannot hold.
    fails("Tensor(300, dtype=np.int8)", OverflowError)   |  fails("tensor(300, dtype=torch.int8)", RuntimeError)
    fails("Tensor([2**63])", OverflowError)              |  fails("tensor([2**63])", ValueError)
    fails("ties.reshape(3, -2)", ShapeError)             |  fails("ties.reshape(3, -2)", RuntimeError)
    # The contract: numbers and arrays on either side; PyTorch's functions take tensors, its mean no integers.
    maximum(zero, 0.5).item() == 0.5     |  fails("maximum(zero, 0.5)", TypeError)
    integers.mean().item() == 3.5        |  fails("integers.mean()", RuntimeError)
    # The contract: max and min share the gradient among ties, as amax and amin do; max(dim) chooses one.
    ties.max(axis=1).sum().backward(); ties.grad.data[0, 1] == 0.5
    | ties.max(dim=1)[0].sum().backward(); ties.grad[0, 1] == 1
    # The contract: a buffer has no grad, and so holds no graph.
    m = Linear(1, 1); m.register_buffer("q", one * 2); not m.q.requires_grad
    | m = Linear(1, 1); m.register_buffer("q", one * 2); m.q.requires_grad
    # The contract: register_module takes a Module and nothing else.
    fails("Linear(1, 1).register_module('q', None)", TypeError)
    | m = Linear(1, 1); m.register_module("q", None); m.q is None
    # The contract: Linear begins with Xavier's weights and without bias.
    not Linear(4, 3).bias.data.any()     |  Linear(4, 3).bias.any()
    # A loss with logarithms not below -100 has the gradient of that, for its targets too.
    BCELoss()(zero, one).backward(); one.grad.item() == -100 + 200
    | BCELoss()(zero, one).backward(); one.grad.isinf()
    # The contract: the shares among ties add up, and a nan is the largest; amax divides 0 by 0, max(dim) does as we do.
    gap.max(axis=0).backward(); gap.grad.tolist() == [0, 1, 0]
    | gap.amax(dim=0).backward(); bool(gap.grad.isnan().all())
    # The sign of nan is nan, and so is the derivative of |x| there.
    x.abs().backward(); np.isnan(x.grad.data)           |  x.abs().backward(); x.grad == 0
    # Powers of C's library, while PyTorch takes a root: they differ at -0.0.
    x = -zero.detach(); x.requires_grad_(); (x ** 0.5).backward(); x.grad.item() == np.inf
    | x = -zero.detach(); x.requires_grad_(); (x ** 0.5).backward(); x.grad == -np.inf
""")


@DIFFERENCES.cases()
def test_differences(row):
    """What each library does is what the table says."""
    ours, theirs = both(INPUTS)
    for side, namespace in zip(row, (ours, theirs), strict=True):
        namespace["fails"] = lambda code, error, namespace=namespace: raises(code, error, namespace)
        namespace["copy"] = copy
        assert run(side, namespace)


def raises(code, error, namespace):
    """Whether running the code, an expression or an assignment, raises the error."""
    with pytest.raises(error):
        exec(code, namespace)
    return True
