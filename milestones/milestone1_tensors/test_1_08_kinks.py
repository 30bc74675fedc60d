"""1.8 Functions with kinks (relu, leaky_relu, clip, maximum, minimum) and where."""

import numpy as np

import neural_framework as nf


def test_relu_cuts_below_zero(see):
    """relu is max(x, 0), element by element: -inf becomes 0, not nan, and nan stays nan."""
    see.close(nf.Tensor([[-2.0, 0.0], [0.5, 3.0]]).relu(), [[0.0, 0.0], [0.5, 3.0]])
    see.close(see.without_warnings(nf.Tensor([-np.inf, np.inf, np.nan]).relu), [0.0, np.inf, np.nan])


def test_leaky_relu_lets_a_little_through(see):
    """leaky_relu is x where x > 0, and negative_slope * x below; the default slope is 0.01."""
    x = nf.Tensor([-2.0, -0.5, 0.0, 0.25, 3.0])
    see.close(x.leaky_relu(), [-0.02, -0.005, 0.0, 0.25, 3.0])
    see.close(x.leaky_relu(0.2), [-0.4, -0.1, 0.0, 0.25, 3.0])
    see.close(x.leaky_relu(negative_slope=0.5), [-1.0, -0.25, 0.0, 0.25, 3.0])


def test_leaky_relu_takes_any_slope(see):
    """The slope may also be above 1 or below 0, so leaky_relu is not max(x, slope * x)."""
    x = nf.Tensor([-2.0, 3.0])
    see.close(x.leaky_relu(2.0), [-4.0, 3.0])
    see.close(x.leaky_relu(-1.0), [2.0, 3.0])


def test_leaky_relu_of_infinity(see):
    """inf stays inf, -inf times the slope is -inf, and nan stays nan: choose, because a mask times inf is nan."""
    see.close(nf.Tensor([-np.inf, np.inf, np.nan]).leaky_relu(), [-np.inf, np.inf, np.nan])


def test_clip_keeps_values_between_its_bounds(see):
    """Values below low become low, and values above high become high; either bound may be None."""
    x = nf.Tensor([-3.0, -1.0, 0.5, 2.0])
    see.close(x.clip(-1.0, 1.0), [-1.0, -1.0, 0.5, 1.0])
    see.close(x.clip(None, 0), [-3.0, -1.0, 0.0, 0.0])
    see.close(x.clip(0.0, None), [0.0, 0.0, 0.5, 2.0])


def test_maximum_and_minimum_pick_element_by_element(see):
    """maximum takes the larger of each pair, minimum the smaller; they do not reduce, so the shape stays."""
    a, b = nf.Tensor([1.0, 5.0, -2.0]), nf.Tensor([3.0, 4.0, -2.0])
    see.close(nf.maximum(a, b), [3.0, 5.0, -2.0])
    see.close(nf.minimum(a, b), [1.0, 4.0, -2.0])


def test_maximum_and_minimum_take_numbers_and_broadcast(see):
    """A number or an array may be on either side, and a column and a row stretch each other."""
    column, row = nf.Tensor([[0.0], [2.0]]), nf.Tensor([-1.0, 1.0, 3.0])
    see.close(nf.maximum(column, row), [[0.0, 1.0, 3.0], [2.0, 2.0, 3.0]])
    see.close(nf.minimum(row, column), [[-1.0, 0.0, 0.0], [-1.0, 1.0, 2.0]])
    see.close(nf.maximum(row, 0.0), [0.0, 1.0, 3.0])
    see.close(nf.minimum(np.array([0.0, 0.0, 9.0]), row), [-1.0, 0.0, 3.0])


def test_infinity_is_chosen_like_any_number(see):
    """maximum, minimum and clip choose; a sum of masks times values turns 0 * inf into nan, with a warning."""
    a, b = nf.Tensor([-np.inf, 1.0, np.inf]), nf.Tensor([1.0, -np.inf, 2.0])
    see.close(see.without_warnings(lambda: nf.maximum(a, b)), [1.0, 1.0, np.inf])
    see.close(see.without_warnings(lambda: nf.minimum(a, b)), [-np.inf, -np.inf, 2.0])
    see.close(see.without_warnings(lambda: a.clip(-2.0, 1.5)), [-2.0, 1.0, 1.5])


