"""2.3 Seed and release: what backward starts with, what it rejects, and what it leaves in memory.

The operations here are defined in this file (or provided), so a mistake in 2.4 to 2.11 fails nothing in this task.
"""

import contextlib
import gc
import weakref

import numpy as np

import neural_framework as nf


def leaf(value, dtype=np.float64):
    """A leaf that requires grad."""
    return nf.Tensor(value, requires_grad=True, dtype=dtype)


def triple_class():
    """A new class of operations: 3 * (x + y + ...); it keeps two arrays and a number, although it needs none."""

    class Triple(nf.Operation):
        def forward(self, *arrays):
            self.kept, self.factor, self.kept_as_well = arrays[0], 3.0, arrays[0] > 1.0
            return 3.0 * sum(arrays)

        def backward(self, grad):
            return (3.0 * grad,) * len(self.inputs) if len(self.inputs) > 1 else 3.0 * grad

    return Triple


def triple(*tensors):
    """3 * (x + y + ...), computed by an operation that is defined here."""
    return nf.apply(triple_class()(), *tensors)


def itself(x):
    """x, from an operation that is defined here and whose backward returns the very array that it gets."""

    class Itself(nf.Operation):
        def forward(self, x):
            return x.copy()

        def backward(self, grad):
            return grad

    return nf.apply(Itself(), x)


@contextlib.contextmanager
def collector_off():
    """Without the garbage collector, only what has no references is freed, and cycles stay."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def test_without_a_gradient_backward_starts_with_ones(see):
    """`y.backward()` gives the gradient of the sum of y's elements, whatever the shape of y."""
    x, number, empty = leaf([[1.0, 2.0], [3.0, 4.0]]), leaf(5.0), leaf(np.zeros((0, 2)))
    for tensor in (x, number, empty):
        triple(tensor).backward()
    see.close(x.grad, [[3.0, 3.0], [3.0, 3.0]])
    see.close(number.grad, 3.0)
    see.close(empty.grad, np.zeros((0, 2)))


def test_a_given_gradient_is_where_backward_starts(see):
    """An array or Tensor of the tensor's shape says how much each element counts, whatever its dtype."""
    for gradient in (np.array([10.0, -1.0]), np.array([10, -1]), nf.Tensor([10.0, -1.0], dtype=np.float64)):
        x, y = leaf([1.0, 2.0], np.float32), leaf([1.0, 2.0], np.float32)
        triple(x).backward(gradient)
        y.backward(gradient)
        see.close(x.grad, [30.0, -3.0])
        see.close(y.grad, [10.0, -1.0])
        see.equal([x.grad.dtype, y.grad.dtype], ["float32", "float32"])
    z = leaf([1.0, 2.0])
    z.backward(np.array([0.1, 0.3]))
    see.close(z.grad, [0.1, 0.3])  # to the last digits of a float64


def test_a_given_gradient_stays_the_callers_own(see):
    """The caller's array is neither changed nor kept, so writing to `.grad` later does not write to it."""
    array = np.array([1.0, 2.0])
    for gradient in (array, nf.from_numpy(array)):
        for passed_on in (lambda x: x, itself):
            x = leaf([1.0, 2.0])
            result = passed_on(x)
            result.retain_grad()
            for _ in range(2):
                result.backward(gradient, retain_graph=True)
                see.true(not np.shares_memory(array, x.grad.data), "x.grad has memory of its own")
                see.true(not np.shares_memory(array, result.grad.data), "so has the result's")
    see.equal(array, [1.0, 2.0])


def test_a_gradient_of_another_shape_is_refused(see):
    """Only (2,) fits (2,), not (1, 2), (1,) or (), which would broadcast; the message names both shapes."""
    x, number = leaf([1.0, 2.0]), leaf(1.0)
    for gradient in (np.ones(3), np.ones((1, 2)), np.ones(1), np.ones(())):
        see.raises(lambda g=gradient: x.backward(g), "ShapeError", mentions=[gradient.shape, (2,)])
        see.raises(lambda g=gradient: triple(x).backward(g), "ShapeError", mentions=[gradient.shape, (2,)])
    see.raises(lambda: number.backward(nf.Tensor([1.0])), "ShapeError", mentions=[(1,), ()])
    row = leaf([[1.0, 2.0]]).reshape(2)  # whose backward would take any two numbers
    see.raises(lambda: row.backward(np.ones(3)), "ShapeError", mentions=[(3,), (2,)])
    see.raises(lambda: row.backward(np.ones((1, 2))), "ShapeError", mentions=[(1, 2), (2,)])
    see.equal([x.grad, number.grad], [None, None])


def test_backward_needs_a_tensor_that_requires_grad(see):
    """A tensor that does not require grad has no graph to walk, so backward raises a GradientError."""
    see.raises(lambda: nf.Tensor([1.0, 2.0]).backward(), "GradientError")
    see.raises(lambda: leaf([1.0, 2.0]).detach().backward(), "GradientError")


def test_backward_works_inside_no_grad(see):
    """no_grad() stops recording, but backward can still walk a graph that was recorded before."""
    x = leaf([1.0, 2.0])
    result = triple(x)
    with nf.no_grad():
        result.backward()
    see.close(x.grad, [3.0, 3.0])


