"""6.6 Heads: MultiheadAttention."""

import numpy as np

import neural_framework as nf


def arrays_of(rng, e, bias=True):
    """Random parameters of a layer, by PyTorch's names."""
    state = {"in_proj_weight": rng.normal(size=(3 * e, e)), "in_proj_bias": rng.normal(size=3 * e)}
    state |= {"out_proj.weight": rng.normal(size=(e, e)), "out_proj.bias": rng.normal(size=e)}
    return state if bias else {name: array for name, array in state.items() if "weight" in name}


def layer_with(heads, state):
    """A layer in float64 with these parameters."""
    layer = nf.MultiheadAttention(len(state["out_proj.weight"]), heads, bias="in_proj_bias" in state)
    for name, array in state.items():
        owner, _, attribute = name.rpartition(".")
        setattr(layer.out_proj if owner else layer, attribute, nf.Parameter(array))
    return layer


def attention_of(heads, state, query, key, value, mask=True):
    """Each head for itself, in plain NumPy; a query without a key gets zeros from each."""
    e = query.shape[-1]
    bias = state.get("in_proj_bias", np.zeros(3 * e))
    thirds = zip((query, key, value), np.split(state["in_proj_weight"], 3), np.split(bias, 3), strict=True)
    q, k, v = (x @ weight.T + third for x, weight, third in thirds)
    parts, size = [], e // heads
    for h in range(heads):
        columns = slice(h * size, (h + 1) * size)
        scores = q[..., columns] @ np.swapaxes(k[..., columns], -1, -2) / np.sqrt(size)
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
        total = powers.sum(axis=-1, keepdims=True)
        parts.append(powers / np.where(total > 0, total, 1.0) @ v[..., columns])
    return np.concatenate(parts, axis=-1) @ state["out_proj.weight"].T + state.get("out_proj.bias", 0.0)


