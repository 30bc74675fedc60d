"""The extra exercises of the reference: one operation in the place of several, with the same values and gradients."""

import numpy as np
import pytest

from neural_framework import Linear, Tensor, check_gradients, cross_entropy
from neural_framework.tensor import affine

SHAPES = [(3,), (5, 3), (2, 5, 3), (0, 3), (2, 0, 3)]


def drawn(shape, requires_grad=True):
    return Tensor(np.random.default_rng(len(shape)).standard_normal(shape), requires_grad=requires_grad)


@pytest.mark.parametrize("shape", SHAPES)
def test_affine_is_product_and_sum(shape):
    x, weight, bias = drawn(shape), drawn((4, 3)), drawn((4,))
    np.testing.assert_allclose(affine(x, weight, bias).data, x.data @ weight.data.T + bias.data)
    assert check_gradients(affine, [x, weight, bias])


@pytest.mark.parametrize("needed", range(3))
def test_affine_gives_gradients_only_where_they_are_needed(needed):
    inputs = [drawn((5, 3), needed == 0), drawn((4, 3), needed == 1), drawn((4,), needed == 2)]
    z = affine(*inputs)
    assert [part is None for part in z.grad_fn.backward(np.ones((5, 4)))] == [i != needed for i in range(3)]


def test_linear_is_one_operation():
    assert type(Linear(3, 4)(drawn((5, 3))).grad_fn).__name__ == "Affine"
    assert type(Linear(3, 4, bias=False)(drawn((5, 3))).grad_fn).__name__ == "MatMul"


def test_affine_keeps_the_dtypes_of_product_and_sum():
    x, weight, bias = (np.ones(shape, dtype) for shape, dtype in [((5, 3), "f4"), ((4, 3), "f4"), (4, "f8")])
    assert affine(Tensor(x), Tensor(weight), Tensor(bias)).dtype == (x @ weight.T + bias).dtype == np.float64


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_cross_entropy_is_minus_the_expected_log_softmax(rows):
    logits = drawn((rows, 4))
    probabilities = Tensor(np.random.default_rng(1).uniform(0, 2, (rows, 4)), requires_grad=True)  # of any sum
    expected = -(probabilities * logits.log_softmax(axis=1)).sum(axis=1).data
    np.testing.assert_allclose(cross_entropy(logits, probabilities).data, expected)
    assert check_gradients(cross_entropy, [logits, probabilities])


def test_cross_entropy_is_exact_for_large_logits():
    logits = Tensor([[1e4, 0.0], [0.0, 1e4]], requires_grad=True)
    losses = cross_entropy(logits, Tensor([[1.0, 0.0], [1.0, 0.0]]))
    losses.sum().backward()
    assert losses.tolist() == [0.0, 1e4]
    assert logits.grad.tolist() == [[0.0, 0.0], [-1.0, 1.0]]
