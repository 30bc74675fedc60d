"""2.11 Shapes and indexing: the backward of Transpose, BroadcastTo, Index, Concatenate and Stack."""

import numpy as np

import neural_framework as nf


def leaf(value):
    """A leaf that requires grad."""
    return nf.Tensor(value, requires_grad=True, dtype=np.float64)


def test_a_transpose_is_turned_back(see, rng):
    """Without arguments, transpose reverses the axes, and reversing them again undoes it."""
    see.gradients(lambda x: x.T, [rng.normal(size=(2, 3))])
    see.gradients(lambda x: x.transpose(), [rng.normal(size=(2, 3, 4))])
    see.gradients(lambda x: x.T, [rng.normal(size=3)])
    for x in (np.array(0.7), np.zeros((0, 2))):  # without axes, without elements
        see.gradients(lambda x: x.T, [x])


def test_a_permutation_is_undone_by_its_inverse(see, rng):
    """(1, 2, 0) puts axis 1 in front: its inverse is (2, 0, 1), not (1, 2, 0) again, as a cube shows."""
    for axes in [(1, 2, 0), (2, 0, 1), (0, 2, 1)]:
        for shape in [(2, 3, 4), (2, 2, 2)]:
            see.gradients(
                lambda x, a=axes: x.transpose(*a),
                [rng.normal(size=shape)],
                like=lambda x, a=axes: np.transpose(x, a),
            )
    see.gradients(lambda x: x.transpose(1, 3, 0, 2), [rng.normal(size=(2, 2, 2, 2))])


def test_a_permutation_may_count_axes_from_the_end(see, rng):
    """(-1, 0, 1) means the same as (2, 0, 1), and has the same inverse."""
    for axes in [(-1, 0, 1), (1, -1, 0), (-3, -1, -2)]:
        for shape in [(2, 3, 4), (2, 2, 2)]:
            see.gradients(
                lambda x, a=axes: x.transpose(*a),
                [rng.normal(size=shape)],
                like=lambda x, a=axes: np.transpose(x, a),
            )


def test_broadcast_to_sums_back(see, rng):
    """Each element was used several times, and gets the sum of the upstream gradients at all its places."""
    pairs = [((3,), (2, 3)), ((2, 1), (2, 3)), ((), (2, 2)), ((2, 1, 1), (4, 2, 3, 1)), ((1, 3), (0, 3))]
    for shape, joint in pairs:
        see.gradients(
            lambda x, s=joint: x.broadcast_to(s),
            [rng.normal(size=shape)],
            like=lambda x, s=joint: np.broadcast_to(x, s),
        )


def test_an_indexed_element_receives_what_arrives_and_the_rest_zero(see):
    """The gradient has the shape of the whole tensor, and is zero where nothing was picked."""
    x = leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    x[1, 2].backward(np.array(7.0))
    see.close(x.grad, [[0.0, 0.0, 0.0], [0.0, 0.0, 7.0]])


def test_slices_and_single_indices(see, rng):
    """With rows, columns, steps, negative indices, `...`, None or nothing, each gradient goes back to its place."""
    x = rng.normal(size=(3, 4))
    indices = [0, -1, slice(1, 3), (slice(None), 2), (slice(None, None, 2), slice(1, None, 2)), (..., 1)]
    for index in [*indices, None, (None, 1, ..., None), ..., (2, slice(1, 1)), (-2, -3)]:
        see.gradients(lambda x, i=index: x[i], [x])
    for index in (1, (slice(None), 0), (..., 1), (0, slice(None), 1), (slice(None), np.array([0, 1, 1]))):
        see.gradients(lambda x, i=index: x[i], [rng.normal(size=(2, 2, 2))])
    for index in (None, ..., (), (None, ...)):  # a tensor without axes
        see.gradients(lambda x, i=index: x[i], [np.array(0.7)])


def test_repeated_indices_add_up(see):
    """Element 2, picked three times, gets three gradients; `gradient[index] = ...` would keep only the last."""
    x = leaf([10.0, 20.0, 30.0])
    x[np.array([2, 0, 2, 2])].backward(np.array([1.0, 10.0, 100.0, 1000.0]))
    see.close(x.grad, [10.0, 0.0, 1101.0])


def test_integer_arrays_of_every_kind(see, rng):
    """A key may hold rows, pairs of indices, tables of them, slices next to them, negative ones, and none at all."""
    x = rng.normal(size=(3, 4))
    rows, columns = np.array([0, 2, 2, 0]), np.array([1, 3, 3, 0])
    indices = [rows, (rows, columns), (slice(None), columns), (rows, slice(1, 3)), np.array([[0, 1], [1, 1]])]
    none = np.zeros(0, dtype=np.int64)
    for index in [*indices, (0, columns), np.array([-1, 2, 2]), none]:
        see.gradients(lambda x, i=index: x[i], [x])
    see.gradients(lambda x: x[np.array([-1, 0, 3, -1])], [x[0]])
    see.gradients(lambda x: x[none], [np.zeros((0, 3))])
    see.gradients(lambda x: x[rows], [np.zeros((3, 0))])


def test_a_key_of_small_integers_reaches_every_element(see):
    """int8 holds the rows 0 to 2, but not the place of an element among 300: computing with the key overflows."""
    x = leaf(np.zeros((3, 100)))
    x[np.array([2, 0, 2], dtype=np.int8)].backward(np.array([[1.0], [10.0], [100.0]]) * np.ones(100))
    see.close(x.grad, np.array([[10.0], [0.0], [101.0]]) * np.ones(100))


