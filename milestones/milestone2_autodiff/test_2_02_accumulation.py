"""2.2 Accumulation: the gradients that reach a tensor along all its paths are summed, then added to its `.grad`.

The operations here are defined in this file (or provided), so a mistake in 2.4 to 2.11 fails nothing in this task.
backward is called with retain_graph=True and without a gradient, so that 2.3 need not be done yet.
"""

import numpy as np

import neural_framework as nf


def leaf(value, dtype=np.float64):
    """A leaf that requires grad."""
    return nf.Tensor(value, requires_grad=True, dtype=dtype)


def combine(x, y, a, b):
    """a * x + b * y, computed by an operation that is defined here."""

    class Combine(nf.Operation):
        def forward(self, x, y):
            return a * x + b * y

        def backward(self, grad):
            return a * grad, b * grad

    return nf.apply(Combine(), x, y)


def scaled(x, factor):
    """factor * x, computed by an operation that is defined here."""

    class Scale(nf.Operation):
        def forward(self, x):
            return factor * x

        def backward(self, grad):
            return factor * grad

    return nf.apply(Scale(), x)


def half_square(x, kept):
    """x**2 / 2, summed; its backward returns the array that forward put in `kept` (right for a seed of 1)."""

    class HalfSquare(nf.Operation):
        def forward(self, x):
            kept.append(x)
            return np.asarray(0.5 * np.sum(x * x))

        def backward(self, grad):
            return kept[0]

    return nf.apply(HalfSquare(), x)


def answering(answer, *tensors):
    """The sum of the tensors, computed by an operation, Answering, whose backward returns answer(grad)."""

    class Answering(nf.Operation):
        def forward(self, *arrays):
            return sum(arrays)

        def backward(self, grad):
            return answer(grad)

    return nf.apply(Answering(), *tensors)


def added(x, y):
    """x + y, whose backward returns the same array for both inputs."""
    return answering(lambda grad: (grad, grad), x, y)


def blocked(x, y):
    """x + y, whose backward returns no gradient (None) for x."""
    return answering(lambda grad: (None, grad), x, y)


def first_alone(x):
    """x, of which only the first element has a gradient; like indexing, the operation can add it to a sum."""

    class FirstAlone(nf.Operation):
        def __init__(self):
            self.adds_in_place = True

        def forward(self, x):
            return x * 1.0

        def backward(self, grad):
            part = np.zeros_like(grad)
            self.add_to(part, grad)
            return part

        def add_to(self, total, grad):
            total[:1] += grad[:1]

    return nf.apply(FirstAlone(), x)


def failing(x):
    """x itself, computed by an operation whose backward fails."""

    def fail(grad):
        raise ArithmeticError("this operation cannot go back")

    return answering(fail, x)


def test_each_input_receives_its_own_gradient(see):
    """In 2x + 5y, x gets 2 and y gets 5, in the order of the inputs, and a constant gets nothing."""
    x, y, constant = leaf([1.0, 2.0]), leaf([3.0, 4.0]), nf.Tensor([1.0, 1.0])
    combine(combine(x, y, 2.0, 5.0), constant, 1.0, 7.0).backward(retain_graph=True)
    see.close(x.grad, [2.0, 2.0])
    see.close(y.grad, [5.0, 5.0])
    see.equal(constant.grad, None)


def test_a_tensor_used_twice_by_one_operation_receives_both_gradients(see):
    """combine(x, x) uses x twice, so its gradient is 2 + 5: the second must not overwrite the first."""
    x = leaf([3.0])
    combine(x, x, 2.0, 5.0).backward(retain_graph=True)
    see.close(x.grad, [7.0])


def test_a_shared_intermediate_passes_its_gradient_on_once_and_whole(see):
    """Three diamonds in a row multiply the gradient by 8; passing on partial sums gives more, overwriting less."""
    x = leaf([1.0])
    shared = x
    for _ in range(3):
        middle = scaled(shared, 1.0)
        shared = combine(middle, middle, 1.0, 1.0)
    shared.backward(retain_graph=True)
    see.close(x.grad, [8.0])


