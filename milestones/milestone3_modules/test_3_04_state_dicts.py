"""3.4 State dicts: saving a module's numbers by name and loading them again, all or nothing."""

from functools import partial

import numpy as np

import neural_framework as nf


def model():
    """weight (2, 3) of halves in float32, layer.bias (3,) float64 and a buffer layer.mean (2,)."""
    root = nf.Module()
    root.layer = nf.Module()
    root.weight = nf.Parameter(np.full((2, 3), 0.5, dtype="float32"))
    root.layer.bias = nf.Parameter(np.zeros(3))
    root.layer.register_buffer("mean", np.zeros(2))
    return root


def numbers():
    """A state that fits the model."""
    weight, bias, mean = np.arange(6.0).reshape(2, 3), np.array([7.0, 8.0, 9.0]), np.array([5.0, 6.0])
    return {"weight": weight, "layer.bias": bias, "layer.mean": mean}


def test_state_dict_has_every_dotted_name(see):
    """state_dict() holds every parameter and buffer under its dotted name: own first, then those of the children."""
    root = model()
    root.register_buffer("count", np.zeros(1))
    state = root.state_dict()
    see.equal(list(state), ["weight", "count", "layer.bias", "layer.mean"])
    see.equal([type(array).__name__ for array in state.values()], ["ndarray"] * 4)


def test_names_of_many_levels_are_complete(see):
    """Each name holds the whole way from the root: two layers of one name, deep inside, are two entries."""
    root = nf.Module()
    for branch, value in (("first", 1.0), ("second", 2.0)):
        top = nf.Module()
        setattr(root, branch, top)
        top.inner = nf.Module()
        top.inner.deep = nf.Module()
        top.inner.deep.weight = nf.Parameter(np.array([value]))
    state = root.state_dict()
    see.equal(list(state), ["first.inner.deep.weight", "second.inner.deep.weight"])
    root.load_state_dict({name: array + 10 for name, array in state.items()})
    see.close(root.second.inner.deep.weight, [12.0])


