"""2.10 Log-softmax: the backward of LogSoftmax."""

import numpy as np

import neural_framework as nf


def leaf(value, dtype=np.float64):
    """A leaf that requires grad."""
    return nf.Tensor(value, requires_grad=True, dtype=dtype)


def log_softmax(x, axis=-1):
    """x - log(sum(exp(x))) along the axis, computed with NumPy."""
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def test_two_equal_scores_by_hand(see):
    """At [0, 0] the softmax is [1/2, 1/2]; only y_0 counts, so dx = [1, 0] - [1/2, 1/2] * 1."""
    x = leaf([0.0, 0.0])
    x.log_softmax().backward(np.array([1.0, 0.0]))
    see.close(x.grad, [0.5, -0.5])


def test_every_score_moves_every_result(see, rng):
    """dx = g - softmax(x) * sum(g): all upstream gradients along the axis contribute to each element."""
    see.gradients(lambda x: x.log_softmax(), [rng.normal(size=5)], like=log_softmax)
    see.gradients(lambda x: x.log_softmax(), [rng.normal(size=(2, 3))], like=log_softmax)


def test_rows_do_not_influence_each_other(see):
    """The sum runs along the axis, not over everything: a row with upstream gradient 0 gets gradient 0."""
    x = leaf([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    x.log_softmax(axis=1).backward(np.array([[0.0, 0.0, 0.0], [3.0, 0.0, 0.0]]))
    see.close(x.grad, [[0.0, 0.0, 0.0], [2.0, -1.0, -1.0]])


def test_log_softmax_along_every_axis(see, rng):
    """The axis may be any of three, counted from either end, also in square shapes, which would hide a wrong one."""
    for shape in [(2, 3, 4), (3, 3, 3)]:
        for axis in (0, 1, 2, -1, -2, -3):
            see.gradients(
                lambda x, a=axis: x.log_softmax(axis=a),
                [rng.normal(size=shape)],
                like=lambda x, a=axis: log_softmax(x, a),
            )


def test_the_gradient_adds_up_to_zero_along_the_axis(see, rng):
    """Raising all scores together changes no result, so the gradient adds up to 0 along the axis."""
    x = leaf(rng.normal(size=(3, 4)))
    x.log_softmax(axis=0).backward(rng.normal(size=(3, 4)))
    see.close(x.grad.data.sum(axis=0), np.zeros(4))


def test_huge_scores_have_exact_gradients(see):
    """At 1000 the softmax is 1, 0, 0, so dx = g - [1, 0, 0] * sum(g), without overflow, nan or warning."""
    for size in (1000.0, 1e4):
        x = leaf([size, 0.0, -size], np.float32)
        see.without_warnings(lambda x=x: x.log_softmax().backward(np.array([0.0, 1.0, 2.0])))
        see.close(x.grad, [-3.0, 1.0, 2.0])


def test_a_single_score_and_no_rows(see):
    """A single score is always certain, so its gradient is 0, and an empty batch has an empty gradient."""
    x = leaf([[7.0], [-3.0]])
    x.log_softmax().backward(np.array([[2.0], [5.0]]))
    see.close(x.grad, [[0.0], [0.0]])
    empty = leaf(np.zeros((0, 3)))
    empty.log_softmax().backward()
    see.close(empty.grad, np.zeros((0, 3)))


def test_going_back_twice_gives_the_same_gradient_twice(see):
    """backward only reads what forward kept, and does not change the result."""
    x = leaf(np.array([0.0, np.log(3.0)]))
    result = x.log_softmax()
    result.backward(np.array([0.4, 0.0]), retain_graph=True)
    result.backward(np.array([0.4, 0.0]))
    see.close(x.grad, [0.6, -0.6])  # by hand: the softmax is [1/4, 3/4], so dx = [0.4, 0] - [0.1, 0.3], twice
    see.close(result, [-np.log(4.0), np.log(0.75)])


def test_the_gradient_that_arrives_is_only_read(see):
    """A sum sends one array to both inputs, so changing it in place corrupts the other input's gradient."""
    x, y = leaf(np.array([0.0, np.log(3.0)])), leaf([0.0, 0.0])
    (x.log_softmax() + y.log_softmax()).backward(np.array([4.0, 0.0]))
    # By hand: the softmax of x is [1/4, 3/4], that of y [1/2, 1/2], so dx = [4, 0] - [1, 3] and dy = [4, 0] - [2, 2].
    see.close(np.array([*x.grad.data, *y.grad.data]), [3.0, -3.0, 2.0, -2.0])


def test_the_loss_of_a_classifier(see):
    """With an upstream gradient of -1 at the correct class of each row, dx is softmax minus the correct answer."""
    x, answer = leaf(np.array([[0.0, 0.0], [np.log(4.0), 0.0]])), np.array([[1.0, 0.0], [0.0, 1.0]])
    x.log_softmax().backward(-answer)
    see.close(x.grad, [[-0.5, 0.5], [0.8, -0.8]])
