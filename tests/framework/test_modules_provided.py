"""The parts of the room `modules` that students are given: they have no check in the suites."""

import copy
import pickle

import numpy as np
import pytest

import neural_framework as nf
from neural_framework import init


def double(module):
    """The module with parameters in float64."""
    for parameter in module.parameters():
        parameter.data = parameter.data.astype(np.float64)
    return module


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Counter(nf.Module):
    def __init__(self):
        super().__init__()
        self.weight = nf.Parameter([1.0, 2.0])
        self.register_buffer("steps", np.array(3))
        self.register_buffer("mean", np.zeros(2))


@pytest.mark.parametrize("layer", [nf.RNN, nf.LSTM, nf.GRU, nf.RNNCell, nf.LSTMCell, nf.GRUCell])
def test_a_state_of_another_kind_is_refused_by_name(layer):
    """One tensor for all but the LSTM, which has a pair (h, c)."""
    module = layer(3, 2)
    x = nf.ones((3, 4, 3)) if isinstance(module, nf.modules.recurrent.RecurrentLayer) else nf.ones((3, 3))
    h = nf.zeros((3, 2))
    lstm = "LSTM" in layer.__name__
    for state in [h, nf.zeros((2, 2)), (h,), (h, h, h), [], 0.0, (1, 2)] if lstm else [(h, h), (h,), [], 0.0, "h"]:
        expected = r"a pair \(h, c\)" if lstm else "one tensor h"
        with pytest.raises(nf.ShapeError, match=rf"{layer.__name__}.*\(3, 2\) expects the state to be {expected}"):
            module(x, state)
        if x.ndim == 3:
            with pytest.raises(nf.ShapeError, match="expects the state to be"):
                module(x, state, lengths=[4, 0, 1])


def test_a_pair_may_be_a_list_and_hold_arrays():
    lstm, h = nf.LSTM(3, 2), np.zeros((1, 2), np.float32)
    assert lstm(nf.ones((1, 4, 3)), [h, h])[0].shape == (1, 4, 2)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(("a", "b"), [(0.0, 1.0), (-1.0, 0.0), (0.3, 0.7), (5.0, 5.0)])
def test_a_uniform_draw_never_gives_its_upper_bound(a, b, dtype):
    values = init.uniform_(nf.zeros(200_000, dtype=dtype), a, b).data
    assert values.dtype == dtype
    assert values.min() >= dtype(a) and (values.max() < dtype(b) or a == b)


# -- Module ------------------------------------------------------------------------------------------


def test_modules_and_named_children_are_named_modules_and_children():
    shared = nf.Tanh()
    inner = nf.Sequential(nf.Linear(2, 2), shared)
    model = nf.Sequential(inner, shared, inner)
    assert list(model.named_children()) == [("0", inner), ("1", shared)]
    assert list(model.modules()) == [module for _, module in model.named_modules()]
    assert list(model.modules()) == [model, inner, inner[0], shared]
    assert list(shared.named_children()) == [] and list(shared.modules()) == [shared]
    inner.model = model  # a cycle
    assert len(list(model.modules())) == 4


@pytest.mark.parametrize("kind", [set, frozenset])
@pytest.mark.parametrize("container", [nf.Sequential, nf.ModuleList])
def test_a_set_of_modules_is_refused(container, kind):
    with pytest.raises(TypeError, match=f"{container.__name__} got a {kind.__name__} of modules, which has no order"):
        container(kind([nf.ReLU(), nf.Tanh()]))


@pytest.mark.parametrize("container", [nf.Sequential, nf.ModuleList])
def test_a_dict_of_modules_is_refused(container):
    with pytest.raises(TypeError, match=f"{container.__name__} got a dict of modules, whose names it does not use"):
        container({"first": nf.ReLU()})


def test_an_error_inside_a_property_is_shown():
    class Model(nf.Module):
        def __init__(self):
            super().__init__()
            self.layer = nf.Linear(2, 3)

        @property
        def width(self):
            return self.layer.out_featuers

    with pytest.raises(AttributeError, match="Linear has no attribute 'out_featuers'"):
        _ = Model().width
    assert not hasattr(Model(), "width") and not hasattr(Model(), "height")


