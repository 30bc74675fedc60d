"""Recurrent layers: RNNCell, LSTMCell and GRUCell compute one time step; RNN, LSTM and GRU compute all of them.

Sizes in shapes: N sequences, T time steps, D inputs, H hidden units.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..tensor import Tensor, affine, stack, where, zeros
from . import init
from .module import Module, Parameter
from .settings import integer


class RecurrentCell(Module):
    """The base of all cells: parameters, drawn from U(-1/sqrt(H), 1/sqrt(H)), and the checks of shapes.

    weight_ih: (gates * H, D), weight_hh: (gates * H, H), bias_ih and bias_hh: (gates * H,). The first H rows
    belong to the first gate, the next H to the second, and so on. A cell is called as `state = cell(x, state=None)`.
    """

    gates = 1
    state_kind = "one tensor h of shape (batch, hidden_size)"

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = integer(type(self).__name__, "input_size", input_size, least=0)
        self.hidden_size = integer(type(self).__name__, "hidden_size", hidden_size, least=1)
        rows = self.gates * self.hidden_size
        self.weight_ih = Parameter(np.zeros((rows, self.input_size), dtype=np.float32))
        self.weight_hh = Parameter(np.zeros((rows, self.hidden_size), dtype=np.float32))
        self.bias_ih = Parameter(np.zeros(rows, dtype=np.float32))
        self.bias_hh = Parameter(np.zeros(rows, dtype=np.float32))
        self.reset_parameters()

    def __call__(self, x, state=None):
        """Run `forward`; ShapeError, naming the layer, for a state of another kind."""
        if state is None:
            return super().__call__(x)
        if not self.is_state(state):
            raise ShapeError(
                f"{self._title()} expects the state to be {self.state_kind}, got {described(state)}",
                operation=self._title(),
            )
        return super().__call__(x, state)

    def is_state(self, state):
        """Whether the state is of the right kind, whatever its shape."""
        return hasattr(state, "shape")

    def reset_parameters(self):
        """Draw all parameters again."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters(recurse=False):
            init.uniform_(parameter, -bound, bound)

    def zero_state(self, x):
        """The state before the first step if none is given: zeros (N, H), where N is the length of x."""
        return zeros((*x.shape[:1], self.hidden_size), dtype=self.weight_hh.dtype)

    def check_shapes(self, x, *states):
        """Raise ShapeError, naming the layer, unless x is (N, D) and every part of the state (N, H)."""
        if x.ndim != 2 or x.shape[1] != self.input_size:
            self._refuse("x", x, f"(batch, {self.input_size})")
        for state in states:
            if state.shape != (len(x), self.hidden_size):
                self._refuse("a state", state, f"{(len(x), self.hidden_size)}")

    def _refuse(self, what, tensor, expected):
        raise ShapeError(
            f"{self._title()} expects {what} of shape {expected}, got {tensor.shape}",
            operation=self._title(),
            shapes=(tensor.shape,),
        )

    def extra_repr(self):
        return f"{self.input_size}, {self.hidden_size}"


def described(state):
    """What a caller gave as a state, in words for a message."""
    if isinstance(state, (tuple, list)):
        return f"a {type(state).__name__} of {len(state)}"
    return f"a {type(state).__name__}" + (f" of shape {tuple(state.shape)}" if hasattr(state, "shape") else "")


def split(rows, parts):
    """Cut (N, parts * H) into `parts` tensors (N, H)."""
    size = rows.shape[1] // parts
    return [rows[:, part * size : (part + 1) * size] for part in range(parts)]


class Driven:
    """Mixin of cells whose gates all see the same sum of what x and h say."""

    def drive(self, x: Tensor, h: Tensor) -> Tensor:
        """x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh: (N, gates * H)"""
        return affine(x, self.weight_ih, self.bias_ih) + affine(h, self.weight_hh, self.bias_hh)


class RNNCell(Driven, RecurrentCell):
    """h' = tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)   (Elman 1990), or with relu."""

    def __init__(self, input_size, hidden_size, nonlinearity="tanh"):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f'RNNCell: nonlinearity must be "tanh" or "relu", got {nonlinearity!r}')
        super().__init__(input_size, hidden_size)
        self.nonlinearity = nonlinearity

    def forward(self, x: Tensor, state: Tensor | None = None) -> Tensor:
        """x (N, D), state (N, H), zeros if None -> the new state (N, H)."""
        h = self.zero_state(x) if state is None else state
        self.check_shapes(x, h)
        drive = self.drive(x, h)
        match self.nonlinearity:
            case "relu":
                return drive.relu()
            case _:
                return drive.tanh()

    def extra_repr(self):
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", {self.nonlinearity!r}")


class LSTMCell(Driven, RecurrentCell):
    """One step of an LSTM (Hochreiter & Schmidhuber 1997; with the forget gate of Gers et al. 2000).

    i, f, g, o = the four parts of x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh
    c' = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h' = sigmoid(o) * tanh(c')
    """

    gates = 4
    state_kind = "a pair (h, c) of tensors of shape (batch, hidden_size)"

    def is_state(self, state):
        return isinstance(state, (tuple, list)) and len(state) == 2 and all(hasattr(part, "shape") for part in state)

    def zero_state(self, x):
        return super().zero_state(x), super().zero_state(x)

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """x (N, D), state (h, c), both (N, H), zeros if None -> the new state (h, c)."""
        h, c = self.zero_state(x) if state is None else state
        self.check_shapes(x, h, c)
        i, f, g, o = split(self.drive(x, h), self.gates)
        memory = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * memory.tanh(), memory


