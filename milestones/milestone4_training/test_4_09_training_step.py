"""4.9 The training step: forward, loss, backward, step, and what can go wrong between them."""

import numpy as np

import neural_framework as nf

INPUTS = np.array([[1.0, 2.0], [0.0, -1.0], [2.0, 0.5]])
TARGETS = np.array([[1.0], [0.5], [-1.0]])


def test_one_step_moves_the_weights_down_the_slope(see):
    """A step computes the loss and its gradients, and the optimizer moves the weights: w - lr * gradient."""
    model = line([[1.0, -1.0]])
    step(model, nf.SGD(model.parameters(), lr=0.1))
    see.close(model.weight, descend([[1.0, -1.0]], 1, lr=0.1))


def test_the_loss_comes_back_as_a_float(see):
    """The result is the loss before the weights moved, as a float (a Tensor would keep the graph alive)."""
    model = line([[1.0, -1.0]])  # predictions -1, 1, 1.5: differences -2, 0.5, 2.5
    for dtype in ("float64", "float32"):
        optimizer = nf.SGD(model.parameters(), lr=0.0)
        loss = step(model, optimizer, loss_fn=lambda p, t, dtype=dtype: mean_square(p, t).astype(dtype))
        see.equal(isinstance(loss, float), True)
        see.close(loss, (4 + 0.25 + 6.25) / 3)


def test_gradients_of_earlier_steps_are_gone(see):
    """Gradients add up unless they are cleared: what was in .grad before must not move the weights."""
    model = line([[1.0, -1.0]])
    model.weight.grad = nf.Tensor(np.array([[50.0, 50.0]]))
    optimizer = nf.SGD(model.parameters(), lr=0.1)
    step(model, optimizer)
    step(model, optimizer)
    see.close(model.weight, descend([[1.0, -1.0]], 2, lr=0.1))


def test_parameters_outside_the_model_begin_each_step_anew(see):
    """A loss may have parameters that only the optimizer knows, in any group: their old gradients go as well."""
    model = line([[1.0, -1.0]])
    optimizer, first, second = sgd_of_more(model, start=5.0)
    for _ in range(2):
        step(model, optimizer, loss_fn=lambda p, t: mean_square(p, t) + 3 * first[0] + 4 * second[0])
    see.close([first.item(), second.item()], [5.0 - 2 * 0.1 * 3, 5.0 - 2 * 0.1 * 4])  # 3 and 4 in each of the steps
    see.close(model.weight, descend([[1.0, -1.0]], 2, lr=0.1))


def test_twenty_steps(see):
    """Twenty steps with momentum follow the formulas: one update per step, from this step's gradient."""
    model = line([[0.5, 0.5]])
    optimizer = nf.SGD(model.parameters(), lr=0.05, momentum=0.5)
    for _ in range(20):
        step(model, optimizer)
    see.close(model.weight, descend([[0.5, 0.5]], 20, lr=0.05, momentum=0.5))


def test_the_loss_gets_predictions_first_and_targets_second(see):
    """The call is loss_fn(predictions, targets): a loss that treats the two differently shows the order."""
    model = line([[1.0, -1.0]])
    loss = step(
        model,
        nf.SGD(model.parameters(), lr=0.1),
        loss_fn=lambda predictions, targets: (predictions * 2 + targets).sum(),
    )
    see.close(loss, 2 * 1.5 + 0.5)


def test_clipping_happens_between_backward_and_step(see):
    """With max_grad_norm=1 the optimizer gets the gradient cut to length 1, so the step is as long as lr."""
    model = line([[100.0, -100.0]])
    step(model, nf.SGD(model.parameters(), lr=0.1), max_grad_norm=1.0)
    gradient = slope(np.array([[100.0, -100.0]]))
    see.close(model.weight, [[100.0, -100.0]] - 0.1 * gradient / (np.linalg.norm(gradient) + 1e-6))


def test_without_max_grad_norm_nothing_is_clipped(see):
    """With max_grad_norm=None, the default, gradients of any size count in full."""
    model = line([[100.0, -100.0]])
    step(model, nf.SGD(model.parameters(), lr=0.1))
    see.close(model.weight, descend([[100.0, -100.0]], 1, lr=0.1))


def test_a_limit_of_zero_lets_nothing_pass(see):
    """max_grad_norm=0.0 is a limit, unlike None: it makes every gradient 0, and plain SGD moves nothing."""
    model = line([[1.0, -1.0]])
    step(model, nf.SGD(model.parameters(), lr=0.1), max_grad_norm=0.0)
    see.equal(model.weight, np.array([[1.0, -1.0]]))


