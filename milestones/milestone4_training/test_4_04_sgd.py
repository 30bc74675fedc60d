"""4.4 SGD: plain, with momentum, with Nesterov's momentum, and with weight decay."""

import numpy as np

import neural_framework as nf

# Three parameters of different shapes in a bowl: each gradient is the curvature times the parameter's value.
STARTS = [np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]]), np.array([4.0, -0.25]), np.array(-1.5)]
CURVATURES = [0.5, 2.0, 1.0]


def test_a_step_goes_against_the_gradient(see):
    """A step changes p to p - lr * gradient: the minus sign makes it go down the slope."""
    p = parameter([1.0, 2.0], gradient=[0.5, -1.0])
    nf.SGD([p], lr=0.1).step()
    see.close(p, [0.95, 2.1])


def test_momentum_gathers_speed(see):
    """v = momentum * v + gradient, and the first v is the gradient: with gradients of 1, v is 1, 1.9, 2.71."""
    p = parameter([0.0], gradient=[1.0])
    optimizer = nf.SGD([p], lr=0.1, momentum=0.9)
    for position in (-0.1, -0.29, -0.561):
        optimizer.step()
        see.close(p, [position])


def test_a_new_learning_rate_holds_for_the_whole_velocity(see):
    """The learning rate multiplies the velocity when the step is taken; it is not part of the velocity."""
    p = parameter([0.0], gradient=[1.0])
    optimizer = nf.SGD([p], lr=0.1, momentum=0.9)
    optimizer.step()
    optimizer.param_groups[0]["lr"] = 0.01  # as a scheduler does
    optimizer.step()
    see.close(p, [-0.1 - 0.01 * 1.9])


def test_the_velocity_coasts_on_without_slope(see):
    """A gradient of 0 is not a missing gradient: the velocity shrinks and still moves the parameter."""
    p = parameter([0.0], gradient=[1.0])
    optimizer = nf.SGD([p], lr=0.1, momentum=0.5)
    for gradient in (1.0, 0.0, 0.0):
        p.grad = nf.Tensor(np.array([gradient]))
        optimizer.step()
    see.close(p, [-0.1 * (1 + 0.5 + 0.25)])


def test_momentum_may_be_switched_on_later(see):
    """The first step with momentum has no velocity to continue: v is its gradient, whatever was done before."""
    p = parameter([0.0], gradient=[1.0])
    optimizer = nf.SGD([p], lr=0.1)
    optimizer.step()
    optimizer.param_groups[0]["momentum"] = 0.5
    optimizer.step()
    see.close(p, [-0.2])
    optimizer.step()
    see.close(p, [-0.2 - 0.1 * 1.5])


def test_weight_decay_pulls_towards_zero(see):
    """Weight decay adds decay * p to the gradient: with gradient 0, p shrinks by the factor 1 - lr * decay."""
    p = parameter([2.0, -4.0], gradient=[0.0, 0.0])
    nf.SGD([p], lr=0.5, weight_decay=0.1).step()
    see.close(p, [1.9, -3.8])


def test_fifty_steps_with_momentum_and_decay(see):
    """Three parameters of different shapes, each with its own velocity, follow the formulas for fifty steps."""
    settings = {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.1}
    for observed, expected in zip(descend(50, **settings), formulas(50, **settings), strict=True):
        see.close(observed, expected)


def test_fifty_steps_with_nesterov(see):
    """Nesterov looks ahead: the step is lr * (gradient + momentum * v), with the v of this step."""
    settings = {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.02, "nesterov": True}
    for observed, expected in zip(descend(50, **settings), formulas(50, **settings), strict=True):
        see.close(observed, expected)


def test_a_parameter_without_gradient_rests_and_keeps_its_velocity(see):
    """A parameter with grad None is skipped, also by decay and momentum; later its velocity continues."""
    p, other = parameter([1.0], gradient=[1.0]), parameter([1.0], gradient=[1.0])
    optimizer = nf.SGD([p, other], lr=0.1, momentum=0.5, weight_decay=0.1)
    optimizer.step()
    p.grad = None
    optimizer.step()
    see.close(p, [0.89])  # one step with v = 1.1: 1 - 0.1 * 1.1
    p.grad = nf.Tensor(np.array([1.0]))
    optimizer.step()
    see.close(p, [0.89 - 0.1 * (0.5 * 1.1 + 1 + 0.1 * 0.89)])


