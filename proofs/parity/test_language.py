"""Language against PyTorch's: attention, norms and blocks with its state dicts, and a GPT over 10 steps."""

import numpy as np
import pytest
import torch

import neural_framework as nf

from .comparison import Table, agree, both, in_float64, run, same, same_with_gradients

draw = np.random.default_rng(6)

INPUTS = {
    "x": draw.standard_normal((2, 4, 6)),
    "y": draw.standard_normal((2, 5, 6)),
    "z": draw.standard_normal((2, 5, 6)),
    "query": draw.standard_normal((3, 2, 4, 5)),
    "key": draw.standard_normal((3, 2, 7, 5)),
    "value": draw.standard_normal((3, 2, 7, 3)),
    "one_key": draw.standard_normal((1, 2, 7, 5)),
    "allowed": draw.random((3, 1, 4, 7)) < 0.6,
    "seen": draw.random((4, 5)) < 0.6,
    "padded": np.arange(5) < np.array([[3], [5]]),
    "far": np.array([[1e4, -1e4, 30.0, -30.0, 0.0, 1e-3]]),
    "tokens": np.array([[3, 0, 6, 2], [1, 1, 5, 4]]),
}
INPUTS["allowed"][0, 0, 1] = False  # a query without a key
INPUTS["seen"][:, 0] = True  # PyTorch's layer has nan where none is True

FUNCTIONS = Table("""
    gelu(x)                                               | F.gelu(x, approximate="tanh")
    gelu(far)                                             | F.gelu(far, approximate="tanh")
    causal_mask(4)                                        | torch.ones(4, 4).bool().tril()
    causal_mask(2, 5)                                     | torch.ones(2, 5).bool().tril(3)
    scaled_dot_product_attention(query, key, value)       | F.scaled_dot_product_attention(query, key, value)
    scaled_dot_product_attention(query, one_key, value)   | F.scaled_dot_product_attention(query, one_key, value)
    scaled_dot_product_attention(query, key, value, allowed)
    | F.scaled_dot_product_attention(query, key, value, allowed)
    scaled_dot_product_attention(key, key, value, causal=True)
    | F.scaled_dot_product_attention(key, key, value, is_causal=True)
    scaled_dot_product_attention(query, key, value, causal=True)
    | F.scaled_dot_product_attention(query, key, value, torch.ones(4, 7).bool().tril(3))
    scaled_dot_product_attention(query, key, value, allowed, causal=True)
    | F.scaled_dot_product_attention(query, key, value, allowed & torch.ones(4, 7).bool().tril(3))
""")

# our module | PyTorch's | the call | PyTorch's call, where True in a mask hides a key
LAYERS = Table("""
    GELU() | GELU("tanh") | model(x) | model(x)
    LayerNorm(6) | LayerNorm(6) | model(x) | model(x)
    LayerNorm((4, 6), eps=0.1) | LayerNorm((4, 6), eps=0.1) | model(x) | model(x)
    MultiheadAttention(6, 3) | MultiheadAttention(6, 3, batch_first=True) | model(x) | model(x, x, x)[0]
    MultiheadAttention(6, 1) | MultiheadAttention(6, 1, batch_first=True) | model(x, y) | model(x, y, y)[0]
    MultiheadAttention(6, 2) | MultiheadAttention(6, 2, batch_first=True) | model(x, y, z) | model(x, y, z)[0]
    MultiheadAttention(6, 6, bias=False) | MultiheadAttention(6, 6, bias=False, batch_first=True)
    | model(x, y) | model(x, y, y)[0]
    MultiheadAttention(6, 2) | MultiheadAttention(6, 2, batch_first=True)
    | model(x, y, mask=seen) | model(x, y, y, attn_mask=~seen)[0]
    MultiheadAttention(6, 3) | MultiheadAttention(6, 3, batch_first=True)
    | model(x, y, mask=padded.unsqueeze(1)) | model(x, y, y, key_padding_mask=~padded)[0]
    MultiheadAttention(6, 2) | MultiheadAttention(6, 2, batch_first=True)
    | model(x, causal=True) | model(x, x, x, attn_mask=torch.ones(4, 4).bool().triu(1))[0]
    MultiheadAttention(6, 2) | MultiheadAttention(6, 2, batch_first=True)
    | model(y, mask=padded.unsqueeze(1), causal=True)
    | model(y, y, y, key_padding_mask=~padded, attn_mask=torch.ones(5, 5).bool().triu(1))[0]
    MultiheadAttention(6, 2) | MultiheadAttention(6, 2, batch_first=True)
    | [model.in_proj_weight, model.in_proj_bias, model.out_proj.weight]
    | [model.in_proj_weight, model.in_proj_bias, model.out_proj.weight]
    MultiheadAttention(6, 2) | MultiheadAttention(6, 2, batch_first=True)
    | [model.embed_dim, model.num_heads] | [model.embed_dim, model.num_heads]
    TransformerBlock(6, 3, 5)
    | TransformerEncoderLayer(6, 3, 5, 0.0, GELU("tanh"), batch_first=True, norm_first=True)
    | [model.self_attn.out_proj.bias, model.norm1.weight, model.linear1.weight, model.norm2.bias, model.linear2.bias]
    | [model.self_attn.out_proj.bias, model.norm1.weight, model.linear1.weight, model.norm2.bias, model.linear2.bias]
    TransformerBlock(6, 2)
    | TransformerEncoderLayer(6, 2, 24, 0.0, GELU("tanh"), batch_first=True, norm_first=True) | model(x) | model(x)
    TransformerBlock(6, 3, 5)
    | TransformerEncoderLayer(6, 3, 5, 0.0, GELU("tanh"), batch_first=True, norm_first=True)
    | model(y, mask=padded.unsqueeze(1)) | model(y, src_key_padding_mask=~padded)
    TransformerBlock(6, 1, 5)
    | TransformerEncoderLayer(6, 1, 5, 0.0, GELU("tanh"), batch_first=True, norm_first=True)
    | model(y, causal=True) | model(y, src_mask=torch.ones(5, 5).bool().triu(1))
    GPT(7, 5, 6, 2, 2) | GPT(7, 5, 6, 2, 2) | model(tokens) | model(tokens)
    GPT(7, 4, 6, 3, 1) | GPT(7, 4, 6, 3, 1)
    | model.head(model.norm(model.blocks[0](model.token_embedding(tokens) + model.position_embedding.weight)))
    | model.head(model.norm(model.blocks[0](model.token_embedding(tokens) + model.position_embedding.weight)))
""")