def test_a_buffer_is_saved_and_not_trained():
    module = Counter()
    assert [name for name, _ in module.named_parameters()] == ["weight"]
    assert list(module.state_dict()) == ["weight", "steps", "mean"]
    assert module.steps.dtype == np.int64 and not module.mean.requires_grad


def test_a_buffer_given_a_new_value_stays_a_buffer():
    module = Counter()
    module.mean = module.mean + 1.0
    module.steps = 4
    assert module.state_dict()["mean"].tolist() == [1.0, 1.0]
    assert module.state_dict()["steps"] == 4


def test_a_buffer_is_loaded_in_its_own_dtype():
    module, state = Counter(), Counter().state_dict()
    module.load_state_dict({**state, "steps": np.array(7.0), "mean": [1, 2]})
    assert module.steps.dtype == np.int64 and module.steps.item() == 7
    assert module.mean.dtype == np.float64 and module.mean.tolist() == [1.0, 2.0]


def test_an_array_over_a_buffer_is_copied_and_read_by_asarray():
    module, array = Counter(), np.array([1.0, 2.0])
    module.mean = array
    array[0] = 5.0
    assert np.asarray(module.mean).tolist() == [1.0, 2.0]
    assert np.asarray(module.steps).shape == () and np.asarray(module.steps).dtype == np.int64
    module.steps = np.asarray(module.steps) + 1  # NumPy makes a scalar of it
    assert module.state_dict()["steps"].dtype == np.int64 and module.state_dict()["steps"] == 4


@pytest.mark.parametrize("how", ["register", "assign"])
def test_a_buffer_keeps_no_graph(how):
    """What was computed from parameters has a graph; a buffer holds the numbers alone."""
    module = Counter()
    value = module.weight * 2.0
    if how == "register":
        module.register_buffer("mean", value)
    else:
        module.mean = value
    assert not module.mean.requires_grad and module.mean.grad_fn is None and value.requires_grad
    assert module.state_dict()["mean"].tolist() == [2.0, 4.0]
    module.register_buffer("mean", module.weight)
    assert [name for name, _ in module.named_parameters()] == ["weight"] and not module.mean.requires_grad


def test_buffers_are_found_at_any_depth_and_under_every_name():
    """Three levels deep, and in a module that has two names: both are saved and loaded, and it is one buffer."""
    deep = Counter()
    model = nf.Sequential(nf.Sequential(nf.Sequential(deep)))
    model.again = deep
    names = [name for name in model.state_dict() if name.endswith("mean")]
    assert names == ["0.0.0.mean", "again.mean"]
    model.load_state_dict({**model.state_dict(), "again.mean": [1.0, 2.0], "0.0.0.mean": [1.0, 2.0]})
    assert deep.mean.tolist() == [1.0, 2.0]
    model.eval()
    model.zero_grad()
    assert deep.mean.tolist() == [1.0, 2.0] and model.parameter_count() == 2


@pytest.mark.parametrize("again", [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))])
def test_a_copied_module_has_buffers_of_its_own(again):
    module = nf.Sequential(Counter())
    copied = again(module)
    copied[0].mean = np.ones(2)
    copied.load_state_dict({**copied.state_dict(), "0.steps": 8})
    assert (module[0].steps.item(), module[0].mean.tolist()) == (3, [0.0, 0.0])
    assert (copied.state_dict()["0.steps"], copied.state_dict()["0.mean"].tolist()) == (8, [1.0, 1.0])


def test_none_takes_a_buffer_away():
    module = Counter()
    module.register_buffer("mean", None)
    assert module.mean is None and "mean" not in module.state_dict()


def test_a_deleted_attribute_is_no_longer_registered():
    module = nf.Sequential(nf.Linear(2, 2))
    module.scale = nf.Parameter(1.0)
    module.register_buffer("mean", np.zeros(2))
    del module.scale, module.mean
    delattr(module, "0")
    assert module.state_dict() == {} and list(module.children()) == [] and not hasattr(module, "scale")
    with pytest.raises(AttributeError):
        del module.scale


