"""1.9 Reductions: mean, max, min and var along any axes."""

import numpy as np

import neural_framework as nf


def test_without_an_axis_everything_is_reduced(see):
    """For [[1, 2], [3, 6]], mean is 3, max 6, min 1, var (4 + 1 + 0 + 9) / 4 = 3.5: single numbers, of shape ()."""
    x = nf.Tensor([[1.0, 2.0], [3.0, 6.0]])
    see.close(x.mean(), 3.0)
    see.close(x.max(), 6.0)
    see.close(x.min(), 1.0)
    see.close(x.var(), 3.5)


def test_an_axis_is_the_one_that_disappears(see):
    """The axis that you name disappears: axis 0 of a (2, 3) tensor leaves its 3 columns, axis 1 its 2 rows."""
    x = nf.Tensor([[1.0, 2.0, 6.0], [3.0, 8.0, 4.0]])
    see.close(x.mean(axis=0), [2.0, 5.0, 5.0])
    see.close(x.mean(axis=1), [3.0, 5.0])
    see.close(x.max(axis=0), [3.0, 8.0, 6.0])
    see.close(x.min(axis=1), [1.0, 3.0])
    see.close(x.var(axis=0), [1.0, 9.0, 1.0])


def test_var_divides_by_the_number_of_elements(see):
    """var of [1, 3] is ((1 - 2)^2 + (3 - 2)^2) / 2 = 1: it divides by n, not by n - 1, and is 0 for one element."""
    see.close(nf.Tensor([1.0, 3.0]).var(), 1.0)
    see.close(nf.Tensor([[5.0], [7.0]]).var(axis=1), [0.0, 0.0])


def test_var_does_not_drown_in_large_values(see):
    """var of [100000, 100002] is 1; mean(x^2) - mean(x)^2 subtracts two huge numbers and loses it in float32."""
    see.close(nf.Tensor([100000.0, 100002.0]).var(), 1.0)


def test_axes_may_be_negative_or_several(see, rng):
    """axis=-1 is the last axis, axis=(0, 2) reduces both at once, axis=() none; others stay, even those of size 1."""
    array = rng.uniform(-1, 1, size=(4, 1, 3, 2)).T  # whose order in memory is another
    x = nf.from_numpy(array)
    for name in ("mean", "max", "min", "var"):
        for axis in (-1, -3, (0, 3), (3, 0), (0, -1), (-1, -3), (1, 2), (0, 1, 2, 3), ()):
            see.close(getattr(x, name)(axis=axis), getattr(np, name)(array, axis=axis))


def test_keepdims_leaves_a_one_in_each_reduced_place(see, rng):
    """With keepdims=True along axis 1, (2, 3, 4) becomes (2, 1, 4), which still broadcasts against x."""
    array = rng.uniform(-1, 1, size=(2, 3, 4))
    x = nf.Tensor(array)
    for name in ("mean", "max", "min", "var"):
        for axis in (1, -1, (0, 2), (2, 0), (-1, -3), None):
            expected = getattr(np, name)(array, axis=axis, keepdims=True)
            see.close(getattr(x, name)(axis=axis, keepdims=True), expected)


def test_dtypes_of_reductions(see):
    """Floats stay what they are; the mean of integers is float64, but their max and min are integers."""
    x, n = nf.Tensor([1.0, 2.0]), nf.Tensor([1, 2])
    see.equal([x.mean().dtype, x.max().dtype, x.min().dtype, x.var().dtype], ["float32"] * 4)
    half = nf.Tensor([1.0, 2.0], dtype=np.float16)
    see.equal([half.mean().dtype, half.max().dtype, half.min().dtype, half.var().dtype], ["float16"] * 4)
    see.equal([n.mean().dtype, n.max().dtype, n.min().dtype], ["float64", "int64", "int64"])
    see.close(n.mean(), 1.5)
    unsigned = nf.Tensor(np.array([0, 200, 100], dtype=np.uint8))  # whose -100 is 156, and 200 + 100 is 44
    see.equal([unsigned.max().item(), unsigned.min().item(), unsigned.min().dtype], [200, 0, "uint8"])
    see.close(unsigned.mean(), 100.0)
    see.close(unsigned.var(), 20000 / 3)