def test_a_new_layer_has_pytorchs_names_and_shapes(see):
    """in_proj_weight (3E, E), in_proj_bias (3E,), then those of out_proj, a Linear; all float32."""
    state = nf.MultiheadAttention(6, 3).state_dict()
    see.equal(list(state), ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"])
    see.equal([array.shape for array in state.values()], [(18, 6), (18,), (6, 6), (6,)])
    see.equal([array.dtype for array in state.values()], ["float32"] * 4)


def test_without_bias_both_are_left_out(see):
    """bias=False drops in_proj_bias and that of out_proj."""
    layer = nf.MultiheadAttention(6, 3, bias=False)
    see.equal(list(layer.state_dict()), ["in_proj_weight", "out_proj.weight"])
    see.equal(layer.in_proj_bias, None)
    see.equal(layer(nf.zeros((2, 4, 6))).data, np.zeros((2, 4, 6), dtype=np.float32))


def test_a_new_layer_is_xavier_uniform_as_a_whole(see, seed):
    """in_proj_weight lies within sqrt(6 / 4E), and comes near it: its fans are E and 3E. The same seed draws the same
    again. Biases are zeros."""
    nf.manual_seed(seed)
    layer = nf.MultiheadAttention(50, 5)
    bound, weight = float(np.sqrt(6 / 200)), np.array(layer.in_proj_weight.data, dtype=np.float64)
    see.at_most(np.abs(weight).max(), bound)
    see.at_least(np.abs(weight).max(), 0.99 * bound)
    see.close(weight.var() / bound**2, 1 / 3, tolerance=0.05)
    nf.manual_seed(seed)
    see.close(nf.MultiheadAttention(50, 5).in_proj_weight.data - layer.in_proj_weight.data, np.zeros((150, 50)))
    see.close(layer.in_proj_bias, np.zeros(150))
    see.close(layer.out_proj.bias, np.zeros(50))


def test_one_number_by_hand(see):
    """A number that looks at itself alone, with one head: its value, 5 times 1, goes through out_proj: 7 times 5."""
    state = {"in_proj_weight": np.array([[2.0], [3.0], [5.0]]), "out_proj.weight": np.array([[7.0]])}
    see.close(layer_with(1, state)(nf.Tensor([[[1.0]]])), [[[35.0]]])


def test_two_heads_by_hand(see):
    """Queries are 0, so each position gets the mean of both values, head by head: of 1 and 3, and of 10 and 20."""
    state = {"in_proj_weight": np.concatenate([np.zeros((4, 2)), np.eye(2)]), "out_proj.weight": np.eye(2)}
    see.close(layer_with(2, state)(nf.Tensor([[[1.0, 10.0], [3.0, 20.0]]])), [[[2.0, 15.0], [2.0, 15.0]]])


def test_one_head(see, rng):
    """With one head, it is attention of the three projections, projected once more."""
    state, x = arrays_of(rng, 4), rng.normal(size=(2, 3, 4))
    see.close(layer_with(1, state)(nf.Tensor(x)), attention_of(1, state, x, x, x))


def test_each_head_has_its_own_numbers(see, rng):
    """With H heads, the first E / H numbers of each projection belong to the first head, and so on."""
    state, x = arrays_of(rng, 12), rng.normal(size=(2, 5, 12))
    for heads in (2, 3, 4, 12):
        see.close(layer_with(heads, state)(nf.Tensor(x)), attention_of(heads, state, x, x, x))


def test_query_key_and_value_may_differ(see, rng):
    """T = 3 queries look at S = 5 keys; the values are of the third tensor, also where two of the three are one."""
    state = arrays_of(rng, 6)
    query, key, value = rng.normal(size=(2, 3, 6)), rng.normal(size=(2, 5, 6)), rng.normal(size=(2, 5, 6))
    y = layer_with(3, state)(nf.Tensor(query), nf.Tensor(key), nf.Tensor(value))
    see.close(y, attention_of(3, state, query, key, value))
    for arrays in [(key, key, value), (key, value, key), (value, key, key)]:
        tensors = {id(array): nf.Tensor(array) for array in arrays}
        y = layer_with(3, state)(*[tensors[id(array)] for array in arrays])
        see.close(y, attention_of(3, state, *arrays))


def test_what_is_left_out_is_the_one_before(see, rng):
    """Without a key, the query is looked at; without a value, the keys are the values."""
    state, query, key = arrays_of(rng, 6), rng.normal(size=(2, 3, 6)), rng.normal(size=(2, 5, 6))
    layer = layer_with(2, state)
    see.close(layer(nf.Tensor(query)), attention_of(2, state, query, query, query))
    see.close(layer(nf.Tensor(query), nf.Tensor(key)), attention_of(2, state, query, key, key))


def test_without_bias_the_projections_are_products(see, rng):
    """A layer without bias adds nothing."""
    state, x = arrays_of(rng, 6, bias=False), rng.normal(size=(2, 3, 6))
    see.close(layer_with(3, state)(nf.Tensor(x)), attention_of(3, state, x, x, x))


def test_positions_do_not_matter(see, rng):
    """Positions that change places give the same rows in other places: attention itself knows no order."""
    state, x, order = arrays_of(rng, 6), rng.normal(size=(2, 5, 6)), rng.permutation(5)
    see.close(layer_with(3, state)(nf.Tensor(x[:, order])), attention_of(3, state, x, x, x)[:, order])


def test_masks_are_for_all_heads(see, rng):
    """A mask (T, S), (N, T, S) or (N, 1, S) says which keys are seen, by all heads; True means may look."""
    state = arrays_of(rng, 6)
    query, key = rng.normal(size=(3, 4, 6)), rng.normal(size=(3, 5, 6))
    for shape in [(4, 5), (1, 5), (3, 4, 5), (3, 1, 5), (3, 4, 1)]:
        mask = rng.random(shape) < 0.6
        y = layer_with(2, state)(nf.Tensor(query), nf.Tensor(key), mask=mask)
        see.close(y, attention_of(2, state, query, key, key, mask))


def test_causal_attention(see, rng):
    """causal=True hides later positions; with a mask, both must allow it."""
    state, x = arrays_of(rng, 6), rng.normal(size=(2, 4, 6))
    causal, mask = np.tri(4, dtype=bool), rng.random((2, 1, 4)) < 0.7
    see.close(layer_with(3, state)(nf.Tensor(x), causal=True), attention_of(3, state, x, x, x, causal))
    y = layer_with(3, state)(nf.Tensor(x), mask=nf.Tensor(mask), causal=True)
    see.close(y, attention_of(3, state, x, x, x, causal & mask))


def test_a_query_without_a_key_gets_the_bias_of_out_proj(see, rng):
    """All heads give it zeros, so only the last bias is left."""
    state, x = arrays_of(rng, 6), rng.normal(size=(2, 3, 6))
    mask = np.array([[True, False, True], [False, False, False], [True, True, True]])
    y = layer_with(3, state)(nf.Tensor(x), mask=mask)
    see.close(y, attention_of(3, state, x, x, x, mask))
    see.close(y.data[:, 1], np.stack([state["out_proj.bias"]] * 2))


def test_padding_that_holds_nan_changes_nothing(see, rng):
    """nan in a key that is hidden from all queries does not reach the result."""
    state, query, key = arrays_of(rng, 6), rng.normal(size=(2, 3, 6)), rng.normal(size=(2, 5, 6))
    mask = np.arange(5) < np.array([[[3]], [[5]]])
    expected = attention_of(3, state, query, key, key, mask)
    key[0, 3:] = np.nan
    see.close(layer_with(3, state)(nf.Tensor(query), nf.Tensor(key), mask=mask), expected)


def test_gradients_of_inputs_and_parameters(see, rng):
    """The gradients of the three inputs agree with central differences; so does that of in_proj_weight."""
    state = arrays_of(rng, 4)
    arrays = [rng.normal(size=(2, 2, 4)), rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4))]
    see.gradients(layer_with(2, state), arrays, like=lambda q, k, v: attention_of(2, state, q, k, v))
    x = arrays[0]

    def of_the_weight(weight):
        layer = layer_with(2, state)
        layer.in_proj_weight = None
        object.__setattr__(layer, "in_proj_weight", weight)
        return layer(nf.Tensor(x))

    see.gradients(
        of_the_weight,
        [state["in_proj_weight"]],
        like=lambda weight: attention_of(2, state | {"in_proj_weight": weight}, x, x, x),
    )


