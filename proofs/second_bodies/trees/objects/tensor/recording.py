"""Running operations, recording them for backward, and pausing the recording."""

from __future__ import annotations

import inspect
import threading
import types
from contextlib import ContextDecorator
from functools import cache, wraps
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import GradientError
from ..operations import Operation

if TYPE_CHECKING:
    from .tensor import Tensor

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

    def __enter__(self) -> no_grad:
        recording.paused += 1
        return self

    def __exit__(self, *error: object) -> None:
        recording.paused -= 1


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


def apply(operation: Operation, *inputs: Tensor) -> Tensor:
    """Run `operation` on the data of the input Tensors; the result is a Tensor.

    It requires grad exactly when recording is on and some input requires grad. Then the operation is recorded:
    result.grad_fn is `operation`, and operation.inputs is the tuple of inputs.
    """
    name = type(operation).__name__
    if operation.recorded:
        raise GradientError(f"this {name} was recorded already, and an instance records one step: create another one")
    wrap = tensor_class().wrap
    result = wrap(np.asarray(operation.forward(*[tensor.data for tensor in inputs])))
    if is_recording() and any(tensor.requires_grad for tensor in inputs):
        operation.inputs, operation.recorded = inputs, True
        for attribute, value in Record(True, operation)._asdict().items():
            set_unchecked(result, attribute, value)
    return result


class Record(NamedTuple):
    """What a recorded result knows, by the names of Tensor's attributes."""

    requires_grad: bool
    grad_fn: Operation


@cache
def tensor_class() -> type[Tensor]:
    """Tensor, whose file imports this one."""
    from .tensor import Tensor

    return Tensor
