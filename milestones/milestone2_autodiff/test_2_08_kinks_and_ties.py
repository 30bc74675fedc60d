"""2.8 Kinks and ties: the backward of ReLU, LeakyReLU, Clip, Maximum, Minimum and Where."""

import numpy as np

import neural_framework as nf

SEED = np.array([1.0, 10.0, 100.0, 1000.0, 10000.0])


def leaf(value):
    """A leaf that requires grad."""
    return nf.Tensor(value, requires_grad=True, dtype=np.float64)


def gradient_of(f, value):
    """The gradient of a leaf of this value, when the upstream gradient of f is 1, 10, 100, ..."""
    x = leaf(value)
    f(x).backward(SEED[: len(value)])
    return x.grad


def test_relu_passes_where_the_input_was_positive(see):
    """Below 0 and at 0 the gradient does not pass: ReLU'(0) = 0."""
    see.close(gradient_of(lambda x: x.relu(), [-2.0, 0.0, 0.5, 3.0]), [0.0, 0.0, 100.0, 1000.0])


def test_leaky_relu_passes_a_little_where_the_input_was_negative(see):
    """Below 0 and at 0 the slope is negative_slope (0.01 by default), and above 0 it is 1."""
    see.close(gradient_of(lambda x: x.leaky_relu(), [-2.0, 0.0, 3.0]), [0.01, 0.1, 100.0])
    see.close(gradient_of(lambda x: x.leaky_relu(0.25), [-2.0, 0.0, 3.0]), [0.25, 2.5, 100.0])
    see.close(gradient_of(lambda x: x.leaky_relu(negative_slope=0.0), [-2.0, 0.0, 3.0]), [0.0, 0.0, 100.0])


def test_clip_passes_inside_and_on_the_bounds(see):
    """Where low <= x <= high the gradient passes, also exactly at low and at high, and outside it is 0."""
    gradient = gradient_of(lambda x: x.clip(-1.0, 2.0), [-1.5, -1.0, 0.0, 2.0, 2.5])
    see.close(gradient, [0.0, 10.0, 100.0, 1000.0, 0.0])
    x = nf.Tensor([0.1, 0.7], requires_grad=True)  # float32 rounds 0.1 up and 0.7 down: the bounds are rounded as well
    (x.clip(0.7, None) + x.clip(None, 0.1)).backward(SEED[:2])
    see.close(x.grad, [1.0, 10.0])


def test_clip_with_one_bound_is_open_on_the_other_side(see):
    """None means no bound, so everything above low, or below high, passes."""
    see.close(gradient_of(lambda x: x.clip(0.0, None), [-9.0, 0.0, 9.0]), [0.0, 10.0, 100.0])
    see.close(gradient_of(lambda x: x.clip(None, 0.0), [-9.0, 0.0, 9.0]), [1.0, 10.0, 0.0])


def test_the_kinks_work_for_every_shape(see, rng):
    """With two axes, none, and no elements, the gradients agree with numerical ones, away from the kinks."""
    matrix = rng.choice([-1.0, 1.0], size=(2, 3)) * rng.uniform(0.2, 0.8, size=(2, 3))
    for x in (matrix, np.array(0.3), np.zeros((0, 2))):
        see.gradients(lambda x: x.relu(), [x], like=lambda x: np.maximum(x, 0.0))
        see.gradients(lambda x: x.leaky_relu(0.1), [x], like=lambda x: np.where(x > 0, x, 0.1 * x))
        see.gradients(lambda x: x.clip(-0.1, 0.9), [x], like=lambda x: np.clip(x, -0.1, 0.9))


def test_the_larger_and_the_smaller_operand_receive_the_gradient(see):
    """maximum passes the gradient to the larger operand, minimum to the smaller one."""
    for function, to_x, to_y in [(nf.maximum, [0, 10], [1, 0]), (nf.minimum, [1, 0], [0, 10])]:
        x, y = leaf([1.0, 5.0]), leaf([2.0, 4.0])
        function(x, y).backward(SEED[:2])
        see.close(x.grad, to_x)
        see.close(y.grad, to_y)