def test_arms_of_different_length_meet_again(see):
    """shared + 3 * (2 * shared) multiplies the gradient by 7, whichever path comes first."""
    for short_first in (True, False):
        x = leaf([1.0])
        shared = scaled(x, 10.0)
        arms = [shared, scaled(scaled(shared, 2.0), 3.0)]
        combine(*(arms if short_first else arms[::-1]), 1.0, 1.0).backward(retain_graph=True)
        see.close(x.grad, [70.0])


def test_a_leaf_depends_on_itself(see):
    """backward on a leaf finds no operation: each call adds 1 to the leaf's gradient."""
    x = leaf([1.0, 2.0])
    for _ in range(3):
        x.backward(retain_graph=True)
    see.close(x.grad, [3.0, 3.0])


def test_backward_adds_to_the_gradient_that_is_there(see):
    """The gradients of two losses add up, and an assigned gradient also counts, until zero_grad() is called."""
    x = leaf([1.0, 2.0])
    x.grad = nf.Tensor([10.0, 20.0], dtype=np.float64)
    scaled(x, 2.0).backward(retain_graph=True)
    scaled(x, 5.0).backward(retain_graph=True)
    see.close(x.grad, [17.0, 27.0])
    x.zero_grad()
    scaled(x, 3.0).backward(retain_graph=True)
    see.close(x.grad, [3.0, 3.0])


def test_a_result_keeps_a_gradient_only_if_it_asked(see):
    """After retain_grad(), a result has the sum of all that its consumers sent; other results have None."""
    x = leaf([1.0, 2.0])
    asked, silent = scaled(x, 2.0), scaled(x, 3.0)
    asked.retain_grad()
    result = combine(combine(asked, asked, 4.0, 5.0), silent, 1.0, 1.0)
    result.backward(retain_graph=True)
    see.close(asked.grad, [9.0, 9.0])
    see.equal([silent.grad, result.grad], [None, None])
    result.retain_grad()
    result.backward(retain_graph=True)
    see.close(result.grad, [1.0, 1.0])
    see.close(x.grad, [42.0, 42.0])


def test_what_a_result_kept_is_not_passed_on_again(see):
    """A retained `.grad` grows with each backward, but each backward passes on only its own gradient."""
    x = leaf([1.0])
    middle = scaled(x, 2.0)
    middle.retain_grad()
    result = scaled(middle, 3.0)
    result.backward(retain_graph=True)
    result.backward(retain_graph=True)
    see.close(middle.grad, [6.0])
    see.close(x.grad, [12.0])


def test_gradients_share_no_memory_with_each_other(see):
    """A sum sends one array to both operands, and a reshape sends a view, so each `.grad` needs its own array."""
    x, y, z = leaf([[1.0, 2.0]]), leaf([[3.0, 4.0]]), leaf([5.0, 6.0])
    middle, other = added(x, y), scaled(z, 2.0)
    total = added(added(middle.reshape(2), z), other)
    for result in (middle, other, total):
        result.retain_grad()
    answering(lambda grad: np.array([7.0, 8.0]), total).backward(retain_graph=True)
    arrays = [tensor.grad.data for tensor in (x, y, z, middle, other, total)]
    shared = [np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i]]
    see.equal(shared, [False] * 15)
    see.close(x.grad, [[7.0, 8.0]])


def test_summing_for_one_tensor_leaves_the_others_alone(see):
    """In (x + y) + x, x receives 2, but y, which got the same array from the first sum, still receives 1."""
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    added(added(x, y), x).backward(retain_graph=True)
    added(x, added(x, y)).backward(retain_graph=True)
    see.close(x.grad, [4.0, 4.0])
    see.close(y.grad, [2.0, 2.0])
    for twice in (lambda grad: (grad[:],) * 2, lambda grad: (grad.copy(),) * 2, lambda grad: (grad[:], grad)):
        x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])  # now the first sum sends a view, or a new array, to both
        added(answering(twice, x, y), x).backward(retain_graph=True)
        added(x, answering(twice, x, y)).backward(retain_graph=True)
        see.close(x.grad, [4.0, 4.0])
        see.close(y.grad, [2.0, 2.0])


def test_what_an_operation_can_add_in_place_spoils_no_other_sum(see):
    """Where x has the array that y got as well, add_to adds to neither: it may only add to a sum that x alone has."""
    for swapped in (False, True):
        x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
        sides = (added(x, y), first_alone(x))
        added(*(sides[::-1] if swapped else sides)).backward(retain_graph=True)
        see.close(x.grad, [2.0, 1.0])
        see.close(y.grad, [1.0, 1.0])


