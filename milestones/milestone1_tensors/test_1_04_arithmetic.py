"""1.4 Arithmetic: - * / ** and unary minus, with tensors, numbers and arrays on either side."""

import numpy as np

import neural_framework as nf


def name_of(result):
    """The name of the operation that made a result."""
    return type(result.grad_fn).__name__


def test_subtraction_keeps_its_order(see):
    """a - b is not b - a; in 10 - b the tensor is the right operand, and Python calls __rsub__."""
    a, b = nf.Tensor([5.0, 1.0]), nf.Tensor([2.0, 4.0])
    see.close(a - b, [3.0, -3.0])
    see.close(a - 1, [4.0, 0.0])
    see.close(10 - b, [8.0, 6.0])


def test_multiplication_is_element_by_element(see):
    """[2, 3] * [4, 5] is [8, 15]; a number may be on either side."""
    a, b = nf.Tensor([2.0, 3.0]), nf.Tensor([4.0, 5.0])
    see.close(a * b, [8.0, 15.0])
    see.close(a * 0.5, [1.0, 1.5])
    see.close(-2 * a, [-4.0, -6.0])


def test_division_keeps_its_order(see):
    """a / b divides a by b, 12 / b divides 12 by each element of b, and nothing is rounded or overflows on the way."""
    a, b, tiny = nf.Tensor([3.0, 8.0]), nf.Tensor([2.0, 4.0]), nf.Tensor([1e-39])  # 1 / tiny is not a float32
    see.close(a / b, [1.5, 2.0])
    see.close(a / 4, [0.75, 2.0])
    see.close(12 / b, [6.0, 3.0])
    see.close(tiny / tiny, [1.0])


def test_unary_minus_flips_every_sign(see):
    """-x negates floats and integers, whatever the shape."""
    see.close(-nf.Tensor([[1.0, -2.0], [0.0, 3.0]]), [[-1.0, 2.0], [0.0, -3.0]])
    see.equal((-nf.Tensor([1, -2])).data, np.array([-1, 2]))


def test_powers_of_a_tensor(see):
    """x ** 2, x ** 3, x ** 0.5 and x ** -1 work; anything to the power of 0 is 1, including 0 ** 0."""
    x = nf.Tensor([1.0, 4.0, 0.25])
    see.close(x**2, [1.0, 16.0, 0.0625])
    see.close(nf.Tensor([-2.0, 3.0]) ** 3, [-8.0, 27.0])
    see.close(x**0.5, [1.0, 2.0, 0.5])
    see.close(x**-1, [1.0, 0.25, 4.0])
    see.close(nf.Tensor([0.0, -3.0]) ** 0, [1.0, 1.0])


def test_arrays_may_stand_on_either_side(see):
    """tensor - array and array - tensor both give one Tensor with a value per element, not an array of tensors."""
    x, array = nf.Tensor([2.0, 4.0]), np.array([8.0, 6.0], dtype=np.float32)
    for result, expected in [
        (x - array, [-6.0, -2.0]),
        (array - x, [6.0, 2.0]),
        (array * x, [16.0, 24.0]),
        (array / x, [4.0, 1.5]),
    ]:
        see.equal(type(result).__name__, "Tensor")
        see.close(result, expected)


def test_operands_broadcast_both_ways(see, rng):
    """A column (2, 1) and a row (3,) stretch each other to (2, 3), in either order; a transposed one does the same."""
    column, row, turned = rng.uniform(1, 2, size=(2, 1)), rng.uniform(1, 2, size=3), rng.uniform(1, 2, size=(3, 2)).T
    for left, right in ((column, row), (row, column), (turned, row), (column, turned)):
        a, b = nf.from_numpy(left), nf.from_numpy(right)
        see.close(a - b, left - right)
        see.close(a * b, left * right)
        see.close(a / b, left / right)
    see.close(-nf.from_numpy(turned), -turned)
    see.close(nf.from_numpy(turned) ** 3, turned**3)


def test_shapes_that_do_not_fit_name_the_operation(see):
    """The BroadcastingError names the operation and both shapes, so that you find the bug faster."""
    a, b = nf.Tensor(np.ones((3, 4))), nf.Tensor(np.ones((2, 4)))
    for call, name in [(lambda: a - b, "subtract"), (lambda: a * b, "multiply"), (lambda: a / b, "divide")]:
        see.raises(call, "BroadcastingError", mentions=[name, (3, 4), (2, 4)], shape1=(3, 4), shape2=(2, 4))


def test_a_python_number_does_not_change_the_dtype(see):
    """With a Python number float32 stays float32, and float64 float64; float32 with a float64 array becomes float64."""
    for name in ("float16", "float32", "float64"):
        x = nf.Tensor([1.0, 2.0], dtype=name)
        results = [x - 1, 1.5 - x, x * 2.5, 2.5 * x, x / 3, 1 / x, x**2, x**0.5, -x]
        see.equal([result.dtype for result in results], [name] * 9)
    x = nf.Tensor([1.0, 2.0])
    for other in (np.ones(2), nf.Tensor(np.ones(2))):
        results = [x - other, other - x, x * other, other * x, x / other, other / x]
        see.equal([result.dtype for result in results], ["float64"] * 6)


def test_results_are_new_arrays(see):
    """Where nothing changes, as in x - 0 and x**1, the result is a new array: changing it leaves x alone."""
    x = nf.Tensor([1.0, 2.0])
    for y in (x - 0, x * 1, x / 1, x**1):
        y += 1.0
        see.close(y, [2.0, 3.0])
    see.close(x, [1.0, 2.0])


