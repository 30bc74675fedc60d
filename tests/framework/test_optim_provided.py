"""What students are given complete in `optim`."""

import copy
import json
import math
import pickle

import numpy as np
import pytest

import neural_framework as nf


def parameter(values):
    return nf.Parameter(np.array(values, float))


def with_grad(values, grad):
    one = parameter(values)
    one.grad = None if grad is None else nf.Tensor(np.array(grad, float))
    return one


# -- optimizers --


class Descent(nf.Optimizer):
    def update(self, parameter, grad, state, group):
        state["steps"] = state.get("steps", 0) + 1
        parameter.data -= group["lr"] * grad


def test_groups_take_defaults_and_may_override_them():
    a, b, c = with_grad([1.0], [1.0]), with_grad([1.0], [1.0]), with_grad([1.0], [1.0])
    optimizer = Descent([{"params": [a]}, {"params": b, "lr": 0.5}], {"lr": 0.1})
    optimizer.add_param_group({"params": [c], "lr": 1.0})
    optimizer.step()
    assert np.allclose([a.item(), b.item(), c.item()], [0.9, 0.5, 0.0])
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.5, 1.0]


def stepwise(make, params, grads, elementwise):
    """The parameters' arrays after steps with the given gradients, a list for each step (None: it sits out)."""
    optimizer = make(params)
    optimizer.elementwise = elementwise
    for step in grads:
        for one, grad in zip(params, step, strict=True):
            one.grad = None if grad is None else nf.Tensor(grad, dtype=one.dtype)
        optimizer.step()
    return optimizer


def same_run(make, dtypes=(np.float64, np.float64, np.float64), sits_out=(), between=None):
    """Fails unless bundled steps give bit for bit the numbers and states of one update for each parameter."""
    rng, shapes = np.random.default_rng(5), [(3, 2), (4,), (1, 1, 2)]
    start = [rng.normal(size=shape).astype(dtype) for shape, dtype in zip(shapes, dtypes, strict=True)]
    grads = [
        [None if (step, place) in sits_out else rng.normal(size=shape) for place, shape in enumerate(shapes)]
        for step in range(6)
    ]
    runs = []
    for elementwise in (True, False):
        params = [nf.Parameter(array) for array in start]
        optimizer = stepwise(make, params, grads[:3], elementwise)
        if between is not None:
            between(optimizer, params)
        for step in grads[3:]:
            for one, grad in zip(params, step, strict=True):
                one.grad = None if grad is None else nf.Tensor(grad, dtype=one.dtype)
            optimizer.step()
        runs.append((optimizer, params))
    (one, params), (other, expected) = runs
    for mine, right in zip(params, expected, strict=True):
        assert np.array_equal(mine.data, right.data) and mine.dtype == right.dtype and mine.shape == right.shape
    np.testing.assert_equal(one.state_dict(), other.state_dict())
    return one


ALL_OPTIMIZERS = {
    "sgd": lambda params: nf.SGD(params, lr=0.1),
    "momentum": lambda params: nf.SGD(params, lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True),
    "adam": lambda params: nf.Adam(params, lr=0.1, weight_decay=0.1),
    "adamw": lambda params: nf.AdamW(params, lr=0.1),
    "rmsprop": lambda params: nf.RMSprop(params, lr=0.1, momentum=0.5),
}


@pytest.mark.parametrize("make", ALL_OPTIMIZERS.values(), ids=ALL_OPTIMIZERS)
def test_bundled_parameters_take_the_steps_of_single_ones(make):
    assert same_run(make)._bundles[0] is not None
    assert same_run(make, dtypes=[np.float32] * 3)._bundles[0] is not None
    assert same_run(make, dtypes=[np.float32, np.float64, np.float32])._bundles[0] is None


@pytest.mark.parametrize("make", ALL_OPTIMIZERS.values(), ids=ALL_OPTIMIZERS)
@pytest.mark.parametrize("sits_out", [{(0, 1)}, {(2, 0)}, {(4, 2)}, {(1, 0), (3, 1)}, {(5, 1)}])
def test_a_parameter_that_sits_out_leaves_the_bundle(make, sits_out):
    same_run(make, sits_out=sits_out)


