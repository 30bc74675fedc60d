"""3.10 RNNCell: one time step of a plain recurrent network."""

import numpy as np

import neural_framework as nf


def rnn_step(x, h, weight_ih, weight_hh, bias_ih, bias_hh, nonlinearity=np.tanh):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh)"""
    return nonlinearity(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)


def weights_of(rng, inputs, hidden):
    """Random weight_ih, weight_hh, bias_ih, bias_hh of a cell."""
    shapes = [(hidden, inputs), (hidden, hidden), (hidden,), (hidden,)]
    return [rng.normal(scale=0.7, size=shape) for shape in shapes]


def cell_with(weights, **options):
    """An RNNCell that holds these four weights."""
    hidden, inputs = weights[0].shape
    cell = nf.RNNCell(inputs, hidden, **options)
    cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh = (nf.Parameter(weight) for weight in weights)
    return cell


def test_one_step_by_hand(see):
    """One unit: h' = tanh(2 * 0.5 + 0.1 - 3 * 0.25 + 0.05) = tanh(0.4)."""
    cell = cell_with([np.array([[2.0]]), np.array([[-3.0]]), np.array([0.1]), np.array([0.05])])
    see.close(cell(nf.Tensor(np.array([[0.5]])), nf.Tensor(np.array([[0.25]]))), [[np.tanh(0.4)]])


def test_a_batch_of_steps(see, rng):
    """x (N, D) and h (N, H) give the new h (N, H), each row independent of the others."""
    weights, x, h = weights_of(rng, 3, 4), rng.normal(size=(5, 3)), rng.normal(size=(5, 4))
    see.close(cell_with(weights)(nf.Tensor(x), nf.Tensor(h)), rnn_step(x, h, *weights))


def test_without_a_state_it_begins_with_zeros(see, rng):
    """cell(x) without a state starts from h = 0, with as many rows as x, in every call."""
    weights, x = weights_of(rng, 3, 4), rng.normal(size=(2, 3))
    cell = cell_with(weights)
    for _ in range(2):
        see.close(cell(nf.Tensor(x)), rnn_step(x, np.zeros((2, 4)), *weights))


def test_both_biases_count(see):
    """bias_ih and bias_hh are two biases, as in PyTorch, and each is added once."""
    cell = cell_with([np.zeros((1, 2)), np.zeros((1, 1)), np.array([0.3]), np.array([0.4])])
    see.close(cell(nf.Tensor(np.ones((1, 2)))), [[np.tanh(0.7)]])


def test_the_nonlinearity_is_a_choice(see, rng):
    """nonlinearity="relu" uses ReLU instead of tanh; its gradient at 0 is 0."""
    weights, x, h = weights_of(rng, 3, 4), rng.normal(size=(5, 3)), rng.normal(size=(5, 4))
    observed = cell_with(weights, nonlinearity="relu")(nf.Tensor(x), nf.Tensor(h))
    see.close(observed, rnn_step(x, h, *weights, nonlinearity=lambda z: np.maximum(z, 0)))
    cell = cell_with([np.zeros((1, 1)), np.zeros((1, 1)), np.array([2.0]), np.array([-2.0])], nonlinearity="relu")
    cell(nf.Tensor(np.ones((1, 1)))).backward(np.ones((1, 1)))
    see.close(cell.bias_ih.grad, [0.0])


def test_gradients_of_input_and_state(see, rng):
    """The gradient reaches the input and the earlier state."""
    weights = weights_of(rng, 3, 4)
    inputs = [rng.normal(size=(2, 3)), rng.normal(size=(2, 4))]
    see.gradients(cell_with(weights), inputs, like=lambda x, h: rnn_step(x, h, *weights))


def test_gradients_of_the_weights_add_up_over_steps(see, rng):
    """A cell called for two steps uses its weights twice: their gradients are the sum over both steps."""
    weights, x, y = weights_of(rng, 3, 2), rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    cell = cell_with(weights)

    def two_steps(*weights):
        for name, weight in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), weights, strict=True):
            cell.register_parameter(name, weight)
        return cell(nf.Tensor(y), cell(nf.Tensor(x)))

    def two_steps_in_numpy(*weights):
        return rnn_step(y, rnn_step(x, np.zeros((2, 2)), *weights), *weights)

    see.gradients(two_steps, weights, like=two_steps_in_numpy)


def test_other_shapes_are_refused(see):
    """x is (N, D) and the state (N, H), nothing else: a ShapeError names the layer, and no row is stretched."""
    cell = nf.RNNCell(3, 4)
    for x, h in [((5, 2), (5, 4)), ((3,), (4,)), ((5, 3), (1, 4)), ((5, 3), (5, 3)), ((5, 3), (4,))]:
        see.raises(lambda x=x, h=h: cell(nf.ones(x), nf.ones(h)), "ShapeError", mentions=["RNNCell"])
    see.raises(lambda: cell(nf.ones((5, 2))), "ShapeError", mentions=["RNNCell"])
    see.equal(cell(nf.ones((5, 3)), nf.ones((5, 4))).shape, (5, 4))


def test_pytorchs_state_dict_fits(see):
    """The parameters have the names weight_ih (H, D), weight_hh (H, H), bias_ih and bias_hh (H,)."""
    cell = nf.RNNCell(2, 1)
    weights = [np.array([[1.0, 2.0]]), np.array([[3.0]]), np.zeros(1), np.zeros(1)]
    cell.load_state_dict(dict(zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), weights, strict=True)))
    see.close(cell(nf.Tensor([[0.1, 0.2]]), nf.Tensor([[0.1]])), [[np.tanh(0.8)]])


def test_a_new_cell_in_float32_stays_in_float32(see):
    """A new cell gives float32 for float32 input, also when it makes the zeros itself."""
    h = nf.RNNCell(3, 2)(nf.ones((4, 3)))
    see.equal([h.dtype, h.shape], ["float32", (4, 2)])