def test_another_kind_of_value_moves_to_the_other_registry():
    module = nf.Module()
    module.layer = nf.Parameter(1.0)
    module.layer = nf.Linear(1, 1)
    assert [name for name, _ in module.named_parameters()] == ["layer.weight", "layer.bias"]
    module.layer = nf.Parameter(1.0)
    assert list(module.children()) == [] and module.parameter_count() == 1


@pytest.mark.parametrize("name", ["", "a.b", "forward", "children"])
def test_a_name_that_would_break_the_tree_is_refused(name):
    with pytest.raises(ValueError, match="Module"):
        nf.Module().register_parameter(name, nf.Parameter(1.0))


def test_a_missing_attribute_names_the_class():
    with pytest.raises(AttributeError, match=r"Linear.*wieght"):
        nf.Linear(2, 3).wieght  # noqa: B018


def test_forgetting_super_init_says_so():
    class Net(nf.Module):
        def __init__(self):
            self.layer = nf.Linear(2, 3)

    with pytest.raises(AttributeError, match=r"Net.__init__ must call super\(\).__init__\(\)"):
        Net()


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="ModuleList has no forward"):
        nf.ModuleList()(1)


def test_a_deep_copy_shares_nothing_and_is_registered():
    model = nf.Sequential(nf.Linear(2, 3), nf.Tanh())
    twin = copy.deepcopy(model)
    twin[0].weight.data[...] = 7.0
    assert twin[0].weight is next(twin.parameters())
    assert isinstance(twin[0].weight, nf.Parameter) and twin[0].weight.requires_grad
    assert not np.any(model[0].weight.data == 7.0)


def test_what_is_computed_from_a_parameter_is_no_parameter():
    weight = nf.Parameter([1.0, 2.0])
    weight.sum().backward()
    for tensor in (
        weight + 1,
        weight.detach(),
        weight.copy(),
        weight.astype(np.float64),
        weight[0],
        weight.grad,
    ):
        assert not isinstance(tensor, nf.Parameter)
    assert not weight.grad.requires_grad


def test_state_is_saved_under_every_name_and_cycles_end():
    first, second = nf.Linear(2, 2, bias=False), nf.Linear(2, 2, bias=False)
    second.weight = first.weight
    model = nf.Sequential(first, second, first)
    model.loop = nf.ModuleList(model)
    assert list(model.state_dict()) == ["0.weight", "1.weight", "2.weight"]
    assert [name for name, _ in model.named_parameters()] == ["0.weight"]
    model.load_state_dict(model.state_dict())
    assert "(loop): ModuleList(\n    (0): Sequential(...)" in repr(model)


def test_loading_views_of_the_models_own_arrays():
    model = nf.ModuleList(nf.Linear(2, 2, bias=False), nf.Linear(2, 2, bias=False))
    first, second = (layer.weight.data for layer in model)
    expected = second.copy(), first.copy()
    model.load_state_dict({"0.weight": second, "1.weight": first})
    np.testing.assert_array_equal(model[0].weight.data, expected[0])
    np.testing.assert_array_equal(model[1].weight.data, expected[1])


def test_entries_that_are_no_numbers_are_listed_with_the_others():
    model = nf.Linear(2, 2)
    before = model.state_dict()
    with pytest.raises(nf.NeuralFrameworkError) as caught:
        model.load_state_dict({"weight": [[1.0, 2.0], [3.0]], "bias": np.ones(2) * 1j, "scale": 1.0})
    assert caught.value.details == {"missing": [], "unknown": ["scale"], "misshapen": ["weight", "bias"]}
    assert "weight has no real numbers" in str(caught.value)
    with pytest.raises(nf.NeuralFrameworkError, match="bias has no real numbers"):
        model.load_state_dict({**before, "bias": "abc"})
    np.testing.assert_equal(model.state_dict(), before)


# -- what is printed ---------------------------------------------------------------------------------