def test_nan_is_never_hidden_by_a_comparison(see):
    """maximum, minimum and clip keep a nan; a plain comparison loses it on one side, because nan > 1 is False."""
    x, y = nf.Tensor([np.nan, 1.0]), nf.Tensor([1.0, np.nan])
    see.equal(int(np.isnan(nf.maximum(x, y).data).sum()), 2)
    see.close(nf.maximum(x, y), [np.nan, np.nan])
    see.close(nf.minimum(x, y), [np.nan, np.nan])
    see.close(nf.Tensor([np.nan, 3.0]).clip(-1.0, 2.0), [np.nan, 2.0])


def test_where_picks_from_two_tensors(see):
    """where(condition, a, b) takes a where the condition, a Tensor or an array, is true, and b elsewhere."""
    a, b = nf.Tensor([1.0, 2.0, 3.0]), nf.Tensor([-1.0, -2.0, -3.0])
    see.close(nf.where(np.array([True, False, True]), a, b), [1.0, -2.0, 3.0])
    see.close(nf.where(a < 2.5, a, b), [1.0, 2.0, -3.0])
    see.close(nf.where(a > 1.5, a, 0.0), [0.0, 2.0, 3.0])


def test_where_does_not_touch_what_it_did_not_pick(see):
    """A nan or inf on the side not chosen stays out; condition * a + (1 - condition) * b would let it in."""
    a, b = nf.Tensor([np.nan, 1.0]), nf.Tensor([5.0, np.inf])
    see.close(see.without_warnings(lambda: nf.where(np.array([False, True]), a, b)), [5.0, 1.0])


