"""6.4 Attention: scaled_dot_product_attention without a mask."""

import numpy as np

import neural_framework as nf


def attention_of(query, key, value):
    """softmax(q kᵀ / sqrt(D)) v, in plain NumPy."""
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(query.shape[-1])
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) @ value


def attended(*arrays):
    """What the function gives for arrays."""
    return nf.scaled_dot_product_attention(*[nf.Tensor(array) for array in arrays])


def test_equal_scores_give_the_mean(see):
    """A query of zeros finds all keys equally similar: it gets the mean of the values."""
    value = np.array([[2.0, 0.0], [4.0, 6.0], [6.0, 3.0]])
    see.close(attended(np.zeros((1, 4)), np.arange(12.0).reshape(3, 4), value), [[4.0, 3.0]])


def test_two_keys_by_hand(see):
    """Scores 0 and log 3 give the weights 1/4 and 3/4. D is 4, so the product of query and key is 2 log 3."""
    query, key = np.array([[2.0, 0.0, 0.0, 0.0]]), np.array([[0.0, 1.0, 1.0, 1.0], [np.log(3.0), 5.0, 7.0, 9.0]])
    see.close(attended(query, key, np.array([[4.0], [8.0]])), [[7.0]])


def test_a_clear_match_is_looked_up(see):
    """Where one key is much more similar than the others, its value is the result, also for scores beyond 1000: those
    of a query count among themselves, even if all are far below 0."""
    query, key = np.array([[0.0, 4000.0], [4000.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
    see.close(attended(query, key, np.array([[2.0], [3.0], [5.0]])), [[3.0], [2.0]])
    query, key = np.array([[1.0], [-1.0]]), np.array([[2000.0], [5000.0]])  # scores 2000 and 5000, -2000 and -5000
    see.close(attended(query, key, np.array([[2.0], [3.0]])), [[3.0], [2.0]])


def test_scores_are_divided_by_the_root_of_d(see, rng):
    """For every size D of queries and keys, the scores are the products divided by sqrt(D)."""
    for d in (1, 2, 9):
        query, key, value = rng.normal(size=(3, d)), rng.normal(size=(4, d)), rng.normal(size=(4, 5))
        see.close(attended(query, key, value), attention_of(query, key, value))


def test_shapes_are_all_different(see, rng):
    """T = 3 queries, S = 5 keys of D = 4 numbers, values of V = 6: each query gets a mixture of values."""
    query, key, value = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 5, 6))
    see.close(attended(query, key, value), attention_of(query, key, value))


def test_leading_axes_broadcast(see, rng):
    """As in matmul, leading axes of size 1 are stretched, and missing ones are added, for each of the three."""
    arrays = [rng.normal(size=shape) for shape in ((2, 1, 3, 4), (5, 2, 4), (2, 6))]
    see.close(attended(*arrays), attention_of(*arrays))
    arrays = [rng.normal(size=shape) for shape in ((3, 4), (2, 1, 2, 4), (2, 2, 1))]
    see.close(attended(*arrays), attention_of(*arrays))


def test_weights_add_up_to_1(see, rng):
    """If all values are equal, every query gets that value."""
    query, key = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4))
    see.close(attended(query, key, np.full((2, 5, 2), 7.0)), np.full((2, 3, 2), 7.0))


def test_the_order_of_keys_does_not_matter(see, rng):
    """Keys and values that change places together give the same; queries that change places, the same rows moved."""
    query, key, value = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 2))
    order, expected = rng.permutation(5), attention_of(query, key, value)
    see.close(attended(query, key[order], value[order]), expected)
    see.close(attended(query[::-1], key, value), expected[::-1])


def test_the_result_is_linear_in_the_values(see, rng):
    """Twice the values plus 3 give twice the result plus 3."""
    query, key, value = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 2))
    see.close(attended(query, key, 2 * value + 3), 2 * attention_of(query, key, value) + 3)


def test_all_three_get_their_gradients(see, rng):
    """The gradients of query, key and value agree with central differences."""
    arrays = [rng.normal(size=shape) for shape in ((2, 3, 4), (2, 5, 4), (2, 5, 2))]
    see.gradients(nf.scaled_dot_product_attention, arrays, like=attention_of)
    arrays = [rng.normal(size=shape) for shape in ((2, 1, 2, 3), (4, 3), (3, 4, 1))]
    see.gradients(nf.scaled_dot_product_attention, arrays, like=attention_of)


def test_self_attention_adds_up_three_gradients(see, rng):
    """The same tensor as query, key and value gets the sum of the three gradients."""
    see.gradients(
        lambda x: nf.scaled_dot_product_attention(x, x, x),
        [rng.normal(size=(2, 3, 4))],
        like=lambda x: attention_of(x, x, x),
    )


def test_sequences_of_0_and_1(see):
    """No queries give nothing, no keys give zeros, one key gives its value; a batch may be empty."""
    see.equal(attended(np.ones((2, 0, 4)), np.ones((2, 5, 4)), np.ones((2, 5, 3))).shape, (2, 0, 3))
    see.close(attended(np.ones((2, 4)), np.ones((0, 4)), np.ones((0, 3))), np.zeros((2, 3)))
    see.equal(attended(np.ones((0, 2, 4)), np.ones((0, 5, 4)), np.ones((0, 5, 3))).shape, (0, 2, 3))
    see.close(attended(np.array([[3.0]]), np.array([[2.0]]), np.array([[5.0]])), [[5.0]])


def test_float32_stays(see):
    """float32 stays float32: sqrt(D) does not make float64 of it."""
    query, key = np.array([[2.0, 0.0]], dtype=np.float32), np.array([[0.0, 1.0], [0.0, 3.0]], dtype=np.float32)
    y = attended(query, key, np.array([[4.0], [8.0]], dtype=np.float32))
    see.equal(y.dtype, "float32")
    see.close(y, np.array([[6.0]], dtype=np.float32))


def test_shapes_that_do_not_fit_are_refused(see):
    """Query and key need the same D, key and value the same S, and leading axes must broadcast: else ShapeError."""
    see.close(attended(np.ones((2, 3, 4)), np.ones((2, 5, 4)), np.ones((2, 5, 1))), np.ones((2, 3, 1)))
    for shapes in [
        ((3, 4), (5, 3), (5, 2)),
        ((3, 4), (5, 4), (4, 2)),
        ((3, 4), (5, 1), (5, 2)),
        ((3, 4), (5, 4), (1, 2)),
        ((2, 3, 4), (3, 5, 4), (2, 5, 2)),
        ((2, 3, 4), (2, 5, 4), (3, 5, 2)),
        ((4,), (5, 4), (5, 2)),
    ]:
        tensors = [nf.ones(shape) for shape in shapes]
        see.raises(lambda t=tensors: nf.scaled_dot_product_attention(*t), "ShapeError", mentions=["attention"])