def test_sums_for_results_leave_the_others_alone(see, rng):
    """What reaches a result is added up like what reaches a leaf: never in an array that came from somewhere else."""
    tensors = [leaf([1.0, 2.0]) for _ in range(3)]
    paths = list(np.eye(3))  # how often each leaf is in each tensor
    for turn in range(12):
        first, second = rng.integers(turn, turn + 3, size=2)
        tensors.append(added(tensors[first], scaled(tensors[second], -2.0) if turn % 4 == 0 else tensors[second]))
        paths.append(paths[first] + (-2.0 if turn % 4 == 0 else 1.0) * paths[second])
    added(added(tensors[-1], tensors[-2]), tensors[-3]).backward(retain_graph=True)
    counts = paths[-1] + paths[-2] + paths[-3]
    grads = [np.zeros(2) if x.grad is None else x.grad.data for x in tensors[:3]]
    see.close(np.array(grads), [[count, count] for count in counts])


def test_a_sum_for_a_result_leaves_the_other_result_alone(see):
    """In (u + v) + u, the results u and v got one array from the first sum: adding into it would give v 2, not 1."""
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    u, v = scaled(x, 10.0), scaled(y, 100.0)
    added(added(u, v), u).backward(retain_graph=True)
    added(u, added(u, v)).backward(retain_graph=True)
    see.close(x.grad, [40.0, 40.0])
    see.close(y.grad, [200.0, 200.0])