def test_repr_is_an_indented_tree():
    model = nf.Sequential(nf.Linear(2, 4), nf.Sequential(nf.Dropout(0.1), nf.LeakyReLU(0.2)), nf.LSTM(4, 3))
    assert repr(model).splitlines() == [
        "Sequential(",
        "  (0): Linear(2, 4)",
        "  (1): Sequential(",
        "    (0): Dropout(p=0.1)",
        "    (1): LeakyReLU(0.2)",
        "  )",
        "  (2): LSTM(",
        "    4, 3",
        "    (cell): LSTMCell(4, 3)",
        "  )",
        ")",
    ]
    layers = (
        nf.Linear(2, 1, bias=False),
        nf.Softmax(0),
        nf.Embedding(5, 2),
        nf.RNNCell(1, 2, "relu"),
        nf.Tanh(),
    )
    assert [repr(layer) for layer in layers] == [
        "Linear(2, 1, bias=False)",
        "Softmax(axis=0)",
        "Embedding(5, 2)",
        "RNNCell(1, 2, 'relu')",
        "Tanh()",
    ]


def test_the_summary_counts_a_shared_parameter_once():
    first, second = nf.Linear(30, 40), nf.Linear(30, 40, bias=False)
    second.weight = first.weight
    assert nf.Sequential(first, second).parameter_summary().splitlines() == [
        "parameter  shape      size",
        "0.weight   (40, 30)  1,200",
        "0.bias     (40,)        40",
        "total                1,240",
    ]
    assert nf.Tanh().parameter_summary().splitlines()[-1].split() == ["total", "0"]