def test_the_mode_is_left_alone(see):
    """A step neither starts nor ends training mode: that is train_epoch's job."""
    for training in (False, True):
        model = line([[1.0, -1.0]])
        model.train(training)
        step(model, nf.SGD(model.parameters(), lr=0.1))
        see.equal([model.mode_seen, model.training], [training, training])


def test_a_loss_that_is_nan_or_infinite_stops_the_step(see):
    """A loss of nan or inf raises a NumericalInstabilityError that names the loss, and no weight changes."""
    for bad in (np.nan, np.inf):
        model = line([[1.0, -1.0]])
        optimizer = nf.SGD(model.parameters(), lr=0.1, weight_decay=0.5)
        see.raises(
            lambda model=model, optimizer=optimizer, bad=bad: step(model, optimizer, targets=np.full((3, 1), bad)),
            "NumericalInstabilityError",
            mentions=["loss"],
        )
        see.equal(model.weight, np.array([[1.0, -1.0]]))


def test_a_gradient_that_is_infinite_or_nan_stops_the_step(see):
    """If the loss is finite but a gradient is not (sqrt at 0), the error names the parameter, and no weight changes."""
    for factor in (1.0, 0.0):  # the gradient of scale is inf, or 0 * inf = nan
        model = rooted(factor)
        optimizer = nf.SGD(model.parameters(), lr=0.1)
        see.raises(
            lambda model=model, optimizer=optimizer: step(model, optimizer),
            "NumericalInstabilityError",
            mentions=["scale"],
        )
        see.equal(model.weight, np.array([[1.0, -1.0]]))  # its own gradient was finite
        see.equal(model.scale, np.array([0.0]))


def test_clipping_does_not_hide_an_infinite_gradient(see):
    """With max_grad_norm an infinite gradient is still an error, and no weight changes."""
    model = rooted(factor=1.0)
    optimizer = nf.SGD(model.parameters(), lr=0.1)
    see.raises(lambda: step(model, optimizer, max_grad_norm=1.0), "NumericalInstabilityError", mentions=["scale"])
    see.equal(model.weight, np.array([[1.0, -1.0]]))
    see.equal(model.scale, np.array([0.0]))


def test_an_infinite_gradient_outside_the_model_stops_the_step(see):
    """A parameter that only the optimizer has, in any of its groups, can also have a gradient that is not finite."""
    model = line([[1.0, -1.0]])
    optimizer, *outside = sgd_of_more(model, start=0.0)
    for scale in outside:
        loss_fn = lambda p, t, scale=scale: mean_square(p, t) + scale.sqrt().sum() + sum(outside).sum()  # noqa: E731
        see.raises(lambda loss_fn=loss_fn: step(model, optimizer, loss_fn=loss_fn), "NumericalInstabilityError")
        see.equal(model.weight, np.array([[1.0, -1.0]]))
        see.equal(scale, np.array([0.0]))


def test_clipping_counts_parameters_outside_the_model(see):
    """The norm that max_grad_norm limits is that of all gradients: the model's, and those of any optimizer group."""
    model = line([[1.0, -1.0]])
    optimizer, first, second = sgd_of_more(model, start=5.0)
    step(model, optimizer, loss_fn=lambda p, t: mean_square(p, t) + 30 * first[0] + 40 * second[0], max_grad_norm=1.0)
    gradient = slope(np.array([[1.0, -1.0]]))
    norm = np.sqrt(np.sum(gradient**2) + 50.0**2)
    see.close(first, [5.0 - 0.1 * 30 / (norm + 1e-6)])
    see.close(second, [5.0 - 0.1 * 40 / (norm + 1e-6)])
    see.close(model.weight, [[1.0, -1.0]] - 0.1 * gradient / (norm + 1e-6))


def test_what_the_optimizer_does_not_train_begins_anew_too(see):
    """A parameter of the model that this optimizer does not train has the gradient of this step alone."""
    model = line([[1.0, -1.0]])
    model.offset = nf.Parameter(np.array([5.0]))
    optimizer = nf.SGD([model.weight], lr=0.1)
    for _ in range(2):
        step(model, optimizer, loss_fn=lambda p, t: mean_square(p, t) + 3 * model.offset[0])
    see.close(model.offset.grad, [3.0])
    see.close(model.offset, [5.0])