def test_step_leaves_the_gradient_as_it_is(see):
    """Nothing is written into p.grad, whatever the settings are: after step() it is still what backward gave."""
    for settings in (
        {},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True},
        {"momentum": 0.9, "weight_decay": 0.5},
    ):
        p = parameter([2.0], gradient=[1.0])
        optimizer = nf.SGD([p], lr=0.1, **settings)
        for _ in range(3):
            optimizer.step()
        see.close(p.grad, [1.0])


def test_the_velocity_is_no_alias_of_the_gradient(see):
    """The first velocity is a copy of the gradient: later changes to p.grad do not reach it."""
    p = parameter([0.0], gradient=[1.0])
    optimizer = nf.SGD([p], lr=0.1, momentum=0.5)
    optimizer.step()
    p.grad.data[...] = 3.0
    optimizer.step()
    see.close(p, [-0.1 - 0.1 * (0.5 * 1 + 3)])


def test_each_group_has_its_own_settings(see):
    """With several groups, each parameter moves by the lr, momentum and decay of its own group."""
    slow, fast, ahead = (parameter([0.0], gradient=[1.0]) for _ in range(3))
    shrinking = parameter([2.0], gradient=[0.0])
    groups = [{"params": [slow], "lr": 0.01}, {"params": [fast], "momentum": 0.5}]
    groups += [{"params": [ahead], "momentum": 0.5, "nesterov": True}, {"params": [shrinking], "weight_decay": 0.5}]
    optimizer = nf.SGD(groups, lr=0.1)
    optimizer.step()
    optimizer.step()
    see.close(slow, [-0.02])
    see.close(fast, [-0.25])
    see.close(ahead, [-0.15 - 0.175])  # v is 1, then 1.5: steps of 1 + 0.5 and 1 + 0.75
    see.close(shrinking, [2.0 * 0.95**2])


def test_the_module_sees_the_step(see):
    """A module's Parameter stays the same object, a leaf of the same dtype, and the module uses its new value."""
    layer = nf.Linear(2, 1, bias=False)
    weight, weight.data[...] = layer.weight, [[1.0, 2.0]]
    weight.grad = nf.Tensor([[1.0, 0.0]])
    nf.SGD(layer.parameters(), lr=0.5).step()
    see.true(layer.weight is weight)
    see.equal([weight.requires_grad, weight.grad_fn, weight.dtype], [True, None, "float32"])
    see.close(layer(nf.Tensor([[1.0, 1.0]])), [[2.5]])
    half = nf.Tensor([1.0], requires_grad=True, dtype="float16")
    half.grad = nf.Tensor([1.0], dtype="float16")
    nf.SGD([half], lr=0.5, momentum=0.5, weight_decay=1.0, nesterov=True).step()
    see.equal([half.requires_grad, half.grad_fn, half.dtype], [True, None, "float16"])
    see.close(half, [-0.5])  # g = v = 2: 1 - 0.5 * (2 + 0.5 * 2)


def test_a_resumed_run_keeps_its_velocity(see):
    """Velocities are kept in optimizer.state: an optimizer that loads the state_dict continues exactly."""
    parameters = [nf.Parameter(start) for start in STARTS]
    first = nf.SGD(parameters, lr=0.05, momentum=0.9)
    walk(first, parameters, 10)
    second = nf.SGD(parameters, lr=0.05, momentum=0.9)
    second.load_state_dict(first.state_dict())
    walk(second, parameters, 10)
    for observed, expected in zip(parameters, formulas(20, lr=0.05, momentum=0.9), strict=True):
        see.close(observed, expected)


def parameter(values, gradient):
    """A float64 Parameter with a gradient."""
    result = nf.Parameter(np.array(values))
    result.grad = nf.Tensor(np.array(gradient))
    return result


def walk(optimizer, parameters, steps):
    """Steps of the optimizer; each gradient is computed from the current value of its parameter."""
    for _ in range(steps):
        for p, curvature in zip(parameters, CURVATURES, strict=True):
            p.grad = nf.Tensor(curvature * p.data)
        optimizer.step()


def descend(steps, **settings):
    """The parameters, which lie in memory column by column, after some steps of nf.SGD down the bowl."""
    parameters = [nf.from_numpy(np.array(start, order="F"), requires_grad=True) for start in STARTS]
    walk(nf.SGD(parameters, **settings), parameters, steps)
    return parameters


def formulas(steps, lr, momentum=0.0, weight_decay=0.0, nesterov=False):
    """The same steps in NumPy."""
    ends = []
    for start, curvature in zip(STARTS, CURVATURES, strict=True):
        p, v = start.copy(), 0.0
        for _ in range(steps):
            g = curvature * p + weight_decay * p
            v = momentum * v + g
            p = p - lr * (g + momentum * v if nesterov else v)
        ends.append(p)
    return ends