def test_trace_shapes_shows_every_call():
    class Net(nf.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nf.Embedding(9, 3)
            self.lstm = nf.LSTM(3, 4)
            self.head = nf.Linear(4, 2)

        def forward(self, indices):
            outputs, _ = self.lstm(self.embedding(indices), lengths=[5, 3])
            return self.head(outputs)

    state = "((2, 4), (2, 4))"
    lines = [line.split() for line in nf.trace_shapes(Net(), np.zeros((2, 5), int)).splitlines()]
    assert [" ".join(words) for words in lines] == [
        "layer input output",
        "Net() (2, 5) (2, 5, 2)",
        "embedding: Embedding(9, 3) (2, 5) (2, 5, 3)",
        f"lstm: LSTM(3, 4) (2, 5, 3), (int, int) ((2, 5, 4), {state})",
        f"lstm.cell: LSTMCell(3, 4) (2, 3), {state} {state} 5 times",
        "head: Linear(4, 2) (2, 5, 4) (2, 5, 2)",
    ]


def test_trace_shapes_leaves_the_model_as_it_was():
    model = nf.Sequential(nf.Linear(2, 3), nf.Dropout(0.5), nf.Linear(4, 1))
    model[1].eval()
    before = [dict(module.__dict__) for _, module in model.named_modules()]
    with pytest.raises(nf.ShapeError, match=r"Linear\(4, 1\)"):
        nf.trace_shapes(model, nf.ones((5, 2)))
    assert [module.__dict__ for _, module in model.named_modules()] == before
    assert model.training and not model[1].training


def test_trace_shapes_hands_on_the_error_of_a_model_that_deletes_its_forward():
    class Net(nf.Module):
        def forward(self, x):
            del self.__dict__["forward"]
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        nf.trace_shapes(Net(), nf.ones(1))


# -- containers and init -----------------------------------------------------------------------------


def test_a_module_list_registers_what_it_holds():
    layers = nf.ModuleList([nf.Linear(1, 2), nf.Tanh()])
    assert layers.append(nf.Linear(2, 3)) is layers
    assert len(layers) == 3 and layers[-1].out_features == 3
    assert list(layers[1:]) == [layers[1], layers[2]] and isinstance(layers[1:], nf.ModuleList)
    assert [name for name, _ in layers.named_parameters()] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert len(nf.ModuleList(nf.Tanh() for _ in range(4))) == 4
    with pytest.raises(IndexError, match="3 modules"):
        layers[3]


def test_append_after_a_deletion_overwrites_nothing():
    layers = nf.ModuleList(nf.Linear(1, 1), nf.Tanh())
    delattr(layers, "0")
    layers.append(nf.Dropout())
    assert repr(list(layers)) == "[Tanh(), Dropout(p=0.5)]" and list(layers._modules) == ["1", "2"]


@pytest.mark.parametrize("item", [None, 3, nf.Tanh, "tanh"])
def test_a_container_takes_modules_only(item):
    with pytest.raises(TypeError, match="must be a Module"):
        nf.Sequential(nf.Tanh(), item)
    with pytest.raises(TypeError, match="must be a Module"):
        nf.ModuleList().append(item)


def test_given_initialisations():
    nf.manual_seed(1)
    weight = nf.Parameter(np.zeros((300, 100), np.float32))
    for fill, low, high, std in [
        (lambda: init.uniform_(weight, 1.0, 3.0), 1.0, 3.0, 2 / 12**0.5),
        (lambda: init.normal_(weight, 2.0, 0.5), -2, 6, 0.5),
        (lambda: init.xavier_normal_(weight, gain=2.0), -2, 2, 2 * (2 / 400) ** 0.5),
        (lambda: init.kaiming_normal_(weight, a=1.0), -2, 2, (1 / 100) ** 0.5),
        (lambda: init.kaiming_normal_(weight, mode="fan_out"), -2, 2, (2 / 300) ** 0.5),
    ]:
        assert fill() is weight and weight.dtype == np.float32 and weight.requires_grad
        assert low <= weight.data.min() and weight.data.max() <= high
        assert weight.data.std() == pytest.approx(std, rel=0.03)
    assert np.all(init.ones_(weight).data == 1) and np.all(init.zeros_(weight).data == 0)
    np.testing.assert_array_equal(init.eye_(weight).data, np.eye(300, 100))


@pytest.mark.parametrize("value", [[[1.0]], None, np.ones((2, 2))])
@pytest.mark.parametrize(
    "fill", [init.uniform_, init.normal_, init.eye_, init.xavier_normal_, init.kaiming_uniform_, init.kaiming_normal_]
)
def test_initialisation_names_what_is_no_tensor(fill, value):
    with pytest.raises(TypeError, match=f"{fill.__name__} fills a Tensor.* in place, got {type(value).__name__}"):
        fill(value)


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        (lambda x: init.uniform_(x, 1.0, 0.0), "uniform_ .* expected a <= b, got a=1.0 and b=0.0"),
        (lambda x: init.uniform_(x, np.nan, 0.0), "uniform_ .* expected a <= b"),
        (lambda x: init.xavier_uniform_(x, gain=-1.0), "uniform_ .* expected a <= b"),
        (lambda x: init.normal_(x, std=-1.0), "normal_ .* got std=-1.0"),
        (lambda x: init.normal_(x, std=np.nan), "normal_ .* got std=nan"),
    ],
)
def test_a_range_to_draw_from_is_not_negative(fill, message):
    weight = nf.ones((2, 2))
    with pytest.raises(ValueError, match=message):
        fill(weight)
    assert weight.tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_initialisation_refuses_what_it_cannot_fill():
    fills = init.eye_, init.xavier_normal_, init.xavier_uniform_, init.kaiming_normal_, init.kaiming_uniform_
    for fill in fills:
        with pytest.raises(nf.ShapeError, match=rf"{fill.__name__} .*\(3,\)") as caught:
            fill(nf.zeros(3))
        assert (caught.value.shapes, caught.value.operation) == (((3,),), fill.__name__)
        assert fill(nf.zeros((0, 0))).shape == (0, 0)
        assert fill(nf.zeros((3, 0))).shape == (3, 0)
    assert nf.Linear(0, 0)(nf.zeros((2, 0))).shape == (2, 0)
    with pytest.raises(ValueError, match=r"kaiming_normal_.*fan_in"):
        init.kaiming_normal_(nf.zeros((2, 2)), mode="fan")
    with pytest.raises(TypeError, match="ndarray"):
        init.zeros_(np.ones(3))


# -- recurrence --------------------------------------------------------------------------------------

LAYERS = [nf.RNN, nf.LSTM, nf.GRU]
CELLS = [nf.RNNCell, nf.LSTMCell, nf.GRUCell]


def parts(state):
    return state if isinstance(state, tuple) else (state,)


@pytest.mark.parametrize(("cell", "gates"), [(nf.RNNCell, 1), (nf.LSTMCell, 4), (nf.GRUCell, 3)])
def test_a_cells_parameters(cell, gates):
    nf.manual_seed(2)
    layer = cell(7, 16)
    assert {name: parameter.shape for name, parameter in layer.named_parameters()} == {
        "weight_ih": (gates * 16, 7),
        "weight_hh": (gates * 16, 16),
        "bias_ih": (gates * 16,),
        "bias_hh": (gates * 16,),
    }
    for parameter in layer.parameters():
        assert parameter.dtype == np.float32 and 0.15 < abs(parameter.data).max() <= 0.25