class GRUCell(RecurrentCell):
    """One step of a GRU (Cho et al. 2014; the reset gate after the product, as in PyTorch).

    x_r, x_z, x_n = the three parts of x @ weight_ih.T + bias_ih
    h_r, h_z, h_n = the three parts of h @ weight_hh.T + bias_hh
    r = sigmoid(x_r + h_r)
    z = sigmoid(x_z + h_z)
    n = tanh(x_n + r * h_n)
    h' = (1 - z) * n + z * h
    """

    gates = 3

    def forward(self, x, state=None):
        """x (N, D), state (N, H), zeros if None -> the new state (N, H)."""
        h = self.zero_state(x) if state is None else state
        self.check_shapes(x, h)
        x_r, x_z, x_n = split(x @ self.weight_ih.T + self.bias_ih, 3)  # (N, H) each
        h_r, h_z, h_n = split(h @ self.weight_hh.T + self.bias_hh, 3)
        r = (x_r + h_r).sigmoid()  # reset: how much of the past the candidate sees
        z = (x_z + h_z).sigmoid()  # update: how much of the past stays
        n = (x_n + r * h_n).tanh()  # candidate
        return (1 - z) * n + z * h


def through_time(cell: Any, x: Tensor, state: Any) -> tuple[Tensor, Any]:
    """Call `state = cell(x_t, state)` for each time step t in turn.

    x (N, T, D) -> (outputs (N, T, H), the last state). The output of a step is its h: the state itself, or the
    first part of a state (h, c).
    """
    states = list(unrolled(cell, x, state))
    return stack([output_of(state) for state in states], axis=1), states[-1]


def unrolled(cell: Any, x: Tensor, state: Any) -> Iterator[Any]:
    """The state after each time step."""
    for step in range(x.shape[1]):
        state = cell(x[:, step], state)
        yield state


def output_of(state: Any) -> Tensor:
    """What a cell shows of its state: all of it, or h of (h, c)."""
    match state:
        case (h, _):
            return h
        case h:
            return h


class RecurrentLayer(Module):
    """The base of RNN, LSTM and GRU: runs a `cell` through time.

    layer(x (N, T, D), state=None, lengths=None) -> (outputs (N, T, H), the last state)

    `lengths` holds an integer 0..T for each sequence: beyond it the state is kept, the output is zero, and the
    content of x influences nothing. ValueError for other lengths, ShapeError for another shape or T = 0.
    """

    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, x, state=None, lengths=None):
        self._check_shape(x)
        if state is None:
            state = self.cell.zero_state(x)
        if lengths is None:
            return through_time(self.cell, x, state)
        mask = self._mask(lengths, x)  # (N, T)
        # Masking the outputs is not enough: in backward, a NaN in the padding would reach the weights as 0 * NaN.
        x = where(mask[:, :, None], x, 0.0)
        outputs, state = through_time(MaskedCell(self.cell, mask), x, state)
        return where(mask[:, :, None], outputs, 0.0), state

    def _check_shape(self, x):
        size = self.cell.input_size
        if x.ndim != 3 or x.shape[1] == 0 or x.shape[2] != size:
            raise ShapeError(
                f"{self._title()} expects x of shape (batch, time, {size}) and at least one time step, got {x.shape}",
                operation=self._title(),
                shapes=(x.shape,),
            )

    def _mask(self, lengths, x):
        """(N, T) booleans: whether a time step is within the length of its sequence."""
        lengths = np.asarray(lengths)
        batch, steps = x.shape[:2]
        if lengths.size == 0:  # np.asarray([]) holds floats
            lengths = lengths.astype(np.int64)
        if not np.issubdtype(lengths.dtype, np.integer) or lengths.shape != (batch,):
            raise ValueError(
                f"{self._title()} expects lengths to be {batch} integers, one for each sequence, "
                f"got {lengths.dtype} of shape {lengths.shape}"
            )
        if np.any((lengths < 0) | (lengths > steps)):
            raise ValueError(f"{self._title()} expects lengths in 0..{steps}, got {lengths.tolist()}")
        return np.arange(steps) < lengths[:, None]

    def extra_repr(self):
        return self.cell.extra_repr()


class MaskedCell:
    """A cell for `through_time` that keeps the state of every sequence that has ended."""

    def __init__(self, cell, mask):
        self.cell = cell
        self.columns = iter(mask.T[:, :, None])  # (N, 1) for each time step

    def __call__(self, x, state):
        now = next(self.columns)
        new = self.cell(x, state)
        if isinstance(new, tuple):
            return tuple(where(now, after, before) for after, before in zip(new, state, strict=True))
        return where(now, new, state)


class RNN(RecurrentLayer):
    """An RNNCell through time: x (N, T, D), state (N, H) -> (outputs (N, T, H), state (N, H))."""

    def __init__(self, input_size, hidden_size, nonlinearity="tanh"):
        super().__init__(RNNCell(input_size, hidden_size, nonlinearity))


class LSTM(RecurrentLayer):
    """An LSTMCell through time: x (N, T, D), state (h, c) -> (outputs (N, T, H), state (h, c))."""

    def __init__(self, input_size, hidden_size):
        super().__init__(LSTMCell(input_size, hidden_size))


class GRU(RecurrentLayer):
    """A GRUCell through time: x (N, T, D), state (N, H) -> (outputs (N, T, H), state (N, H))."""

    def __init__(self, input_size, hidden_size):
        super().__init__(GRUCell(input_size, hidden_size))