def test_the_shares_of_a_tie_add_up(see):
    """Where both operands are equal, they share the upstream gradient: it is not lost and not passed on twice."""
    for function in (nf.maximum, nf.minimum):
        x, y, z = leaf([1.0, 2.0, -3.0]), leaf([1.0, 2.0, -4.0]), leaf([4.0, 0.0])
        function(x, y).backward(SEED[:3])
        see.close(x.grad.data + y.grad.data, SEED[:3])
        function(z, z).backward(SEED[:2])
        see.close(z.grad, SEED[:2])


def test_almost_equal_is_not_a_tie(see):
    """Two operands that differ in the last digits are not equal: one of them gets all of the upstream gradient."""
    for function, to_x in [(nf.maximum, [0.0, 10.0]), (nf.minimum, [1.0, 0.0])]:
        x, y = leaf([1.0, 1.0 + 1e-9]), leaf([1.0 + 1e-9, 1.0])
        function(x, y).backward(SEED[:2])
        see.close(x.grad, to_x)
        see.close(y.grad, SEED[:2] - to_x)


def test_maximum_and_minimum_of_broadcast_operands(see):
    """A stretched operand is chosen in some places and not in others, and gets the sum of where it was chosen."""
    column, row, number = [[-1.0], [0.5]], [-2.0, 0.0, 2.0], 0.25
    for name in ("maximum", "minimum"):
        f, like = getattr(nf, name), getattr(np, name)
        see.gradients(f, [column, row], like=like)
        see.gradients(f, [row, column], like=like)
        see.gradients(f, [row, number], like=like)
        see.gradients(f, [np.ones((0, 3)), row], like=like)


def test_maximum_and_minimum_with_a_number(see):
    """A number next to the tensor is chosen, or not chosen, like any operand."""
    see.close(gradient_of(lambda x: nf.maximum(x, 0.0), [-1.0, 2.0]), [0.0, 10.0])
    see.close(gradient_of(lambda x: nf.minimum(0.0, x), [-1.0, 2.0]), [1.0, 0.0])


def test_where_sends_each_gradient_to_the_side_that_was_taken(see):
    """Where True, the gradient goes to a, and where False, to b; the other one gets 0 there."""
    a, b = leaf([1.0, 2.0, 3.0]), leaf([4.0, 5.0, 6.0])
    nf.where(np.array([True, False, True]), a, b).backward(SEED[:3])
    see.close(a.grad, [1.0, 0.0, 100.0])
    see.close(b.grad, [0.0, 10.0, 0.0])
    see.close(gradient_of(lambda x: nf.where(np.array([True, False, True]), x, x), [1.0, 2.0, 3.0]), SEED[:3])


def test_where_with_broadcast_operands_and_condition(see, rng):
    """The condition, a and b may all be stretched, and the gradients have the shapes of a and b."""
    column, row = np.array([[True], [False]]), np.array([True, False, True])
    whole = np.array([[True, False, True], [False, False, True]])
    shapes = [(column, (3,), (2, 1)), (column, (1, 3), ()), (row, (2, 1), (1,)), (row, (2, 3), (3,))]
    for condition, a, b in [*shapes, (whole, (), (3,)), (whole, (2, 3), (2, 3)), (row, (3,), (0, 3))]:
        see.gradients(
            lambda a, b, c=condition: nf.where(c, a, b),
            [rng.normal(size=a), rng.normal(size=b)],
            like=lambda a, b, c=condition: np.where(c, a, b),
        )


def test_where_with_a_number_and_a_tensor_as_condition(see):
    """In `where(x > 0, x, 0.0)`, the condition is a boolean tensor and has no part in the gradient."""
    see.close(gradient_of(lambda x: nf.where(x > 0, x, 0.0), [-1.0, 2.0, 3.0]), [0.0, 10.0, 100.0])
    see.close(gradient_of(lambda x: nf.where(x > 0, 5.0, x), [-1.0, 2.0, 3.0]), [1.0, 0.0, 0.0])


