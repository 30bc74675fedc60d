"""4.5 Adam, and AdamW with its decoupled weight decay."""

import numpy as np

import neural_framework as nf

# Three parameters of different shapes in a bowl: each gradient is the curvature times the parameter's value.
STARTS = [np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]]), np.array([4.0, -0.25]), np.array(-1.5)]
CURVATURES = [0.5, 2.0, 1.0]


def test_the_first_step_is_as_long_as_the_learning_rate(see):
    """Bias correction makes the first step lr * sign(gradient), for large and small gradients alike."""
    p = parameter([1.0, 1.0, 1.0], gradient=[100.0, -0.5, 0.01])
    nf.Adam([p], lr=0.1).step()
    see.close(p, [0.9, 1.1, 0.9], tolerance=1e-6)


def test_a_steady_slope_keeps_the_steps_steady(see):
    """With the same gradient g each time, the corrected moments stay g and g², so all steps are equally long."""
    p = parameter([5.0], gradient=[-2.0])
    optimizer = nf.Adam([p])
    for step in (1, 2, 3, 4):
        optimizer.step()
        see.close(p, [5.0 + 0.001 * step], tolerance=1e-8)  # the default lr is 0.001


def test_eps_stands_beside_the_root(see):
    """The step is lr * m / (sqrt(v) + eps), with eps outside the root: gradient 0.5 and eps 0.5 give lr / 2."""
    p = parameter([1.0], gradient=[0.5])
    nf.Adam([p], lr=0.1, eps=0.5).step()
    see.close(p, [0.95])


def test_no_slope_at_all_moves_nothing(see):
    """Gradients of exactly 0 give a step of 0, not nan: that is the purpose of eps."""
    p = parameter([1.0, -1.0], gradient=[0.0, 0.0])
    optimizer = nf.Adam([p], lr=0.1)
    see.without_warnings(optimizer.step)
    see.close(p, [1.0, -1.0])


def test_fifty_steps_with_the_default_betas(see):
    """Three parameters of different shapes, each with its own moments, follow the formulas for fifty steps."""
    for observed, expected in zip(descend(nf.Adam, 50, lr=0.05), formulas(50, lr=0.05), strict=True):
        see.close(observed, expected)


def test_fifty_steps_with_other_betas(see):
    """The first beta belongs to the mean of the gradients, the second to the mean of their squares."""
    settings = {"lr": 0.05, "betas": (0.5, 0.8), "eps": 0.01}
    for observed, expected in zip(descend(nf.Adam, 50, **settings), formulas(50, **settings), strict=True):
        see.close(observed, expected)


def test_adams_weight_decay_is_part_of_the_gradient(see):
    """Adam adds weight_decay * p to the gradient before both moments, and does not change p.grad itself."""
    settings = {"lr": 0.05, "weight_decay": 0.5}
    for observed, expected in zip(descend(nf.Adam, 50, **settings), formulas(50, **settings), strict=True):
        see.close(observed, expected)
    p = parameter([2.0], gradient=[1.0])
    nf.Adam([p], weight_decay=0.5).step()
    see.close(p.grad, [1.0])


def test_step_leaves_the_gradient_as_it_is(see):
    """Nothing is written into p.grad: after several steps it is still what backward gave."""
    for optimizer_class in (nf.Adam, nf.AdamW):
        p = parameter([2.0], gradient=[-3.0])
        optimizer = optimizer_class([p], lr=0.1)
        for _ in range(3):
            optimizer.step()
        see.close(p.grad, [-3.0])


def test_adamws_weight_decay_bypasses_the_moments(see):
    """AdamW (default decay 0.01) shrinks p by the factor 1 - lr * decay; with gradient 0 nothing else happens."""
    p, by_default = parameter([2.0], gradient=[0.0]), parameter([2.0], gradient=[0.0])
    optimizers = [nf.AdamW([p], lr=0.1, weight_decay=0.5), nf.AdamW([by_default], lr=0.1)]
    for optimizer in optimizers * 2:
        optimizer.step()
    see.close(p, [2.0 * 0.95**2])
    see.close(by_default, [2.0 * 0.999**2])


def test_fifty_steps_of_adamw(see):
    """AdamW follows the formulas for fifty steps: it shrinks p first and then takes Adam's step."""
    settings = {"lr": 0.05, "weight_decay": 0.5}
    for observed, expected in zip(
        descend(nf.AdamW, 50, **settings), formulas(50, **settings, decoupled=True), strict=True
    ):
        see.close(observed, expected)


def test_each_parameter_counts_its_own_steps(see):
    """A parameter whose first gradient comes late starts to count then, so its first step is as long as lr."""
    early, late = parameter([0.0], gradient=[1.0]), nf.Parameter(np.array([0.0]))
    optimizer = nf.Adam([early, late], lr=0.1)
    for _ in range(5):
        optimizer.step()
    late.grad = nf.Tensor(np.array([1.0]))
    optimizer.step()
    see.close(late, [-0.1], tolerance=1e-6)
    see.close(early, [-0.6], tolerance=1e-6)


