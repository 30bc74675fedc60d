"""1.3 apply and no_grad: run an operation and record where its result came from."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import neural_framework as nf


def scaled_sum():
    """A user-defined Operation, x + 10 y, that stores the arguments of each call."""

    class ScaledSum(nf.Operation):
        calls = ()

        def forward(self, x, y):
            self.calls = (*self.calls, (x, y))
            return x + 10 * y

    return ScaledSum()


def test_apply_runs_an_operation_of_your_own(see):
    """apply(operation, a, b) calls operation.forward once, with the plain arrays, and wraps the result in a Tensor."""
    operation = scaled_sum()
    result = nf.apply(operation, nf.Tensor([1.0, 2.0]), nf.Tensor([3.0, 4.0]))
    see.close(result, [31.0, 42.0])
    see.equal(type(result).__name__, "Tensor")
    see.equal([[type(array).__name__ for array in call] for call in operation.calls], [["ndarray", "ndarray"]])


def test_an_operation_takes_any_number_of_inputs(see):
    """apply takes any number of inputs: forward gets all the arrays, and all the tensors are recorded."""

    class Total(nf.Operation):
        def forward(self, *arrays):
            return sum(arrays[1:], start=arrays[0] * 2)

    a, b, c = nf.Tensor([1.0]), nf.Tensor([10.0]), nf.Tensor([100.0], requires_grad=True)
    result = nf.apply(Total(), a, b, c)
    see.close(result, [112.0])
    see.true(all(kept is given for kept, given in zip(result.grad_fn.inputs, (a, b, c), strict=True)))
    see.close(nf.apply(Total(), c), [200.0])


def test_a_result_knows_its_operation_and_its_inputs(see):
    """grad_fn is the same Operation object, and grad_fn.inputs holds the same Tensor objects, in the order given."""
    operation = scaled_sum()
    a, b = nf.Tensor([1.0], requires_grad=True), nf.Tensor([2.0], requires_grad=True)
    result = nf.apply(operation, a, b)
    see.same(result.grad_fn, operation)
    see.equal(type(result.grad_fn.inputs).__name__, "tuple")
    see.equal(len(result.grad_fn.inputs), 2)
    see.same(result.grad_fn.inputs[0], a)
    see.same(result.grad_fn.inputs[1], b)


def test_one_input_that_requires_grad_is_enough(see):
    """The result requires grad if ANY input does, the first or the second, and all inputs are recorded."""
    x, w = nf.Tensor([1.0]), nf.Tensor([2.0], requires_grad=True)
    for inputs in ((x, w), (w, x), (w, w)):
        result = nf.apply(scaled_sum(), *inputs)
        see.equal([result.requires_grad, result.is_leaf], [True, False])
        for kept, given in zip(result.grad_fn.inputs, inputs, strict=True):
            see.same(kept, given)


def test_nothing_is_recorded_when_no_input_requires_grad(see):
    """If no input requires grad, the result does not either: it has no grad_fn and is a leaf."""
    result = nf.apply(scaled_sum(), nf.Tensor([1.0]), nf.Tensor([2.0]))
    see.equal([result.requires_grad, result.grad_fn, result.is_leaf], [False, None, True])
    see.close(result, [21.0])


def test_results_are_recorded_as_inputs_of_the_next_operation(see):
    """In |a| + b, the first input of Add is the result of abs itself, not a copy: this connects the graph."""
    a, b = nf.Tensor([-1.0], requires_grad=True), nf.Tensor([2.0])
    size = a.abs()
    total = size + b
    see.close(total, [3.0])
    see.equal([type(total.grad_fn).__name__, type(size.grad_fn).__name__], ["Add", "Abs"])
    see.same(total.grad_fn.inputs[0], size)
    see.same(size.grad_fn.inputs[0], a)


def test_an_operation_records_one_step(see):
    """A recorded operation cannot be applied again: its inputs, which backward follows, are those of the first time."""
    x, constant = nf.Tensor([1.0], requires_grad=True), nf.Tensor([2.0])
    operation = scaled_sum()
    nf.apply(operation, constant, constant)  # not recorded
    first = nf.apply(operation, x, constant)
    see.raises(lambda: nf.apply(operation, x, x), "GradientError")
    see.raises(lambda: nf.apply(operation, constant, constant), "GradientError")
    see.same(first.grad_fn, operation)
    see.same(operation.inputs[1], constant)
    operation.inputs = ()  # as backward leaves them, when it releases the graph: that makes no new operation
    see.raises(lambda: nf.apply(operation, x, x), "GradientError")


def test_what_raised_was_not_recorded(see):
    """If forward raises, there is no result and no step: the same operation can be applied to inputs that fit."""
    two, three = nf.Tensor([1.0, 2.0], requires_grad=True), nf.Tensor([3.0, 4.0, 5.0])
    operation = scaled_sum()
    see.raises(lambda: nf.apply(operation, two, three), ("ValueError", "RuntimeError"))
    result = nf.apply(operation, two, two)
    see.close(result, [11.0, 22.0])
    see.same(result.grad_fn, operation)
    see.equal(len(operation.inputs), 2)


def test_the_dtype_is_what_forward_returned(see):
    """apply changes no dtype: float64 and integers stay as they are, and float32 plus a number stays float32."""
    doubles, integers = nf.Tensor(np.array([1.5, 2.5])), nf.Tensor([3, 2])
    results = [nf.apply(scaled_sum(), doubles, doubles), nf.apply(scaled_sum(), integers, integers)]
    see.equal([result.dtype for result in results], ["float64", "int64"])
    see.equal(results[1], np.array([33, 22]))
    see.equal((nf.Tensor([1.0]) + 2.5).dtype, "float32")


def test_the_sum_of_two_numbers_is_still_an_array(see):
    """NumPy returns bare scalars for results without axes, but `data` is still an ndarray of shape ()."""
    total = nf.Tensor(1.0, requires_grad=True) + nf.Tensor(2.0)
    see.equal(type(total.data).__name__, "ndarray")
    see.close(total, 3.0)
    sums = [total, nf.Tensor(np.float64(0.1)) + nf.Tensor(np.float64(0.2)), nf.Tensor(1) + nf.Tensor(2)]
    see.equal([number.dtype for number in sums], ["float32", "float64", "int64"])


def test_inside_no_grad_nothing_is_recorded(see):
    """Results made inside no_grad() require no grad and have no grad_fn; after the block, recording is on again."""
    w = nf.Tensor([2.0], requires_grad=True)
    with nf.no_grad():
        inside = w + w
        see.equal(w.requires_grad, True)
        see.equal(nf.Tensor([1.0], requires_grad=True).requires_grad, True)
    see.close(inside, [4.0])
    see.equal([inside.requires_grad, inside.grad_fn, inside.is_leaf], [False, None, True])
    see.equal((w + w).requires_grad, True)


def test_no_grad_nests(see):
    """Leaving an inner no_grad() does not switch recording on again, because the outer block is still open."""
    w = nf.Tensor([2.0], requires_grad=True)
    with nf.no_grad():
        with nf.no_grad():
            innermost = (w + w).requires_grad
        between = (w + w).requires_grad
    see.equal([innermost, between, (w + w).requires_grad], [False, False, True])


def test_an_error_inside_no_grad_comes_out_and_recording_goes_on(see):
    """An exception inside the block is not swallowed, and ends this block alone, not the one around it."""
    w = nf.Tensor([2.0], requires_grad=True)

    def fails():
        with nf.no_grad():
            raise KeyError(404)

    see.raises(fails, "KeyError", mentions=[404])
    see.equal((w + w).requires_grad, True)
    with nf.no_grad():
        see.raises(fails, "KeyError", mentions=[404])
        see.equal((w + w).requires_grad, False)
        with contextlib.suppress(KeyboardInterrupt), nf.no_grad():
            raise KeyboardInterrupt  # the stop button of a notebook
        see.equal((w + w).requires_grad, False)
    see.equal((w + w).requires_grad, True)


def test_no_grad_decorates_a_function(see):
    """@no_grad() switches recording off during each call, and only then, also if the function calls itself."""
    w = nf.Tensor([2.0], requires_grad=True)

    @nf.no_grad()
    def countdown(n):
        return w + w if n == 0 else countdown(n - 1)

    see.equal([countdown(3).requires_grad, (w + w).requires_grad], [False, True])
    see.equal([countdown(0).requires_grad, (w + w).requires_grad], [False, True])
    see.close(countdown(2), [4.0])


def test_no_grad_counts_for_its_own_thread_only(see):
    """While one thread validates inside no_grad(), another thread that trains continues to record."""
    w = nf.Tensor([2.0], requires_grad=True)
    with ThreadPoolExecutor(max_workers=1) as other_thread, nf.no_grad():
        there, here = other_thread.submit(lambda: w + w).result(), w + w
    see.equal([there.requires_grad, here.requires_grad], [True, False])
    see.close(there, [4.0])