def test_a_gru_step_by_its_equations():
    rng = np.random.default_rng(3)
    cell, x, h = double(nf.GRUCell(3, 2)), rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    w_ih, w_hh, b_ih, b_hh = (parameter.data for parameter in cell.parameters())
    x_r, x_z, x_n = np.split(x @ w_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ w_hh.T + b_hh, 3, axis=1)
    z = sigmoid(x_z + h_z)
    expected = (1 - z) * np.tanh(x_n + sigmoid(x_r + h_r) * h_n) + z * h
    np.testing.assert_allclose(cell(nf.Tensor(x), nf.Tensor(h)).data, expected, rtol=1e-12)
    zero = cell(nf.Tensor(x), nf.zeros((4, 2), dtype=np.float64))
    np.testing.assert_array_equal(cell(nf.Tensor(x)).data, zero.data)


@pytest.mark.parametrize("layer", LAYERS)
def test_gradients_through_time_and_lengths(layer):
    rng = np.random.default_rng(4)
    model = double(layer(3, 2))
    x = nf.Tensor(rng.normal(size=(3, 4, 3)), requires_grad=True)
    states = [nf.Tensor(rng.normal(size=(3, 2)), requires_grad=True) for _ in parts(model.cell.zero_state(x))]

    def run(x, *rest):
        state = tuple(rest[: len(states)])
        outputs, last = model(x, state if len(state) > 1 else state[0], lengths=[4, 0, 2])
        return sum((part.sin().sum() for part in parts(last)), outputs.cos().sum())

    assert nf.check_gradients(run, [x, *states, *model.parameters()])


@pytest.mark.parametrize("layer", LAYERS)
def test_padding_influences_nothing(layer):
    rng = np.random.default_rng(5)
    model, lengths = double(layer(3, 2)), [2, 0, 5]
    x = rng.normal(size=(3, 5, 3))
    padding = np.arange(5) >= np.array(lengths)[:, None]

    def run(content):
        filled = nf.Tensor(np.where(padding[:, :, None], content, x), requires_grad=True)
        model.zero_grad()
        outputs, state = model(filled, lengths=lengths)
        (outputs.sum() + sum(part.sum() for part in parts(state))).backward()
        return [t.data for t in (outputs, *parts(state), filled.grad, *(p.grad for p in model.parameters()))]

    clean, dirty = run(0.0), run(np.nan)
    for expected, observed in zip(clean, dirty, strict=True):
        np.testing.assert_array_equal(observed, expected)
    outputs, state, x_grad = dirty[0], dirty[1], dirty[len(clean) - 5]
    assert np.all(outputs[padding] == 0) and np.all(x_grad[padding] == 0)
    np.testing.assert_array_equal(state, [outputs[0, 1], [0, 0], outputs[2, 4]])


@pytest.mark.parametrize("layer", LAYERS)
def test_lengths_give_what_each_sequence_gives_alone(layer):
    rng = np.random.default_rng(6)
    model, x = double(layer(3, 2)), rng.normal(size=(3, 5, 3))
    outputs, state = model(nf.Tensor(x), lengths=nf.Tensor([5, 3, 1]))
    for row, length in enumerate([5, 3, 1]):
        alone, last = model(nf.Tensor(x[row : row + 1, :length]))
        np.testing.assert_allclose(outputs.data[row, :length], alone.data[0], rtol=1e-12)
        for part, alone_part in zip(parts(state), parts(last), strict=True):
            np.testing.assert_allclose(part.data[row], alone_part.data[0], rtol=1e-12)


@pytest.mark.parametrize("layer", LAYERS)
def test_no_sequences_at_all(layer):
    outputs, state = layer(3, 2)(nf.zeros((0, 4, 3)), lengths=[])
    assert outputs.shape == (0, 4, 2) and {part.shape for part in parts(state)} == {(0, 2)}


