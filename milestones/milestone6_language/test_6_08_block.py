"""6.8 The transformer block: TransformerBlock."""

import numpy as np

import neural_framework as nf

NAMES = ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"]
NAMES = [f"self_attn.{name}" for name in NAMES]
NAMES += [f"{layer}.{kind}" for layer in ("linear1", "linear2", "norm1", "norm2") for kind in ("weight", "bias")]


def arrays_of(rng, e, f):
    """Random parameters of a block, by PyTorch's names."""
    shapes = [(3 * e, e), (3 * e,), (e, e), (e,), (f, e), (f,), (e, f), (e,), (e,), (e,), (e,), (e,)]
    return {name: rng.normal(size=shape) for name, shape in zip(NAMES, shapes, strict=True)}


def block_with(heads, state, **settings):
    """A block in float64 with these parameters."""
    f, e = state["linear1.weight"].shape
    block = nf.TransformerBlock(e, heads, f, **settings)
    for name, array in state.items():
        owner = block
        *path, attribute = name.split(".")
        for part in path:
            owner = getattr(owner, part)
        setattr(owner, attribute, nf.Parameter(array))
    return block


def norm_of(x, weight, bias):
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5) * weight + bias


def attention_of(heads, s, x, mask):
    """Self-attention, head by head."""
    parts, size = [], x.shape[-1] // heads
    projected = x @ s["self_attn.in_proj_weight"].T + s["self_attn.in_proj_bias"]
    for h in range(heads):
        q, k, v = (third[..., h * size : (h + 1) * size] for third in np.split(projected, 3, axis=-1))
        scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(size)
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask
        parts.append(powers / powers.sum(axis=-1, keepdims=True) @ v)
    return np.concatenate(parts, axis=-1) @ s["self_attn.out_proj.weight"].T + s["self_attn.out_proj.bias"]


def block_of(heads, s, x, mask=True):
    """x + attention(norm1(x)), then x + linear2(gelu(linear1(norm2(x)))), in plain NumPy."""
    x = x + attention_of(heads, s, norm_of(x, s["norm1.weight"], s["norm1.bias"]), mask)
    hidden = norm_of(x, s["norm2.weight"], s["norm2.bias"]) @ s["linear1.weight"].T + s["linear1.bias"]
    hidden = 0.5 * hidden * (1 + np.tanh(np.sqrt(2 / np.pi) * (hidden + 0.044715 * hidden**3)))
    return x + hidden @ s["linear2.weight"].T + s["linear2.bias"]


def test_one_number_by_hand(see):
    """The norms give their biases, 2 and 5. 1 + 3 * 2 is 7; gelu(20 * 5) is 100, and 7 + 0.1 * 100 is 17."""
    shapes = [(3, 1), 3, (1, 1), 1, (1, 1), 1, (1, 1), 1, 1, 1, 1, 1]
    state = {name: np.zeros(shape) for name, shape in zip(NAMES, shapes, strict=True)}
    state |= {"norm1.bias": np.array([2.0]), "self_attn.in_proj_weight": np.array([[0.0], [0.0], [3.0]])}
    state |= {"self_attn.out_proj.weight": np.array([[1.0]]), "norm2.bias": np.array([5.0])}
    state |= {"linear1.weight": np.array([[20.0]]), "linear2.weight": np.array([[0.1]])}
    see.close(block_with(1, state)(nf.Tensor([[[1.0]]])), [[[17.0]]])


def test_the_block(see, rng):
    """x + attention(norm1(x)), then x + linear2(gelu(linear1(norm2(x)))): norms first, and both sums with x."""
    state, x = arrays_of(rng, 6, 5), rng.normal(size=(2, 4, 6))
    see.close(block_with(3, state)(nf.Tensor(x)), block_of(3, state, x))
    see.close(block_with(1, state)(nf.Tensor(x)), block_of(1, state, x))


def test_branches_that_give_0_leave_x(see, rng):
    """With zeros in out_proj and linear2, the block is the identity: x goes through both sums."""
    state, x = arrays_of(rng, 4, 3), rng.normal(5.0, 10.0, size=(2, 3, 4))
    state |= {name: 0 * state[name] for name in state if "out_proj" in name or "linear2" in name}
    see.close(block_with(2, state)(nf.Tensor(x)), x)
    state["linear2.bias"] = np.array([1.0, 2.0, 3.0, 4.0])
    see.close(block_with(2, state)(nf.Tensor(x)), x + np.array([1.0, 2.0, 3.0, 4.0]))


def test_names_and_shapes_are_pytorchs(see):
    """The state dict has the names of TransformerEncoderLayer, in its order; by default linear1 is 4 E wide."""
    state = nf.TransformerBlock(6, 2).state_dict()
    see.equal(list(state), NAMES)
    see.equal(state["linear1.weight"].shape, (24, 6))
    see.equal(state["linear2.weight"].shape, (6, 24))
    see.equal(nf.TransformerBlock(6, 2, feedforward_dim=5).state_dict()["linear1.weight"].shape, (5, 6))