def test_a_parameter_without_gradient_rests_and_keeps_its_moments(see):
    """With grad None, moments and count stay as they are, while a gradient of 0 is a step: the others continue."""
    p, other = parameter([1.0], gradient=[1.0]), parameter([1.0], gradient=[1.0])
    optimizer = nf.AdamW([p, other], lr=0.1, betas=(0.5, 0.5), weight_decay=0.0)
    for gradient in (1.0, None, None, -1.0):
        p.grad = None if gradient is None else nf.Tensor(np.array([gradient]))
        optimizer.step()
    # at t = 2: m = (0.5 * 0.5 - 0.5) / 0.75 = -1/3, v = (0.5 * 0.5 + 0.5) / 0.75 = 1
    see.close(p, [1 - 0.1 + 0.1 / 3], tolerance=1e-7)
    pushed = parameter([1.0], gradient=[1.0])
    optimizer = nf.Adam([pushed], lr=0.1, betas=(0.5, 0.5))
    optimizer.step()
    pushed.grad = nf.Tensor(np.array([0.0]))
    optimizer.step()  # at t = 2: m = v = 0.25 / 0.75 = 1/3
    see.close(pushed, [1 - 0.1 - 0.1 * np.sqrt(1 / 3)], tolerance=1e-7)


def test_a_resting_parameter_does_not_decay(see):
    """With grad None, AdamW's weight decay also leaves the parameter unchanged."""
    p, other = parameter([1.0], gradient=[1.0]), nf.Parameter(np.array([5.0]))
    nf.AdamW([p, other], lr=0.1, weight_decay=0.5).step()
    see.close(other, [5.0])
    see.close(p, [0.95 - 0.1], tolerance=1e-7)


def test_each_group_has_its_own_settings(see):
    """With two groups, each parameter moves by the lr, betas, eps and decay of its own group."""
    slow, odd = parameter([0.0], gradient=[1.0]), parameter([1.0], gradient=[1.0])
    own = {"params": [odd], "lr": 0.1, "betas": (0.0, 0.0), "eps": 1.0, "weight_decay": 0.5}
    optimizer = nf.AdamW([{"params": [slow], "lr": 0.01}, own], lr=1.0, weight_decay=0.0)
    optimizer.step()
    see.close(odd, [0.9])  # betas of 0 keep no memory: 1 * 0.95 - lr * g / (|g| + eps) = 0.95 - 0.1 / 2
    odd.grad = nf.Tensor(np.array([3.0]))
    optimizer.param_groups[1]["lr"] = 0.2  # as a scheduler does
    optimizer.step()
    see.close(odd, [0.66])  # 0.9 * 0.9 - 0.2 * 3 / 4
    see.close(slow, [-0.02], tolerance=1e-7)
    still, own["params"] = parameter([0.0], gradient=[1.0]), [parameter([1.0], gradient=[1.0])]
    nf.Adam([{"params": [still], "lr": 0.0}, own]).step()
    see.close(own["params"][0], [0.94])  # g = 1.5 with the decay: 1 - 0.1 * 1.5 / 2.5
    see.close(still, [0.0])


def test_a_resumed_run_keeps_its_moments_and_counts(see):
    """Moments and counts are kept in optimizer.state: an optimizer that loads the state_dict continues exactly."""
    parameters = [nf.Parameter(start) for start in STARTS]
    first = nf.Adam(parameters, lr=0.05)
    walk(first, parameters, 10)
    second = nf.Adam(parameters, lr=0.05)
    second.load_state_dict(first.state_dict())
    walk(second, parameters, 10)
    for observed, expected in zip(parameters, formulas(20, lr=0.05), strict=True):
        see.close(observed, expected)


def test_the_parameter_stays_what_it_is(see):
    """After a step the Parameter is still a leaf that requires grad, of the same dtype and shape."""
    for dtype in ("float16", "float32", "float64"):
        for optimizer_class in (nf.Adam, nf.AdamW):
            p = nf.Tensor([[1.0, 2.0]], requires_grad=True, dtype=dtype)
            p.grad = nf.Tensor([[1.0, -1.0]], dtype=dtype)
            optimizer_class([p], lr=0.5, weight_decay=1e-4).step()
            see.equal([p.requires_grad, p.grad_fn, p.dtype, p.shape], [True, None, dtype, (1, 2)])
            see.close(p, [[0.5, 2.5]], tolerance=1e-3)


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


def descend(optimizer_class, steps, **settings):
    """The parameters, which lie in memory column by column, after some steps of an optimizer down the bowl."""
    parameters = [nf.from_numpy(np.array(start, order="F"), requires_grad=True) for start in STARTS]
    walk(optimizer_class(parameters, **settings), parameters, steps)
    return parameters


def formulas(steps, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled=False):
    """The same steps in NumPy."""
    ends = []
    for start, curvature in zip(STARTS, CURVATURES, strict=True):
        p, m, v = start.copy(), 0.0, 0.0
        for t in range(1, steps + 1):
            g = curvature * p + (0.0 if decoupled else weight_decay * p)
            m = betas[0] * m + (1 - betas[0]) * g
            v = betas[1] * v + (1 - betas[1]) * g**2
            if decoupled:
                p = p - lr * weight_decay * p
            p = p - lr * (m / (1 - betas[0] ** t)) / (np.sqrt(v / (1 - betas[1] ** t)) + eps)
        ends.append(p)
    return ends
