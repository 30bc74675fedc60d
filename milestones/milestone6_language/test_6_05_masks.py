"""6.5 Masks: causal_mask, and scaled_dot_product_attention with a mask."""

import numpy as np

import neural_framework as nf


def attention_of(query, key, value, mask):
    """Each query for itself: softmax(q kᵀ / sqrt(D)) v over the keys that it may look at; zeros if there is none."""
    leading = np.broadcast_shapes(query.shape[:-2], key.shape[:-2], value.shape[:-2])
    query, key, value = (np.broadcast_to(each, leading + each.shape[-2:]) for each in (query, key, value))
    mask = np.broadcast_to(mask, (*leading, query.shape[-2], key.shape[-2]))
    result = np.zeros((*leading, query.shape[-2], value.shape[-1]))
    for place in np.ndindex(*mask.shape[:-1]):
        seen, before = mask[place], place[:-1]
        if seen.any():
            scores = key[before][seen] @ query[place] / np.sqrt(query.shape[-1])
            powers = np.exp(scores - scores.max())
            result[place] = powers / powers.sum() @ value[before][seen]
    return result


def attended(query, key, value, mask=None, **settings):
    """What the function gives for arrays."""
    return nf.scaled_dot_product_attention(nf.Tensor(query), nf.Tensor(key), nf.Tensor(value), mask, **settings)


def some(rng, *shape):
    """A mask of this shape in which every query may look at a key, and at least one may not look at all."""
    mask = rng.random(shape) < 0.5
    mask[..., 0] |= ~mask.any(axis=-1)
    mask[..., 0, 1:] = False
    mask[..., 0, 0] = True
    return mask


def test_the_causal_mask_of_a_square(see):
    """A query may look at its own position and at those before it: the first at one key, the last at all. Each call
    gives a new array: a mask that is changed changes no later one."""
    nf.causal_mask(3)[...] = False
    see.equal(nf.causal_mask(3), np.array([[True, False, False], [True, True, False], [True, True, True]]))
    see.equal(nf.causal_mask(1), np.array([[True]]))


def test_the_last_query_is_aligned_with_the_last_key(see):
    """With 2 queries and 4 keys, the queries are the positions 2 and 3: they see 3 keys and 4 keys."""
    see.equal(nf.causal_mask(2, 4), np.array([[True, True, True, False], [True, True, True, True]]))
    see.equal(nf.causal_mask(1, 3), np.array([[True, True, True]]))


def test_causal_masks_of_no_queries(see):
    """No queries have a mask of no rows."""
    see.equal(nf.causal_mask(0).shape, (0, 0))
    see.equal(nf.causal_mask(0, 3).shape, (0, 3))
    see.equal(nf.causal_mask(2).dtype, "bool")
    see.equal(nf.causal_mask(2).tolist(), [[True, False], [True, True]])


def test_true_means_may_look(see):
    """A query that may look at one key alone gets that key's value."""
    query, key, value = np.zeros((2, 4)), np.ones((3, 4)), np.array([[2.0], [3.0], [5.0]])
    mask = np.array([[False, True, False], [True, False, True]])
    see.close(attended(query, key, value, mask), [[3.0], [3.5]])


def test_a_mask_of_trues_hides_nothing(see, rng):
    """With True everywhere, the result is that without a mask."""
    query, key, value = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 2))
    expected = attention_of(query, key, value, np.array(True))
    see.close(attended(query, key, value, np.ones((3, 5), dtype=bool)), expected)
    see.close(attended(query, key, value), expected)


def test_masks_broadcast(see, rng):
    """A mask (S,), (T, S), (N, 1, S) or (N, T, 1) is stretched to all queries, keys and sequences."""
    query, key, value = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 5, 6))
    for shape in [(5,), (3, 5), (1, 5), (2, 1, 5), (2, 3, 5), (3, 1), (2, 3, 1)]:
        mask = rng.random(shape) < 0.6
        see.close(attended(query, key, value, mask), attention_of(query, key, value, mask))


