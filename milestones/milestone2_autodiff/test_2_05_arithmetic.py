"""2.5 Arithmetic: the backward of Subtract, Multiply, Divide, Negate and Power."""

import numpy as np

import neural_framework as nf

# Shapes that broadcast: both operands stretched, only one of them, added axes, 0-d.
PAIRS = [((3, 1), (1, 4)), ((2, 3), (3,)), ((1,), (2, 3)), ((2, 2), ()), ((2, 1, 3), (4, 1))]


def leaf(value):
    """A leaf that requires grad."""
    return nf.Tensor(value, requires_grad=True, dtype=np.float64)


def test_subtraction_sends_the_gradient_to_one_side_and_its_negative_to_the_other(see):
    """z = x - y: z increases with x and decreases with y."""
    x, y = leaf([5.0, 6.0]), leaf([1.0, 2.0])
    (x - y).backward(np.array([10.0, 3.0]))
    see.close(x.grad, [10.0, 3.0])
    see.close(y.grad, [-10.0, -3.0])


def test_each_factor_receives_the_other_factor(see):
    """z = x * y: dz/dx = y and dz/dy = x, each times the upstream gradient."""
    x, y = leaf([2.0, 3.0]), leaf([5.0, 7.0])
    (x * y).backward(np.array([1.0, 10.0]))
    see.close(x.grad, [5.0, 70.0])
    see.close(y.grad, [2.0, 30.0])


def test_division_has_two_derivatives(see):
    """z = x / y: dz/dx = 1 / y and dz/dy = -x / y**2."""
    x, y = leaf([6.0, 1.0]), leaf([2.0, -4.0])
    (x / y).backward(np.array([1.0, 16.0]))
    see.close(x.grad, [0.5, -4.0])
    see.close(y.grad, [-1.5, -1.0])


def test_negation_turns_the_gradient_round(see, rng):
    """z = -x: dz/dx = -1, for any shape, including 0-d and empty ones."""
    for shape in [(2, 3), (), (0, 2)]:
        see.gradients(lambda x: -x, [rng.normal(size=shape)])


def test_a_power_follows_the_power_rule(see):
    """z = x**n: dz/dx = n * x**(n - 1), with integer, negative and fractional exponents."""
    positive, mixed = [0.5, 1.5, 2.0], [-1.5, -0.5, 2.0]
    for exponent in (2, 3, 1, -1, -2):
        see.gradients(lambda x, n=exponent: x**n, [mixed])
    for exponent in (0.5, -1.5, 2.5):
        see.gradients(lambda x, n=exponent: x**n, [positive])
    for x in (np.array(1.5), np.zeros((0, 2))):
        see.gradients(lambda x: x**3, [x])


def test_powers_at_zero(see):
    """At x = 0, x**1 has slope 1, and x**2 and x**0 have slope 0, without nan or a warning from 0 * 0**-1."""
    for exponent, slope in [(0, 0.0), (1, 1.0), (2, 0.0), (3, 0.0)]:
        x = leaf([0.0, 1.0])
        see.without_warnings((x**exponent).backward)
        see.close(x.grad, [slope, float(exponent)])
    x = leaf([0.0, 1.0])
    (x**0).backward(np.array([np.inf, -np.inf]))
    see.close(x.grad, [0.0, 0.0])  # x**0 is constant: 0, where 0 * inf would be nan


def test_slopes_without_end_come_without_warnings(see):
    """1 / x, x**-1 and x**0.5 are infinitely steep at 0, so the gradient is inf or -inf, without a warning."""
    steep = [
        (lambda x: 1.0 / x, [-np.inf, -1.0 / 4.0**2]),
        (lambda x: x**-1, [-np.inf, -1.0 / 4.0**2]),
        (lambda x: x**0.5, [np.inf, 0.5 / 4.0**0.5]),
    ]
    for f, slopes in steep:
        x = leaf([0.0, 4.0])
        see.without_warnings(f(x).backward)
        see.close(x.grad, slopes)


