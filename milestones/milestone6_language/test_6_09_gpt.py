"""6.9 The GPT: from tokens to logits."""

import numpy as np

import neural_framework as nf


def arrays_of(rng, v, c, e, layers):
    """Random parameters of a GPT in float64, by name."""
    state = {"token_embedding.weight": rng.normal(size=(v, e)), "position_embedding.weight": rng.normal(size=(c, e))}
    for i in range(layers):
        shapes = {"self_attn.in_proj_weight": (3 * e, e), "self_attn.in_proj_bias": (3 * e,)}
        shapes |= {"self_attn.out_proj.weight": (e, e), "self_attn.out_proj.bias": (e,)}
        shapes |= {"linear1.weight": (4 * e, e), "linear1.bias": (4 * e,)}
        shapes |= {"linear2.weight": (e, 4 * e), "linear2.bias": (e,)}
        shapes |= {f"{norm}.{kind}": (e,) for norm in ("norm1", "norm2") for kind in ("weight", "bias")}
        state |= {f"blocks.{i}.{name}": rng.normal(size=shape) / np.sqrt(e) for name, shape in shapes.items()}
    state |= {"norm.weight": rng.normal(size=e), "norm.bias": rng.normal(size=e)}
    return state | {"head.weight": rng.normal(size=(v, e))}


def model_with(heads, state, **settings):
    """A GPT in float64 with these parameters."""
    (v, e), c = state["token_embedding.weight"].shape, len(state["position_embedding.weight"])
    layers = sum(name.endswith("linear1.bias") for name in state)
    model = nf.GPT(v, c, e, heads, layers, **settings)
    for name, parameter in model.named_parameters():
        parameter.data = state[name]
    return model


def norm_of(x, weight, bias):
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5) * weight + bias


def block_of(heads, s, x):
    """One causal block, in plain NumPy; s: its parameters."""
    parts, size = [], x.shape[-1] // heads
    projected = norm_of(x, s["norm1.weight"], s["norm1.bias"]) @ s["self_attn.in_proj_weight"].T
    projected = projected + s["self_attn.in_proj_bias"]
    for h in range(heads):
        q, k, v = (third[..., h * size : (h + 1) * size] for third in np.split(projected, 3, axis=-1))
        scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(size)
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True)) * np.tri(x.shape[-2])
        parts.append(powers / powers.sum(axis=-1, keepdims=True) @ v)
    x = x + np.concatenate(parts, axis=-1) @ s["self_attn.out_proj.weight"].T + s["self_attn.out_proj.bias"]
    hidden = norm_of(x, s["norm2.weight"], s["norm2.bias"]) @ s["linear1.weight"].T + s["linear1.bias"]
    hidden = 0.5 * hidden * (1 + np.tanh(np.sqrt(2 / np.pi) * (hidden + 0.044715 * hidden**3)))
    return x + hidden @ s["linear2.weight"].T + s["linear2.bias"]


def logits_of(heads, state, tokens):
    """Embeddings, blocks, norm, head."""
    x = state["token_embedding.weight"][tokens] + state["position_embedding.weight"][: tokens.shape[1]]
    for i in range(sum(name.endswith("linear1.bias") for name in state)):
        own = f"blocks.{i}."
        x = block_of(heads, {name.removeprefix(own): array for name, array in state.items() if own in name}, x)
    return norm_of(x, state["norm.weight"], state["norm.bias"]) @ state["head.weight"].T


def test_tokens_become_logits(see, rng):
    """The sum of both embeddings goes through all blocks, causal, then through norm and head."""
    tokens = rng.integers(0, 7, (2, 4))
    for layers in (1, 2, 3):
        state = arrays_of(rng, 7, 5, 6, layers)
        see.close(model_with(2, state)(nf.Tensor(tokens)), logits_of(2, state, tokens))


