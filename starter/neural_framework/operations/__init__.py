"""The mathematics: every operation as one class with forward and backward, on NumPy arrays alone."""

import numpy as np

from .arithmetic import Add, Divide, Multiply, Negate, Power, Subtract, TensorPower
from .base import Operation, silent
from .broadcasting import broadcast_shapes, unbroadcast_gradient
from .elementwise import Cos, Exp, Log, Sigmoid, Sin, Sqrt, Tanh
from .kinks import Abs, Clip, LeakyReLU, Maximum, Minimum, ReLU, Where
from .matmul import Affine, MatMul
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
    "silent",
    "unbroadcast_gradient",
]

# On Linux, the C library gives freed memory back to the system, and every training step gets it again, page by
# page. For arrays of 100 kB and more that takes up to seven times as long as computing with them. Once a block of
# 32 MB has been freed (which costs nothing, as it is never touched), the library keeps up to twice that much.
np.empty(2**25 - 2**16, dtype=np.uint8)