def test_lengths_keep_the_dtype():
    outputs, (h, c) = nf.LSTM(3, 2)(nf.ones((2, 4, 3)), lengths=np.array([1, 4]))
    assert outputs.dtype == h.dtype == c.dtype == np.float32


@pytest.mark.parametrize("lengths", [[1, 5], [-1, 2], [1.0, 2.0], [1], [[1, 2]], [True, False], 3])
def test_wrong_lengths(lengths):
    with pytest.raises(ValueError, match=r"GRU\(3, 2\) expects lengths"):
        nf.GRU(3, 2)(nf.ones((2, 4, 3)), lengths=lengths)


@pytest.mark.parametrize("layer", LAYERS)
def test_wrong_shapes_in_sequences(layer):
    model = layer(3, 2)
    for shape in [(2, 0, 3), (2, 4, 5), (4, 3)]:
        with pytest.raises(nf.ShapeError, match=r"\(3, 2\) expects x of shape \(batch, time, 3\)"):
            model(nf.ones(shape))


@pytest.mark.parametrize("cell", CELLS)
def test_wrong_shapes_in_a_step(cell):
    layer = cell(3, 2)
    for shape in [(), (3,), (4, 5), (2, 4, 3)]:
        with pytest.raises(nf.ShapeError, match=rf"{cell.__name__}\(3, 2\) expects x"):
            layer(nf.ones(shape))
    state = nf.zeros((1, 2))  # would broadcast
    with pytest.raises(nf.ShapeError, match=r"expects a state of shape \(4, 2\), got \(1, 2\)"):
        layer(nf.ones((4, 3)), (state, state) if cell is nf.LSTMCell else state)


def test_an_unknown_nonlinearity():
    with pytest.raises(ValueError, match="sigmoid"):
        nf.RNN(2, 3, nonlinearity="sigmoid")
    assert nf.RNN(2, 3, nonlinearity="relu")(-nf.ones((1, 2, 2)))[0].data.min() >= 0


def test_a_copy_has_registries_of_its_own():
    layer = nf.Linear(2, 2)
    other = copy.copy(layer)
    assert other.weight is layer.weight and pickle.loads(pickle.dumps(layer)).weight.data.tolist() == (
        layer.weight.data.tolist()
    )
    other.weight = nf.Parameter(np.ones((2, 2)))
    del other.bias
    assert layer.weight is dict(layer.named_parameters())["weight"] and "bias" in layer.state_dict()


@pytest.mark.parametrize("value", [[[1.0, 2.0]], None, "text"])
@pytest.mark.parametrize("make", [lambda: nf.Linear(2, 3), nf.ReLU, lambda: nf.LSTM(2, 3), lambda: nf.Conv2d(1, 1, 2)])
def test_an_input_that_is_no_tensor_is_named(make, value):
    layer = make()
    with pytest.raises(TypeError, match=rf"{type(layer).__name__}\(.*expects a Tensor, got {type(value).__name__}"):
        layer(value)


def test_errors_of_a_forward_stay_as_they_are():
    class Model(nf.Module):
        def forward(self, x, setting=None):
            return x.no_such_name if setting is None else setting.missing

    with pytest.raises(AttributeError, match="no_such_name"):
        Model()(nf.ones(2))
    with pytest.raises(AttributeError, match="missing"):
        Model()(nf.ones(2), setting=3)


@pytest.mark.parametrize("message", ["mine", "missing"])
def test_a_none_among_the_inputs_is_not_blamed_for_another_error(message):
    class Model(nf.Module):
        def forward(self, x, setting):
            if message == "mine":
                raise AttributeError("mine")
            return self.training and None.missing

    with pytest.raises(AttributeError, match=message):
        Model()(nf.ones(2), None)


def test_an_input_under_its_name_is_named():
    with pytest.raises(TypeError, match=r"ReLU\(.*expects a Tensor, got list"):
        nf.ReLU()(x=[1.0])


@pytest.mark.parametrize("fill", [init.uniform_, init.normal_])
def test_integers_are_not_filled_at_random(fill):
    with pytest.raises(TypeError, match=f"{fill.__name__} fills .* got dtype int"):
        fill(nf.Tensor([1, 2]))
