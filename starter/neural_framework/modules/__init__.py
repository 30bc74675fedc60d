"""Layers: Module, which holds parameters and other modules, and the layers that are built on it."""

from . import init
from .activations import LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from .containers import ModuleList, Sequential
from .dropout import Dropout
from .embedding import Embedding
from .linear import Linear
from .module import Module, Parameter
from .recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell
from .settings import Setting, at_least_zero, finite, integer, one_number, python_numbers, real
from .tracing import trace_shapes

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Dropout",
    "Embedding",
    "GRUCell",
    "LSTMCell",
    "LeakyReLU",
    "Linear",
    "Module",
    "ModuleList",
    "Parameter",
    "RNNCell",
    "ReLU",
    "Sequential",
    "Setting",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "at_least_zero",
    "finite",
    "init",
    "integer",
    "one_number",
    "python_numbers",
    "real",
    "trace_shapes",
]