def test_where_broadcasts_all_three(see):
    """The condition also broadcasts: a (2, 1) condition with a (3,) tensor and a number gives (2, 3)."""
    condition = np.array([[True], [False]])
    see.close(nf.where(condition, nf.Tensor([1.0, 2.0, 3.0]), 0.0), [[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    see.close(nf.where(np.array([True, False]), nf.Tensor([[1.0], [2.0]]), nf.Tensor(5.0)), [[1.0, 5.0], [2.0, 5.0]])


def test_operands_that_do_not_fit_name_the_function(see):
    """The BroadcastingError names maximum, minimum or where, and the shapes that do not fit."""
    a, b, condition = nf.Tensor(np.ones(3)), nf.Tensor(np.ones((2, 4))), np.array(True)
    calls = {
        "maximum": lambda: nf.maximum(a, b),
        "minimum": lambda: nf.minimum(a, b),
        "where": lambda: nf.where(condition, a, b),
    }
    for name, call in calls.items():
        see.raises(call, "BroadcastingError", mentions=[name, (3,), (2, 4)], shape1=(3,), shape2=(2, 4))
    see.raises(lambda: nf.where(np.ones(5) > 0, a, a), "BroadcastingError", mentions=["where", (5,)])


def test_two_dtypes_give_the_wider_one(see):
    """float32 and float64 give float64, whichever comes first, also where only the float32 is taken."""
    x, y = nf.Tensor([1.0, 2.0]), nf.Tensor(np.array([0.1, 0.3]))
    for a, b in ((x, y), (y, x)):
        results = [nf.maximum(a, b), nf.minimum(a, b), nf.where(np.array([True, True]), a, b)]
        see.equal([result.dtype for result in results], ["float64"] * 3)
        see.close(np.array([result.data for result in results]), [[1.0, 2.0], [0.1, 0.3], a.data])


def test_dtypes_and_shapes_stay(see):
    """With Python numbers the dtype stays, and the shapes () and (0, 3) work like any other shape."""
    for shape in ((), (0, 3)):
        above = np.ones(shape) > 0
        for name in ("int64", "float16", "float32", "float64"):
            x = nf.Tensor(np.ones(shape), dtype=name)
            results = [x.relu(), x.clip(0, 2), nf.maximum(x, 0), nf.minimum(2, x), nf.where(above, x, 0)]
            if name in ("float32", "float64"):
                results += [x.leaky_relu(), nf.maximum(x, 0.5), nf.minimum(1.5, x), nf.where(above, x, 0.5)]
            see.equal([result.dtype for result in results], [name] * len(results))
            for result in results:
                see.close(result, np.ones(shape))


def test_the_order_in_memory_does_not_matter(see, rng):
    """A transposed matrix, whose rows do not follow each other in memory, gives the same as any other."""
    a, b = rng.normal(size=(3, 2)).T, rng.normal(size=(2, 3))
    x, y = nf.from_numpy(a), nf.from_numpy(b)
    for result, expected in [
        (x.relu(), np.maximum(a, 0)),
        (x.leaky_relu(0.25), np.where(a > 0, a, 0.25 * a)),
        (x.clip(-0.5, 0.5), np.clip(a, -0.5, 0.5)),
        (nf.maximum(x, y), np.maximum(a, b)),
        (nf.minimum(y, x), np.minimum(a, b)),
        (nf.where(a > 0, x, y), np.where(a > 0, a, b)),
    ]:
        see.close(result, expected)


def test_integers_keep_what_they_are_worth(see):
    """Next to a fraction, on either side, integers become float64, and nothing is cut off; None changes no dtype."""
    n = nf.Tensor([-2, 3])
    fractions = [n.leaky_relu(0.25), n.clip(-0.5, 2.5), nf.maximum(n, 0.5), nf.minimum(2.5, n), nf.where(n > 0, n, 0.5)]
    see.equal([result.dtype for result in fractions], ["float64"] * 5)
    wanted = [[-0.5, 3.0], [-0.5, 2.5], [0.5, 3.0], [-2.0, 2.5], [0.5, 3.0]]
    see.close(np.array([result.data for result in fractions]), wanted)
    turned = [nf.maximum(0.5, n), nf.minimum(n, 2.5), nf.where(n <= 0, 0.5, n)]
    see.equal([result.dtype for result in turned], ["float64"] * 3)
    see.close(np.array([result.data for result in turned]), [[0.5, 3.0], [-2.0, 2.5], [0.5, 3.0]])
    whole = [n.relu(), n.clip(0, None), n.clip(None, 2), nf.maximum(n, 1), nf.where(n > 0, n, 7)]
    see.equal([result.dtype for result in whole], ["int64"] * 5)
    see.equal(np.array([result.data for result in whole]), np.array([[0, 3], [0, 3], [-2, 2], [1, 3], [7, 3]]))
    a, b = nf.Tensor(np.array([0, 200], dtype=np.uint8)), nf.Tensor(np.array([3, 100], dtype=np.uint8))
    unsigned = [a.relu(), a.clip(1, 150), nf.maximum(a, b), nf.minimum(a, b), nf.where(a > 1, a, b)]  # whose -1 is 255
    see.equal([result.dtype for result in unsigned], ["uint8"] * 5)
    see.equal(np.array([result.data for result in unsigned]), [[0, 200], [1, 150], [3, 200], [0, 100], [3, 200]])
    mixed = [nf.maximum(a, n), nf.minimum(a, n), nf.minimum(a, 0.5), a.clip(-0.5, 1.5), a.leaky_relu(0.5)]
    see.close(np.array([result.data for result in mixed]), [[0, 200], [-2, 3], [0, 0.5], [0, 1.5], [0, 200]])


def test_results_are_new_arrays(see):
    """Where every element stays as it is, the result is a new array all the same: changing it leaves x alone."""
    x, always = nf.Tensor([1.0, 2.0]), np.array([True, True])
    results = [x.relu(), x.leaky_relu(), x.clip(0, 3), nf.maximum(x, 0.5), nf.minimum(3.0, x)]
    for y in (*results, nf.where(always, x, 0.5), nf.where(~always, 0.5, x)):
        y += 1.0
        see.close(y, [2.0, 3.0])
    see.close(x, [1.0, 2.0])


def test_functions_with_kinks_are_recorded(see):
    """The inputs are the tensors that values come from; slope, bounds and the condition of where are settings."""
    x, y = nf.Tensor([1.0, -1.0], requires_grad=True), nf.Tensor([0.5, 0.5], requires_grad=True)
    one = {"ReLU": x.relu(), "LeakyReLU": x.leaky_relu(0.1), "Clip": x.clip(0.0, 1.0)}
    two = {"Maximum": nf.maximum(x, y), "Minimum": nf.minimum(x, y), "Where": nf.where(x > 0, x, y)}
    for results, count in ((one, 1), (two, 2)):
        see.equal([type(result.grad_fn).__name__ for result in results.values()], list(results))
        see.equal([len(result.grad_fn.inputs) for result in results.values()], [count] * 3)
        see.true(all(result.grad_fn.inputs[0] is x for result in results.values()))
    see.true(all(result.grad_fn.inputs[1] is y for result in two.values()))
    see.equal(x.data, np.array([1.0, -1.0]))