def test_the_embeddings_are_added(see):
    """With blocks and norm out of the way, the logits of equal tokens differ by their positions alone."""
    state = {name: 0 * array for name, array in arrays_of(np.random.default_rng(0), 3, 4, 2, 1).items()}
    state |= {"token_embedding.weight": np.array([[4.0, 0.0], [0.0, 4.0], [2.0, 2.0]])}
    state |= {"position_embedding.weight": np.array([[0.0, 1.0], [0.0, 9.0], [9.0, 0.0], [0.0, 0.0]])}
    state |= {"norm.weight": np.ones(2), "head.weight": np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]])}
    logits = model_with(1, state)(nf.Tensor([[0, 0, 1]]))
    see.close(logits, [[[1.0, -2.0, 0.0], [-1.0, 2.0, 0.0], [1.0, -2.0, 0.0]]], tolerance=1e-5)


def test_later_tokens_change_nothing(see, rng):
    """The logits at t depend on the tokens up to t alone."""
    state, tokens = arrays_of(rng, 7, 6, 4, 2), rng.integers(0, 7, (2, 6))
    expected = logits_of(2, state, tokens)
    tokens[:, 3:] = (tokens[:, 3:] + 1) % 7
    see.close(model_with(2, state)(nf.Tensor(tokens)).data[:, :3], expected[:, :3])


def test_order_matters(see, rng):
    """Two tokens that change places change the last logits: positions are part of the input."""
    state = arrays_of(rng, 7, 6, 4, 1)
    for tokens in ([[1, 2, 3]], [[2, 1, 3]]):
        see.close(model_with(2, state)(nf.Tensor(tokens)), logits_of(2, state, np.array(tokens)))


def test_names_and_shapes(see):
    """token_embedding, position_embedding, blocks, norm, head: a Linear without bias, not tied to the embedding."""
    state = nf.GPT(11, 5, 6, 3, 2).state_dict()
    see.equal(list(state)[:2], ["token_embedding.weight", "position_embedding.weight"])
    see.equal(list(state)[2], "blocks.0.self_attn.in_proj_weight")
    see.equal(list(state)[-4:], ["blocks.1.norm2.bias", "norm.weight", "norm.bias", "head.weight"])
    see.equal(len(state), 2 + 2 * 12 + 3)
    see.equal([state[name].shape for name in list(state)[:2]], [(11, 6), (5, 6)])
    see.equal(state["head.weight"].shape, (11, 6))
    see.equal(state["blocks.1.linear1.weight"].shape, (24, 6))


def test_embeddings_begin_small(see, seed):
    """Both embeddings are drawn with the standard deviation 0.02, the same by the same seed; head and embedding are two
    parameters."""
    nf.manual_seed(seed)
    model = nf.GPT(100, 80, 32, 2, 1)
    see.close(np.array(model.token_embedding.weight.data).std(), 0.02, tolerance=0.002)
    see.close(np.array(model.position_embedding.weight.data).std(), 0.02, tolerance=0.002)
    see.at_least(np.abs(np.array(model.head.weight.data)).max(), 0.15)  # Xavier: sqrt(6 / 132) = 0.21
    see.equal(model.context_length, 80)
    nf.manual_seed(seed)
    again = nf.GPT(100, 80, 32, 2, 1).state_dict()
    see.equal([name for name, array in model.state_dict().items() if not np.array_equal(array, again[name])], [])


def test_dropout_is_in_the_blocks_only(see, rng):
    """In training it changes what the blocks add, and nothing where they add nothing; in eval mode it does nothing."""
    state, tokens = arrays_of(rng, 7, 5, 6, 2), rng.integers(0, 7, (2, 4))
    model = model_with(2, state, dropout=0.5)
    see.at_least(np.abs(model(nf.Tensor(tokens)).data - logits_of(2, state, tokens)).max(), 0.05)
    see.close(model.eval()(nf.Tensor(tokens)), logits_of(2, state, tokens))
    state |= {name: 0 * state[name] for name in state if "out_proj" in name or "linear2" in name}
    see.close(model_with(2, state, dropout=0.5)(nf.Tensor(tokens)), logits_of(2, state, tokens))


