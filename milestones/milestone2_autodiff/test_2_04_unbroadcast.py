"""2.4 Unbroadcast: what broadcasting repeated in forward is summed in backward."""

import numpy as np

import neural_framework as nf


def counting(*shape):
    """0, 1, 2, ... in the given shape, as float64."""
    return np.arange(np.prod(shape), dtype=np.float64).reshape(shape)


def test_a_gradient_that_has_the_shape_already_is_left_as_it_is(see):
    """If nothing was broadcast, nothing is summed."""
    see.equal(nf.unbroadcast_gradient(counting(2, 3), (2, 3)), [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
    see.equal(nf.unbroadcast_gradient(counting(3, 1), (3, 1)), [[0.0], [1.0], [2.0]])


def test_a_stretched_axis_is_summed_and_stays_with_size_1(see):
    """(2, 1) was stretched to (2, 3), so each row's three gradients add up, and the axis of size 1 is kept."""
    see.equal(nf.unbroadcast_gradient(counting(2, 3), (2, 1)), [[3.0], [12.0]])
    see.equal(nf.unbroadcast_gradient(counting(2, 3), (1, 3)), [[3.0, 5.0, 7.0]])


def test_an_added_leading_axis_is_summed_away(see):
    """(3,) became (2, 3), so the two rows add up, and the added axis is removed."""
    see.equal(nf.unbroadcast_gradient(counting(2, 3), (3,)), [3.0, 5.0, 7.0])
    see.equal(nf.unbroadcast_gradient(counting(2, 1, 3), (3,)), [3.0, 5.0, 7.0])


def test_shapes_are_compared_from_the_right(see):
    """In a square gradient, the sizes do not show which axis was added: it is always the leftmost."""
    see.equal(nf.unbroadcast_gradient(counting(2, 2), (2,)), [2.0, 4.0])
    see.equal(nf.unbroadcast_gradient(counting(2, 2, 2), (2, 1)), [[10.0], [18.0]])


def test_added_and_stretched_axes_may_come_together(see):
    """For (3, 1) in (2, 3, 4), the added axis and the stretched axis are both summed."""
    gradient = counting(2, 3, 4)
    see.equal(nf.unbroadcast_gradient(gradient, (3, 1)), gradient.sum(axis=(0, 2)).reshape(3, 1))
    see.equal(nf.unbroadcast_gradient(gradient, (1, 1)), [[276.0]])  # 0 + 1 + ... + 23
    see.equal(nf.unbroadcast_gradient(gradient, (2, 1, 1)), [[[66.0]], [[210.0]]])


def test_a_0d_tensor_receives_the_sum_of_everything(see):
    """A single number that is combined with a whole matrix gets one gradient, of shape ()."""
    see.equal(nf.unbroadcast_gradient(counting(2, 3), ()), np.array(15.0))
    see.equal(nf.unbroadcast_gradient(np.array(2.5), ()), np.array(2.5))


def test_what_was_stretched_to_size_0_receives_zeros(see):
    """A sum over no elements is 0, so (1, 3) in (0, 3) gets zeros in its own shape, and an empty input stays empty."""
    see.equal(nf.unbroadcast_gradient(np.zeros((0, 3)), (1, 3)), [[0.0, 0.0, 0.0]])
    see.equal(nf.unbroadcast_gradient(np.zeros((0, 3)), (3,)), [0.0, 0.0, 0.0])
    see.equal(nf.unbroadcast_gradient(np.zeros((2, 0)), (2, 1)), [[0.0], [0.0]])
    see.equal(nf.unbroadcast_gradient(np.zeros((0,)), ()), np.array(0.0))
    see.equal(nf.unbroadcast_gradient(np.zeros((4, 0, 3)), (0, 1)), np.zeros((0, 1)))


def test_the_dtype_stays(see):
    """Summing keeps the dtype, float16, float32 or float64, and all the digits that it has."""
    for name in ("float16", "float32", "float64"):
        for shape in ((3,), (2, 1), (2, 3), ()):
            see.equal(nf.unbroadcast_gradient(np.ones((2, 3), dtype=name), shape).dtype, name)
    see.close(nf.unbroadcast_gradient(np.full((2, 3), 0.3), (2, 1)), [[0.9], [0.9]])


def test_the_given_gradient_is_not_changed(see):
    """Other tensors may use the same array, so sum into a new one."""
    gradient = counting(2, 3)
    nf.unbroadcast_gradient(gradient, (1, 3))
    see.equal(gradient, counting(2, 3))


def test_stretching_forward_and_summing_back_weigh_the_same(see, rng):
    """For any x and g, sum(stretched x * g) = sum(x * g summed back), which is what makes it the gradient."""
    pairs = [((3, 1), (2, 3, 4)), ((1, 4), (3, 4)), ((2, 1, 1), (2, 3, 3)), ((), (3, 2)), ((1,), (5,))]
    for shape, joint in pairs:
        x, gradient = rng.normal(size=shape), rng.normal(size=joint)
        back = nf.unbroadcast_gradient(gradient, shape)
        see.close(np.sum(x * back), np.sum(np.broadcast_to(x, joint) * gradient))


def test_both_operands_of_a_sum_get_gradients_of_their_own_shape(see, rng):
    """In `x + y` with a column and a row, each was stretched along the other's axis and is summed back."""
    see.gradients(lambda x, y: x + y, [rng.normal(size=(3, 1)), rng.normal(size=(1, 4))])
    see.gradients(lambda x, y: x + y, [rng.normal(size=(2, 3, 4)), rng.normal(size=(3, 1))])
    see.gradients(lambda x, y: x + y, [rng.normal(size=()), rng.normal(size=(2, 3))])
