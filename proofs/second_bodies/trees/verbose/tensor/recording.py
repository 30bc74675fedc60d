"""Running operations, recording them for backward, and pausing the recording."""

import inspect
import threading
import types
from contextlib import ContextDecorator
from functools import wraps

import numpy as np

from ..errors import GradientError

set_unchecked = object.__setattr__  # what apply() sets needs none of Tensor's checks, which take as long as an addition


class Recording(threading.local):
    """Whether operations are recorded: each thread counts the no_grad() blocks that it is inside."""

    paused = 0


recording = Recording()


def is_recording():
    """Whether results remember their operation, now and in this thread."""
    return not recording.paused


class no_grad(ContextDecorator):
    """Inside `with no_grad():`, or a function under `@no_grad()`, nothing is recorded: results do not require grad.

    Blocks nest, end with an exception as well, and do not affect other threads. Of a generator or coroutine function,
    every step runs inside; what its caller does between two steps is recorded.
    """

    def __call__(self, function):
        if inspect.isasyncgenfunction(function):
            raise TypeError("no_grad() decorates no asynchronous generator: write `with no_grad():` inside of it")
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def paused(*args, **settings):
                return await step_by_step(function(*args, **settings))

        elif inspect.isgeneratorfunction(function):

            @wraps(function)
            def paused(*args, **settings):
                return (yield from step_by_step(function(*args, **settings)))

        else:
            paused = super().__call__(function)
        return paused

    def __enter__(self):
        number_of_blocks_before = recording.paused
        recording.paused = number_of_blocks_before + 1
        return self

    def __exit__(self, *error):
        number_of_blocks_before = recording.paused
        recording.paused = number_of_blocks_before - 1
        return False


@types.coroutine
def step_by_step(work):
    """Run a generator or coroutine to its end, with each of its steps, but not the time between them, in no_grad()."""
    step, value = work.send, None
    while True:
        try:
            with no_grad():
                request = step(value)
        except StopIteration as end:
            return end.value
        try:
            step, value = work.send, (yield request)
        except GeneratorExit:
            with no_grad():
                work.close()
            raise
        except BaseException as error:
            step, value = work.throw, error


def apply(operation, *inputs):
    """Run `operation` on the data of the input Tensors; the result is a Tensor.

    It requires grad exactly when recording is on and some input requires grad. Then the operation is recorded:
    result.grad_fn is `operation`, and operation.inputs is the tuple of inputs.
    """
    refuse_other_inputs(operation, inputs)
    refuse_second_use(operation)
    input_arrays = []
    for input_tensor in inputs:
        input_arrays.append(input_tensor.data)
    recorded = is_recording() and some_input_requires_grad(inputs)
    if recorded:
        operation.inputs = tuple(inputs)
    try:
        values = operation.forward(*input_arrays)
        array = separate_array(values, input_arrays)
    except BaseException:
        if recorded:
            operation.inputs = ()
        raise
    result = new_tensor(array, inputs)
    if recorded:
        operation.recorded = True
        set_unchecked(result, "requires_grad", True)
        set_unchecked(result, "grad_fn", operation)
    return result


def refuse_other_inputs(operation, inputs):
    """TypeError unless all inputs are Tensors."""
    for position, value in enumerate(inputs):
        if not hasattr(value, "grad_fn"):
            raise TypeError(
                f"apply({type(operation).__name__}(), ...) takes Tensors, but input {position} is a "
                f"{type(value).__name__}: Tensor(...) makes one"
            )


def refuse_second_use(operation):
    """GradientError if the operation already belongs to a graph: its forward would overwrite what it kept."""
    if operation.recorded:
        raise GradientError(
            f"this {type(operation).__name__} was recorded before, and an instance records one step: make a new one "
            f"for each step, as in apply({type(operation).__name__}(...), x)"
        )


def some_input_requires_grad(inputs):
    """Whether at least one of the input Tensors requires grad."""
    for input_tensor in inputs:
        if input_tensor.requires_grad:
            return True
    return False


def separate_array(values, input_arrays):
    """What forward returned as an array; a copy if it is one of the inputs themselves."""
    array = np.asarray(values)
    for input_array in input_arrays:
        if array is input_array:
            return array.copy()
    return array


def new_tensor(array, inputs):
    """A Tensor around the array, without a gradient so far."""
    if len(inputs) > 0:
        return inputs[0].wrap(array)
    from .tensor import Tensor  # here, as tensor.py imports this file

    return Tensor.wrap(array)