def test_every_parameter_gets_a_gradient(see, rng):
    """Tokens and positions that occur get one in the embeddings; the head's is by hand."""
    state, tokens = arrays_of(rng, 7, 5, 4, 1), np.array([[1, 2, 2], [3, 1, 6]])
    model, grad = model_with(2, state), rng.normal(size=(2, 3, 7))
    model(nf.Tensor(tokens)).backward(grad)
    see.equal([name for name, parameter in model.named_parameters() if parameter.grad is None], [])
    before = logits_of(2, state | {"head.weight": np.eye(4)}, tokens)
    see.close(model.head.weight.grad, np.einsum("ntv,nte->ve", grad, before))
    used = np.abs(model.position_embedding.weight.grad.data).max(axis=1) > 0
    see.equal(used.tolist(), [True, True, True, False, False])


def test_a_sequence_in_pieces(see, rng):
    """With the caches of new_cache(), pieces give what the whole gives: positions go on where the cache ends."""
    state, tokens, parts = arrays_of(rng, 7, 6, 4, 2), rng.integers(0, 7, (2, 6)), []
    model = model_with(2, state)
    cache = model.new_cache()
    with nf.no_grad():
        for start, end in [(0, 2), (2, 3), (3, 6)]:
            parts.append(model(nf.Tensor(tokens[:, start:end]), cache=cache).data)
            see.equal([len(one) for one in cache], [end, end])
    see.close(np.concatenate(parts, axis=1), logits_of(2, state, tokens))


def test_sizes_of_0_and_1_and_float32(see):
    """A batch of 0, a sequence of 0, and a single token work; logits are float32."""
    model = nf.GPT(7, 5, 4, 2, 1)
    for shape in [(0, 3), (2, 0), (1, 1)]:
        logits = model(nf.Tensor(np.zeros(shape, dtype=np.int64)))
        see.equal(logits.shape, (*shape, 7))
        see.equal(logits.dtype, "float32")
    see.equal(nf.GPT(1, 1, 1, 1, 1)(nf.Tensor([[0]])).data, np.zeros((1, 1, 1), dtype=np.float32))


def test_too_many_tokens_are_refused(see, rng):
    """At most context_length tokens, cached and new together: a ValueError with both numbers."""
    state = arrays_of(rng, 7, 5, 4, 1)
    model, tokens = model_with(2, state), rng.integers(0, 7, (1, 6))
    see.close(model(nf.Tensor(tokens[:, :5])), logits_of(2, state, tokens[:, :5]))
    see.raises(lambda: model(nf.Tensor(tokens)), "ValueError", mentions=["GPT", 6, 5])
    cache = model.new_cache()
    with nf.no_grad():
        model(nf.Tensor(tokens[:, :4]), cache=cache)
        see.raises(lambda: model(nf.Tensor(tokens[:, :2]), cache=cache), "ValueError", mentions=["GPT", 4, 2, 5])


def test_what_does_not_fit_is_refused(see, rng):
    """ShapeError: tokens that are not (N, T). IndexError: a token out of range, also a negative one. GradientError: a
    cache while recording. ValueError: heads that do not divide the width."""
    state = arrays_of(rng, 7, 5, 4, 1)
    model = model_with(2, state)
    see.close(model(nf.Tensor([[6, 0]])), logits_of(2, state, np.array([[6, 0]])))
    see.raises(lambda: model(nf.Tensor([1, 2])), "ShapeError", mentions=["GPT", "(2,)"])
    see.raises(lambda: model(nf.Tensor([[[1, 2]]])), "ShapeError", mentions=["GPT", "(1, 1, 2)"])
    see.raises(lambda: model(nf.Tensor([[1, 7]])), "IndexError", mentions=[7])
    see.raises(lambda: model(nf.Tensor([[1, -1]])), "IndexError", mentions=[-1])
    see.raises(lambda: model(nf.Tensor([[1]]), cache=model.new_cache()), "GradientError")
    see.raises(lambda: nf.GPT(7, 5, 6, 4, 1), "ValueError", mentions=[6, 4])