def new_array(optimizer, params):
    params[0].data = params[0].data + 1.0


def loaded_state(optimizer, params):
    optimizer.load_state_dict(optimizer.state_dict())


def new_state(optimizer, params):
    for values in optimizer.state.values():
        values.clear()


def changed_count(optimizer, params):
    optimizer.state[params[1]]["step"] = 20


def changed_array(optimizer, params):
    for values in optimizer.state.values():
        for value in values.values():
            if isinstance(value, np.ndarray):
                value += 0.5


def added(optimizer, params):
    optimizer.param_groups[0]["params"].reverse()


@pytest.mark.parametrize("make", ALL_OPTIMIZERS.values(), ids=ALL_OPTIMIZERS)
@pytest.mark.parametrize("between", [new_array, loaded_state, new_state, changed_count, changed_array, added])
def test_what_a_caller_replaces_is_taken_up_by_the_bundle(make, between):
    same_run(make, between=between)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
@pytest.mark.parametrize("make", ALL_OPTIMIZERS.values(), ids=ALL_OPTIMIZERS)
def test_a_copy_of_a_run_takes_the_same_steps(make, copied):
    model = nf.Sequential(nf.Linear(2, 3), nf.Linear(3, 1))
    x, optimizer = nf.randn((4, 2)), make(model.parameters())
    nf.training_step(model, x, nf.zeros((4, 1)), optimizer, nf.MSELoss())
    others = copied((model, optimizer))
    for one, steps in ((model, optimizer), others):
        nf.training_step(one, x, nf.zeros((4, 1)), steps, nf.MSELoss())
    np.testing.assert_equal(others[0].state_dict(), model.state_dict())
    np.testing.assert_equal(others[1].state_dict(), optimizer.state_dict())
    before = model.state_dict()
    nf.training_step(others[0], x, nf.zeros((4, 1)), others[1], nf.MSELoss())
    np.testing.assert_equal(model.state_dict(), before)


def test_parameters_that_share_memory_are_not_bundled():
    array = np.ones(4)
    one, two = nf.from_numpy(array[:3], requires_grad=True), nf.from_numpy(array[1:], requires_grad=True)
    stepwise(lambda params: nf.SGD(params, lr=1.0), [one, two], [[np.ones(3), np.ones(3)]], True)
    assert array.tolist() == [0.0, -1.0, -1.0, 0.0]


def test_an_optimizer_of_ones_own_gets_each_parameter_alone():
    shapes = []

    class Own(nf.Optimizer):
        def update(self, parameter, grad, state, group):
            shapes.append((parameter.shape, grad.shape))

    Own([with_grad([1.0], [1.0]), with_grad([1.0, 2.0], [1.0, 1.0])], {"lr": 0.1}).step()
    assert shapes == [((1,), (1,)), ((2,), (2,))]


def test_a_setting_out_of_range_changes_no_parameter():
    a, b = with_grad([1.0], [1.0]), with_grad([1.0], [1.0])
    optimizer = nf.SGD([{"params": [a]}, {"params": [b]}], lr=0.5)
    optimizer.param_groups[1]["lr"] = math.nan
    with pytest.raises(ValueError, match="lr"):
        optimizer.step()
    optimizer.param_groups[1]["lr"] = 0.25
    optimizer.step()
    assert (a.item(), b.item()) == (0.5, 0.75)


def test_an_update_may_assign_a_new_array():
    class Own(nf.Optimizer):
        elementwise = True

        def update(self, parameter, grad, state, group):
            state["sum"] = state.get("sum", 0.0) + grad
            parameter.data = parameter.data - group["lr"] * state["sum"]

    same_run(lambda params: Own(params, {"lr": 0.1}))


def test_a_parameter_without_gradient_keeps_value_and_state():
    a, b = with_grad([1.0], [1.0]), with_grad([2.0], None)
    optimizer = Descent([a, b], {"lr": 0.1})
    optimizer.step()
    assert b.item() == 2.0
    assert optimizer.state[a] == {"steps": 1} and not optimizer.state.get(b)


