"""4.7 Gradient clipping: `clip_grad_norm_`."""

from functools import partial

import numpy as np

import neural_framework as nf


def test_the_norm_is_that_of_all_gradients_together(see):
    """Gradients 3 and 4 in two parameters have the norm 5, and both are scaled by the same factor, 1 / 5."""
    first, second = parameter([3.0]), parameter([4.0])
    nf.clip_grad_norm_([first, second], max_norm=1.0)
    see.close(first.grad, [0.6], tolerance=1e-6)
    see.close(second.grad, [0.8], tolerance=1e-6)


def test_the_norm_before_clipping_comes_back(see):
    """The result is the norm before clipping, a float, which shows how much was cut off: 5, not 1."""
    norm = nf.clip_grad_norm_([parameter([3.0]), parameter([[4.0]])], max_norm=1.0)
    see.equal(isinstance(norm, float), True)
    see.close(norm, 5.0)
    single = nf.Parameter([1.0])
    single.grad = nf.Tensor([3.0])
    see.equal(isinstance(nf.clip_grad_norm_(single, max_norm=1.0), float), True)


def test_small_gradients_stay_as_they_are(see):
    """Below max_norm nothing is scaled, whether far below or just below: clipping never makes a gradient longer."""
    for max_norm in (2.0, 0.7):
        p = parameter([0.3, -0.4])
        see.close(nf.clip_grad_norm_([p], max_norm=max_norm), 0.5)
        see.equal(p.grad, np.array([0.3, -0.4]))


def test_every_shape_counts_with_all_its_elements(see):
    """A matrix, a vector and a number, together twelve elements of -2, have the norm sqrt(48) and all shrink alike."""
    shapes = [(2, 4), (3,), ()]
    parameters = [parameter(np.full(shape, -2.0)) for shape in shapes]
    parameters[0].grad = nf.from_numpy(np.full((4, 2), -2.0).T)  # in memory column by column, as x.T @ grad may be
    see.close(nf.clip_grad_norm_(parameters, max_norm=1.0), np.sqrt(48.0))
    for p, shape in zip(parameters, shapes, strict=True):
        see.close(p.grad, np.full(shape, -2.0 / (np.sqrt(48.0) + 1e-6)))


def test_the_factor_has_a_little_something_in_its_denominator(see):
    """The factor is max_norm / (norm + 1e-6); the 1e-6 shows where the norm itself is small."""
    p = parameter([1e-6])
    norm = nf.clip_grad_norm_([p], max_norm=1e-6)
    see.close(p.grad.data * 1e6, [0.5])  # 1e-6 / (1e-6 + 1e-6)
    see.close(norm * 1e6, 1.0)  # what comes back is the norm alone


def test_squares_that_float32_cannot_hold(see):
    """float32 holds 4e30, but not its square: the norm of 3e30 and 4e30 is 5e30, not inf; that of 3e-30 is not 0."""
    for size in (1e30, 1e-30):
        p = nf.Parameter([1.0, 1.0])
        p.grad = nf.Tensor([3 * size, 4 * size])
        norm = see.without_warnings(lambda p=p, size=size: nf.clip_grad_norm_([p], max_norm=size))
        see.close(norm / size, 5.0)
    p.grad = nf.Tensor([3e30, 4e30])
    nf.clip_grad_norm_([p], max_norm=1.0)
    see.close(p.grad, [0.6, 0.8])


def test_parameters_without_gradient_are_passed_over(see):
    """A parameter with grad None adds nothing to the norm, and its grad stays None."""
    unused, used = nf.Parameter(np.ones(3)), parameter([6.0, 8.0])
    see.close(nf.clip_grad_norm_([unused, used], max_norm=5.0), 10.0)
    see.equal(unused.grad, None)
    see.close(used.grad, [3.0, 4.0], tolerance=1e-6)


def test_no_gradient_at_all_has_the_norm_0(see):
    """Without any gradient, and with gradients of exactly 0, the norm is 0, without nan or a warning."""
    zero = parameter([0.0, 0.0])
    see.close(see.without_warnings(lambda: nf.clip_grad_norm_([nf.Parameter(np.ones(3))], 1.0)), 0.0)
    see.close(see.without_warnings(lambda: nf.clip_grad_norm_([zero], 1.0)), 0.0)
    see.equal(zero.grad, np.array([0.0, 0.0]))


def test_an_iterator_of_parameters_is_enough(see):
    """model.parameters() can be walked through only once, but the norm and the scaling both need every gradient."""
    layer = nf.Linear(2, 1)
    layer.weight.grad, layer.bias.grad = nf.Tensor([[6.0, 0.0]]), nf.Tensor([8.0])
    see.close(nf.clip_grad_norm_(layer.parameters(), max_norm=1.0), 10.0)
    see.close(layer.weight.grad, [[0.6, 0.0]])
    see.close(layer.bias.grad, [0.8])


def test_one_tensor_alone_will_do(see):
    """Instead of several parameters you may pass a single one, or any other tensor that has a gradient."""
    for p in (parameter([3.0, 4.0]), nf.Tensor(np.ones(2), requires_grad=True)):
        p.grad = nf.Tensor(np.array([3.0, 4.0]))
        see.close(nf.clip_grad_norm_(p, max_norm=1.0), 5.0)
        see.close(p.grad, [0.6, 0.8], tolerance=1e-6)


def test_a_limit_below_0_is_refused(see):
    """A negative max_norm, or nan, is a ValueError that names max_norm, also where there is nothing to clip."""
    p = parameter([3.0, 4.0])
    for parameters in ([p], [parameter([0.0])], [nf.Parameter([1.0])], []):
        for limit in (-1.0, np.nan):
            clip = partial(nf.clip_grad_norm_, parameters, limit)
            see.raises(clip, "ValueError", mentions=["max_norm"])
    see.equal(p.grad, np.array([3.0, 4.0]))


def test_only_the_gradients_change(see):
    """The parameters keep their values, and the gradients keep their dtype."""
    for dtype in ("float16", "float32"):
        p = nf.Tensor([1.0, 2.0], requires_grad=True, dtype=dtype)
        p.grad = nf.Tensor([300.0, 400.0], dtype=dtype)  # whose squares float16 cannot hold
        see.close(nf.clip_grad_norm_([p], max_norm=5.0), 500.0)
        see.equal(p, np.array([1.0, 2.0], dtype=dtype))
        see.equal([p.grad.dtype, p.grad.shape], [dtype, (2,)])
        see.close(p.grad, [3.0, 4.0])


def parameter(gradient):
    """A float64 Parameter of ones with a gradient."""
    result = nf.Parameter(np.ones(np.shape(gradient)))
    result.grad = nf.Tensor(np.array(gradient))
    return result