def test_a_python_number_is_as_exact_as_the_tensor(see):
    """With float64, 0.1 is not rounded to float32 first; with a whole number, float16 does not become float64."""
    x, half = nf.Tensor([1.0, 2.0], dtype=np.float64), nf.Tensor([1.0, 2.0], dtype=np.float16)
    for result, expected in [
        (x - 0.1, [0.9, 1.9]),
        (0.1 - x, [-0.9, -1.9]),
        (x * 0.1, [0.1, 0.2]),
        (0.1 * x, [0.1, 0.2]),
        (x / 0.1, [10.0, 20.0]),
        (0.1 / x, [0.1, 0.05]),
    ]:
        see.close(result, expected)
    results = [half - 1, 1 - half, half * 2, 2 * half, half / 2, 2 / half]
    see.equal([result.dtype for result in results], ["float16"] * 6)


def test_integers_stay_integers_until_a_fraction_may_come(see):
    """2 * 3 stays int64; division, a float or a float32 tensor turns integers into float64, as in NumPy."""
    n = nf.Tensor([1, 2, 5])
    whole = [n - 1, 9 - n, n * n, n * 2, 2 * n, n**2, -n]
    see.equal([result.dtype for result in whole], ["int64"] * 7)
    fractions = [n / 2, 6 / n, n / n, n * 0.5, 0.5 * n, 1.5 - n, n * nf.Tensor([1.0])]
    see.equal([result.dtype for result in fractions], ["float64"] * 7)
    see.close(n / 2, [0.5, 1.0, 2.5])
    unsigned = nf.Tensor(np.array([1, 2, 200], dtype=np.uint8))  # whose -1 is 255
    for result, expected in [
        (n - unsigned, [0, 0, -195]),
        (0.5 - unsigned, [-0.5, -1.5, -199.5]),
        (nf.Tensor([1.5, 2.5, 3.5]) - unsigned, [0.5, 0.5, -196.5]),
        (n * unsigned, [1, 4, 1000]),
        (unsigned / 2, [0.5, 1.0, 100.0]),
        (unsigned**0.5, [1.0, 2.0**0.5, 200.0**0.5]),
    ]:
        see.close(result, expected)
    for two in (nf.Tensor(2), nf.Tensor(np.float64(2.0))):  # of shape (), but no Python number: their dtype counts
        results = [unsigned - two, two - unsigned, unsigned * two, two * unsigned, unsigned / two, two / unsigned]
        see.equal([result.dtype for result in results], [two.dtype] * 4 + ["float64"] * 2)
        see.close(unsigned * two, [2.0, 4.0, 400.0])
    see.equal([result.dtype for result in (unsigned - 1, unsigned * unsigned, -unsigned)], ["uint8"] * 3)


def test_division_by_zero_and_odd_powers_stay_silent(see):
    """1/0 is inf, 0/0 is nan, the root of a negative number is nan, and none of them prints a warning."""
    x = nf.Tensor([1.0, -1.0, 0.0])
    see.close(see.without_warnings(lambda: x / 0), [np.inf, -np.inf, np.nan])
    see.close(see.without_warnings(lambda: nf.Tensor([1, 0]) / nf.Tensor([0, 0])), [np.inf, np.nan])
    see.close(see.without_warnings(lambda: x**0.5), [1.0, np.nan, 0.0])
    see.close(see.without_warnings(lambda: x**-1), [1.0, -1.0, np.inf])
    see.close(see.without_warnings(lambda: nf.Tensor([1e30]) ** 2), [np.inf])


def test_arithmetic_is_recorded(see):
    """Each result records its operation and the operands themselves, in order, also if one operand is a number."""
    a, b = nf.Tensor([3.0], requires_grad=True), nf.Tensor([2.0], requires_grad=True)
    for result, name in [(a - b, "Subtract"), (a * b, "Multiply"), (a / b, "Divide")]:
        see.equal(name_of(result), name)
        see.same(result.grad_fn.inputs[0], a)
        see.same(result.grad_fn.inputs[1], b)
    see.equal([name_of(-a), name_of(a**2)], ["Negate", "Power"])
    for result in (-a, a**2, a - 1, 1 - a, a * 2, 2 * a, a / 2, 1 / a):
        see.true(any(kept is a for kept in result.grad_fn.inputs))


def test_operands_are_left_alone(see):
    """Arithmetic makes new data: the operands do not change, and the result shares no memory with them."""
    a, b = nf.Tensor([6.0, 8.0]), nf.Tensor([2.0, 4.0])
    results = [a - b, a * b, a / b, -a, a**2, a * 1, a**1]
    see.equal(a.data, np.array([6.0, 8.0]))
    see.equal(b.data, np.array([2.0, 4.0]))
    see.true(not any(np.shares_memory(result.data, operand.data) for result in results for operand in (a, b)))


def test_tensors_without_axes_and_without_elements(see):
    """The shapes () and (0, 3) work like any other shape."""
    two, empty = nf.Tensor(2.0), nf.Tensor(np.ones((0, 3)))
    see.close(two * nf.Tensor([1.0, 3.0]), [2.0, 6.0])
    see.close(two - 5, -3.0)
    see.equal([(empty * 2).shape, (empty - nf.Tensor(np.ones(3))).shape, (empty**2).shape], [(0, 3)] * 3)
