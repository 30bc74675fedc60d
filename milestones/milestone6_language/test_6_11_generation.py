"""6.11 Generation: generate."""

import numpy as np

import neural_framework as nf


def next_one(size=5, context_length=None, seen=None):
    """A model whose logits say: the token after t is t + 1, after the last 0. It notes what it has seen."""

    class NextOne(nf.Module):
        def __init__(self):
            super().__init__()
            self.inner = nf.Sequential(nf.Dropout(0.5), nf.Sequential(nf.ReLU()))
            if context_length is not None:
                self.context_length = context_length

        def forward(self, tokens):
            tokens = np.array(tokens.data)
            if seen is not None:
                seen.append((tokens.tolist(), nf.is_recording(), [module.training for module in self.modules()]))
            return nf.Tensor(90.0 * np.eye(size)[(tokens + 1) % size])

    return NextOne()


def following(token, count):
    """What a NextOne of 5 tokens writes after a token."""
    return [(token + step) % 5 for step in range(1, count + 1)]


def gpt(seed, layers=2):
    """A GPT with 11 tokens and a context of 6, with parameters that are large enough for logits to differ."""
    random, model = np.random.default_rng(seed), nf.GPT(11, 6, 8, 2, layers)
    for parameter in model.parameters():
        parameter.data = random.normal(size=parameter.shape)
    return model


def different(written, model, tokens):
    """How many tokens differ from the likeliest ones of the model's whole window, without a cache and `generate`."""
    tokens = list(tokens)
    for _ in written:
        tokens.append(int(model(nf.Tensor([tokens[-6:]])).data[0, -1].argmax()))
    return sum(one != other for one, other in zip(reversed(written), reversed(tokens), strict=False))


def test_it_gives_the_new_tokens(see):
    """generate returns `count` new ints, without the prompt; the prompt is not changed."""
    prompt = [3, 1]
    new = nf.generate(next_one(), prompt, 6)
    see.equal(new, [2, 3, 4, 0, 1, 2])
    see.equal([type(one).__name__ for one in new], ["int"] * 6)
    see.equal(prompt, [3, 1])


def test_each_new_token_is_seen_by_the_next(see, rng):
    """The model gets ints (1, T): the prompt, then the prompt with one token more, and so on."""
    seen, prompt = [], rng.integers(5, size=2).tolist()
    new = following(prompt[-1], 3)
    see.equal(nf.generate(next_one(seen=seen), prompt, 3), new)
    see.equal([tokens for tokens, _, _ in seen], [[prompt], [prompt + new[:1]], [prompt + new[:2]]])


def test_the_model_sees_its_last_tokens(see, rng):
    """With a context_length, the window has the LAST tokens: older ones fall out, also those of a long prompt."""
    seen, prompt = [], rng.integers(5, size=4).tolist()
    new = following(prompt[-1], 2)
    see.equal(nf.generate(next_one(context_length=3, seen=seen), prompt, 2), new)
    see.equal([tokens for tokens, _, _ in seen], [[prompt[-3:]], [[*prompt[-2:], new[0]]]])


def test_a_count_of_0(see):
    """No new tokens: an empty list, and the model is not called."""
    seen = []
    see.equal(nf.generate(next_one(seen=seen), [2], 0), [])
    see.equal(nf.generate(next_one(seen=seen), [2], 1), [3])
    see.equal(len(seen), 1)


def test_eval_mode_and_no_recording(see, rng):
    """While it generates, every submodule is in eval mode and nothing is recorded; both are restored: also where only a
    part was in training mode."""
    for training, part in [(True, 1), (False, 0)]:
        seen = []
        model = next_one(seen=seen).train(training)
        model.inner[part].train(not training)
        modes, token = [module.training for module in model.modules()], int(rng.integers(5))
        see.equal(nf.generate(model, [token], 2), following(token, 2))
        see.equal([recording for _, recording, _ in seen], [False, False])
        see.equal([mode for _, _, modes in seen for mode in modes], [False] * 10)
        see.equal([module.training for module in model.modules()], modes)
        see.equal(nf.is_recording(), True)


def test_modes_are_those_from_before(see, rng):
    """A part that was in eval mode stays in it, and a model in eval mode does not come back in training mode."""
    model = next_one()
    first, second, third = rng.integers(5, size=3).tolist()
    model.inner[1].eval()
    see.equal(nf.generate(model, [first], 1), following(first, 1))
    see.equal([module.training for module in model.modules()], [True, True, True, False, False])
    model.eval()
    see.equal(nf.generate(model, [second], 1), following(second, 1))
    see.equal([module.training for module in model.modules()], [False] * 5)
    with nf.no_grad():
        see.equal(nf.generate(model, [third], 1), following(third, 1))
        see.equal(nf.is_recording(), False)


