"""Creating tensors, and the one generator of random numbers."""

import numpy as np

from ..errors import GradientError
from .tensor import Tensor, as_array

generator = np.random.default_rng()


def random_generator():
    """The np.random.Generator of all random numbers in the package. Call it at each use; do not keep what it returns.

    Its bit_generator.state can be saved and restored.
    """
    return generator


def manual_seed(seed):
    """Restart the random numbers: after the same seed, the same numbers follow."""
    generator.bit_generator.state = np.random.default_rng(seed).bit_generator.state


def from_numpy(array, requires_grad=False):
    """A Tensor that shares the memory of `array`: changing one changes the other.

    TypeError for a read-only array, and for one in another order of bytes than this machine's.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy takes a NumPy array, got {type(array).__name__}: use Tensor(...), which copies")
    if not (array.flags.writeable and array.dtype.isnative):
        got = "a read-only one" if array.dtype.isnative else f"dtype {array.dtype.str}"
        raise TypeError(
            f"from_numpy takes an array that can be changed, in this machine's order of bytes, since it shares its "
            f"memory, but got {got}: use Tensor(...), which copies"
        )
    return Tensor.wrap(as_array(array)).requires_grad_(requires_grad)


def as_tensor(values):
    """`values` itself if it is a Tensor, otherwise a new Tensor of the array, list or number."""
    return values if isinstance(values, Tensor) else Tensor(values)


def zeros(shape, requires_grad=False, dtype=np.float32):
    """A tensor of zeros; shape: an int or a tuple."""
    return Tensor(np.zeros(shape), requires_grad, dtype)


def ones(shape, requires_grad=False, dtype=np.float32):
    """A tensor of ones; shape: an int or a tuple."""
    return Tensor(np.ones(shape), requires_grad, dtype)


def full(shape, value, requires_grad=False, dtype=np.float32):
    """A tensor of one value; shape: an int or a tuple."""
    return Tensor(np.full(shape, Tensor(value, dtype=dtype).data), requires_grad, dtype)


def randn(shape, requires_grad=False, dtype=np.float32):
    """Draws from the normal distribution N(0, 1); shape: an int or a tuple."""
    require_floats("randn", dtype, requires_grad)
    return Tensor(generator.standard_normal(shape), requires_grad, dtype)


def rand(shape, requires_grad=False, dtype=np.float32):
    """Draws from the uniform distribution on [0, 1); shape: an int or a tuple."""
    require_floats("rand", dtype, requires_grad)
    steps = 2.0 ** (np.finfo(dtype).nmant + 1)  # whole multiples of a small step: rounding makes 1 of none of them
    return Tensor(np.floor(generator.random(shape) * steps) / steps, requires_grad, dtype)


def require_floats(caller, dtype, requires_grad):
    """Raise TypeError, or GradientError with `requires_grad`, unless `dtype` holds the fractions of what is drawn."""
    if np.dtype(dtype).kind != "f":
        error = GradientError if requires_grad else TypeError
        raise error(f"{caller} draws floating-point numbers, got dtype {np.dtype(dtype)}: astype() converts them")


def arange(*args, requires_grad=False, dtype=np.float32):
    """arange(stop), arange(start, stop) or arange(start, stop, step): start, start + step, ... below stop."""
    return Tensor(np.arange(*args), requires_grad, dtype)