def test_a_mask_may_be_a_tensor(see, rng):
    """A Tensor of bools counts as the array does."""
    query, key, value = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 2))
    mask = some(rng, 3, 5)
    see.close(attended(query, key, value, nf.Tensor(mask)), attention_of(query, key, value, mask))


def test_causal_attention(see, rng):
    """causal=True hides what causal_mask(T, S) hides."""
    for t, s in [(4, 4), (2, 5), (1, 3)]:
        query, key, value = rng.normal(size=(2, t, 3)), rng.normal(size=(2, s, 3)), rng.normal(size=(2, s, 2))
        mask = np.arange(s) <= s - t + np.arange(t)[:, np.newaxis]
        see.close(attended(query, key, value, causal=True), attention_of(query, key, value, mask))


def test_with_both_both_must_allow_it(see, rng):
    """A mask and causal together: a query sees a key only where both are True."""
    query, key, value = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 2))
    mask = rng.random((2, 4, 4)) < 0.6
    joint = mask & np.tri(4, dtype=bool)
    see.close(attended(query, key, value, mask, causal=True), attention_of(query, key, value, joint))


def test_later_keys_change_nothing(see, rng):
    """With causal=True, what a query gets does not depend on keys and values after it."""
    query, key, value = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    expected = attention_of(query, key, value, np.tri(4, dtype=bool))
    key[2:], value[2:] = 100.0, -100.0
    see.close(attended(query, key, value, causal=True).data[:2], expected[:2])


def test_large_scores_do_not_look_through_a_mask(see):
    """A hidden key stays hidden, however far below it the visible ones are."""
    query, key = np.array([[1.0]]), np.array([[-2e9], [2e9], [-2e9]])
    mask = np.array([[True, False, True]])
    see.close(attended(query, key, np.array([[2.0], [100.0], [4.0]]), mask), [[3.0]])
    query = np.array([[1.0], [-1.0]])  # what they see has scores of -2e9, and of 2e9
    see.close(attended(query, key, np.array([[2.0], [100.0], [4.0]]), mask), [[3.0], [3.0]])


def test_a_query_without_a_key_gets_zeros(see, rng):
    """Where a query may look at no key, its result is 0, not nan and not the mean; others are as usual."""
    query, key, value = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 5, 2))
    mask = rng.random((2, 3, 5)) < 0.7
    mask[0, 1] = False
    see.close(see.without_warnings(lambda: attended(query, key, value, mask)), attention_of(query, key, value, mask))
    see.close(attended(query, key, value, np.array(False)), np.zeros((2, 3, 2)))


def test_a_query_without_a_key_may_hold_anything(see, rng):
    """Even nan in such a query reaches neither the result nor a gradient."""
    arrays = [rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 2))]
    mask = some(rng, 3, 5)
    mask[1] = False
    expected = attention_of(*arrays, mask)
    arrays[0][1] = [np.nan, np.inf, 0.0, 1.0]
    query, key, value = (nf.Tensor(array, requires_grad=True) for array in arrays)
    y = see.without_warnings(lambda: nf.scaled_dot_product_attention(query, key, value, mask))
    see.close(y, expected)
    y.backward(np.ones((3, 2)))
    see.close(query.grad.data[1], np.zeros(4))
    see.equal([bool(np.isfinite(each.grad.data).all()) for each in (query, key, value)], [True, True, True])


def test_a_key_hidden_from_all_may_hold_anything(see, rng):
    """nan and inf in a key that no query may look at, and in its value, influence nothing; its gradient is 0."""
    arrays = [rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 5, 2))]
    mask = some(rng, 2, 3, 5)
    mask[1, :, 2] = False
    expected = attention_of(*arrays, mask)
    arrays[1][1, 2], arrays[2][1, 2] = [np.nan, np.inf, 0.0, 1.0], [np.inf, np.nan]
    query, key, value = (nf.Tensor(array, requires_grad=True) for array in arrays)
    y = see.without_warnings(lambda: nf.scaled_dot_product_attention(query, key, value, mask))
    see.close(y, expected)
    y.backward(np.ones((2, 3, 2)))
    see.close(key.grad.data[1, 2], np.zeros(4))
    see.close(value.grad.data[1, 2], np.zeros(2))
    see.equal([bool(np.isfinite(each.grad.data).all()) for each in (query, key, value)], [True, True, True])


