"""3.11 LSTMCell: one time step of an LSTM."""

from functools import partial

import numpy as np

import neural_framework as nf

OPEN, SHUT = 100.0, -100.0  # a bias that opens a gate completely, or shuts it


def sigmoid(z):
    """1 / (1 + exp(-z))"""
    return 1 / (1 + np.exp(-z))


def lstm_step(x, h, c, weight_ih, weight_hh, bias_ih, bias_hh):
    """The new h and c. i, f, g and o are four blocks of H rows, in this order."""
    gates = x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh
    i, f, g, o = np.split(gates, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def weights_of(rng, inputs, hidden):
    """Random weight_ih, weight_hh, bias_ih, bias_hh of a cell."""
    shapes = [(4 * hidden, inputs), (4 * hidden, hidden), (4 * hidden,), (4 * hidden,)]
    return [rng.normal(scale=0.7, size=shape) for shape in shapes]


def cell_with(weights):
    """An LSTMCell that holds these four weights."""
    cell = nf.LSTMCell(weights[0].shape[1], weights[1].shape[1])
    cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh = (nf.Parameter(weight) for weight in weights)
    return cell


def one_unit(i, f, g, o):
    """An LSTMCell of one input and one unit with zero weights: its gates are these biases."""
    return cell_with([np.zeros((4, 1)), np.zeros((4, 1)), np.array([i, f, g, o]), np.zeros(4)])


def step(cell, h, c):
    """One step of a one-unit cell: the new h and c."""
    return cell(nf.Tensor(np.array([[0.0]])), (nf.Tensor(np.array([[h]])), nf.Tensor(np.array([[c]]))))


def test_a_step_of_a_batch(see, rng):
    """x (N, D) and the state (h, c), (N, H) each, give the new (h, c); the order of the gates is i, f, g, o."""
    weights, x = weights_of(rng, 3, 4), rng.normal(size=(5, 3))
    h, c = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    observed = cell_with(weights)(nf.Tensor(x), (nf.Tensor(h), nf.Tensor(c)))
    expected = lstm_step(x, h, c, *weights)
    see.equal(len(observed), 2)
    see.close(observed[0], expected[0])
    see.close(observed[1], expected[1])


def test_without_a_state_it_begins_with_zeros(see, rng):
    """cell(x) starts from h = 0 and c = 0, with as many rows as x, in every call."""
    weights, x, zeros = weights_of(rng, 3, 4), rng.normal(size=(2, 3)), np.zeros((2, 4))
    cell = cell_with(weights)
    for _ in range(2):
        see.close(cell(nf.Tensor(x))[1], lstm_step(x, zeros, zeros, *weights)[1])


def test_an_open_forget_gate_remembers(see):
    """With f open and i shut, the memory c passes unchanged: this is the purpose of an LSTM."""
    h, c = step(one_unit(i=SHUT, f=OPEN, g=0.5, o=0.0), h=0.3, c=2.5)
    see.close(c, [[2.5]])
    see.close(h, [[0.5 * np.tanh(2.5)]])


def test_a_shut_forget_gate_forgets(see):
    """With f shut and i open, the old memory is gone: the new c is tanh(g) alone."""
    _, c = step(one_unit(i=OPEN, f=SHUT, g=0.5, o=OPEN), h=0.3, c=2.5)
    see.close(c, [[np.tanh(0.5)]])


def test_half_open_gates_mix(see):
    """The gates take a sigmoid, the candidate takes tanh: c = sigmoid(1) * 2 + sigmoid(-1) * tanh(3)."""
    _, c = step(one_unit(i=-1.0, f=1.0, g=3.0, o=-2.0), h=0.0, c=2.0)
    see.close(c, [[2 * sigmoid(1.0) + sigmoid(-1.0) * np.tanh(3.0)]])


def test_the_output_gate_reads_the_squashed_memory(see):
    """h = sigmoid(o) tanh(c) with the NEW c; with o shut, h is 0 and c is kept."""
    h, c = step(one_unit(i=OPEN, f=OPEN, g=OPEN, o=OPEN), h=0.0, c=2.0)
    see.close(h, [[np.tanh(3.0)]])  # c = 2 + 1
    h, c = step(one_unit(i=OPEN, f=OPEN, g=OPEN, o=SHUT), h=0.0, c=2.0)
    see.close(h, [[0.0]])
    see.close(c, [[3.0]])


def test_both_biases_count(see):
    """bias_ih and bias_hh are both added, each once."""
    halves = np.array([SHUT, 0.25, 0.0, OPEN])
    cell = cell_with([np.zeros((4, 1)), np.zeros((4, 1)), halves, halves])
    _, c = step(cell, h=0.0, c=2.0)
    see.close(c, [[2 * sigmoid(0.5)]])


def test_gradients_of_input_and_state(see, rng):
    """The gradients of h and of c reach the input, the earlier h and the earlier c."""
    weights = weights_of(rng, 3, 2)
    cell, inputs = (
        cell_with(weights),
        [rng.normal(size=(2, 3)), rng.normal(size=(2, 2)), rng.normal(size=(2, 2))],
    )
    see.gradients(lambda x, h, c: cell(x, (h, c))[0], inputs, like=lambda *xs: lstm_step(*xs, *weights)[0])
    see.gradients(lambda x, h, c: cell(x, (h, c))[1], inputs, like=lambda *xs: lstm_step(*xs, *weights)[1])


def test_gradients_of_the_weights_add_up_over_steps(see, rng):
    """The second step uses h and c of the first: the gradients of the weights are the sum over all paths."""
    weights, x, y = weights_of(rng, 2, 2), rng.normal(size=(2, 2)), rng.normal(size=(2, 2))
    cell, zeros = cell_with(weights), np.zeros((2, 2))

    def two_steps(*weights):
        for name, weight in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), weights, strict=True):
            cell.register_parameter(name, weight)
        return cell(nf.Tensor(y), cell(nf.Tensor(x)))[0]

    def two_steps_in_numpy(*weights):
        return lstm_step(y, *lstm_step(x, zeros, zeros, *weights), *weights)[0]

    see.gradients(two_steps, weights, like=two_steps_in_numpy)