def test_both_are_restored_after_an_error(see):
    """An error of the model or of a setting comes through, and modes and recording are as before."""

    class Broken(nf.Module):
        def __init__(self):
            super().__init__()
            self.inner = nf.Sequential(nf.Dropout(0.5), nf.ReLU().eval())

        def forward(self, tokens):
            raise KeyError("broken")

    model = Broken()
    see.raises(lambda: nf.generate(model, [1], 2), "KeyError", mentions=["broken"])
    see.equal([module.training for module in model.modules()], [True, True, True, False])
    see.raises(lambda: nf.generate(model, [1], 2, top_k=0), "ValueError", mentions=["top_k", 0])
    see.equal([module.training for module in model.modules()], [True, True, True, False])
    see.equal(nf.is_recording(), True)
    see.equal(nf.generate(next_one(), [1], 2), [2, 3])


def test_settings_are_those_of_sample(see, seed):
    """temperature, top_k and top_p decide as in sample; each new token is one draw of it."""
    logits = np.log([0.4, 0.3, 0.2, 0.1])

    class Fixed(nf.Module):
        def forward(self, tokens):
            return nf.Tensor(np.tile(logits, (1, tokens.shape[1], 1)))

    nf.manual_seed(seed)
    see.equal(nf.generate(Fixed(), [2], 5, temperature=0), [0] * 5)
    see.equal(sorted(set(nf.generate(Fixed(), [2], 300, top_k=2))), [0, 1])
    see.equal(sorted(set(nf.generate(Fixed(), [2], 300, top_p=0.75))), [0, 1, 2])
    see.equal(sorted(set(nf.generate(Fixed(), [2], 300, 100.0))), [0, 1, 2, 3])


def test_the_last_position_decides(see):
    """The logits of the last position are drawn from, not those of the first."""
    see.equal(nf.generate(next_one(), [0, 3, 1, 2], 1), [3])
    see.equal(nf.generate(next_one(), [4], 1), [0])


def test_a_gpt_writes_what_its_window_says(see, seed):
    """With and without a cache the tokens are the same: up to context_length, and beyond it, where positions shift."""
    model = gpt(seed)
    for prompt, count in [([3, 1], 4), ([3, 1], 12), ([7], 9)]:
        new = nf.generate(model, prompt, count, temperature=0)
        see.equal([len(new), different(new, gpt(seed), prompt)], [count, 0])


def test_a_gpt_reads_a_long_prompt(see, seed):
    """A prompt longer than context_length counts by its last tokens; one of exactly that length fits."""
    model = gpt(seed)
    for length in (6, 7, 10):
        prompt = [(3 * i + 1) % 11 for i in range(length)]
        new = nf.generate(model, prompt, 4, temperature=0)
        see.equal([len(new), different(new, gpt(seed), prompt)], [4, 0])


def test_a_gpt_runs_one_token_a_step(see, seed):
    """Up to context_length, each step after the prompt runs one token; beyond it, each runs its whole window."""
    model, lengths = gpt(seed), []
    embedding = model.token_embedding.forward

    def noted(tokens):
        lengths.append(np.shape(np.asarray(tokens))[-1])
        return embedding(tokens)

    object.__setattr__(model.token_embedding, "forward", noted)
    new = nf.generate(model, [3, 1, 2], 6, temperature=0)
    see.equal([len(new), different(new, gpt(seed), [3, 1, 2])], [6, 0])
    see.equal(lengths, [3, 1, 1, 1, 6, 6])


def test_two_texts_do_not_mix(see, seed):
    """Each call begins with nothing in its cache."""
    model = gpt(seed, layers=1)
    for prompt in ([3, 1], [5, 2, 9], [3, 1]):
        new = nf.generate(model, prompt, 3, temperature=0)
        see.equal([len(new), different(new, gpt(seed, layers=1), prompt)], [3, 0])


def test_what_makes_no_sense_is_refused(see):
    """ValueError: no token to go on from, and settings that sample refuses. IndexError: tokens out of range."""
    see.equal(nf.generate(next_one(), [0], 2), [1, 2])
    see.raises(lambda: nf.generate(next_one(), [], 2), "ValueError", mentions=["generate"])
    see.raises(lambda: nf.generate(next_one(), [0], 2, temperature=-0.5), "ValueError", mentions=["temperature", -0.5])
    see.raises(lambda: nf.generate(next_one(), [0], 2, top_k=0), "ValueError", mentions=["top_k", 0])
    see.raises(lambda: nf.generate(next_one(), [0], 2, top_p=1.5), "ValueError", mentions=["top_p", 1.5])
    see.raises(lambda: nf.generate(gpt(0), [1, 11], 2), "IndexError", mentions=[11])
    see.raises(lambda: nf.generate(gpt(0), [-1, 2], 2), "IndexError", mentions=[-1])