def test_zero_grad_forgets():
    a = with_grad([1.0], [1.0])
    Descent([a], {"lr": 0.1}).zero_grad()
    assert a.grad is None


@pytest.mark.parametrize(
    "params", [[], [{"params": []}], [nf.Tensor([1.0])], [nf.Parameter([1.0]) * 2], [{"params": nf.ones(2)}]]
)
def test_parameters_that_cannot_be_trained_are_refused(params):
    with pytest.raises(ValueError, match=r"Descent"):
        Descent(params, {"lr": 0.1})


def test_a_parameter_given_twice_is_refused():
    a = parameter([1.0])
    for params in ([a, a], [{"params": [a]}, {"params": [a]}]):
        with pytest.raises(ValueError, match="twice"):
            Descent(params, {"lr": 0.1})


@pytest.mark.parametrize("kind", [set, frozenset])
def test_a_set_of_parameters_is_refused_at_every_door(kind):
    params, optimizer = kind([parameter([1.0])]), Descent([parameter([1.0])], {"lr": 0.1})
    for door in (
        lambda: Descent(params, {"lr": 0.1}),
        lambda: Descent([{"params": params}], {"lr": 0.1}),
        lambda: optimizer.add_param_group({"params": params}),
    ):
        with pytest.raises(TypeError, match=f"Descent got a {kind.__name__} of parameters, which has no order"):
            door()
    assert len(optimizer.param_groups) == 1


def test_things_that_are_no_parameters_are_refused():
    for params in (parameter([1.0]), [np.ones(2)], [{"weights": []}]):
        with pytest.raises(TypeError, match="Descent"):
            Descent(params, {"lr": 0.1})


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
@pytest.mark.parametrize(
    ("name", "setting"),
    [
        *[("SGD", setting) for setting in ("lr", "momentum", "weight_decay")],
        *[("Adam", setting) for setting in ("lr", "eps", "weight_decay", "betas")],
        *[("AdamW", setting) for setting in ("lr", "eps", "weight_decay", "betas")],
        *[("RMSprop", setting) for setting in ("lr", "alpha", "eps", "weight_decay", "momentum")],
    ],
)
def test_hyperparameters_out_of_range_are_named(name, setting, value):
    value = (0.9, value) if setting == "betas" else value
    with pytest.raises(ValueError, match=f"{name}.*{setting}"):
        getattr(nf, name)([parameter([1.0])], **{setting: value})
    with pytest.raises(ValueError, match=f"{name}.*{setting}"):
        getattr(nf, name)([{"params": [parameter([1.0])], setting: value}])


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_a_setting_written_by_hand_is_checked_before_the_step(value):
    a = with_grad([1.0], [1.0])
    optimizer = nf.SGD([a], lr=0.1)
    optimizer.param_groups[0]["lr"] = value
    with pytest.raises(ValueError, match="SGD: lr"):
        optimizer.step()
    assert a.item() == 1.0


def test_nesterov_needs_a_momentum_at_every_door():
    for params in ([{"params": [parameter([1.0])], "nesterov": True}],):
        with pytest.raises(ValueError, match="SGD: nesterov=True needs a momentum"):
            nf.SGD(params)
    optimizer = nf.SGD([parameter([1.0])])
    with pytest.raises(ValueError, match="SGD: nesterov=True needs a momentum"):
        optimizer.add_param_group({"params": [parameter([1.0])], "nesterov": True})


def test_more_refused_hyperparameters():
    for settings in ({"betas": (0.9, 1.0)}, {"betas": (0.9,)}):
        with pytest.raises(ValueError, match="betas"):
            nf.Adam([parameter([1.0])], **settings)
    with pytest.raises(ValueError, match="nesterov"):
        nf.SGD([parameter([1.0])], nesterov=True)
    with pytest.raises(TypeError, match="lr"):
        nf.SGD([parameter([1.0])], lr="fast")


OPTIMIZERS = {
    "sgd": lambda params: nf.SGD(params, lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True),
    "adam": lambda params: nf.Adam(params, lr=0.1),
    "adamw": lambda params: nf.AdamW(params, lr=0.1),
    "rmsprop": lambda params: nf.RMSprop(params, lr=0.1, momentum=0.5),
}


