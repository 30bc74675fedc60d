"""1.10 Shapes: transpose, swapaxes, squeeze, unsqueeze, flatten, broadcast_to."""

import numpy as np

import neural_framework as nf


def test_transpose_reverses_the_axes(see):
    """T and transpose() turn rows into columns: (2, 3) becomes (3, 2), and (2, 3, 4) becomes (4, 3, 2)."""
    x = nf.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    see.close(x.T, [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])
    see.close(x.transpose(), [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])
    see.equal([nf.Tensor(np.ones((2, 3, 4))).T.shape, nf.Tensor([1.0, 2.0]).T.shape], [(4, 3, 2), (2,)])


def test_transpose_takes_the_new_order_of_the_axes(see, rng):
    """transpose(2, 0, 1) puts axis 2 first: each number says where the new axis comes FROM, and may be negative."""
    array = rng.uniform(-1, 1, size=(2, 3, 4))
    expected = [[[array[j, k, i] for k in range(3)] for j in range(2)] for i in range(4)]
    see.close(nf.Tensor(array).transpose(2, 0, 1), expected)
    see.close(nf.Tensor(array).transpose(-1, 0, -2), expected)


def test_swapaxes_swaps_two_and_leaves_the_rest(see, rng):
    """swapaxes(0, 2) turns (2, 3, 4) into (4, 3, 2), and swapaxes(-1, -2) transposes each matrix of a batch."""
    array = rng.uniform(-1, 1, size=(2, 3, 4))
    x = nf.Tensor(array)
    see.close(x.swapaxes(0, 2), np.einsum("ijk->kji", array))
    see.close(x.swapaxes(-1, -2), np.einsum("ijk->ikj", array))
    see.close(x.swapaxes(1, 0), np.einsum("ijk->jik", array))
    see.close(x.swapaxes(1, 1), array)


def test_squeeze_drops_axes_of_size_one(see):
    """(1, 3, 1, 2) becomes (3, 2); if you name an axis, only that one is dropped, and only if its size is 1."""
    x = nf.Tensor(np.ones((1, 3, 1, 2)))
    see.equal(x.squeeze().shape, (3, 2))
    see.equal([x.squeeze(0).shape, x.squeeze(axis=2).shape, x.squeeze(-2).shape], [(3, 1, 2), (1, 3, 2), (1, 3, 2)])
    see.equal([x.squeeze(1).shape, x.squeeze(-1).shape], [(1, 3, 1, 2), (1, 3, 1, 2)])
    see.equal([x.squeeze((0, 2)).shape, x.squeeze((-2, 1)).shape], [(3, 2), (1, 3, 2)])
    see.equal([x.squeeze(axes).shape for axes in ((2, 0), (0, -2), (-2, 0), (-4, -2))], [(3, 2)] * 4)
    see.equal(nf.Tensor([[7.0]]).squeeze().shape, ())


def test_unsqueeze_adds_an_axis_where_it_is_told(see):
    """The number is the position of the NEW axis: for (2, 3), 0 to 2, or -3 to -1 counted in the new shape."""
    x = nf.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    see.equal([x.unsqueeze(axis).shape for axis in (0, 1, 2)], [(1, 2, 3), (2, 1, 3), (2, 3, 1)])
    see.equal([x.unsqueeze(axis).shape for axis in (-3, -2, -1)], [(1, 2, 3), (2, 1, 3), (2, 3, 1)])
    see.close(x.unsqueeze(-1), [[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]])
    see.equal(nf.Tensor(5.0).unsqueeze(0).shape, (1,))


def test_flatten_joins_the_axes_from_start_axis_on(see):
    """flatten() makes one axis, row by row, in order; flatten(1) keeps the batch: (2, 3, 4) becomes (2, 12)."""
    array = np.arange(24.0).reshape(2, 3, 4)
    x = nf.Tensor(array)
    see.close(x.flatten(), np.arange(24.0))
    see.close(x.flatten(1), [np.arange(12.0), np.arange(12.0, 24.0)])
    see.close(nf.from_numpy(array.T).flatten(), array.T.reshape(24))  # whatever the order in memory
    see.equal([x.flatten(start_axis=2).shape, x.flatten(-2).shape], [(2, 3, 4), (2, 12)])
    see.equal([nf.Tensor(5.0).flatten().shape, nf.Tensor([5.0, 6.0]).flatten(-1).shape], [(1,), (2,)])


def test_an_empty_batch_can_be_flattened(see):
    """(0, 3, 4).flatten(1) is (0, 12), a size that -1 cannot find, because 0 times anything is 0."""
    empty = nf.Tensor(np.ones((0, 3, 4)))
    see.equal([empty.flatten(1).shape, empty.flatten().shape], [(0, 12), (0,)])
    see.equal(
        [empty.T.shape, empty.swapaxes(0, 1).shape, empty.unsqueeze(1).shape],
        [(4, 3, 0), (3, 0, 4), (0, 1, 3, 4)],
    )


