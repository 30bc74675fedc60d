"""The mathematics: each operation is a class with forward and backward, on NumPy arrays alone."""

from .arithmetic import Add, Divide, Multiply, Negate, Power, Subtract, TensorPower
from .base import Operation, plain_number, silent
from .broadcasting import broadcast_shapes, unbroadcast_gradient
from .elementwise import Cos, Exp, Log, Sigmoid, Sin, Sqrt, Tanh
from .matmul import Affine, MatMul
from .memory import keep_freed_memory
from .piecewise import Abs, Clip, LeakyReLU, Maximum, Minimum, ReLU, Where
from .reductions import Max, Mean, Min, Sum
from .shapes import AsType, BroadcastTo, Concatenate, Index, Reshape, Stack, Transpose
from .softmax import LogSoftmax

__all__ = [
    "Abs",
    "Add",
    "Affine",
    "AsType",
    "BroadcastTo",
    "Clip",
    "Concatenate",
    "Cos",
    "Divide",
    "Exp",
    "Index",
    "LeakyReLU",
    "Log",
    "LogSoftmax",
    "MatMul",
    "Max",
    "Maximum",
    "Mean",
    "Min",
    "Minimum",
    "Multiply",
    "Negate",
    "Operation",
    "Power",
    "ReLU",
    "Reshape",
    "Sigmoid",
    "Sin",
    "Sqrt",
    "Stack",
    "Subtract",
    "Sum",
    "Tanh",
    "TensorPower",
    "Transpose",
    "Where",
    "broadcast_shapes",
    "plain_number",
    "silent",
    "unbroadcast_gradient",
]

keep_freed_memory()  # once per process, before the first arrays
