"""Compares what was recorded with what was measured: which gradients and sums disagree, and who made them."""

import numpy as np

from ..autodiff import backward, topological_sort
from .graph import key_of
from .measure import measure

TOLERANCES = {2: 2e-2, 4: 1e-3, 8: 1e-4}  # relative, by the bytes of a float


class Edge:
    """What one call of backward sent to one input.

    sum: of all that this tensor has been sent so far. arrived, awaited: how many gradients of how many. measured: a
    Measured or None. bad: {"kind", ...} if it disagrees, otherwise None.
    """

    def __init__(self, position, key, sent):
        self.position, self.key, self.sent = position, key, sent
        self.sum, self.arrived, self.awaited, self.measured, self.bad = None, 0, 0, None, None


def judge(record):
    """[(event, its edges, what else is bad)] for each event, and {key: what is bad about its .grad}."""
    graph, start = record.graph, key_of(record.graph.loss)
    sums = {start: np.ones_like(graph.loss.data)}
    counts = {start: 1}
    judged, called = [], set()
    last = {event.number: position for position, event in enumerate(record.events)}
    for now, event in enumerate(record.events):
        operation = graph.operations[event.number]
        edges, bad = [], []
        later = {number for number, position in last.items() if position > now}
        arrival = judge_arrival(event, sums.get(id(operation)), counts.get(id(operation), 0), later, graph)
        bad += [arrival] if arrival else []
        if event.number in called:
            bad.append({"kind": "twice", "place": place_of(topological_sort)})
        called.add(event.number)
        if event.wrote:
            bad.append({"kind": "wrote", "into": event.wrote})
        if event.count is not None:
            bad.append({"kind": "count", "got": event.count, "expected": len(operation.inputs)})
        measured = measure(operation, event.arrived)
        parts = event.sent if event.count is None else []
        for position, (tensor, part) in enumerate(zip(operation.inputs, parts)):  # noqa: B905 (none after an error)
            if not tensor.requires_grad:
                continue
            key = key_of(tensor)
            edge = Edge(position, key, part)
            edge.measured = measured[position]
            edge.bad = judge_edge(part, tensor, measured[position], event.arrived)
            if part is not None and part.shape == tensor.shape:
                sums[key] = sums[key] + part if key in sums else part
            counts[key] = counts.get(key, 0) + 1
            edge.sum, edge.arrived, edge.awaited = sums.get(key), counts[key], graph.awaited(key)
            edges.append(edge)
        judge_ties(edges, measured, event.arrived, type(operation).__name__)
        judged.append((event, edges, bad))
    return judged, {} if record.error else judge_grads(record, sums)


def judge_edge(part, tensor, measured, arrived):
    """What is wrong with one gradient, or None."""
    if part is not None and part.shape != tensor.shape:
        return {"kind": "shape", "got": list(part.shape), "expected": list(tensor.shape)}
    if measured is None or tensor.size == 0:
        return None
    yours = np.zeros(tensor.shape) if part is None else part.astype(np.float64)
    relative = max(TOLERANCES.get(array.dtype.itemsize, 1e-4) for array in (arrived, tensor))
    # What a small slope such as y (1 - y) loses by cancellation counts as rounding of the upstream gradient.
    rounding = max(1e-2 * relative, 4 * float(np.finfo(arrived.dtype).eps))
    allowed = relative * measured.scale + rounding * largest(arrived)
    with np.errstate(all="ignore"):
        far = ~(np.abs(yours - measured.value) <= allowed) & ~np.isnan(measured.value)
        far |= measured.jumps & ~((yours >= measured.low - allowed) & (yours <= measured.high + allowed))
    if not far.any():
        return None
    index = tuple(int(i) for i in np.unravel_index(far.argmax(), far.shape))
    value = measured.value[index]
    if np.isnan(value):
        value = (measured.low[index] + measured.high[index]) / 2
    kind = "none" if part is None else "value"
    return {"kind": kind, "at": list(index), "yours": float(yours[index]), "measured": float(value)}


def judge_ties(edges, measured, arrived, name):
    """Mark the edges of a maximum or minimum whose shares among equal elements do not add up to the gradient."""
    if name not in ("Max", "Min", "Maximum", "Minimum") or not np.isfinite(arrived).all():
        return
    known = [edge.measured for edge in edges]
    if len(edges) != len(measured) or None in known or not any(one.jumps.any() for one in known):
        return
    if any(edge.bad or edge.sent is None for edge in edges):
        return
    yours = float(sum(edge.sent.sum(dtype=np.float64) for edge in edges))
    whole = float(arrived.sum(dtype=np.float64))
    if abs(yours - whole) > 1e-3 * max(float(np.abs(arrived).sum()), 1e-6):
        for edge in edges:
            edge.bad = {"kind": "ties", "yours": yours, "measured": whole}


def judge_arrival(event, total, count, later, graph):
    """What is wrong with the upstream gradient of a call: other than the sum so far, or sent on too early; or None."""
    operation = graph.operations[event.number]
    if total is not None and not close(event.arrived, total):
        return {"kind": "sum", "place": place_of(backward), **first_difference(event.arrived, total)}
    if any(number in later for number, _ in graph.uses[id(operation)]):
        return {"kind": "early", "got": count, "of": graph.awaited(id(operation)), "place": place_of(topological_sort)}
    return None


def judge_grads(record, sums):
    """{key: what is wrong} for the leaves whose .grad is not the sum of what they were sent."""
    found, called = {}, {id(record.graph.operations[event.number]) for event in record.events}
    for key, tensor in record.graph.tensors.items():
        if tensor.grad_fn is not None:
            if record.events and key in sums and key not in called:
                found[key] = {"kind": "skipped", "place": place_of(topological_sort)}
        elif tensor.requires_grad and key in sums:
            got = record.grads.get(key)
            if got is None or got.shape != sums[key].shape:
                found[key] = {"kind": "grad", "place": place_of(backward)}
            elif not close(got, sums[key]):
                found[key] = {"kind": "grad", "place": place_of(backward), **first_difference(got, sums[key])}
    return found


def close(a, b):
    """Whether two arrays agree, but for the rounding of another order of adding."""
    if a.shape != b.shape:
        return False
    with np.errstate(all="ignore"):
        near = np.abs(a - b) <= TOLERANCES.get(b.dtype.itemsize, 1e-4) * max(largest(a), largest(b))
    return bool((near | (a == b) | (np.isnan(a) & np.isnan(b)) | ~np.isfinite(b)).all())


def largest(array):
    """The largest finite absolute value of an array, as a float; 0 if there is none."""
    return float(np.max(np.abs(array), initial=0, where=np.isfinite(array)))


def first_difference(a, b):
    """Where two arrays differ first, as the numbers to show."""
    if a.shape != b.shape:
        return {}
    with np.errstate(all="ignore"):
        near = np.abs(a - b) <= 1e-4 * max(largest(a), largest(b))
    index = tuple(int(i) for i in np.unravel_index((~near).argmax(), near.shape))
    return {"at": list(index), "yours": float(a[index]), "measured": float(b[index])}


def place_of(function):
    """`neural_framework/operations/arithmetic.py:67`: where a function is written; "" if Python does not know."""
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    if code is None:
        return ""
    parts = code.co_filename.replace("\\", "/").split("/")
    package = __name__.split(".")[0]
    first = len(parts) - 1 - parts[::-1].index(package) if package in parts else len(parts) - 1
    return f"{'/'.join(parts[first:])}:{code.co_firstlineno}"