def test_an_open_forget_gate_carries_the_gradient_far(see):
    """Along the memory the gradient does not fade: with f open, what goes in at the end arrives 50 steps before."""
    cell = one_unit(i=SHUT, f=OPEN, g=0.0, o=0.0)
    start = nf.Tensor(np.array([[2.0]]), requires_grad=True)
    state = (nf.Tensor(np.zeros((1, 1))), start)
    for _ in range(50):
        state = cell(nf.Tensor(np.zeros((1, 1))), state)
    state[1].backward(np.array([[3.0]]))
    see.close(start.grad, [[3.0]])


def test_extremes_are_quiet(see):
    """Gates at plus and minus 1000 give exact values and gradients, and no warning."""
    cell = one_unit(i=1000.0, f=-1000.0, g=1000.0, o=1000.0)
    h, c = see.without_warnings(lambda: step(cell, h=0.0, c=5.0))
    see.close(c, [[1.0]])
    see.close(h, [[np.tanh(1.0)]])
    see.without_warnings(lambda: h.backward(np.ones((1, 1))))
    see.close(cell.bias_ih.grad, np.zeros(4))


def test_other_shapes_are_refused(see):
    """x is (N, D), h and c are (N, H), nothing else: a ShapeError names the layer, and no row is stretched."""
    cell = nf.LSTMCell(3, 4)
    for x, h, c in [((5, 2), (5, 4), (5, 4)), ((5, 3), (1, 4), (5, 4)), ((5, 3), (5, 4), (1, 4)), ((3,), (4,), (4,))]:
        call = partial(cell, nf.ones(x), (nf.ones(h), nf.ones(c)))
        see.raises(call, "ShapeError", mentions=["LSTMCell"])
    see.raises(lambda: cell(nf.ones((5, 2))), "ShapeError", mentions=["LSTMCell"])
    h, c = cell(nf.ones((5, 3)), (nf.ones((5, 4)), nf.ones((5, 4))))
    see.equal([h.shape, c.shape], [(5, 4), (5, 4)])


def test_pytorchs_state_dict_fits(see, rng):
    """The parameters are weight_ih (4H, D), weight_hh (4H, H), bias_ih and bias_hh (4H,), all in float32."""
    weights, x = weights_of(rng, 3, 2), rng.normal(size=(2, 3)).astype("float32")
    cell, zeros = nf.LSTMCell(3, 2), np.zeros((2, 2))
    cell.load_state_dict(dict(zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), weights, strict=True)))
    h, c = cell(nf.Tensor(x))
    see.equal([h.dtype, c.dtype], ["float32", "float32"])
    see.close(h, lstm_step(x, zeros, zeros, *weights)[0])
