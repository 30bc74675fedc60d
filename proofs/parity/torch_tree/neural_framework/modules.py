"""torch.nn's modules: their parameters and results as Tensors."""

import re

import torch

from . import init
from .errors import NeuralFrameworkError, ShapeError
from .tensor import Tensor, unwrapped, wrapped

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Dropout",
    "Embedding",
    "GRUCell",
    "LSTMCell",
    "Layer",
    "LeakyReLU",
    "Linear",
    "Module",
    "ModuleList",
    "Parameter",
    "RNNCell",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "init",
]


class Parameter(Tensor):
    """A torch.nn.Parameter as a Tensor."""

    def __init__(self, data):
        super().__init__(data)
        self.value = torch.nn.Parameter(self.value)
        self.value.tensor = self


def tensor_of(value):
    """The one Tensor that stands for a torch.nn.Parameter, or a Tensor for a buffer."""
    if not isinstance(value, torch.nn.Parameter):
        return wrapped(value)
    if not hasattr(value, "tensor"):
        value.tensor = Parameter.__new__(Parameter)
        value.tensor.value = value
    return value.tensor


class Module(torch.nn.Module):
    """A torch.nn.Module that registers and gives out Tensors."""

    def __setattr__(self, name, value):
        if isinstance(value, Parameter):
            value = value.value
        elif name in self.__dict__.get("_buffers", ()):
            value = unwrapped(value)
        super().__setattr__(name, value)

    def __getattr__(self, name):
        return tensor_of(super().__getattr__(name))

    def register_parameter(self, name, tensor):
        if isinstance(tensor, Tensor) and tensor.requires_grad:
            tensor.value._is_param = True  # PyTorch's mark of a tensor that counts as a Parameter
            tensor.value.tensor = tensor
        try:
            super().register_parameter(name, unwrapped(tensor))
        except TypeError as error:
            raise (ValueError if isinstance(tensor, Tensor) else TypeError)(str(error)) from None

    def register_buffer(self, name, array):
        super().register_buffer(name, unwrapped(array))

    def register_module(self, name, module):
        super().register_module(name, module)

    def named_parameters(self, prefix="", recurse=True):
        return ((name, tensor_of(value)) for name, value in super().named_parameters(prefix, recurse))

    def parameter_count(self):
        return sum(parameter.size for parameter in self.parameters())

    def state_dict(self, **inner):
        state = super().state_dict(**inner)
        return state if inner else {name: value.numpy() for name, value in state.items()}  # inner: PyTorch's own call

    def load_state_dict(self, state, strict=True):
        try:
            super().load_state_dict({name: torch.as_tensor(array) for name, array in state.items()}, strict)
        except RuntimeError as error:
            message = re.sub(r"torch.Size\(\[(\d+)\]\)", r"(\1,)", str(error))
            raise NeuralFrameworkError(re.sub(r"torch.Size\(\[(.*?)\]\)", r"(\1)", message)) from None


class Layer(Module):
    """One of torch.nn's layers or losses, whose parameters are this module's own."""

    def __init__(self, *settings, **named):
        super().__init__()
        named = {name: unwrapped(setting) for name, setting in named.items()}
        layer = getattr(torch.nn, type(self).__name__)(*unwrapped(settings), **named)
        self.__dict__.update(layer=layer, _parameters=layer._parameters)

    def forward(self, *inputs):
        self.layer.train(self.training)
        try:
            return wrapped(self.layer(*unwrapped(inputs)))
        except RuntimeError as error:
            raise ShapeError(f"{self.layer}: {error}") from None


class Linear(Layer):
    """torch.nn.Linear"""

    def reset_parameters(self):
        self.layer.reset_parameters()


class Embedding(Layer):
    """torch.nn.Embedding"""

    def forward(self, indices):
        try:
            return super().forward(indices)
        except ShapeError as error:  # it refuses dtypes alone
            raise TypeError(str(error)) from None


class Softmax(Layer):
    """torch.nn.Softmax"""

    def __init__(self, axis=-1):
        super().__init__(dim=axis)


class ReLU(Layer):
    """torch.nn.ReLU"""


class Sigmoid(Layer):
    """torch.nn.Sigmoid"""


class Tanh(Layer):
    """torch.nn.Tanh"""


class LeakyReLU(Layer):
    """torch.nn.LeakyReLU"""


class Dropout(Layer):
    """torch.nn.Dropout"""

    @property
    def p(self):
        return self.layer.p

    @p.setter
    def p(self, share):
        self.layer.p = share


class RNNCell(Layer):
    """torch.nn.RNNCell"""


class LSTMCell(Layer):
    """torch.nn.LSTMCell"""


class GRUCell(Layer):
    """torch.nn.GRUCell"""


class Sequential(Module, torch.nn.Sequential):
    """torch.nn.Sequential"""


class ModuleList(Module, torch.nn.ModuleList):
    """torch.nn.ModuleList"""


class Recurrent(Module):
    """One of torch.nn's recurrent layers, whose parameters are those of the module `cell`."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        name = type(self).__name__
        self.cell = {"RNN": RNNCell, "LSTM": LSTMCell, "GRU": GRUCell}[name](input_size, hidden_size)
        self.__dict__["layer"] = getattr(torch.nn, name)(input_size, hidden_size, batch_first=True)

    def forward(self, x, state=None, lengths=None):
        for name, value in self.cell._parameters.items():
            setattr(self.layer, f"{name}_l0", value)
        x = unwrapped(x)
        if lengths is not None:
            x = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        if state is not None:  # PyTorch's states count the layers: (1, N, H)
            pair = isinstance(state, (tuple, list))
            state = type(state)(part.value[None] for part in state) if pair else state.value[None]
        try:
            outputs, state = self.layer(x, state)
        except RuntimeError as error:
            raise ShapeError(f"{self.layer}: {error}") from None
        if lengths is not None:
            outputs, _ = torch.nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True)
        state = tuple(part[0] for part in state) if isinstance(state, tuple) else state[0]
        return wrapped(outputs), wrapped(state)


class RNN(Recurrent):
    """torch.nn.RNN"""


class LSTM(Recurrent):
    """torch.nn.LSTM"""


class GRU(Recurrent):
    """torch.nn.GRU"""