def descend(params, optimizer, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        sum((one * one * one).sum() for one in params).backward()
        optimizer.step()


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_loaded_optimizer_continues_exactly(make, rng):
    start = [rng.normal(size=(3, 2)), rng.normal(size=())]
    params = [parameter(values) for values in start]
    optimizer = make(params)
    descend(params, optimizer, 3)
    saved, values = optimizer.state_dict(), [one.data.copy() for one in params]
    descend(params, optimizer, 3)

    others = [parameter(value) for value in values]
    other = make(others)
    other.load_state_dict(saved)
    descend(others, other, 3)
    for one, two in zip(params, others, strict=True):
        assert np.array_equal(one.data, two.data)


def test_a_state_dict_is_a_copy_and_so_is_what_is_loaded():
    a = parameter([1.0, 2.0])
    optimizer = nf.SGD([a], momentum=0.9)
    descend([a], optimizer, 1)
    saved = optimizer.state_dict()
    before = saved["state"][0]["velocity"].copy()
    optimizer.load_state_dict(saved)
    descend([a], optimizer, 1)
    assert np.array_equal(saved["state"][0]["velocity"], before)
    assert saved["param_groups"][0]["params"] == [0]


def test_a_state_that_does_not_fit_changes_nothing():
    a = parameter([1.0, 2.0])
    optimizer = nf.SGD([a], lr=0.5, momentum=0.9)
    descend([a], optimizer, 1)
    before = optimizer.state_dict()
    misfits = [
        nf.Adam([parameter([1.0, 2.0])]),
        nf.SGD([parameter([1.0])], momentum=0.9),
        nf.SGD([parameter([1.0, 2.0]), parameter([1.0])]),
        nf.SGD([{"params": [parameter([1.0, 2.0])]}, {"params": [parameter([1.0])]}]),
    ]
    for misfit in misfits:
        with pytest.raises(ValueError, match="SGD"):
            optimizer.load_state_dict(misfit.state_dict())
        after = optimizer.state_dict()
        assert after["param_groups"] == before["param_groups"]
        assert np.array_equal(after["state"][0]["velocity"], before["state"][0]["velocity"])


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({1: {"velocity": np.ones(2)}}, "parameter 1, but there are only 1"),
        ({-1: {"velocity": np.ones(2)}}, "parameter -1"),
        ({0: {"velocity": np.ones(3)}}, r"velocity of parameter 0 has shape \(3,\), the parameter \(2,\)"),
    ],
)
def test_a_state_for_other_parameters_changes_nothing(state, message):
    a = parameter([1.0, 2.0])
    optimizer = nf.SGD([a], lr=0.5, momentum=0.9)
    descend([a], optimizer, 1)
    before = optimizer.state_dict()
    with pytest.raises(ValueError, match=f"SGD.*{message}"):
        optimizer.load_state_dict({**nf.SGD([a], lr=0.1, momentum=0.9).state_dict(), "state": state})
    np.testing.assert_equal(optimizer.state_dict(), before)


def test_hyperparameters_are_numbers_of_python():
    assert type(nf.SGD([parameter([1.0])], lr=np.float32(0.5)).param_groups[0]["lr"]) is float


def test_a_step_changes_no_gradient(rng):
    for make in OPTIMIZERS.values():
        a = with_grad(rng.normal(size=3), [1.0, 2.0, 3.0])
        optimizer = make([a])
        optimizer.step()
        optimizer.step()
        assert a.grad.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_rmsprop_follows_its_formula(momentum, rng):
    a = parameter(rng.normal(size=4))
    p, s, v = a.data.copy(), np.zeros(4), np.zeros(4)
    optimizer = nf.RMSprop([a], lr=0.02, alpha=0.9, eps=1e-6, weight_decay=0.1, momentum=momentum)
    for _ in range(100):
        grad = rng.normal(size=4)
        a.grad = nf.Tensor(grad)
        optimizer.step()
        g = grad + 0.1 * p
        s = 0.9 * s + 0.1 * g**2
        v = momentum * v + g / (np.sqrt(s) + 1e-6)
        p = p - 0.02 * v
    assert np.allclose(a.data, p, rtol=1e-10, atol=1e-12)


