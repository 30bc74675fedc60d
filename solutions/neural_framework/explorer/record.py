"""Records one real backward: the gradients that reach each operation, what it sends on, and what .grad gets."""

import numpy as np

from .graph import key_of


class Event:
    """One call of an operation's backward.

    arrived: the upstream gradient. sent: an array or None for each input. wrote: what the call wrote into, of
    "the upstream gradient", "an array that forward kept" and "an input". count: how many parts it returned, if that
    is not the number of inputs. error: what it raised, or None.
    """

    def __init__(self, number, arrived):
        self.number, self.arrived = number, arrived
        self.sent, self.wrote, self.count, self.error = [], [], None, None


class Record:
    """One backward through a graph. events: in their order. grads: {key: what it added to .grad}. error: or None."""

    def __init__(self, graph):
        self.graph, self.events, self.grads, self.error = graph, [], {}, None


def record(graph):
    """Run `backward(retain_graph=True)` of the tree itself, and note each call of an operation's backward.

    Everything is as before afterwards, including every .grad.
    """
    found = Record(graph)
    before = [(tensor, tensor.grad) for tensor in graph.tensors.values()]
    attributes = [dict(vars(operation)) for operation in graph.operations]
    try:
        for tensor, _ in before:
            tensor.grad = None
        for number, operation in enumerate(graph.operations):
            # Only for speed does backward sometimes call add_to instead: the steps are the same without.
            vars(operation).update(backward=watched(operation, number, found.events), adds_in_place=False)
        graph.loss.backward(retain_graph=True)
    except Exception as error:  # of the tree: the page says what it was
        found.error = error
    finally:
        for operation, own in zip(graph.operations, attributes, strict=True):
            for name in ("backward", "adds_in_place"):
                vars(operation).pop(name, None)
                if name in own:
                    vars(operation)[name] = own[name]
        for tensor, grad in before:
            if tensor.grad is not None:
                found.grads[key_of(tensor)] = np.array(tensor.grad.data)
            tensor.grad = grad
    return found


def watched(operation, number, events):
    """The operation's backward, which also adds an Event to `events`."""
    method = operation.backward

    def backward(grad):
        event = Event(number, np.array(grad))
        events.append(event)
        kept = {name: (array, array.copy()) for name, array in arrays_of(operation)}
        inputs = [(tensor.data, tensor.data.copy()) for tensor in operation.inputs]
        try:
            parts = method(grad)
        except BaseException as error:
            event.error = error
            raise
        listed = list(parts) if isinstance(parts, (tuple, list)) else [parts]
        if len(listed) != len(operation.inputs):
            event.count = len(listed)
        event.sent = [None if part is None else np.array(part) for part in listed]
        if not same(grad, event.arrived):
            event.wrote.append("the upstream gradient")
        if not all(same(array, copy) for array, copy in inputs):
            event.wrote.append("an input")
        elif not all(same(array, copy) for array, copy in kept.values()):
            event.wrote.append("an array that forward kept")
        return parts

    return backward


def arrays_of(operation):
    """The names and arrays that an operation holds."""
    return [(name, value) for name, value in vars(operation).items() if isinstance(value, np.ndarray)]


def same(array, copy):
    """Whether an array still holds the same numbers; nan is equal to nan."""
    return np.array_equal(array, copy, equal_nan=copy.dtype.kind == "f")
