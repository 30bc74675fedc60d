"""1.6 Smooth functions of each element: log, sqrt, sin, cos, tanh."""

import numpy as np

import neural_framework as nf


def test_log_is_the_natural_logarithm(see):
    """log(1) = 0 and log(e) = 1: the base is e, not 10 or 2."""
    see.close(nf.Tensor([1.0, np.e, np.e**2]).log(), [0.0, 1.0, 2.0])


def test_sqrt_is_the_square_root(see):
    """sqrt(9) = 3, sqrt(0.25) = 0.5, sqrt(0) = 0."""
    see.close(nf.Tensor([9.0, 0.25, 0.0]).sqrt(), [3.0, 0.5, 0.0])


def test_sin_and_cos_take_radians(see):
    """sin(pi/2) = 1 and cos(pi) = -1."""
    x = nf.Tensor(np.array([0.0, np.pi / 6, np.pi / 2, np.pi]))
    see.close(x.sin(), [0.0, 0.5, 1.0, 0.0])
    see.close(x.cos(), [1.0, np.sqrt(3) / 2, 0.0, -1.0])


def test_tanh_squeezes_between_minus_one_and_one(see):
    """tanh(0) = 0, tanh is odd, and tanh(ln 2) = (2 - 1/2) / (2 + 1/2) = 0.6."""
    see.close(nf.Tensor([0.0, np.log(2), -np.log(2)]).tanh(), [0.0, 0.6, -0.6])


def test_tanh_is_exact_far_from_zero(see):
    """tanh(1000) is 1; written with exp it would be inf / inf, which is nan."""
    see.close(nf.Tensor([1000.0]).tanh(), [1.0])
    see.close(see.without_warnings(lambda: nf.Tensor([1000.0, -1000.0, np.inf]).tanh()), [1.0, -1.0, 1.0])


def test_log_and_sqrt_stay_silent_where_they_have_no_value(see):
    """log(0) is -inf, log(-1) and sqrt(-1) are nan: values that you can search for, without a NumPy warning."""
    x = nf.Tensor([0.0, -1.0, np.inf, -np.inf])
    see.close(see.without_warnings(x.log), [-np.inf, np.nan, np.inf, np.nan])
    see.close(see.without_warnings(x.sqrt), [0.0, np.nan, np.inf, np.nan])


def test_digits_stay_near_zero_and_far_from_it(see):
    """Each result is right to its last digits: cos x as sin(x + pi/2), or tanh x as 1 - 2 / (e^2x + 1), loses them."""
    values = np.array([1e-6, 3e-4, 20000.0], dtype=np.float32)
    for name in ("log", "sqrt", "sin", "cos", "tanh"):
        right = getattr(np, name)(values.astype(np.float64)).astype(np.float32)
        see.close(getattr(nf.Tensor(values), name)().data / right, [1.0, 1.0, 1.0])
    for number, root in [(2.0**100, 2.0**50), (2.0**-100, 2.0**-50), (2.0**70, 2.0**35)]:
        see.at_most(abs(nf.Tensor([number]).sqrt().item() / root - 1.0), 1e-6)  # x = 4**n: the root is 2**n


def test_every_element_of_any_shape(see, rng):
    """The shape stays, from () to (2, 3) and (0, 4), and so does the dtype; the order in memory does not matter."""
    for array in (np.array(0.7), rng.uniform(0.5, 2.0, size=(3, 2)).T, np.ones((0, 4))):
        for name in ("log", "sqrt", "sin", "cos", "tanh"):
            see.close(getattr(nf.from_numpy(array), name)(), getattr(np, name)(array))
            dtypes = ["float16", "float32", "float64"]
            see.equal([getattr(nf.Tensor(array, dtype=dtype), name)().dtype for dtype in dtypes], dtypes)


def test_smooth_functions_are_recorded(see):
    """Each result's grad_fn has the function's name and one input: the tensor itself, which does not change."""
    x = nf.Tensor([1.0, 4.0], requires_grad=True)
    results = [x.log(), x.sqrt(), x.sin(), x.cos(), x.tanh()]
    see.equal([type(result.grad_fn).__name__ for result in results], ["Log", "Sqrt", "Sin", "Cos", "Tanh"])
    see.equal([len(result.grad_fn.inputs) for result in results], [1] * 5)
    see.true(all(result.grad_fn.inputs[0] is x for result in results))
    see.equal(x.data, np.array([1.0, 4.0]))
