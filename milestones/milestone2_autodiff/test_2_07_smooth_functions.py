"""2.7 Smooth functions: the backward of Log, Sqrt, Sin, Cos, Tanh and Sigmoid."""

import numpy as np

import neural_framework as nf

AROUND_ZERO = [[-2.0, -0.5, 0.0], [0.3, 1.0, 2.5]]
POSITIVE = [[0.1, 0.5, 1.0], [1.7, 3.0, 20.0]]


def leaf(value, dtype=np.float64):
    """A leaf that requires grad."""
    return nf.Tensor(value, requires_grad=True, dtype=dtype)


def sigmoid(x):
    """1 / (1 + exp(-x)), computed with NumPy."""
    return 1.0 / (1.0 + np.exp(-x))


def test_the_logarithm(see):
    """d(log x)/dx = 1 / x."""
    x = leaf([0.5, 4.0])
    x.log().backward(np.array([1.0, 10.0]))
    see.close(x.grad, [2.0, 2.5])
    see.gradients(lambda x: x.log(), [POSITIVE], like=np.log)


def test_the_square_root(see):
    """d(sqrt x)/dx = 1 / (2 sqrt x)."""
    x = leaf([0.25, 16.0])
    x.sqrt().backward(np.array([1.0, 10.0]))
    see.close(x.grad, [1.0, 1.25])
    see.gradients(lambda x: x.sqrt(), [POSITIVE], like=np.sqrt)


def test_the_sine(see):
    """d(sin x)/dx = cos x, to the last digits."""
    x = leaf([1e-4, 20000.0], np.float32)
    x.sin().backward()
    see.close(x.grad, [np.cos(1e-4), np.cos(20000.0)])
    see.gradients(lambda x: x.sin(), [AROUND_ZERO], like=np.sin)


def test_the_cosine(see):
    """d(cos x)/dx = -sin x, with a minus sign, and to the last digits."""
    x = leaf([1e-4, 20000.0], np.float32)
    x.cos().backward(np.array([1e4, 1.0]))
    see.close(x.grad, [-1e4 * np.sin(1e-4), -np.sin(20000.0)])
    see.gradients(lambda x: x.cos(), [AROUND_ZERO], like=np.cos)


def test_the_hyperbolic_tangent(see):
    """d(tanh x)/dx = 1 - tanh(x)**2, which is 1 at 0."""
    x = leaf(0.0)
    x.tanh().backward()
    see.close(x.grad, 1.0)
    see.gradients(lambda x: x.tanh(), [AROUND_ZERO], like=np.tanh)


def test_the_sigmoid(see):
    """ds/dx = s (1 - s), which is 1/4 at 0."""
    x = leaf(0.0)
    x.sigmoid().backward()
    see.close(x.grad, 0.25)
    see.gradients(lambda x: x.sigmoid(), [AROUND_ZERO], like=sigmoid)


def test_functions_of_functions(see):
    """By the chain rule, each derivative is taken at its own input and multiplied by the upstream gradient."""
    see.gradients(lambda x: x.sin().tanh(), [AROUND_ZERO], like=lambda x: np.tanh(np.sin(x)))
    see.gradients(lambda x: x.cos().sigmoid(), [AROUND_ZERO], like=lambda x: sigmoid(np.cos(x)))
    see.gradients(lambda x: x.sqrt().log(), [POSITIVE], like=lambda x: np.log(np.sqrt(x)))


def test_0d_and_empty_tensors(see):
    """The gradients of a single number and of an empty tensor are right, as for any other shape."""
    for name in ("log", "sqrt", "sin", "cos", "tanh"):
        for x in (np.array(0.7), np.zeros((0, 2))):
            see.gradients(lambda x, name=name: getattr(x, name)(), [x], like=getattr(np, name))
    for x in (np.array(0.7), np.zeros((0, 2))):
        see.gradients(lambda x: x.sigmoid(), [x], like=sigmoid)


def test_saturated_functions_have_no_slope_left(see):
    """Far from 0, tanh and sigmoid are flat: the gradient is 0, never nan, and nothing overflows."""
    for name, slope in [("tanh", 1 - np.tanh(0.5) ** 2), ("sigmoid", sigmoid(0.5) * sigmoid(-0.5))]:
        x = leaf([-1e4, -1000.0, 0.5, 1000.0, 1e4])
        see.without_warnings(getattr(x, name)().backward)
        see.close(x.grad, [0.0, 0.0, slope, 0.0, 0.0])


def test_logarithm_and_root_are_infinitely_steep_at_zero(see):
    """At 0 the slope of log and sqrt is inf, without a warning."""
    for name in ("log", "sqrt"):
        x = leaf([0.0, 1.0])
        see.without_warnings(getattr(x, name)().backward)
        see.close(x.grad, [np.inf, 1.0 if name == "log" else 0.5])


def test_going_back_twice_gives_the_same_gradient_twice(see):
    """backward only reads what forward kept, because writing into it corrupts a second backward."""
    value = np.array([0.5, 2.0])
    s = sigmoid(value)
    slopes = {"log": 1 / value, "sqrt": 0.5 / np.sqrt(value), "sin": np.cos(value), "cos": -np.sin(value)}
    slopes |= {"tanh": 1 - np.tanh(value) ** 2, "sigmoid": s * (1 - s)}
    gradients = []
    for name in slopes:
        x = leaf(value)
        result = getattr(x, name)()
        result.backward(np.array([0.3, -0.4]), retain_graph=True)
        result.backward(np.array([0.3, -0.4]))
        gradients.append([*x.grad.data])
    see.close(np.array(gradients), [2 * slope * [0.3, -0.4] for slope in slopes.values()])


def test_the_gradient_that_arrives_is_only_read(see):
    """A sum sends one array to both inputs, so changing it in place corrupts the other input's gradient."""
    value = np.array([0.5, 2.0])
    s = sigmoid(value)
    slopes = {"log": 1 / value, "sqrt": 0.5 / np.sqrt(value), "sin": np.cos(value), "cos": -np.sin(value)}
    slopes |= {"tanh": 1 - np.tanh(value) ** 2, "sigmoid": s * (1 - s)}
    gradients = []
    for name in slopes:
        x, y = leaf(value), leaf(value)
        (getattr(x, name)() + getattr(y, name)()).backward(np.array([3.0, 4.0]))
        gradients.append([*x.grad.data, *y.grad.data])
    see.close(np.array(gradients), [[*slope, *slope] * np.array([3.0, 4.0, 3.0, 4.0]) for slope in slopes.values()])
