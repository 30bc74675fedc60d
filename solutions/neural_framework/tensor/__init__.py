"""Tensor: an array that applies operations to its data and records them, so that gradients can be computed."""

from .creation import arange, as_tensor, from_numpy, full, manual_seed, ones, rand, randn, random_generator, zeros
from .functions import affine, concatenate, maximum, minimum, stack, where
from .recording import apply, is_recording, no_grad
from .tensor import Tensor, as_array

__all__ = [
    "Tensor",
    "affine",
    "apply",
    "arange",
    "as_array",
    "as_tensor",
    "concatenate",
    "from_numpy",
    "full",
    "is_recording",
    "manual_seed",
    "maximum",
    "minimum",
    "no_grad",
    "ones",
    "rand",
    "randn",
    "random_generator",
    "stack",
    "where",
    "zeros",
]
