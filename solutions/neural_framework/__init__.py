"""A neural-network framework in NumPy: tensors, automatic differentiation, modules, training."""

from . import autodiff, errors, operations, tensor
from .autodiff import *
from .errors import *
from .operations import *
from .tensor import *