def test_a_sequence_in_pieces(see, rng):
    """With a cache, a causal sequence in pieces gives what it gives as a whole; len(cache) counts the keys."""
    state, x, cache, parts = arrays_of(rng, 6), rng.normal(size=(2, 5, 6)), nf.KeyValueCache(), []
    layer = layer_with(3, state)
    with nf.no_grad():
        for start, end in [(0, 2), (2, 3), (3, 5)]:
            parts.append(layer(nf.Tensor(x[:, start:end]), causal=True, cache=cache).data)
            see.equal(len(cache), end)
    see.close(np.concatenate(parts, axis=1), attention_of(3, state, x, x, x, np.tri(5, dtype=bool)))


def test_a_cache_while_recording_is_refused(see):
    """What a cache keeps has no graph: a GradientError, even where nothing requires grad."""
    layer, x = nf.MultiheadAttention(2, 1), nf.Tensor([[[0.0, 0.0]]])
    with nf.no_grad():
        see.close(layer(x, cache=nf.KeyValueCache()), [[[0.0, 0.0]]])
    for parameter in layer.parameters():
        parameter.requires_grad_(False)
    see.raises(lambda: layer(x, cache=nf.KeyValueCache()), "GradientError", mentions=["MultiheadAttention"])


def test_sequences_of_0_and_float32(see, rng):
    """A batch of 0, no queries and no keys work; float32 stays."""
    layer = layer_with(2, {name: array.astype(np.float32) for name, array in arrays_of(rng, 4).items()})
    for n, t, s in [(0, 2, 3), (2, 0, 3), (2, 3, 0), (0, 0, 0)]:
        y = layer(nf.zeros((n, t, 4)), nf.zeros((n, s, 4)))
        see.equal(y.shape, (n, t, 4))
        see.equal(y.dtype, "float32")


def test_shapes_that_do_not_fit_are_refused(see):
    """ShapeError: other axes than (N, T, E), keys of another batch, and masks of other than 2 or 3 axes."""
    layer, x = nf.MultiheadAttention(4, 2), nf.zeros((2, 3, 4))
    see.close(layer(x, mask=np.zeros((2, 3, 3), dtype=bool)), np.zeros((2, 3, 4)))
    see.raises(lambda: layer(nf.zeros((2, 3, 6))), "ShapeError", mentions=["(2, 3, 6)"])
    see.raises(lambda: layer(nf.zeros((3, 4))), "ShapeError", mentions=["(3, 4)"])
    see.raises(lambda: layer(x, nf.zeros((3, 5, 4))), "ShapeError", mentions=["(3, 5, 4)"])
    see.raises(lambda: layer(x, nf.zeros((2, 5, 4)), nf.zeros((2, 3, 4))), "ShapeError", mentions=["(2, 3, 4)"])
    for shape in [(3,), (2, 1, 3, 3), (3, 2), (1, 3, 3, 3), (2, 2, 3)]:
        mask = np.ones(shape, dtype=bool)
        see.raises(lambda m=mask: layer(x, mask=m), "ShapeError", mentions=[shape])


def test_heads_that_do_not_divide_are_refused(see):
    """embed_dim must be divisible by num_heads: a ValueError with both."""
    see.equal(nf.MultiheadAttention(6, 3).in_proj_weight.shape, (18, 6))
    see.raises(lambda: nf.MultiheadAttention(6, 4), "ValueError", mentions=["MultiheadAttention", 6, 4])
    see.raises(lambda: nf.MultiheadAttention(4, 8), "ValueError", mentions=["MultiheadAttention", 4, 8])