def test_clipping_counts_what_the_optimizer_does_not_train(see):
    """The norm that max_grad_norm limits is that of all gradients of the model, trained by this optimizer or not."""
    model = line([[1.0, -1.0]])
    model.offset = nf.Parameter(np.array([5.0]))
    loss_fn = lambda p, t: mean_square(p, t) + 300 * model.offset[0]  # noqa: E731
    step(model, nf.SGD([model.weight], lr=0.1), loss_fn=loss_fn, max_grad_norm=1.0)
    gradient = slope(np.array([[1.0, -1.0]]))
    norm = np.sqrt(np.sum(gradient**2) + 300.0**2)
    see.close(model.weight, [[1.0, -1.0]] - 0.1 * gradient / (norm + 1e-6))


def test_an_infinite_gradient_that_is_not_trained_stops_the_step(see):
    """The gradients of all parameters of the model are checked, trained by this optimizer or not."""
    model = rooted(factor=1.0)
    optimizer = nf.SGD([model.weight], lr=0.1)
    see.raises(lambda: step(model, optimizer), "NumericalInstabilityError", mentions=["scale"])
    see.equal(model.weight, np.array([[1.0, -1.0]]))


def test_after_a_bad_batch_training_goes_on(see):
    """A bad batch has no later effect: the next step moves the weights as if the bad batch had not been there."""
    model = line([[1.0, -1.0]])
    optimizer = nf.SGD(model.parameters(), lr=0.1)
    see.raises(lambda: step(model, optimizer, targets=np.full((3, 1), np.nan)), "NumericalInstabilityError")
    step(model, optimizer)
    see.close(model.weight, descend([[1.0, -1.0]], 1, lr=0.1))


def test_parameters_that_take_no_part_are_no_hindrance(see):
    """A parameter that the loss does not use has grad None, not 0: the step skips it, with clipping too."""
    for max_grad_norm in (None, 1e9):
        model = line([[1.0, -1.0]])
        model.unused = nf.Parameter(np.array([7.0]))
        model.unused.grad = nf.Tensor(np.array([1.0]))  # from an earlier loss, which used it
        own = {"params": [model.unused], "weight_decay": 0.5}
        step(model, nf.SGD([{"params": [model.weight]}, own], lr=0.1), max_grad_norm=max_grad_norm)
        see.equal(model.unused, np.array([7.0]))
        see.close(model.weight, descend([[1.0, -1.0]], 1, lr=0.1))


def test_a_loss_of_0_is_a_step_like_any_other(see):
    """Where the loss is 0, so are its gradients, but the optimizer steps all the same: weights decay."""
    model = line([[1.0, 0.0]])
    loss = step(model, nf.SGD(model.parameters(), lr=0.1, weight_decay=0.5), targets=INPUTS[:, :1])
    see.equal(loss, 0.0)
    see.close(model.weight, [[1.0 - 0.1 * 0.5, 0.0]])


def line(weight):
    """A model x @ weight.T in float64 that remembers the mode in which it was called."""

    class Line(nf.Module):
        def __init__(self):
            super().__init__()
            self.weight = nf.Parameter(np.array(weight))

        def forward(self, x):
            self.mode_seen = self.training
            return x @ self.weight.T

    return Line()


def rooted(factor):
    """A model x @ weight.T + sqrt(scale * factor): at scale 0 its value is finite, but its slope is not."""

    class Rooted(nf.Module):
        def __init__(self):
            super().__init__()
            self.weight = nf.Parameter(np.array([[1.0, -1.0]]))
            self.scale = nf.Parameter(np.array([0.0]))

        def forward(self, x):
            return x @ self.weight.T + (self.scale * factor).sqrt()

    return Rooted()


def sgd_of_more(model, start):
    """SGD of the model's parameters and of two that the model does not have, one in its group and one in another."""
    first, second = nf.Parameter(np.array([start])), nf.Parameter(np.array([start]))
    return nf.SGD([{"params": [*model.parameters(), first]}, {"params": [second]}], lr=0.1), first, second


def mean_square(predictions, targets):
    """The mean squared error."""
    return ((predictions - targets) ** 2).mean()


def step(model, optimizer, targets=TARGETS, loss_fn=mean_square, max_grad_norm=None):
    """One training step on INPUTS."""
    return nf.training_step(
        model, nf.Tensor(INPUTS), nf.Tensor(targets), optimizer, loss_fn, max_grad_norm=max_grad_norm
    )


def slope(weight):
    """The gradient of the mean squared error of x @ weight.T, in NumPy."""
    return 2 / 3 * (INPUTS @ weight.T - TARGETS).T @ INPUTS


def descend(weight, steps, lr, momentum=0.0):
    """The weight after some steps of SGD, in NumPy."""
    weight, v = np.array(weight), 0.0
    for _ in range(steps):
        v = momentum * v + slope(weight)
        weight = weight - lr * v
    return weight
