"""The parts of the room `language` that students are given, and what its suites do not look at."""

import copy
import pickle
import re
from itertools import pairwise

import numpy as np
import pytest

import neural_framework as nf
from neural_framework import check_gradients, language

rng = np.random.default_rng(3)


def double(layer):
    """The layer with random parameters in float64."""
    for parameter in layer.parameters():
        parameter.data = rng.normal(size=parameter.shape)
    return layer


def drawn(*shape):
    """A Tensor in float64 that requires grad."""
    return nf.Tensor(rng.normal(size=shape), requires_grad=True)


@pytest.mark.parametrize(
    ("layer", "shapes"),
    [
        (lambda: nf.GELU(), [(2, 3)]),
        (lambda: nf.LayerNorm(4), [(2, 3, 4)]),
        (lambda: nf.LayerNorm((3, 2), eps=0.1), [(2, 3, 2)]),
        (lambda: nf.MultiheadAttention(6, 3), [(2, 4, 6)]),
        (lambda: nf.MultiheadAttention(4, 2, bias=False), [(2, 2, 4), (2, 3, 4), (2, 3, 4)]),
        (lambda: nf.TransformerBlock(4, 2, 3), [(2, 3, 4)]),
    ],
)
def test_gradients_agree_with_central_differences(layer, shapes):
    layer, inputs = double(layer()), [drawn(*shape) for shape in shapes]
    assert check_gradients(layer, inputs)
    parameters = dict(layer.named_parameters())

    def changed(*values):
        """The layer as a function of its parameters, which check_gradients moves one by one."""
        other = copy.deepcopy(layer)
        for name, value in zip(parameters, values, strict=True):
            owner = other
            for part in name.split(".")[:-1]:
                owner = getattr(owner, part)
            setattr(owner, name.split(".")[-1], None)
            object.__setattr__(owner, name.split(".")[-1], value)
        return other(*[nf.Tensor(x.data) for x in inputs])

    if parameters:
        assert check_gradients(changed, [nf.Tensor(p.data, requires_grad=True) for p in parameters.values()])


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_attention_broadcasts_its_leading_axes(causal, masked):
    """Of query, key and value each may lack leading axes, and the mask all but the last."""
    query, key, value = drawn(5, 1, 3, 2), drawn(4, 3, 2), drawn(3, 3)
    mask = rng.random((5, 1, 3, 3)) < 0.6 if masked else None
    result = nf.scaled_dot_product_attention(query, key, value, mask, causal)
    assert result.shape == (5, 4, 3, 3)
    for n, m in np.ndindex(5, 4):
        one = nf.scaled_dot_product_attention(query[n, 0], key[m], value, mask[n, 0] if masked else None, causal)
        np.testing.assert_allclose(result.data[n, m], one.data)
    assert check_gradients(lambda *x: nf.scaled_dot_product_attention(*x, mask, causal), [query, key, value])


def test_a_mask_may_be_a_tensor_and_may_not_enlarge_the_result():
    x, mask = drawn(3, 2), rng.random((3, 3)) < 0.5
    same = nf.scaled_dot_product_attention(x, x, x, nf.Tensor(mask))
    np.testing.assert_array_equal(same.data, nf.scaled_dot_product_attention(x, x, x, mask).data)
    with pytest.raises(nf.ShapeError, match=r"\(2, 3, 3\)"):
        nf.scaled_dot_product_attention(x, x, x, np.ones((2, 3, 3), dtype=bool))


def test_a_cache_keeps_what_it_is_given_and_an_error_leaves_it_as_it_was():
    layer, cache, x = nf.MultiheadAttention(4, 2), nf.KeyValueCache(), nf.randn((2, 3, 4))
    assert len(cache) == 0
    with nf.no_grad():
        layer(x, cache=cache)
        assert len(cache) == 3
        for wrong in [{"mask": np.ones((3, 3), dtype=bool)}, {"mask": np.ones((3, 6))}, {"key": x[:1], "value": x[:1]}]:
            with pytest.raises((nf.ShapeError, TypeError), match="MultiheadAttention"):
                layer(x, cache=cache, **wrong)
        with pytest.raises(nf.ShapeError, match="new cache"):
            layer(x[:1], cache=cache)
    with pytest.raises(nf.GradientError, match="no_grad"):
        layer(nf.Tensor(x.data), cache=cache)
    assert len(cache) == 3


@pytest.mark.parametrize("pieces", [[7], [1] * 7, [3, 0, 4], [2, 5]])
def test_a_sequence_in_pieces_gives_what_it_gives_as_a_whole(pieces):
    model, tokens = nf.GPT(11, 8, 12, 3, 2), rng.integers(0, 11, (2, 7))
    whole, cache, ends = model(nf.Tensor(tokens)), model.new_cache(), np.cumsum([0, *pieces])
    with nf.no_grad():
        parts = [model(nf.Tensor(tokens[:, a:b]), cache=cache).data for a, b in pairwise(ends)]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole.data, rtol=1e-4, atol=1e-6)
    assert [len(one) for one in cache] == [7, 7]


def test_a_gpt_keeps_its_cache_when_it_refuses_tokens():
    model = nf.GPT(11, 4, 6, 2, 2)
    cache = model.new_cache()
    with nf.no_grad():
        model(nf.Tensor([[1, 2, 3]]), cache=cache)
        with pytest.raises(ValueError, match="3 cached and 2 new"):
            model(nf.Tensor([[1, 2]]), cache=cache)
        with pytest.raises(IndexError):
            model(nf.Tensor([[11]]), cache=cache)
    assert [len(one) for one in cache] == [3, 3]


