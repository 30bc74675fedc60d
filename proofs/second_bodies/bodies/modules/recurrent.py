"""Other bodies for modules/recurrent.py: input and state in one product, one product per gate, time by iteration."""

from ..tensor import concatenate, zeros


class RNNCell:
    def forward(self, x, state=None):
        h = zeros((*x.shape[:1], self.hidden_size), dtype=self.weight_hh.dtype) if state is None else state
        self.check_shapes(x, h)
        both = concatenate([x, h], axis=1)  # (N, D + H)
        weight = concatenate([self.weight_ih, self.weight_hh], axis=1)  # (H, D + H)
        z = (weight @ both.T).T + (self.bias_ih + self.bias_hh)
        return z.relu() if self.nonlinearity == "relu" else z.tanh()


class LSTMCell:
    def forward(self, x, state=None):
        if state is None:
            nothing = zeros((*x.shape[:1], self.hidden_size), dtype=self.weight_hh.dtype)
            state = (nothing, nothing)
        h, c = state
        self.check_shapes(x, h, c)
        size = self.hidden_size
        parts = []
        for gate in range(4):
            rows = slice(gate * size, gate * size + size)
            from_input = x @ self.weight_ih[rows].T + self.bias_ih[rows]
            from_state = h @ self.weight_hh[rows].T + self.bias_hh[rows]
            parts.append(from_input + from_state)
        write, keep, candidate, read = parts
        memory = candidate.tanh() * write.sigmoid() + c * keep.sigmoid()
        return memory.tanh() * read.sigmoid(), memory


def through_time(cell, x, state):
    outputs = None
    for x_t in x.swapaxes(0, 1):
        state = cell(x_t, state)
        h = (state if isinstance(state, tuple) else (state,))[0].unsqueeze(1)  # (N, 1, H)
        outputs = [h] if outputs is None else [*outputs, h]
    return concatenate(outputs, axis=1), state