def test_nothing_comes_through_where_the_other_side_was_taken(see):
    """An operand that was not chosen gets 0, even from an infinite gradient: choose, because 0 * inf is nan."""
    limits = nf.Tensor([-3.0, 3.0])
    switches = [lambda x: x.clip(0.0, 1.0), lambda x: nf.maximum(x, 0.0), lambda x: nf.minimum(x, limits)]
    for f in (*switches, lambda x: nf.where(x > 0, x, 0.0), lambda x: nf.where(x <= 0, 0.0, x)):
        x = leaf([-1.0, 0.5])
        y = f(x)
        y.backward(np.array([np.inf, 2.0]))
        see.close(x.grad, [0.0, 2.0])


def test_the_operand_that_was_not_taken_gets_zero_on_either_side(see):
    """An infinite gradient leaves 0 for the other operand, first or second: inf - inf is nan, so choose twice."""
    for f, taken in [
        (nf.maximum, [False, True, True]),
        (nf.minimum, [True, False, False]),
        (lambda x, y: nf.where(np.array([False, True, False]), x, y), [False, True, False]),
    ]:
        x, y = leaf([-1.0, 2.0, 4.0]), leaf([1.0, 0.5, 3.0])
        f(x, y).backward(np.array([np.inf, -np.inf, 5.0]))
        see.close(x.grad, np.where(taken, [np.inf, -np.inf, 5.0], 0.0))
        see.close(y.grad, np.where(taken, 0.0, [np.inf, -np.inf, 5.0]))


def test_relu_stops_an_infinite_gradient(see):
    """Below 0 and at 0 relu gives 0, even to an infinite gradient: 0 * inf is nan, so choose instead of multiplying."""
    x = leaf([-1.0, 0.0, 4.0])
    x.relu().backward(np.array([np.inf, -np.inf, 0.25]))
    see.close(x.grad, [0.0, 0.0, 0.25])


def test_going_back_twice_gives_the_same_gradient_twice(see):
    """backward only reads what forward kept, because writing into it corrupts a second backward."""
    x, y = np.array([-2.0, 2.0, 3.0]), np.array([-3.0, 4.0, 1.0])
    above = x > y
    switches = [lambda x, y: x.relu() + y.leaky_relu(0.5), lambda x, y: x.clip(-1.0, 2.5) + y.clip(None, 2.0)]
    switches += [nf.maximum, nf.minimum, lambda x, y: nf.where(above, x, y)]
    to_x, to_y = [x > 0, [0, 1, 0], above, ~above, above], [[0.5, 1, 1], [1, 0, 1], ~above, above, ~above]
    for f, x_slopes, y_slopes in zip(switches, to_x, to_y, strict=True):
        a, b, gradient = leaf(x), leaf(y), SEED[:3] / -3.0
        result = f(a, b)
        result.backward(gradient, retain_graph=True)
        result.backward(gradient)
        see.close(a.grad, 2 * gradient * x_slopes)
        see.close(b.grad, 2 * gradient * y_slopes)


def test_the_gradient_that_arrives_is_only_read(see):
    """A sum sends one array to both inputs, so changing it in place corrupts the other input's gradient."""
    above, below = np.array([0, 1, 1, 0, 1, 0, 1, 0]), np.array([1, 0, 0, 1, 0, 1, 0, 1])  # above or below 0
    switches = [lambda x: x.relu(), lambda x: x.leaky_relu(0.25), lambda x: x.clip(-1.0, 3.0)]
    switches += [lambda x: nf.maximum(0.0, x), lambda x: nf.minimum(x, 0.0), lambda x: nf.where(x > 0, x, 0.0)]
    gradients = []
    for f in switches:
        x, y = leaf([-2.0, 2.0, 2.0, -2.0]), leaf([2.0, -2.0, 2.0, -2.0])
        (f(x) + f(y)).backward(SEED[:4])
        gradients.append([*x.grad.data, *y.grad.data])
    slopes = [above, above + 0.25 * below, above, above, below, above]
    see.close(np.array(gradients), slopes * np.tile(SEED[:4], 2))
    for function in (nf.maximum, nf.minimum):
        x, y = leaf([1.0, 2.0]), leaf([1.0, 3.0])  # with a tie
        (function(x, y) + function(x, y)).backward(SEED[:2])
        see.close(x.grad.data + y.grad.data, 2 * SEED[:2])
