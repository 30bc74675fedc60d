"""3.12 Through time: calling a cell for each time step of a sequence."""

import numpy as np

import neural_framework as nf


def sigmoid(z):
    """1 / (1 + exp(-z))"""
    return 1 / (1 + np.exp(-z))


def rnn_step(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    """The new h."""
    return np.tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)


def lstm_step(x, state, weight_ih, weight_hh, bias_ih, bias_hh):
    """The new (h, c)."""
    h, c = state
    i, f, g, o = np.split(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def gru_step(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    """The new h."""
    r, z, n = np.split(x @ weight_ih.T + bias_ih, 3, axis=-1)
    hidden_r, hidden_z, hidden_n = np.split(h @ weight_hh.T + bias_hh, 3, axis=-1)
    n = np.tanh(n + sigmoid(r + hidden_r) * hidden_n)
    return (1 - sigmoid(z + hidden_z)) * n + sigmoid(z + hidden_z) * h


def run(step, x, state, weights):
    """All outputs (N, T, H) and the last state, computed with NumPy."""
    outputs = []
    for t in range(x.shape[1]):
        state = step(x[:, t], state, *weights)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return np.stack(outputs, axis=1), state


def weights_of(rng, gates, inputs, hidden):
    """Random weight_ih, weight_hh, bias_ih, bias_hh with `gates` blocks of rows."""
    shapes = [(gates * hidden, inputs), (gates * hidden, hidden), (gates * hidden,), (gates * hidden,)]
    return [rng.normal(scale=0.7, size=shape) for shape in shapes]


def layer_with(layer_class, weights):
    """An RNN, LSTM or GRU whose cell holds these weights."""
    layer = layer_class(weights[0].shape[1], weights[1].shape[1])
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    for name, weight in zip(names, weights, strict=True):
        setattr(layer.cell, name, nf.Parameter(weight))
    return layer


def test_an_rnn_step_by_step(see, rng):
    """x (N, T, D) gives all outputs (N, T, H) and the last state; each step continues from the one before."""
    weights, x = weights_of(rng, 1, 3, 4), rng.normal(size=(2, 5, 3))
    outputs, state = layer_with(nf.RNN, weights)(nf.Tensor(x))
    expected_outputs, expected_state = run(rnn_step, x, np.zeros((2, 4)), weights)
    see.close(outputs, expected_outputs)
    see.close(state, expected_state)


def test_an_lstm_step_by_step(see, rng):
    """An LSTM passes h AND c from step to step; its outputs are the h, and its last state is the pair."""
    weights, x, zeros = weights_of(rng, 4, 3, 4), rng.normal(size=(2, 5, 3)), np.zeros((2, 4))
    outputs, (h, c) = layer_with(nf.LSTM, weights)(nf.Tensor(x))
    expected_outputs, (expected_h, expected_c) = run(lstm_step, x, (zeros, zeros), weights)
    see.close(outputs, expected_outputs)
    see.close(h, expected_h)
    see.close(c, expected_c)


def test_a_gru_step_by_step(see, rng):
    """The same loop works for a GRU."""
    weights, x = weights_of(rng, 3, 3, 4), rng.normal(size=(2, 5, 3))
    outputs, state = layer_with(nf.GRU, weights)(nf.Tensor(x))
    expected_outputs, expected_state = run(gru_step, x, np.zeros((2, 4)), weights)
    see.close(outputs, expected_outputs)
    see.close(state, expected_state)


def test_the_state_i_give_is_the_beginning(see, rng):
    """rnn(x, state) starts from the given state instead of zeros; an LSTM takes its pair as a tuple or a list."""
    weights, x, h = weights_of(rng, 1, 3, 4), rng.normal(size=(2, 3, 3)), rng.normal(size=(2, 4))
    outputs, _ = layer_with(nf.RNN, weights)(nf.Tensor(x), nf.Tensor(h))
    see.close(outputs, run(rnn_step, x, h, weights)[0])
    weights, c = weights_of(rng, 4, 3, 4), rng.normal(size=(2, 4))
    for kind in (tuple, list):
        outputs, _ = layer_with(nf.LSTM, weights)(nf.Tensor(x), kind([nf.Tensor(h), nf.Tensor(c)]))
        see.close(outputs, run(lstm_step, x, (h, c), weights)[0])


def test_a_sequence_may_be_read_in_two_parts(see, rng):
    """With the state that the first part returned, the second part continues as if there were no cut."""
    weights, x, zeros = weights_of(rng, 4, 3, 2), rng.normal(size=(2, 6, 3)), np.zeros((2, 2))
    lstm = layer_with(nf.LSTM, weights)
    _, state = lstm(nf.Tensor(x[:, :4]))
    outputs, _ = lstm(nf.Tensor(x[:, 4:]), state)
    see.close(outputs, run(lstm_step, x, (zeros, zeros), weights)[0][:, 4:])


def test_each_call_begins_anew(see, rng):
    """Without a state every call starts from zeros: nothing is left over from the last sequence."""
    weights, x = weights_of(rng, 1, 3, 4), rng.normal(size=(2, 3, 3))
    rnn, expected = layer_with(nf.RNN, weights), run(rnn_step, x, np.zeros((2, 4)), weights)[0]
    rnn(nf.Tensor(rng.normal(size=(2, 3, 3))))
    see.close(rnn(nf.Tensor(x))[0], expected)


def test_batch_and_time_are_not_mixed_up(see, rng):
    """The first axis counts sequences and the second time steps, even if both have the same size."""
    weights, x = weights_of(rng, 1, 2, 2), rng.normal(size=(3, 3, 2))
    outputs, _ = layer_with(nf.RNN, weights)(nf.Tensor(x))
    see.close(outputs, run(rnn_step, x, np.zeros((3, 2)), weights)[0])


def test_one_step_and_one_sequence(see, rng):
    """With T = 1, N = 1 or N = 0 the outputs still have all three axes."""
    weights = weights_of(rng, 1, 3, 4)
    for shape in [(2, 1, 3), (1, 2, 3), (1, 1, 3), (0, 2, 3)]:
        x = rng.normal(size=shape)
        outputs, _ = layer_with(nf.RNN, weights)(nf.Tensor(x))
        see.close(outputs, run(rnn_step, x, np.zeros((shape[0], 4)), weights)[0])


def test_no_step_is_a_shape_error(see, rng):
    """A sequence without steps has no last state: T = 0 is a ShapeError, while T = 1 works."""
    rnn = layer_with(nf.RNN, weights_of(rng, 1, 3, 4))
    see.equal(rnn(nf.Tensor(np.zeros((2, 1, 3))))[0].shape, (2, 1, 4))
    see.raises(lambda: rnn(nf.Tensor(np.zeros((2, 0, 3)))), "ShapeError")


def test_gradients_through_time(see, rng):
    """The gradient of every output reaches every earlier step and the initial state."""
    weights = weights_of(rng, 1, 2, 2)
    rnn, inputs = layer_with(nf.RNN, weights), [rng.normal(size=(2, 4, 2)), rng.normal(size=(2, 2))]
    see.gradients(lambda x, h: rnn(x, h)[0], inputs, like=lambda x, h: run(rnn_step, x, h, weights)[0])


def test_the_last_state_carries_gradients_too(see, rng):
    """A loss on the last state alone trains all steps: its gradient reaches the whole sequence."""
    weights, zeros = weights_of(rng, 4, 2, 2), (np.zeros((2, 2)), np.zeros((2, 2)))
    lstm, x = layer_with(nf.LSTM, weights), rng.normal(size=(2, 4, 2))
    for part in (0, 1):  # h and c
        see.gradients(
            lambda x, part=part: lstm(x)[1][part],
            [x],
            like=lambda x, part=part: run(lstm_step, x, zeros, weights)[1][part],
        )


def test_gradients_of_the_weights_add_up_over_time(see, rng):
    """One cell is used for all steps: the gradient of its weights is the sum over the steps."""
    weights, x = weights_of(rng, 1, 2, 2), rng.normal(size=(2, 4, 2))
    rnn = layer_with(nf.RNN, weights)

    def outputs(*weights):
        for name, weight in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), weights, strict=True):
            rnn.cell.register_parameter(name, weight)
        return rnn(nf.Tensor(x))[0]

    see.gradients(outputs, weights, like=lambda *weights: run(rnn_step, x, np.zeros((2, 2)), weights)[0])


def test_padding_beyond_a_length_counts_for_nothing(see, rng):
    """After a sequence's length its state is kept, outputs are zero, and NaN in the padding has no effect."""
    weights, x = weights_of(rng, 1, 3, 2), rng.normal(size=(2, 4, 3))
    x[1, 2:] = np.nan
    outputs, state = layer_with(nf.RNN, weights)(nf.Tensor(x), lengths=[4, 2])
    full, _ = run(rnn_step, x[:1], np.zeros((1, 2)), weights)
    short, _ = run(rnn_step, x[1:, :2], np.zeros((1, 2)), weights)
    see.close(outputs, np.concatenate([full, np.concatenate([short, np.zeros((1, 2, 2))], axis=1)]))
    see.close(state, np.stack([full[0, 3], short[0, 1]]))