class GPT(torch.nn.Module):
    """The same of PyTorch's layers, as its users write it."""

    def __init__(self, vocabulary_size, context_length, embed_dim, num_heads, num_layers):
        super().__init__()
        self.token_embedding = torch.nn.Embedding(vocabulary_size, embed_dim)
        self.position_embedding = torch.nn.Embedding(context_length, embed_dim)
        settings = {"dropout": 0.0, "activation": torch.nn.GELU("tanh"), "batch_first": True, "norm_first": True}
        layers = [
            torch.nn.TransformerEncoderLayer(embed_dim, num_heads, 4 * embed_dim, **settings) for _ in range(num_layers)
        ]
        self.blocks = torch.nn.ModuleList(layers)
        self.norm = torch.nn.LayerNorm(embed_dim)
        self.head = torch.nn.Linear(embed_dim, vocabulary_size, bias=False)

    def forward(self, tokens):
        length = tokens.shape[1]
        x = self.token_embedding(tokens) + self.position_embedding(torch.arange(length))
        for block in self.blocks:
            x = block(x, src_mask=torch.ones(length, length).bool().triu(1))
        return self.head(self.norm(x))


def sides(arrays=INPUTS):
    """Both namespaces; PyTorch's with a GPT."""
    ours, theirs = both(arrays)
    return ours, {**theirs, "GPT": GPT}


@FUNCTIONS.cases()
def test_functions(row):
    """Values, shapes, and gradients of all inputs."""
    agree(row, INPUTS)
    agree(row, INPUTS, "float32")


@LAYERS.cases()
def test_layers(row):
    """With PyTorch's state dict: outputs, and gradients of inputs and parameters."""
    ours, theirs = sides()
    model, other = in_float64(run(row[0], ours), run(row[1], theirs))
    mine, reference = run(row[2], {**ours, "model": model}), run(row[3], {**theirs, "model": other})
    same_with_gradients((mine, reference), (model, other), (ours, theirs), INPUTS)
    same(model.state_dict(), dict(other.state_dict()))


@LAYERS.cases()
def test_our_state_dicts_load_into_pytorchs(row):
    """The way back: PyTorch takes every array of ours, and gives the same."""
    ours, theirs = sides()
    model, other = run(row[0], ours), run(row[1], theirs)
    other.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in model.state_dict().items()})
    model, other = in_float64(model, other)
    same(run(row[2], {**ours, "model": model}), run(row[3], {**theirs, "model": other}))


def test_a_gpt_over_10_steps():
    """Losses, and in the end all parameters, in float64: AdamW with clipped gradients."""
    ours, theirs = sides({})
    model, other = in_float64(run("GPT(11, 8, 12, 3, 2)", ours), run("GPT(11, 8, 12, 3, 2)", theirs))
    mine, optimizer = nf.AdamW(model.parameters(), lr=0.01), torch.optim.AdamW(other.parameters(), lr=0.01)
    for _ in range(10):
        tokens, labels = draw.integers(0, 11, (2, 5, 8))
        mine.zero_grad()
        loss = nf.CrossEntropyLoss()(model(nf.Tensor(tokens)).reshape(40, 11), nf.Tensor(labels.reshape(40)))
        loss.backward()
        nf.clip_grad_norm_(model.parameters(), 1.0)
        mine.step()
        optimizer.zero_grad()
        reference = torch.nn.functional.cross_entropy(
            other(torch.tensor(tokens)).reshape(40, 11), torch.tensor(labels.reshape(40))
        )
        reference.backward()
        torch.nn.utils.clip_grad_norm_(other.parameters(), 1.0)
        optimizer.step()
        np.testing.assert_allclose(loss.item(), reference.item(), rtol=1e-9)
    for name, tensor in other.state_dict().items():
        np.testing.assert_allclose(model.state_dict()[name], tensor.numpy(), rtol=1e-6, atol=1e-9, err_msg=name)