def test_a_difference_of_broadcast_operands(see, rng):
    """A stretched operand, on either side, gets the sum of the gradients of all its uses, in its own shape."""
    for first, second in PAIRS:
        see.gradients(lambda x, y: x - y, [rng.normal(size=first), rng.normal(size=second)])


def test_a_product_of_broadcast_operands(see, rng):
    """The gradient of a stretched factor is first multiplied by the other factor, and then summed."""
    for first, second in PAIRS:
        see.gradients(lambda x, y: x * y, [rng.normal(size=first), rng.normal(size=second)])


def test_a_quotient_of_broadcast_operands(see, rng):
    """Numerator and denominator may both be stretched, and each gets a gradient of its own shape."""
    for first, second in PAIRS:
        see.gradients(lambda x, y: x / y, [rng.normal(size=first), rng.uniform(0.5, 2.0, size=second)])


def test_operands_of_size_0(see):
    """A row that is combined with an empty matrix does not count, so it gets zeros of its own shape."""
    for f in (lambda x, y: x - y, lambda x, y: x * y, lambda x, y: x / y):
        see.gradients(f, [np.ones((0, 3)), np.full((1, 3), 2.0)])
        see.gradients(f, [np.ones(3), np.full((0, 3), 2.0)])


def test_numbers_and_arrays_on_either_side(see, rng):
    """A number or array needs no gradient, but the tensor next to it gets one, in its own shape."""
    x, matrix = rng.uniform(0.5, 2.0, size=3), rng.uniform(0.5, 2.0, size=(2, 3))
    for f in (lambda x: 2.0 - x, lambda x: x - 2.0, lambda x: 3.0 * x, lambda x: 3.0 / x, lambda x: x / 4.0):
        see.gradients(f, [x])
    for f in (lambda x: matrix - x, lambda x: x * matrix, lambda x: matrix / x, lambda x: x / matrix):
        see.gradients(f, [x])


def test_one_tensor_on_both_sides(see):
    """d(x * x)/dx = 2x, d(x - x)/dx = 0 and d(x / x)/dx = 0: both uses of x contribute."""
    x = leaf([3.0])
    for f, slope in [(lambda: x * x, 6.0), (lambda: x - x, 0.0), (lambda: x / x, 0.0)]:
        x.zero_grad()
        f().backward()
        see.close(x.grad, [slope])


def test_the_gradient_that_arrives_is_only_read(see):
    """A sum sends one array to both inputs, so changing it in place corrupts the other input's gradient."""
    gradients = []
    for f in (lambda x: 5.0 - x, lambda x: 3.0 * x, lambda x: x / 4.0, lambda x: 8.0 / x, lambda x: -x, lambda x: x**3):
        x, y = leaf([2.0, 2.0]), leaf([2.0, 2.0])
        (f(x) + f(y)).backward(np.array([10.0, -20.0]))
        gradients.append([*x.grad.data, *y.grad.data])
    see.close(np.array(gradients), [[slope, -2 * slope] * 2 for slope in (-10.0, 30.0, 2.5, -20.0, -10.0, 120.0)])


def test_going_back_twice_gives_the_same_gradient_twice(see, rng):
    """backward only reads what forward kept, and adds the same gradient a second time, to the last digits."""
    a, b, gradient = (rng.uniform(0.5, 2.0, size=(2, 3)) for _ in range(3))
    rules = [
        (lambda x, y: x - y, 1.0, -1.0),
        (lambda x, y: x * y, b, a),
        (lambda x, y: x / y, 1 / b, -a / b**2),
        (lambda x, y: -x - y, -1.0, -1.0),
        (lambda x, y: x**3 - y**2, 3 * a**2, -2 * b),
    ]
    for f, to_x, to_y in rules:
        x, y = leaf(a), leaf(b)
        result = f(x, y)
        result.backward(gradient, retain_graph=True)
        result.backward(gradient)
        see.close(x.grad, 2 * gradient * to_x)
        see.close(y.grad, 2 * gradient * to_y)