def test_a_gradient_shares_no_memory_with_data(see):
    """An operation may return an array that it keeps, so `.grad` is a copy; otherwise adding would change the data."""
    x = leaf([1.0, 2.0, 3.0])
    result = scaled(x, 10.0)
    result.retain_grad()
    for tensor in (x, result):
        loss = half_square(tensor, [])
        loss.backward(retain_graph=True)
        see.true(not np.shares_memory(tensor.grad.data, tensor.data), "the gradient has memory of its own")
        loss.backward(retain_graph=True)
    see.close(result.grad, [20.0, 40.0, 60.0])
    see.close(x.grad, [202.0, 404.0, 606.0])
    see.equal([x.data, result.data], [[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    y = leaf([1.0, 2.0])
    added(half_square(y, []), scaled(y, 1.0).sum()).backward(retain_graph=True)
    added(scaled(y, 1.0).sum(), half_square(y, [])).backward(retain_graph=True)
    see.close(y.grad, [4.0, 6.0])
    see.equal(y.data, [1.0, 2.0])  # what half_square returns is y's own data, and no place for a sum


def test_the_elements_of_a_gradient_are_separate(see):
    """The gradient of a sum may be one number shown many times, but in `.grad` each element has its own memory."""
    x = leaf([1.0, 2.0, 3.0])
    result = scaled(x, 2.0)
    result.retain_grad()
    for tensor in (x, result):
        tensor.sum().backward(retain_graph=True)
        see.true(tensor.grad.data.flags.writeable, "the gradient can be written")
        tensor.grad.data[0] = 7.0
    see.close(result.grad, [7.0, 1.0, 1.0])
    see.close(x.grad, [9.0, 3.0, 3.0])


def test_a_gradient_is_a_tensor_of_the_same_shape_and_dtype(see):
    """`.grad` is a Tensor of its tensor's shape and dtype, also for float32 with float64, empty and 0-d tensors."""
    x, empty, number = leaf([1.0, 2.0], np.float32), leaf(np.zeros((0, 2))), leaf(3.0)
    total = combine(x, nf.Tensor([1.0, 1.0], dtype=np.float64), np.float64(2.0), 1.0)
    for result in (total, scaled(empty, 2.0), combine(number, number, 0.3, 0.1)):  # NumPy sums of 0-d: scalars
        for _ in range(2):  # the second adds to the first
            result.backward(retain_graph=True)
    tensors = (x, empty, number)
    see.equal([isinstance(tensor.grad, nf.Tensor) for tensor in tensors], [True, True, True])
    see.equal([type(tensor.grad.data) for tensor in tensors], ["ndarray", "ndarray", "ndarray"])
    see.equal([tensor.grad.shape for tensor in tensors], [(2,), (0, 2), ()])
    see.equal([tensor.grad.dtype for tensor in tensors], ["float32", "float64", "float64"])
    see.close(number.grad, 0.8)  # to the last digits of a float64


def test_none_means_no_gradient_on_this_path(see):
    """An operation may return None for an input, which then gets gradients along other paths or not at all."""
    x, y = leaf([1.0]), leaf([2.0])
    blocked(scaled(x, 2.0), y).backward(retain_graph=True)
    see.close(y.grad, [1.0])
    middle = scaled(x, 2.0)
    combine(blocked(middle, y), middle, 1.0, 5.0).backward(retain_graph=True)
    see.close(x.grad, [10.0])
    see.close(y.grad, [2.0])


def test_sixty_doublings_are_counted_exactly(see):
    """`x = x + x` sixty times has 2**60 paths, summed in sixty steps; walking path by path never finishes."""
    x = start = leaf([1.0])
    for _ in range(60):
        x = added(x, x)
    x.backward(retain_graph=True)
    see.equal(start.grad.data, [2.0**60])


def test_backward_through_20000_operations_does_not_end_in_a_recursion_error(see):
    """backward is a loop over the order, because a function that calls itself stops after about 1,000 operations."""
    x = start = leaf([2.0])
    for _ in range(20_000):
        x = x.abs()
    scaled(x, 3.0).backward(retain_graph=True)
    see.close(start.grad, [3.0])


def test_an_operation_that_returns_the_wrong_number_of_gradients_is_named(see):
    """A backward returns exactly one gradient per input; a bare array of two rows is one gradient, not two."""
    x, y = leaf(1.0), leaf(2.0)
    for answer in (lambda g: (g,), lambda g: (g, g, g), lambda g: np.ones(2), lambda g: ()):
        result = answering(answer, x, y)
        see.raises(lambda r=result: r.backward(retain_graph=True), "ShapeError", mentions=["Answering"])
    answering(lambda g: (g, 5.0 * g), x, y).backward(retain_graph=True)
    see.close([x.grad.item(), y.grad.item()], [1.0, 5.0])


def test_an_operation_that_returns_a_gradient_of_another_shape_is_named(see):
    """A gradient has exactly its tensor's shape; a gradient that could be broadcast to it is also rejected."""
    x = leaf([1.0, 2.0])
    for answer in (lambda g: np.ones(3), lambda g: np.ones((1, 2)), lambda g: np.ones(1), lambda g: g.sum()):
        result = answering(answer, x)
        see.raises(lambda r=result: r.backward(retain_graph=True), "ShapeError", mentions=["Answering"])
    answering(lambda g: np.array([7.0, 8.0]), x).backward(retain_graph=True)
    see.close(x.grad, [7.0, 8.0])


def test_a_backward_that_raises_changes_no_gradient(see):
    """If any operation fails, every leaf keeps the `.grad` that it had, and no leaf gets a new one."""
    x, y, z = leaf([1.0, 2.0]), leaf([3.0, 4.0]), leaf([5.0, 6.0])
    x.grad = nf.Tensor([7.0, 8.0], dtype=np.float64)
    for broken in (failing(z), answering(lambda g: np.ones(3), z)):
        result = added(x, added(y, broken))
        see.raises(lambda r=result: r.backward(retain_graph=True), ("ArithmeticError", "ShapeError"))
    see.close(x.grad, [7.0, 8.0])
    see.equal([y.grad, z.grad], [None, None])


def test_a_grad_of_another_shape_is_refused_before_any_is_changed(see):
    """The data of a `.grad` may have been given another shape: nothing is added to it, nor to another tensor."""
    for shape in ((3,), (1,), (1, 2), ()):
        x, y, z = leaf([1.0, 2.0]), leaf([3.0, 4.0]), leaf([5.0, 6.0])
        x.grad, y.grad = nf.Tensor([7.0, 8.0], dtype=np.float64), nf.Tensor([0.0, 0.0], dtype=np.float64)
        y.grad.data = np.zeros(shape)
        see.raises(lambda x=x, y=y, z=z: added(added(x, y), z).backward(retain_graph=True), "ShapeError")
        see.raises(lambda x=x, y=y, z=z: added(z, added(y, x)).backward(retain_graph=True), "ShapeError")
        see.close(x.grad, [7.0, 8.0])
        see.close(y.grad, np.zeros(shape))
        see.equal(z.grad, None)