# -- schedulers --


def rates(scheduler, steps, *metrics):
    found = [scheduler.optimizer.param_groups[0]["lr"]]
    for step in range(steps):
        scheduler.step(*[values[step] for values in metrics])
        found.append(scheduler.optimizer.param_groups[0]["lr"])
    return found


def sgd(lr=1.0):
    return nf.SGD([parameter([1.0])], lr=lr)


def test_exponential_and_warmup():
    assert np.allclose(rates(nf.ExponentialLR(sgd(2.0), 0.5), 3), [2.0, 1.0, 0.5, 0.25])
    assert np.allclose(rates(nf.LinearWarmup(sgd(2.0), 4), 5), [0.5, 1.0, 1.5, 2.0, 2.0, 2.0])


def test_every_group_has_its_own_rate():
    groups = [{"params": [parameter([1.0])]}, {"params": [parameter([1.0])], "lr": 4.0}]
    scheduler = nf.ExponentialLR(nf.SGD(groups, lr=1.0), 0.5)
    scheduler.step()
    assert scheduler.get_last_lr() == [0.5, 2.0]


PLATEAUS = [  # settings, metrics, learning rates after each; from PyTorch's rules, counted by hand
    ({"patience": 1}, [3.0, 3.0, 3.0, 3.0, 3.0], [1, 1, 0.1, 0.1, 0.01]),
    ({"patience": 0, "cooldown": 2}, [3.0] * 6, [1, 0.1, 0.1, 0.1, 0.01, 0.01]),
    ({"patience": 0, "min_lr": 0.05}, [3.0] * 4, [1, 0.1, 0.05, 0.05]),
    ({"patience": 0, "mode": "max"}, [1.0, 2.0, 2.0], [1, 1, 0.1]),
    ({"patience": 0, "threshold": 0.1}, [10.0, 9.5, 8.9], [1, 0.1, 0.1]),
    ({"patience": 0, "threshold": 1.0, "threshold_mode": "abs"}, [10.0, 9.5, 8.9], [1, 0.1, 0.1]),
    ({"patience": 0, "threshold": 0.1, "mode": "max"}, [10.0, 10.5, 11.5], [1, 0.1, 0.1]),
    ({"patience": 0}, [math.nan, math.inf, 1.0], [0.1, 0.01, 0.01]),
]


@pytest.mark.parametrize(("settings", "metrics", "expected"), PLATEAUS)
def test_reduce_on_plateau(settings, metrics, expected):
    scheduler = nf.ReduceLROnPlateau(sgd(1.0), **settings)
    assert np.allclose(rates(scheduler, len(metrics), metrics), [1.0, *expected])
    assert scheduler.get_last_lr() == [scheduler.optimizer.param_groups[0]["lr"]]


SCHEDULERS = {
    "step": lambda optimizer: nf.StepLR(optimizer, 2, 0.5),
    "cosine": lambda optimizer: nf.CosineAnnealingLR(optimizer, 7, 0.01),
    "exponential": lambda optimizer: nf.ExponentialLR(optimizer, 0.9),
    "warmup": lambda optimizer: nf.LinearWarmup(optimizer, 5),
    "plateau": lambda optimizer: nf.ReduceLROnPlateau(optimizer, patience=1, cooldown=1),
}


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_loaded_scheduler_continues(name):
    metrics = [[3.0] * 4] if name == "plateau" else []
    first, second = SCHEDULERS[name](sgd(1.0)), SCHEDULERS[name](sgd(8.0))
    rates(first, 3, *metrics)
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert second.get_last_lr() == first.get_last_lr()
    assert rates(second, 4, *metrics) == rates(first, 4, *metrics)