def test_nan_is_never_hidden_by_a_reduction(see):
    """A row with a nan has no largest or smallest element that could be trusted: max, min and mean are nan there."""
    x = nf.Tensor([[1.0, np.nan, 3.0], [4.0, 9.0, 5.0]])
    see.close(x.max(axis=1), [np.nan, 9.0])
    see.close(x.min(axis=1), [np.nan, 4.0])
    see.close(x.mean(axis=1), [np.nan, 6.0])
    see.close(x.max(), np.nan)


def test_results_are_new_arrays(see):
    """Along an axis of size 1 every element stays as it is; the result is a new array: changing it leaves x alone."""
    for name in ("mean", "max", "min"):
        x = nf.Tensor([[1.0], [2.0]])
        kept, dropped = getattr(x, name)(axis=1, keepdims=True), getattr(x, name)(axis=1)
        kept += 1.0
        dropped += 1.0
        see.close(kept, [[2.0], [3.0]])
        see.close(dropped, [2.0, 3.0])
        see.close(x, [[1.0], [2.0]])
        see.close(getattr(nf.Tensor(5.0), name)(), 5.0)


def test_the_largest_of_nothing_is_a_shape_error(see):
    """max and min of no elements are a ShapeError that names the function and the shape."""
    empty = nf.Tensor(np.ones((2, 0)))
    see.raises(lambda: empty.max(), "ShapeError", mentions=["max", (2, 0)])
    see.raises(lambda: empty.min(), "ShapeError", mentions=["min", (2, 0)])
    see.raises(lambda: empty.max(axis=1), "ShapeError", mentions=["max", (2, 0)])


def test_reducing_a_full_axis_of_an_empty_tensor_is_fine(see):
    """(0, 3, 2) along axis 1: an empty batch has no column that lacks a largest element, so the result is (0, 2)."""
    empty = nf.Tensor(np.ones((0, 3, 2)))
    see.equal([empty.max(axis=1).shape, empty.min(axis=-2).shape], [(0, 2), (0, 2)])
    see.equal([empty.mean(axis=1).shape, empty.var(axis=1).shape], [(0, 2), (0, 2)])


def test_the_mean_of_nothing_is_nan_and_silent(see):
    """The mean of no elements is 0 / 0: nan, as in PyTorch, without a warning."""
    see.close(see.without_warnings(lambda: nf.Tensor([]).mean()), np.nan)
    rows = nf.Tensor(np.ones((2, 0)))
    see.close(see.without_warnings(lambda: rows.mean(axis=1)), np.full(2, np.nan))


def test_an_axis_that_is_not_there_is_refused(see):
    """A (2, 3) tensor has the axes 0, 1, -1 and -2: naming another is an error."""
    x = nf.Tensor([[1.0, 2.0, 3.0], [5.0, 6.0, 7.0]])
    for reduce in (x.mean, x.max, x.min, x.var):
        see.raises(lambda reduce=reduce: reduce(axis=2), ("IndexError", "ValueError"))
        see.raises(lambda reduce=reduce: reduce(axis=-3), ("IndexError", "ValueError"))
    see.close(x.mean(axis=-2), [3.0, 4.0, 5.0])


def test_reductions_are_recorded(see):
    """Mean, Max and Min have x as the only input (the axis is a setting); var requires grad, however you build it."""
    x = nf.Tensor([[1.0, 2.0]], requires_grad=True)
    results = [x.mean(axis=1), x.max(axis=1), x.min(axis=1)]
    see.equal([type(result.grad_fn).__name__ for result in results], ["Mean", "Max", "Min"])
    see.equal([len(result.grad_fn.inputs) for result in results], [1, 1, 1])
    see.true(all(result.grad_fn.inputs[0] is x for result in results))
    see.equal([x.var().requires_grad, x.var().is_leaf], [True, False])