def test_backward_releases_the_graph(see):
    """grad_fn stays, used up: its inputs become (), what it kept, of any dtype, None, and it can't be applied again."""
    middle = triple(leaf([1.0, 2.0]))
    result = triple(middle)
    operations = [result.grad_fn, middle.grad_fn]
    result.backward()
    see.true(result.grad_fn is operations[0] and middle.grad_fn is operations[1], "grad_fn stays")
    see.equal([operation.inputs for operation in operations], [(), ()])
    see.equal([operation.kept for operation in operations], [None, None])
    see.equal([operation.kept_as_well for operation in operations], [None, None])
    for operation in operations:
        see.raises(lambda operation=operation: nf.apply(operation, leaf([5.0])), "GradientError")


def test_a_second_backward_says_that_the_graph_is_gone(see):
    """A second backward raises an error that names retain_graph=True, instead of numbers from half a graph."""
    x = leaf([1.0, 2.0])
    result = triple(x)
    result.backward()
    see.raises(result.backward, "GradientError", mentions=["retain_graph=True"])
    see.close(x.grad, [3.0, 3.0])


def test_a_released_part_inside_another_graph_is_noticed(see):
    """Two losses share a part that the first backward released; the second raises an error and changes nothing."""
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    trunk = triple(x)
    first, second = triple(trunk), triple(trunk, y)
    first.backward()
    see.raises(second.backward, "GradientError", mentions=["retain_graph=True"])
    see.raises(lambda: triple(trunk).backward(), "GradientError", mentions=["retain_graph=True"])
    see.close(x.grad, [9.0, 9.0])
    see.equal(y.grad, None)


def test_retain_graph_keeps_the_graph_for_another_backward(see):
    """With retain_graph=True nothing is released, until a backward without it."""
    x = leaf([1.0, 2.0])
    result = triple(x)
    result.backward(retain_graph=True)
    result.backward()
    see.close(x.grad, [6.0, 6.0])
    see.equal(result.grad_fn.inputs, ())


def test_only_the_graph_that_was_walked_is_released(see):
    """Another result of the same leaf has its own graph, so its backward still works, and so does that of a new one."""
    x = leaf([1.0, 2.0])
    first, second = triple(x), triple(x)
    first.backward()
    second.backward()
    triple(x).backward()
    see.close(x.grad, [9.0, 9.0])


def test_the_last_graph_dies_without_the_garbage_collector(see):
    """References point only backwards, so an unused graph is freed at once; a cycle would stay."""
    operation_class = triple_class()
    with collector_off():
        x = leaf([1.0, 2.0])
        result = nf.apply(operation_class(), nf.apply(operation_class(), x), x)
        operations = [weakref.ref(result.grad_fn), weakref.ref(result.grad_fn.inputs[0].grad_fn)]
        result.backward()
        del result
        see.equal([operation() is None for operation in operations], [True, True])
    see.close(x.grad, [12.0, 12.0])


def test_a_released_operation_lets_go_of_what_led_to_it(see):
    """Keeping a list of losses does not keep their graphs alive: after backward, only the last operation remains."""
    operation_class = triple_class()
    x = leaf([1.0, 2.0])
    middle = nf.apply(operation_class(), x)
    result = nf.apply(operation_class(), middle)
    behind = weakref.ref(middle.grad_fn)
    result.backward()
    del middle
    gc.collect()
    see.true(behind() is None, "the operation before the result is gone")
    see.close(x.grad, [9.0, 9.0])


def test_memory_does_not_grow_from_step_to_step(see):
    """Training steps leave nothing in memory: after 100 more of them there are no more objects than before."""
    operation_class = triple_class()
    x, w = nf.Tensor([1.0, 2.0]), leaf([1.0, -1.0], np.float32)

    def steps(count):
        for _ in range(count):
            loss = nf.apply(operation_class(), nf.apply(operation_class(), x, w).exp().abs(), w).sum()
            w.zero_grad()
            loss.backward()
            w.data[...] -= 0.001 * w.grad.data
        return len(gc.get_objects())

    with collector_off():
        objects = [steps(100) for _ in range(5)]
    growth = np.diff(objects)  # once, it may come from elsewhere; what steps leave comes every time
    see.at_most(min(growth), 49)


def test_a_gradient_is_not_an_array_that_an_operation_keeps_for_itself(see):
    """An operation may return its own array, again and again, so `.grad` is a copy of it."""
    weights = np.array([1.0, 2.0])

    class Dot(nf.Operation):
        def forward(self, x):
            return np.asarray(np.sum(weights * x))

        def backward(self, grad):
            return weights

    x, y = leaf([1.0, 1.0]), leaf([1.0, 1.0])
    for tensor in (x, y, x):
        nf.apply(Dot(), tensor).backward()
    see.close(x.grad, [2.0, 4.0])
    see.close(y.grad, [1.0, 2.0])
    see.equal(weights, [1.0, 2.0])
    see.true(not np.shares_memory(y.grad.data, weights), "y.grad has memory of its own")