def test_broadcast_to_repeats_along_new_and_stretched_axes(see):
    """A row (3,) fills (2, 3) row by row, a column (2, 1) column by column, and a number fills any shape."""
    see.close(nf.Tensor([1.0, 2.0, 3.0]).broadcast_to((2, 3)), [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])
    see.close(nf.Tensor([[1.0], [2.0]]).broadcast_to((2, 3)), [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]])
    see.close(nf.Tensor(7.0).broadcast_to((2, 2)), [[7.0, 7.0], [7.0, 7.0]])
    see.equal(nf.Tensor([[1.0]]).broadcast_to((0, 4)).shape, (0, 4))


def test_broadcast_to_makes_a_new_array(see):
    """Each element of the result has memory of its own: NumPy's view, read-only and shared, could not be changed."""
    x = nf.Tensor([[1.0], [2.0]])
    for shape in ((2, 3), (2, 1), (2, 2, 1)):
        y = x.broadcast_to(shape)
        see.true(not np.shares_memory(y.data, x.data), "the result has memory of its own")
        y += 1.0
        see.close(y, np.broadcast_to([[2.0], [3.0]], shape))
    see.close(x, [[1.0], [2.0]])


def test_broadcast_to_refuses_a_shape_it_cannot_fill(see):
    """The target is final: (3,) cannot become (2,), (2, 3) and (1, 3) cannot lose an axis, and the error names
    broadcast_to."""
    row, matrix = nf.Tensor([1.0, 2.0, 3.0]), nf.Tensor(np.ones((2, 3)))
    for call in (
        lambda: row.broadcast_to((2,)),
        lambda: row.broadcast_to((3, 2)),
        lambda: matrix.broadcast_to((3,)),
        lambda: matrix.broadcast_to((1, 3)),
        lambda: row.unsqueeze(0).broadcast_to((3,)),
        lambda: nf.Tensor([5.0]).broadcast_to(()),
    ):
        see.raises(call, ("ShapeError", "ValueError", "RuntimeError"), mentions=["broadcast_to"])
    see.close(row.broadcast_to((1, 3)), [[1.0, 2.0, 3.0]])


def test_an_axis_that_is_not_there_is_refused(see):
    """A (2, 3) tensor has axes 0, 1, -1 and -2; any other is an error, except one more position for unsqueeze."""
    x = nf.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    for call in (
        lambda: x.swapaxes(0, 2),
        lambda: x.squeeze(2),
        lambda: x.squeeze(-3),
        lambda: x.unsqueeze(3),
        lambda: x.unsqueeze(-4),
        lambda: x.flatten(2),
        lambda: nf.Tensor([5.0, 6.0]).flatten(1),
        lambda: x.transpose(0, 2),
    ):
        see.raises(call, ("IndexError", "ValueError"))
    see.close(x.swapaxes(-2, -1), [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])


def test_transpose_wants_every_axis_once(see):
    """If an axis of a (2, 3) tensor is left out or named twice, the error is a ShapeError that names transpose."""
    x = nf.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    for axes in ((0,), (1, 1), (1, -1), (0, 1, 0)):
        see.raises(lambda axes=axes: x.transpose(*axes), ("ShapeError", "RuntimeError"), mentions=["transpose"])
    see.close(x.transpose(1, 0), [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])


def test_changes_of_shape_are_recorded(see):
    """Transpose and BroadcastTo have x as the only input; the results of the other methods are also recorded."""
    x = nf.Tensor([[1.0, 2.0]], requires_grad=True)
    for result, name in [(x.transpose(1, 0), "Transpose"), (x.broadcast_to((3, 2)), "BroadcastTo")]:
        see.equal(type(result.grad_fn).__name__, name)
        see.equal(len(result.grad_fn.inputs), 1)
        see.same(result.grad_fn.inputs[0], x)
    others = [x.T, x.swapaxes(0, 1), x.squeeze(0), x.unsqueeze(0), x.flatten()]
    see.equal([result.requires_grad for result in others], [True] * 5)
    see.equal([result.is_leaf for result in others], [False] * 5)


def test_dtypes_stay(see):
    """A change of shape does not change the dtype: integers stay integers, float32 stays float32."""
    for name in ("int64", "float16", "float32", "float64"):
        x = nf.Tensor([[1, 2]], dtype=name)
        results = [x.T, x.swapaxes(0, 1), x.squeeze(), x.unsqueeze(0), x.flatten(), x.broadcast_to((3, 2))]
        see.equal([result.dtype for result in results], [name] * 6)
