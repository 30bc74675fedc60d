"""1.11 Indexing, concatenate, stack: select elements, join tensors."""

import numpy as np

import neural_framework as nf


def test_integers_and_slices(see):
    """In x[1], x[-1, 0], x[:, 1:], x[::-1, ::2] and x[0:1], an integer removes its axis and a slice keeps it."""
    x = nf.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    see.close(x[1], [4.0, 5.0, 6.0])
    see.close(x[-1, 0], 4.0)
    see.close(x[:, 1:], [[2.0, 3.0], [5.0, 6.0]])
    see.close(x[::-1, ::2], [[4.0, 6.0], [1.0, 3.0]])
    see.close(x[0:1], [[1.0, 2.0, 3.0]])


def test_a_single_element_is_a_tensor_without_axes(see):
    """x[0, 1] is a Tensor of shape () whose data is still an ndarray, not a bare NumPy scalar."""
    element = nf.Tensor([[1.0, 2.0], [3.0, 4.0]])[0, 1]
    see.equal([type(element).__name__, type(element.data).__name__], ["Tensor", "ndarray"])
    see.close(element, 2.0)
    see.equal(element.dtype, "float32")


def test_none_adds_an_axis_and_an_ellipsis_stands_for_the_rest(see):
    """x[:, None] turns (2, 3) into (2, 1, 3); x[..., 0] takes the first element along the last axis."""
    x = nf.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    see.equal([x[None].shape, x[:, None].shape, x[..., None].shape], [(1, 2, 3), (2, 1, 3), (2, 3, 1)])
    see.close(x[..., 0], [1.0, 4.0])
    see.equal(x[...].shape, (2, 3))


def test_integer_arrays_pick_rows_in_any_order(see):
    """x[[2, 0, 2]] is rows 2, 0 and 2 again; two arrays select pairs: x[[0, 1], [1, 0]] is [x[0, 1], x[1, 0]]."""
    x = nf.Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    see.close(x[np.array([2, 0, 2])], [[5.0, 6.0], [1.0, 2.0], [5.0, 6.0]])
    see.close(x[np.array([0, 1]), np.array([1, 0])], [2.0, 3.0])
    see.close(x[:, np.array([1, 1])], [[2.0, 2.0], [4.0, 4.0], [6.0, 6.0]])
    see.equal(x[np.array([[0, 1], [2, 0]])].shape, (2, 2, 2))


def test_a_list_of_integers_picks_rows_as_an_array_does(see):
    """x[[2, 0]] is rows 2 and 0, not the element x[2, 0]; a list of one index gives one row and keeps the axis."""
    x = nf.Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    see.close(x[[2, 0]], [[5.0, 6.0], [1.0, 2.0]])
    see.close(x[[1]], [[3.0, 4.0]])


def test_boolean_masks_keep_what_is_true(see):
    """x[mask] gives the elements, or rows, where the mask is true; x > 2 is such a mask."""
    x = nf.Tensor([[1.0, 2.0], [3.0, 4.0]])
    see.close(x[np.array([[True, False], [False, True]])], [1.0, 4.0])
    see.close(x[np.array([False, True])], [[3.0, 4.0]])
    see.close(x[x > 1.5], [2.0, 3.0, 4.0])
    see.equal(x[np.array([False, False])].shape, (0, 2))


def test_a_place_that_is_not_there_is_an_index_error(see):
    """x[2] of two rows, also in a list or an array, or one index too many, is an IndexError; a loop gives two rows."""
    x = nf.Tensor([[1.0, 2.0], [3.0, 4.0]])
    for key in (2, -3, [0, 2], np.array([2]), np.array([-3, 0]), (0, np.array([2])), (0, 0, 0)):
        see.raises(lambda key=key: x[key], "IndexError")
    see.equal([row.data.tolist() for row in x], [[1.0, 2.0], [3.0, 4.0]])