def test_a_new_block_is_made_of_new_layers(see):
    """Norms begin with ones and zeros, biases with zeros, all float32."""
    state = nf.TransformerBlock(4, 2).state_dict()
    see.equal(state["norm2.weight"], np.ones(4, dtype=np.float32))
    for name in ("norm1.bias", "linear2.bias", "self_attn.out_proj.bias"):
        see.equal(state[name], np.zeros(4, dtype=np.float32))


def test_masks_and_causal_reach_the_attention(see, rng):
    """mask and causal are those of the attention inside."""
    state, x = arrays_of(rng, 6, 5), rng.normal(size=(2, 4, 6))
    mask = np.arange(4) < np.array([[[3]], [[2]]])
    see.close(block_with(2, state)(nf.Tensor(x), mask=mask), block_of(2, state, x, mask))
    see.close(block_with(2, state)(nf.Tensor(x), causal=True), block_of(2, state, x, np.tri(4, dtype=bool)))


def test_the_gradient_of_the_input(see, rng):
    """It agrees with central differences, through both branches and both sums."""
    state = arrays_of(rng, 4, 3)
    see.gradients(block_with(2, state), [rng.normal(size=(2, 3, 4))], like=lambda x: block_of(2, state, x))


def test_every_parameter_gets_a_gradient(see, rng):
    """No parameter is left out; those that come last have their gradient by hand."""
    state, x, grad = arrays_of(rng, 4, 3), rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4))
    block = block_with(2, state)
    block(nf.Tensor(x)).backward(grad)
    see.equal([name for name, parameter in block.named_parameters() if parameter.grad is None], [])
    see.close(block.linear2.bias.grad, grad.sum(axis=(0, 1)))


def test_dropout_comes_after_each_branch_and_after_gelu(see, seed):
    """In training, dropout 0.5 zeroes or doubles what the branches add, and what gelu gives."""
    nf.manual_seed(seed)
    state = {name: np.zeros(array.shape) for name, array in nf.TransformerBlock(4, 2, 3).state_dict().items()}
    x = np.zeros((5, 6, 4))
    first = block_with(2, state | {"self_attn.out_proj.bias": np.full(4, 3.0)}, dropout=0.5)
    second = block_with(2, state | {"linear2.bias": np.full(4, 3.0)}, dropout=0.5)
    inner = {"linear1.bias": np.array([1.0, 0.0, 0.0]), "linear2.weight": np.array([[1.0, 0.0, 0.0]] * 4)}
    inner = block_with(2, state | inner, dropout=0.5)
    see.equal(sorted({float(one) for one in first(nf.Tensor(x)).data.flat}), [0.0, 6.0])
    see.equal(sorted({float(one) for one in second(nf.Tensor(x)).data.flat}), [0.0, 6.0])
    gelu = 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * 1.044715))  # of 1.0, doubled twice
    see.close(np.unique(np.round(inner(nf.Tensor(x)).data, 6)), [0.0, np.round(4 * gelu, 6)])


def test_in_eval_mode_and_by_default_nothing_is_dropped(see, rng):
    """Dropout is 0 unless it is given, and counts in training alone."""
    state, x = arrays_of(rng, 6, 5), rng.normal(size=(2, 4, 6))
    see.close(block_with(2, state, dropout=0.5).eval()(nf.Tensor(x)), block_of(2, state, x))
    see.close(block_with(2, state).train()(nf.Tensor(x)), block_of(2, state, x))


def test_a_sequence_in_pieces(see, rng):
    """With a cache, a causal sequence in pieces gives what it gives as a whole."""
    state, x, cache, parts = arrays_of(rng, 6, 5), rng.normal(size=(2, 5, 6)), nf.KeyValueCache(), []
    block = block_with(3, state)
    with nf.no_grad():
        for start, end in [(0, 3), (3, 4), (4, 5)]:
            parts.append(block(nf.Tensor(x[:, start:end]), causal=True, cache=cache).data)
    see.close(np.concatenate(parts, axis=1), block_of(3, state, x, np.tri(5, dtype=bool)))
    see.equal(len(cache), 5)


def test_sizes_of_0_and_float32(see):
    """A batch of 0 and a sequence of 0 work; float32 stays; the norm of equal numbers is its bias."""
    block = nf.TransformerBlock(4, 2)
    see.equal(block(nf.zeros((0, 3, 4))).shape, (0, 3, 4))
    see.equal(block(nf.zeros((2, 0, 4))).shape, (2, 0, 4))
    see.equal(block(nf.ones((2, 3, 4))).data, np.ones((2, 3, 4), dtype=np.float32))


def test_what_does_not_fit_is_refused(see):
    """ShapeError: an x of another width. ValueError: heads that do not divide it."""
    see.close(nf.TransformerBlock(4, 2)(nf.zeros((1, 1, 4))), np.zeros((1, 1, 4)))
    see.raises(lambda: nf.TransformerBlock(4, 2)(nf.zeros((2, 3, 6))), "ShapeError", mentions=["(2, 3, 6)"])
    see.raises(lambda: nf.TransformerBlock(6, 4), "ValueError", mentions=[6, 4])