def test_generation_with_a_cache_is_that_without():
    """Also past the context length, and for a prompt that is longer than it; a GPT runs one token a step before."""
    model, lengths = nf.GPT(11, 8, 12, 3, 2), []

    class Plain(nf.Module):
        """The same model, without a cache to use."""

        context_length = 8

        def __init__(self):
            super().__init__()
            self.model = model  # a child, so that its dropout is in eval mode and draws nothing

        def forward(self, tokens):
            return self.model(tokens)

    class Watched(nf.GPT):
        """A GPT that notes how many tokens it runs."""

        def forward(self, tokens, cache=None):
            lengths.append(tokens.shape[1])
            return super().forward(tokens, cache)

    watched = Watched(11, 8, 12, 3, 2)
    watched.load_state_dict(model.state_dict())
    for prompt in ([3], [1, 2, 3], list(range(11))):
        nf.manual_seed(5)
        expected = nf.generate(Plain(), prompt, 9)
        nf.manual_seed(5)
        assert nf.generate(watched, prompt, 9) == expected
    assert lengths == [1] * 8 + [8] + [3] + [1] * 5 + [8] * 3 + [8] * 9


def test_sampling_of_extreme_logits_is_silent():
    assert nf.sample(np.array([0.0, 1e308, -1e308]), temperature=1e-300) == 1
    assert nf.sample(np.array([-np.inf, -1e308, -np.inf]), temperature=0.1, top_p=0.5) == 1
    assert {nf.sample(np.array([0.0, -np.inf, 9.0]), temperature=np.inf) for _ in range(50)} == {0, 2}
    for logits in ([np.nan, 1.0], [np.inf, 1.0], [-np.inf, -np.inf]):
        with pytest.raises(ValueError, match="sample"):
            nf.sample(np.array(logits))


@pytest.mark.parametrize(
    "layer",
    [
        lambda: nf.GELU(),
        lambda: nf.LayerNorm((2, 4)),
        lambda: nf.MultiheadAttention(4, 2, bias=False),
        lambda: nf.TransformerBlock(4, 2, dropout=0.5),
        lambda: nf.GPT(5, 3, 4, 2, 1),
    ],
)
def test_layers_can_be_shown_copied_and_pickled(layer):
    layer = layer()
    assert repr(copy.deepcopy(layer)) == repr(layer)
    state = pickle.loads(pickle.dumps(layer)).state_dict()
    assert list(state) == list(layer.state_dict())
    assert all(np.array_equal(state[name], array) for name, array in layer.state_dict().items())


def test_settings_may_come_from_numpy_and_leave_the_dtype():
    layer = nf.LayerNorm(np.int64(4), eps=np.float64(0.1))
    assert layer(nf.ones((2, 4))).dtype == np.float32
    block = nf.TransformerBlock(np.int64(4), np.int64(2), dropout=np.float64(0.25))
    assert block(nf.ones((1, 2, 4))).dtype == np.float32


@pytest.mark.parametrize("name", language.__all__)
def test_every_public_name_has_a_docstring(name):
    assert getattr(nf, name) is getattr(language, name)
    assert re.match(r"\S", getattr(nf, name).__doc__)


@pytest.mark.parametrize("tokenizer", [nf.CharacterTokenizer("abcabc"), nf.BytePairTokenizer("abcabc", 257)])
@pytest.mark.parametrize("ids", ["12", [1.9], [1.0], ["1"], [None], [[1]], nf.Tensor([1.0]), np.ones((2, 1), int)])
def test_ids_that_are_no_integers_are_refused(tokenizer, ids):
    with pytest.raises(TypeError, match=f"{type(tokenizer).__name__}: an id is an integer, got"):
        tokenizer.decode(ids)


@pytest.mark.parametrize(
    "ids", [(0, 2), iter([0, 2]), np.array([0, 2], np.uint8), nf.Tensor([0, 2]), [nf.Tensor(0), np.int64(2)]]
)
def test_ids_are_any_sequence_of_integers(ids):
    assert nf.CharacterTokenizer("abc").decode(ids) == "ac"


@pytest.mark.parametrize("text", [b"abc", ["a", "b"], None, 5])
def test_a_text_is_a_str(text):
    for call in (lambda: nf.BytePairTokenizer(text, 256), lambda: nf.BytePairTokenizer("ab", 256).encode(text)):
        with pytest.raises(TypeError, match=f"BytePairTokenizer: a text is a str, got {type(text).__name__}"):
            call()


@pytest.mark.parametrize("tokens", ["ab", b"ab", 5, None, iter([1])])
def test_generate_says_what_tokens_are(tokens):
    with pytest.raises(TypeError, match=rf"generate expects tokens .* got {type(tokens).__name__}: .*encode"):
        nf.generate(nf.GPT(5, 4, 8, 2, 1), tokens, 2)


@pytest.mark.parametrize("cache", [nf.KeyValueCache(), [], [nf.KeyValueCache()] * 3])
def test_a_gpt_says_what_its_cache_is(cache):
    with nf.no_grad(), pytest.raises(TypeError, match=r"GPT.* a list of 2 KeyValueCaches.*new_cache\(\)"):
        nf.GPT(5, 4, 8, 2, 2)(nf.Tensor([[1]]), cache=cache)