def test_concatenate_joins_along_an_axis_that_is_there(see):
    """concatenate joins rows along axis 0 (the default), columns along axis 1 or -1; sizes there may differ."""
    a, b = nf.Tensor([[1.0, 2.0]]), nf.Tensor([[3.0, 4.0], [5.0, 6.0]])
    see.close(nf.concatenate([a, b]), [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    see.close(nf.concatenate([b, b], axis=1), [[3.0, 4.0, 3.0, 4.0], [5.0, 6.0, 5.0, 6.0]])
    see.close(nf.concatenate([a.T, b], axis=1), [[1.0, 3.0, 4.0], [2.0, 5.0, 6.0]])
    see.close(nf.concatenate((b, a.T, b), axis=-1), [[3.0, 4.0, 1.0, 3.0, 4.0], [5.0, 6.0, 2.0, 5.0, 6.0]])


def test_stack_joins_along_a_new_axis(see):
    """Two (3,) tensors stack to (2, 3) along axis 0, to (3, 2) along axis 1 or -1; two numbers stack to (2,)."""
    a, b = nf.Tensor([1.0, 2.0, 3.0]), nf.Tensor([4.0, 5.0, 6.0])
    see.close(nf.stack([a, b]), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    see.close(nf.stack([a, b], axis=1), [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])
    see.close(nf.stack((a, b), axis=-1), [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])
    see.close(nf.stack([nf.Tensor(1.0), nf.Tensor(2.0)]), [1.0, 2.0])
    column = nf.Tensor([[1.0], [2.0]])
    for axis in (2, -1):
        see.close(nf.stack([column, -column], axis=axis), [[[1.0, -1.0]], [[2.0, -2.0]]])


def test_tensors_that_do_not_fit_are_refused(see):
    """concatenate needs equal other axes, stack equal shapes; nothing broadcasts, and the error names the function."""
    a, b = nf.Tensor(np.ones((2, 3))), nf.Tensor(np.ones((1, 2)))
    refusals = ("ShapeError", "ValueError", "RuntimeError")
    see.raises(lambda: nf.concatenate([a, b]), refusals, mentions=["concatenate"])
    see.raises(lambda: nf.concatenate([a, nf.Tensor(np.ones(3))]), refusals, mentions=["concatenate"])
    see.raises(lambda: nf.stack([a, nf.Tensor(np.ones((1, 3)))]), refusals, mentions=["stack"])


def test_an_axis_that_is_not_there_is_refused(see):
    """Two (3,) tensors cannot be joined along axis 1; stack accepts axes 0 and 1, but not 2."""
    a = nf.Tensor([1.0, 2.0, 3.0])
    see.raises(lambda: nf.concatenate([a, a], axis=1), ("IndexError", "ValueError"))
    see.raises(lambda: nf.stack([a, a], axis=2), ("IndexError", "ValueError"))
    see.raises(lambda: nf.stack([a, a], axis=-3), ("IndexError", "ValueError"))
    see.close(nf.stack([a, a], axis=-2), [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])


def test_dtypes_and_empty_tensors(see):
    """Integers stay integers, float32 with float64 gives float64, an empty tensor adds nothing, and the data is new."""
    x, empty = nf.Tensor([0.5]), nf.Tensor(np.ones((0, 2)))
    for name in ("int64", "float16", "float32", "float64"):
        n = nf.Tensor([1, 2], dtype=name)
        see.equal([n[0].dtype, nf.concatenate([n, n]).dtype, nf.stack([n, n]).dtype], [name] * 3)
    double = nf.Tensor(np.ones(1))
    see.equal([nf.concatenate([x, double]).dtype, nf.stack([x, double]).dtype], ["float64"] * 2)
    see.close(nf.concatenate([empty, nf.Tensor([[1.0, 2.0]])]), [[1.0, 2.0]])
    see.true(not np.shares_memory(nf.concatenate([x]).data, x.data))
    see.true(not np.shares_memory(nf.stack([x]).data, x.data))


def test_picking_and_joining_are_recorded(see):
    """Index has x as its only input (the key is a setting); Concatenate and Stack have every tensor, in order."""
    x, y = nf.Tensor([1.0, 2.0], requires_grad=True), nf.Tensor([3.0, 4.0])
    picked = x[np.array([0, 0])]
    see.equal([type(picked.grad_fn).__name__, len(picked.grad_fn.inputs)], ["Index", 1])
    see.same(picked.grad_fn.inputs[0], x)
    for joined, name in [(nf.concatenate([y, x, y]), "Concatenate"), (nf.stack([y, x, y]), "Stack")]:
        see.equal([type(joined.grad_fn).__name__, len(joined.grad_fn.inputs)], [name, 3])
        see.true(all(kept is given for kept, given in zip(joined.grad_fn.inputs, (y, x, y), strict=True)))
