"""2.9 Reductions: the backward of Mean, Max and Min."""

import numpy as np

import neural_framework as nf

AXES = [None, 0, 1, 2, -1, -3, (0, 1), (0, 2), (2, 0), (-1, 0), (-1, -2), ()]


def leaf(value):
    """A leaf that requires grad."""
    return nf.Tensor(value, requires_grad=True, dtype=np.float64)


def different_numbers(rng, *shape):
    """Shuffled integers: no ties, and far enough apart for a numerical gradient."""
    return rng.permutation(np.prod(shape)).reshape(shape).astype(np.float64)


def test_a_mean_shares_the_gradient_equally(see):
    """In a mean of n elements, each element gets 1 / n of the upstream gradient."""
    x = leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    x.mean().backward(np.array(12.0))
    see.close(x.grad, np.full((2, 3), 2.0))


def test_a_mean_divides_by_the_number_of_elements_it_reduced(see):
    """Along one axis, n is the size of that axis alone, not of the whole tensor."""
    x = leaf(np.ones((2, 3)))
    x.mean(axis=0).backward(np.array([2.0, 4.0, 6.0]))
    see.close(x.grad, [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])


def test_a_mean_along_every_axis(see, rng):
    """A mean may reduce one axis, several, negative ones, all and none, with and without keepdims."""
    x = rng.normal(size=(2, 3, 4))
    for axis in AXES:
        for keepdims in (False, True):
            see.gradients(lambda x, a=axis, k=keepdims: x.mean(axis=a, keepdims=k), [x])


def test_a_square_matrix_does_not_hide_the_axis(see, rng):
    """In a square matrix, reduced rows and columns look alike, so put the axis back where it was removed."""
    x = different_numbers(rng, 3, 3)
    for axis in (0, 1, -1):
        see.gradients(lambda x, a=axis: x.mean(axis=a), [x])
        see.gradients(lambda x, a=axis: x.max(axis=a), [x])
        see.gradients(lambda x, a=axis: x.min(axis=a), [x])


def test_only_the_largest_element_receives_the_gradient(see):
    """The maximum does not change when a smaller element does, so only the largest element gets the gradient."""
    x = leaf([[1.0, 9.0, 3.0], [4.0, 5.0, 6.0]])
    x.max().backward(np.array(7.0))
    see.close(x.grad, [[0.0, 7.0, 0.0], [0.0, 0.0, 0.0]])


def test_only_the_smallest_element_receives_the_gradient(see):
    """Only the smallest element, here one in each row, gets the gradient."""
    x = leaf([[1.0, 9.0, 3.0], [4.0, 5.0, -6.0]])
    x.min(axis=1).backward(np.array([7.0, 8.0]))
    see.close(x.grad, [[7.0, 0.0, 0.0], [0.0, 0.0, 8.0]])


def test_max_and_min_along_every_axis(see, rng):
    """max and min may reduce one axis, several, negative ones, all and none, with and without keepdims."""
    x = different_numbers(rng, 2, 3, 4)
    for axis in AXES:
        for keepdims in (False, True):
            see.gradients(lambda x, a=axis, k=keepdims: x.max(axis=a, keepdims=k), [x])
            see.gradients(lambda x, a=axis, k=keepdims: x.min(axis=a, keepdims=k), [x])


def test_the_shares_of_tied_elements_add_up(see):
    """The largest elements of a row share the upstream gradient of that row, and the others get nothing."""
    value = np.array([[5.0, 5.0, 1.0], [2.0, 2.0, 2.0], [1.0, 5.0, 0.0]])
    for name, x in [("max", leaf(value)), ("min", leaf(-value))]:
        getattr(x, name)(axis=1).backward(np.array([1.0, 10.0, 100.0]))
        see.close(x.grad.data.sum(axis=1), [1.0, 10.0, 100.0])
        see.close(x.grad.data[[0, 2, 2], [2, 0, 2]], [0.0, 0.0, 0.0])


def test_almost_equal_is_not_a_tie(see):
    """An element that differs from the extreme one in the last digits is not tied with it, and gets nothing."""
    for name, sign in (("max", 1.0), ("min", -1.0)):
        x = leaf(sign * np.array([1.0, 1.0 + 1e-9, 1.0 - 1e-9]))
        getattr(x, name)().backward(np.array(5.0))
        see.close(x.grad, [0.0, 5.0, 0.0])


def test_a_tie_in_the_whole_tensor_adds_up_to_what_arrives(see):
    """However four equal elements share the upstream gradient, together they get it once."""
    for name in ("max", "min"):
        x = leaf(np.full((2, 2), 3.0))
        getattr(x, name)().backward(np.array(8.0))
        see.close(x.grad.data.sum(), 8.0)


def test_only_the_extreme_receives_an_infinite_gradient(see):
    """The other elements get 0, even from an infinite gradient: 0 * inf is nan, so choose instead of multiplying."""
    for name, sign in (("max", 1.0), ("min", -1.0)):
        x = leaf(sign * np.array([[-1.0, 0.0, -4.0], [1.0, 3.0, 2.0]]))
        getattr(x, name)(axis=1).backward(np.array([np.inf, 6.0]))
        see.close(x.grad, [[0.0, np.inf, 0.0], [0.0, 6.0, 0.0]])


def test_a_single_number_and_an_empty_tensor(see):
    """A single number passes the gradient on, a vector has one axis, and the rows of an empty tensor have none."""
    for name in ("mean", "max", "min"):
        for axis in (None, 0, -1):
            see.gradients(lambda x, name=name, a=axis: getattr(x, name)(axis=a), [np.array([3.0, 1.0, 2.0])])
        see.gradients(lambda x, name=name: getattr(x, name)(), [np.array(3.0)])
        see.gradients(lambda x, name=name: getattr(x, name)(axis=1), [np.zeros((0, 3))])


def test_the_variance_is_made_of_means(see, rng):
    """The gradient of var passes through the mean that it subtracts and the mean that it takes."""
    x = rng.normal(size=(2, 3))
    see.gradients(lambda x: x.var(), [x])
    see.gradients(lambda x: x.var(axis=1), [x])
    see.gradients(lambda x: x.var(axis=0, keepdims=True), [x])


def test_going_back_twice_gives_the_same_gradient_twice(see):
    """backward only reads what forward kept, because writing into it corrupts a second backward."""
    value = [[1.0, 3.0], [8.0, 4.0]]
    slopes = {"mean": [[0.5, 0.5], [0.5, 0.5]], "max": [[0, 1], [1, 0]], "min": [[1, 0], [0, 1]]}
    for name, slope in slopes.items():
        x = leaf(value)
        result = getattr(x, name)(axis=1)
        result.backward(np.array([0.3, -0.6]), retain_graph=True)
        result.backward(np.array([0.3, -0.6]))
        see.close(x.grad, slope * np.array([[0.6], [-1.2]]))


def test_the_gradient_that_arrives_is_only_read(see):
    """A sum sends one array to both inputs, so dividing it in place corrupts the other input's gradient."""
    sums = []
    for name in ("mean", "max", "min"):
        x, y = leaf([[3.0, 3.0], [4.0, 4.0]]), leaf([[3.0, 3.0], [4.0, 4.0]])
        (getattr(x, name)(axis=1) + getattr(y, name)(axis=1)).backward(np.array([8.0, -6.0]))
        sums.append([*x.grad.data.sum(axis=1), *y.grad.data.sum(axis=1)])
    see.close(np.array(sums), [[8.0, -6.0, 8.0, -6.0]] * 3)