def test_state_dict_has_the_values_and_dtypes(see):
    """Each entry holds the parameter's numbers in the parameter's dtype and shape, also of a single number."""
    root = model()
    root.scale, root.none = nf.Parameter(np.array(2.0)), nf.Parameter(np.zeros((0, 3)))
    root.register_buffer("count", np.array(3))
    root.weight.data[...] = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    state = root.state_dict()
    see.close(state["weight"], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    see.equal([state["weight"].dtype, state["layer.bias"].dtype], ["float32", "float64"])
    see.equal(state["scale"], np.array(2.0))
    see.equal(state["count"], np.array(3))
    see.equal(state["none"].shape, (0, 3))


def test_state_dict_is_a_copy(see):
    """A state dict is a snapshot: training does not change it, and changing it does not change the model."""
    root = model()
    state = root.state_dict()
    root.weight.data[...] = 1.0
    state["layer.bias"][...] = 2.0
    state["layer.mean"][...] = 3.0
    see.close(state["weight"], np.full((2, 3), 0.5))
    see.close(root.layer.bias.data, np.zeros(3))
    see.close(np.asarray(root.layer.mean), np.zeros(2))


def test_a_shared_parameter_is_saved_under_both_names(see):
    """A shared weight is saved under both its names, so that the state fits a model that shares nothing."""
    root = model()
    root.layer.tied = root.weight
    see.equal(sorted(root.state_dict()), ["layer.bias", "layer.mean", "layer.tied", "weight"])


def test_a_layer_with_two_names_is_saved_under_both(see):
    """A layer that is registered twice is saved twice: the state also fits a model with two layers of its own."""
    root = model()
    root.again = root.layer
    expected = ["weight", "layer.bias", "layer.mean", "again.bias", "again.mean"]
    see.equal(list(root.state_dict()), expected)


def test_a_child_that_points_back_ends_the_walk(see):
    """child.parent = parent makes a cycle: a module inside itself is left out, so each name appears once."""
    root = model()
    root.layer.parent = root
    see.equal(sorted(root.state_dict()), ["layer.bias", "layer.mean", "weight"])
    root.load_state_dict(numbers())
    see.close(root.layer.bias.data, [7.0, 8.0, 9.0])


def test_a_circle_of_any_length_ends_the_walk(see):
    """A module that is its own child, a ring of three, a ring inside a model: a module inside itself is left out."""
    alone, first, second, third, above = (nf.Module() for _ in range(5))
    alone.me, alone.weight = alone, nf.Parameter([1.0])
    see.equal(list(alone.state_dict()), ["weight"])
    first.next, second.next, third.next = second, third, first
    third.weight = nf.Parameter([1.0])
    see.equal(list(first.state_dict()), ["next.next.weight"])
    above.me, above.ring = alone, first
    see.equal(list(above.state_dict()), ["me.weight", "ring.next.next.weight"])


def test_a_buffer_stays_a_buffer_when_it_gets_a_new_value(see):
    """A layer may update its running mean with self.mean = new_mean: the new value is saved."""
    root = model()
    root.layer.mean = nf.Tensor([1.0, 2.0])
    see.close(root.state_dict()["layer.mean"], [1.0, 2.0])


def test_what_was_removed_is_not_saved(see):
    """A parameter or a buffer that was set to None is not state any more: it is neither saved nor missing."""
    root = model()
    root.weight = root.layer.mean = None
    see.equal(list(root.state_dict()), ["layer.bias"])
    root.load_state_dict({"layer.bias": np.array([7.0, 8.0, 9.0])})
    see.close(root.layer.bias, [7.0, 8.0, 9.0])


def test_load_sets_parameters_and_buffers(see):
    """load_state_dict puts every array in its place, including the buffers, whatever its shape or order in memory."""
    root = model()
    root.scale, root.none = nf.Parameter(np.array(2.0)), nf.Parameter(np.zeros((0, 3)))
    root.register_parameter("turned", nf.from_numpy(np.zeros((3, 2)).T, requires_grad=True))
    more = {"scale": np.array(4.0), "none": np.zeros((0, 3)), "turned": np.arange(6.0).reshape(2, 3)}
    root.load_state_dict({**numbers(), **more})
    see.close(root.scale, 4.0)
    see.close(root.turned, more["turned"])
    see.close(root.weight.data, [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
    see.close(root.layer.bias.data, [7.0, 8.0, 9.0])
    see.close(np.asarray(root.layer.mean), [5.0, 6.0])


def test_load_keeps_the_parameter_objects(see):
    """Loading changes the numbers in your parameters, not the objects: an optimizer still holds them."""
    root = model()
    weight, bias = root.weight, root.layer.bias
    root.load_state_dict(numbers())
    see.same(root.weight, weight)
    see.same(root.layer.bias, bias)
    see.equal(weight.requires_grad, True)


def test_load_keeps_the_dtype(see):
    """Parameters and buffers keep their dtype: float64 loaded into float32 becomes float32, into int64 int64."""
    root = model()
    root.register_buffer("count", np.array(1))
    state = {**numbers(), "count": np.array(6.0)}
    state["layer.bias"], state["layer.mean"] = np.array([1, 2, 3]), np.array([4, 5])
    root.load_state_dict(state)
    see.equal([root.weight.data.dtype, root.layer.bias.data.dtype], ["float32", "float64"])
    see.close(root.layer.bias.data, [1.0, 2.0, 3.0])
    see.equal(np.asarray(root.layer.mean), np.array([4.0, 5.0]))
    see.equal(np.asarray(root.count), np.array(6))


def test_load_copies(see):
    """The model shares no memory with the state that it loaded: training must not change your snapshot."""
    root, state = model(), numbers()
    root.load_state_dict(state)
    root.layer.bias.data[...] = 0.0
    see.close(state["layer.bias"], [7.0, 8.0, 9.0])
    state["layer.mean"][...] = 0.0
    see.close(np.asarray(root.layer.mean), [5.0, 6.0])


def test_everything_that_does_not_fit_is_listed(see):
    """One error names all missing, unknown and misshapen entries, so that you can fix them all at once."""
    state = {"weight": np.zeros((3, 2)), "layer.mean": np.zeros(2), "layer.gain": np.zeros(3)}
    mentions = ["weight", "layer.bias", "layer.gain", (3, 2), (2, 3)]
    see.raises(lambda: model().load_state_dict(state), "NeuralFrameworkError", mentions=mentions)


def test_each_entry_that_does_not_fit_is_listed(see):
    """The error names both missing entries, both unknown ones, and both misshapen ones with their shapes."""
    root = model()
    root.layer.scale = nf.Parameter(np.zeros(4))
    state = {"weight": np.zeros((3, 2)), "layer.mean": np.zeros(5), "gain": np.zeros(1), "head.shift": np.zeros(1)}
    mentions = ["layer.bias", "layer.scale", "gain", "head.shift", "weight", (3, 2), "layer.mean", (5,)]
    see.raises(lambda: root.load_state_dict(state), "NeuralFrameworkError", mentions=mentions)


def test_a_failing_load_changes_nothing(see):
    """If one entry does not fit, no entry is loaded: the model is unchanged."""
    for wrong in ({"extra": np.zeros(1)}, {"layer.mean": np.zeros(4)}, {"weight": np.zeros((2, 4))}):
        root = model()
        see.raises(partial(root.load_state_dict, {**numbers(), **wrong}), "NeuralFrameworkError")
        see.close(root.weight.data, np.full((2, 3), 0.5))
        see.close(root.layer.bias.data, np.zeros(3))
        see.close(np.asarray(root.layer.mean), np.zeros(2))


def test_what_is_no_real_number_does_not_fit(see):
    """Text, complex numbers and None are listed like wrong shapes, and nothing is loaded."""
    for wrong in (np.array(["a", "b"]), np.array([1j, 2j]), [None, None], [[1.0], [2.0, 3.0]]):
        root = model()
        load = partial(root.load_state_dict, {**numbers(), "layer.mean": wrong})
        see.raises(load, "NeuralFrameworkError", mentions=["layer.mean"])
        see.close(root.weight.data, np.full((2, 3), 0.5))


def test_a_shape_that_would_broadcast_does_not_fit(see):
    """An array of shape (3,) could broadcast to (2, 3), but it does not fit: an error, strict or not."""
    for strict in (True, False):
        root = model()
        state = {**numbers(), "weight": np.ones(3)}
        load = partial(root.load_state_dict, state, strict=strict)
        see.raises(load, "NeuralFrameworkError", mentions=["weight"])
        see.close(root.weight.data, np.full((2, 3), 0.5))
        see.close(root.layer.bias.data, np.zeros(3))


def test_one_missing_name_is_an_error_when_strict(see):
    """By default a state that lacks the name of a parameter or a buffer is an error that gives this name."""
    for name in ("layer.bias", "layer.mean"):
        state = numbers()
        del state[name]
        see.raises(partial(model().load_state_dict, state), "NeuralFrameworkError", mentions=[name])


def test_not_strict_loads_what_fits(see):
    """strict=False allows missing and unknown names, and loads the rest."""
    root = model()
    root.load_state_dict({"layer.bias": np.array([7.0, 8.0, 9.0]), "head.weight": np.zeros(5)}, strict=False)
    see.close(root.layer.bias.data, [7.0, 8.0, 9.0])
    see.close(root.weight.data, np.full((2, 3), 0.5))