def test_a_scheduler_refuses_what_does_not_fit():
    scheduler = nf.StepLR(sgd(), 2)
    with pytest.raises(ValueError, match="StepLR"):
        scheduler.load_state_dict(nf.ExponentialLR(sgd(), 0.5).state_dict())
    scheduler.optimizer.add_param_group({"params": [parameter([1.0])]})
    with pytest.raises(ValueError, match=r"1 parameter groups.*2"):
        scheduler.step()
    with pytest.raises(TypeError, match="Optimizer"):
        nf.StepLR(nf.Linear(2, 2), 2)
    for make in (
        lambda: nf.StepLR(sgd(), 0),
        lambda: nf.CosineAnnealingLR(sgd(), 1.5),
        lambda: nf.ExponentialLR(sgd(), math.nan),
        lambda: nf.LinearWarmup(sgd(), 0),
        lambda: nf.ReduceLROnPlateau(sgd(), mode="least"),
        lambda: nf.ReduceLROnPlateau(sgd(), factor=1.0),
        lambda: nf.ReduceLROnPlateau(sgd(), threshold_mode="none"),
        lambda: nf.ReduceLROnPlateau(sgd(), patience=-1),
    ):
        with pytest.raises(ValueError, match=r"must be"):
            make()


# -- clipping --


def test_clip_grad_value_limits_every_number():
    a, b = with_grad([0.0] * 3, [-5.0, 0.5, 5.0]), with_grad([1.0], None)
    nf.clip_grad_value_([a, b], 1.0)
    assert a.grad.tolist() == [-1.0, 0.5, 1.0] and b.grad is None
    nf.clip_grad_value_(a, 0.25)
    assert a.grad.tolist() == [-0.25, 0.25, 0.25]
    with pytest.raises(ValueError, match="clip_value"):
        nf.clip_grad_value_([a], -1.0)


def test_one_gradient_of_nan_makes_all_nan():
    a, b = with_grad([0.0], [math.nan]), with_grad([0.0], [5.0])
    assert math.isnan(nf.clip_grad_norm_([a, b], 1.0))
    assert np.isnan([a.grad.item(), b.grad.item()]).all()


def test_an_iterator_that_is_used_up_warns(recwarn):
    parameters = iter([with_grad([0.0], [5.0])])
    nf.clip_grad_value_(parameters, 2.0)
    assert nf.clip_grad_norm_([], 1.0) == 0.0 and not recwarn
    with pytest.warns(RuntimeWarning, match=r"model.parameters\(\) is empty after its first use") as caught:
        assert nf.clip_grad_norm_(parameters, 1.0) == 0.0
    assert caught[0].filename == __file__


def test_clip_grad_norm_survives_large_float32():
    a = nf.Parameter(np.zeros(4, np.float32))
    a.grad = nf.Tensor(np.full(4, 1e30, np.float32))
    assert np.isclose(nf.clip_grad_norm_(a, 1.0), 2e30)
    assert np.allclose(a.grad.data, 0.5)


# -- more doors --


@pytest.mark.parametrize("reset", ["clear", "replace", "other"])
def test_a_state_that_is_replaced_is_taken_up(reset):
    results = []
    for together in (True, False):
        parameters = [parameter([1.0, 2.0]), parameter([3.0])]
        optimizers = [nf.Adam(parameters)] if together else [nf.Adam([one]) for one in parameters]
        for step in range(4):
            for one in parameters:
                one.grad = nf.Tensor(one.data * (step + 1))
            for optimizer in optimizers:
                if step == 2 and reset == "clear":
                    optimizer.state.clear()
                elif step == 2 and reset == "replace":
                    optimizer.state = type(optimizer.state)(dict)
                elif step == 2:
                    optimizer.state.update({one: {} for one in optimizer.state})
                optimizer.step()
        results.append([one.data.tolist() for one in parameters])
    assert results[0] == results[1]


def test_parameters_of_another_byte_order_are_trained():
    parameters = [nf.Parameter(np.ones(size, ">f4")) for size in (2, 3)]
    optimizer = nf.SGD(parameters, lr=0.5)
    for _ in range(2):
        optimizer.zero_grad()
        (parameters[0].sum() + parameters[1].sum()).backward()
        optimizer.step()
    assert [one.tolist() for one in parameters] == [[0, 0], [0, 0, 0]] and parameters[0].dtype == "f4"