def test_gradients_under_a_mask(see, rng):
    """The gradients of query, key and value agree with central differences, with queries and keys that see none."""
    arrays = [rng.normal(size=shape) for shape in ((2, 3, 4), (2, 5, 4), (2, 5, 2))]
    mask = rng.random((2, 3, 5)) < 0.6
    mask[0, 1], mask[1, :, 2] = False, False
    see.gradients(
        lambda q, k, v: nf.scaled_dot_product_attention(q, k, v, mask),
        arrays,
        like=lambda q, k, v: attention_of(q, k, v, mask),
    )
    arrays = [rng.normal(size=shape) for shape in ((2, 3, 2), (5, 2), (2, 5, 1))]
    see.gradients(
        lambda q, k, v: nf.scaled_dot_product_attention(q, k, v, causal=True),
        arrays,
        like=lambda q, k, v: attention_of(q, k, v, np.tri(3, 5, 2, dtype=bool)),
    )


def test_sequences_of_0_and_float32(see):
    """No queries, no keys and no sequences work with a mask as well, and float32 stays."""
    mask = np.ones((2, 0), dtype=bool)
    see.close(attended(np.ones((2, 4)), np.ones((0, 4)), np.ones((0, 3)), mask), np.zeros((2, 3)))
    see.equal(attended(np.ones((0, 4)), np.ones((3, 4)), np.ones((3, 2)), causal=True).shape, (0, 2))
    see.equal(attended(np.ones((0, 2, 4)), np.ones((0, 2, 4)), np.ones((0, 2, 1)), causal=True).shape, (0, 2, 1))
    x = np.array([[2.0], [6.0]], dtype=np.float32)
    y = attended(np.zeros((2, 1), dtype=np.float32), x, x, causal=True)
    see.equal(y.dtype, "float32")
    see.close(y, np.array([[2.0], [4.0]], dtype=np.float32))


def test_masks_that_do_not_fit_are_refused(see):
    """ShapeError: a mask that does not broadcast into (..., T, S), not even by making it larger."""
    query, key, value = np.ones((3, 4)), np.ones((5, 4)), np.array([[1.0], [2.0], [3.0], [4.0], [5.0]])
    see.close(attended(query, key, value, np.arange(5) < 3), [[2.0], [2.0], [2.0]])
    for shape in [(3, 4), (5, 3), (3,), (2, 3, 5)]:
        mask = np.ones(shape, dtype=bool)
        see.raises(lambda m=mask: attended(query, key, value, m), "ShapeError", mentions=["attention", shape])


def test_a_mask_of_numbers_is_refused(see):
    """0 and 1, or 0 and -inf, could mean anything: a mask that does not hold bools is a TypeError."""
    query, key, value = np.ones((1, 4)), np.ones((2, 4)), np.array([[1.0], [2.0]])
    see.close(attended(query, key, value, np.array([[False, True]])), [[2.0]])
    see.raises(lambda: attended(query, key, value, np.array([[0, 1]])), "TypeError", mentions=["bool", "int64"])
    see.raises(lambda: attended(query, key, value, nf.Tensor([[0.0, 1.0]])), "TypeError", mentions=["bool", "float32"])


def test_more_queries_than_keys_are_refused(see):
    """The first queries would be before the first key: a ShapeError with both numbers."""
    see.equal(nf.causal_mask(2, 3), np.array([[True, True, False], [True, True, True]]))
    see.raises(lambda: nf.causal_mask(4, 3), "ShapeError", mentions=["causal_mask", 4, 3])
    see.raises(lambda: nf.causal_mask(1, 0), "ShapeError", mentions=["causal_mask", 1, 0])
    x, y = np.ones((5, 2)), np.ones((3, 2))
    see.raises(lambda: attended(x, y, y, causal=True), "ShapeError", mentions=["attention", 5, 3])