def test_what_is_drawn_is_drawn_alike():
    """in_proj_weight is uniform within the same bound in both, and both biases are zeros; out_proj is a Linear."""
    ours, theirs = nf.MultiheadAttention(60, 3), torch.nn.MultiheadAttention(60, 3)
    mine, reference = ours.in_proj_weight.data, theirs.in_proj_weight.detach().numpy()
    np.testing.assert_allclose(mine.std(), reference.std(), rtol=0.03)
    np.testing.assert_allclose(np.abs(mine).max(), np.abs(reference).max(), rtol=1e-2)
    for bias in (ours.in_proj_bias, ours.out_proj.bias):
        assert not bias.data.any()
    for bias in (theirs.in_proj_bias, theirs.out_proj.bias):
        assert not bias.detach().numpy().any()


def test_where_the_function_differs():
    """The page's deviations: causal with fewer queries than keys, masks of numbers, and what hidden keys hold."""
    query, key, value = (draw.standard_normal(shape) for shape in ((2, 3), (4, 3), (4, 2)))
    ours, theirs = [nf.Tensor(one) for one in (query, key, value)], [torch.tensor(one) for one in (query, key, value)]
    mine = nf.scaled_dot_product_attention(*ours, causal=True).data
    reference = torch.nn.functional.scaled_dot_product_attention(*theirs, is_causal=True).numpy()
    np.testing.assert_allclose(reference[0], value[0])  # the first query sees the first key alone
    assert np.abs(mine - reference).max() > 1e-3
    with pytest.raises(TypeError):
        nf.scaled_dot_product_attention(*ours, np.zeros((2, 4)))
    added = torch.nn.functional.scaled_dot_product_attention(*theirs, torch.zeros(2, 4, dtype=torch.float64))
    same(nf.scaled_dot_product_attention(*ours), added)
    with pytest.raises(nf.ShapeError):
        nf.scaled_dot_product_attention(ours[1], ours[0], ours[0], causal=True)
    value[3] = np.nan
    mask = np.arange(4) < np.array([[3], [3]])
    theirs[2] = torch.tensor(value)
    assert np.isfinite(nf.scaled_dot_product_attention(*ours[:2], nf.Tensor(value), mask).data).all()
    hidden = torch.nn.functional.scaled_dot_product_attention(*theirs, torch.tensor(mask))
    assert hidden.isnan().any()


def test_where_the_layers_differ():
    """The page's deviations: what True means, masks per head, a query without a key, dropped weights, defaults."""
    state = torch.nn.MultiheadAttention(4, 2, batch_first=True).state_dict()
    layer, theirs = nf.MultiheadAttention(4, 2), torch.nn.MultiheadAttention(4, 2, dropout=0.5, batch_first=True)
    layer.load_state_dict({name: tensor.numpy() for name, tensor in state.items()})
    theirs.load_state_dict(state)
    x, mask = np.float32(draw.standard_normal((1, 3, 4))), np.array([[True, False, False]] * 3)
    inputs = [torch.tensor(x)] * 3
    same(
        layer(nf.Tensor(x), mask=~mask).detach(),
        theirs.eval()(*inputs, attn_mask=torch.tensor(mask))[0].detach(),
        "float32",
    )
    blind = layer(nf.Tensor(x), mask=np.zeros((3, 3), dtype=bool))
    np.testing.assert_allclose(blind.data[0], [layer.out_proj.bias.data] * 3)
    assert theirs(*inputs, attn_mask=torch.ones(3, 3).bool())[0].isnan().all()
    block = nf.TransformerBlock(4, 2, dropout=0.5)
    assert not hasattr(block.self_attn, "dropout") and theirs.dropout == 0.5  # of the attention weights
    assert theirs.train()(*inputs)[1].sum(-1).std() > 0
    other = torch.nn.TransformerEncoderLayer(4, 2)
    assert (other.linear1.out_features, block.linear1.weight.shape[0]) == (2048, 16)
    assert other.activation is torch.nn.functional.relu and not other.norm_first
    each_head = np.ones((2, 3, 3), dtype=bool)  # of one sequence and two heads
    assert theirs(*inputs, attn_mask=torch.tensor(~each_head))[0].shape == (1, 3, 4)
    with pytest.raises(nf.ShapeError):
        layer(nf.Tensor(x), mask=each_head)
    with pytest.raises(nf.ShapeError):
        layer(nf.Tensor(x[0]))
    assert theirs(*(one[0] for one in inputs))[0].shape == (3, 4)
    assert nf.gelu(nf.Tensor([2.0])).item() != torch.nn.functional.gelu(torch.tensor([2.0])).item()