@pytest.mark.parametrize("params", [None, 5, nf.Linear(2, 2), nf.Sequential(nf.Linear(2, 2)), "ab"])
def test_what_has_no_parameters_in_it_is_refused_at_every_door(params):
    with pytest.raises(TypeError, match=r"SGD got a .* such as model.parameters"):
        nf.SGD(params)
    with pytest.raises(TypeError, match=r"SGD got a .* such as model.parameters"):
        nf.SGD([{"params": params}])
    with pytest.raises(TypeError, match=r"clipping takes .* model.parameters"):
        nf.clip_grad_norm_(params, 1.0)


GROUP = {"lr": 0.1, "momentum": 0.0, "weight_decay": 0.0, "nesterov": False, "params": [0], "shapes": [(1,)]}


@pytest.mark.parametrize(
    "state",
    [
        None,
        {},
        "text",
        {"param_groups": []},
        {"param_groups": None, "state": {}},
        {"param_groups": ["lr"], "state": {}},
        {"param_groups": [{key: value for key, value in GROUP.items() if key != "shapes"}], "state": {}},
        {"param_groups": [GROUP], "state": []},
        {"param_groups": [GROUP], "state": {0: None}},
    ],
)
def test_what_is_no_state_is_refused(state):
    optimizer = nf.SGD([parameter([1.0])])
    with pytest.raises(ValueError, match="SGD: a state is a dict"):
        optimizer.load_state_dict(state)
    with pytest.raises(ValueError, match="StepLR"):
        nf.StepLR(optimizer, 1).load_state_dict(state)


@pytest.mark.parametrize("limit", [None, "1", nf.Tensor(1.0)])
def test_a_limit_that_is_no_number_is_named(limit):
    with pytest.raises(TypeError, match="clip_grad_norm_: max_norm must be a number"):
        nf.clip_grad_norm_([parameter([1.0])], limit)
    with pytest.raises(TypeError, match="clip_grad_value_: clip_value must be a number"):
        nf.clip_grad_value_([parameter([1.0])], limit)


def test_a_plateau_needs_a_metric():
    with pytest.raises(TypeError, match="takes a number, such as a loss, got None"):
        nf.ReduceLROnPlateau(nf.SGD([parameter([1.0])])).step(None)


@pytest.mark.parametrize("size", [2, 2**16])  # in a bundle, and too large for one
@pytest.mark.parametrize(
    "make",
    [lambda p: nf.SGD(p, 0.1, momentum=0.9), nf.Adam, nf.AdamW, lambda p: nf.RMSprop(p, momentum=0.9)],
)
@pytest.mark.parametrize("saved, loaded", [(np.float32, np.float64), (np.float16, np.float32)])
def test_a_state_is_loaded_as_precise_as_its_parameter(make, size, saved, loaded):
    def one_step(optimizer, dtype):
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad = nf.full(parameter.shape, 0.1, dtype=dtype)
        optimizer.step()

    first, second = (make([nf.Parameter(np.ones(n, dtype)) for n in (size, 3)]) for dtype in (saved, loaded))
    one_step(first, saved)
    second.load_state_dict(first.state_dict())
    one_step(second, loaded)
    arrays = [value for entries in second.state.values() for value in entries.values() if isinstance(value, np.ndarray)]
    assert arrays and {array.dtype for array in arrays} == {np.dtype(loaded)}


def test_rates_of_a_scheduler_are_a_list():
    scheduler = nf.StepLR(nf.SGD([parameter([1.0])]), 1)
    with pytest.raises(ValueError, match="StepLR: last_lrs is a list of learning rates, got None"):
        scheduler.load_state_dict({**scheduler.state_dict(), "last_lrs": None})


def test_a_limit_beyond_the_dtype_is_none(recwarn):
    one = nf.Parameter(np.ones(2, np.float16))
    one.grad = nf.Tensor(np.array([100.0, -np.inf], np.float16))
    nf.clip_grad_value_(one, 1e6)
    assert one.grad.tolist() == [100.0, -np.inf] and not recwarn