def test_boolean_masks(see, rng):
    """A mask picks elements or whole rows, and those that it leaves out get 0."""
    x = leaf([[1.0, -2.0], [-3.0, 4.0]])
    x[np.array([[True, False], [False, True]])].backward(np.array([5.0, 6.0]))
    see.close(x.grad, [[5.0, 0.0], [0.0, 6.0]])
    for mask in (np.array([True, False, True]), np.zeros(3, dtype=bool), rng.random((3, 2)) > 0.5):
        see.gradients(lambda x, m=mask: x[m], [rng.normal(size=(3, 2))])


def test_concatenate_cuts_the_gradient_where_it_joined(see, rng):
    """Each part gets its own piece back, also when the parts have different sizes, or size 0."""
    parts = [(0, [(2, 3), (1, 3), (3, 3)]), (1, [(2, 1), (2, 3)]), (-1, [(2, 2), (2, 1), (2, 0)])]
    parts += [(1, [(2, 1, 2), (2, 2, 2)])]
    for axis, shapes in parts:
        see.gradients(
            lambda *parts, a=axis: nf.concatenate(parts, axis=a),
            [rng.normal(size=shape) for shape in shapes],
            like=lambda *parts, a=axis: np.concatenate(parts, axis=a),
        )
    see.gradients(lambda *parts: nf.concatenate(parts), [rng.normal(size=3)], like=lambda *parts: parts[0])


def test_equal_parts_get_their_pieces_in_order(see, rng):
    """Where all parts have one size, any piece fits any part: the first piece belongs to the first part."""
    for axis, count in [(0, 3), (1, 2), (-1, 3)]:
        see.gradients(
            lambda *parts, a=axis: nf.concatenate(parts, axis=a),
            [rng.normal(size=(2, 2)) for _ in range(count)],
            like=lambda *parts, a=axis: np.concatenate(parts, axis=a),
        )


def test_concatenate_may_hold_constants_and_one_tensor_twice(see):
    """A constant gets nothing, and a tensor in two places the sum of both pieces; in a stack as well."""
    x, one, three = leaf([1.0, 2.0]), nf.Tensor(np.zeros(1)), nf.Tensor(np.zeros(3))
    nf.concatenate([one, x, x, three]).backward(np.array([1.0, 2.0, 3.0, 40.0, 50.0, 6.0, 7.0, 8.0]))
    see.close(x.grad, [42.0, 53.0])
    see.equal([one.grad, three.grad], [None, None])
    y, two = leaf([1.0, 2.0]), nf.Tensor(np.zeros(2))
    nf.stack([two, y, y, two]).backward(np.array([[1.0, 2.0], [3.0, 4.0], [50.0, 60.0], [7.0, 8.0]]))
    see.close(y.grad, [53.0, 64.0])


def test_stack_takes_its_new_axis_away_again(see, rng):
    """Each tensor gets its own slice along the new axis, in its own shape."""
    for axis in (0, 1, 2, -1, -2):
        see.gradients(
            lambda *parts, a=axis: nf.stack(parts, axis=a),
            [rng.normal(size=(2, 2)) for _ in range(3)],
            like=lambda *parts, a=axis: np.stack(parts, axis=a),
        )
    for shape, axis in [((), 0), ((3,), 1), ((3,), 0), ((2, 1, 2), 1), ((2, 0), 0)]:
        see.gradients(
            lambda x, y, a=axis: nf.stack([x, y], axis=a),
            [rng.normal(size=shape) for _ in range(2)],
            like=lambda x, y, a=axis: np.stack([x, y], axis=a),
        )


def test_stack_leaves_the_axes_of_its_parts(see):
    """Only the new axis is taken away, and not those of size 1 that the parts had before."""
    x, y = leaf([[3.0]]), leaf([[4.0]])
    nf.stack([x, y], axis=1).backward(np.array([[[5.0], [-6.0]]]))
    see.close(x.grad, [[5.0]])
    see.close(y.grad, [[-6.0]])


def test_iterating_over_a_tensor_goes_back_to_its_rows(see):
    """`for row in x` takes one row after the other, and each row gets its own gradient."""
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    first, second = x
    (first + second + second).backward(np.array([1.0, 10.0]))
    see.close(x.grad, [[1.0, 10.0], [2.0, 20.0]])


def test_going_back_twice_gives_the_same_gradient_twice(see, rng):
    """backward only reads what forward kept, shapes and sizes too: a second backward adds the same gradient again."""
    moves = [
        (lambda x: x.transpose(1, 0), (3, 2), lambda g: g.T),
        (lambda x: x.broadcast_to((4, 2, 3)), (4, 2, 3), lambda g: g.sum(axis=0)),
        (lambda x: x[np.array([1, 0, 1])], (3, 3), lambda g: [g[1], g[0] + g[2]]),
        (lambda x: x[:, 1:], (2, 2), lambda g: [[0.0, *g[0]], [0.0, *g[1]]]),
        (lambda x: nf.concatenate([x, x], axis=1), (2, 6), lambda g: g[:, :3] + g[:, 3:]),
        (lambda x: nf.stack([x, x], axis=1), (2, 2, 3), lambda g: g[:, 0] + g[:, 1]),
    ]
    for f, shape, back in moves:
        x, gradient = leaf(np.ones((2, 3))), rng.normal(size=shape)
        result = f(x)
        result.backward(gradient, retain_graph=True)
        result.backward(gradient)
        see.close(x.grad, 2 * np.array(back(gradient)))


def test_many_parts_of_a_tensor_add_up(see):
    """Each of many parts sends its gradient to its own place, and where parts overlap, the gradients add up."""
    x = nf.Tensor([1.0, 2.0, 3.0], requires_grad=True, dtype=np.float64)
    (x[0] + x[1] * 10.0 + x[2] * 100.0 + x[1:] * 1000.0).sum().backward()
    see.close(x.grad, [2.0, 1020.0, 1200.0])
