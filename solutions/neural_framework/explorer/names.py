"""Names for the tensors of a graph: from the variables of the script, and from the operations that made them."""

from .graph import key_of

SIGNS = {"Add": "+", "Subtract": "-", "Multiply": "*", "Divide": "/", "MatMul": "@"}
LONGEST = 24  # characters of a name that is made from other names


def names_of(graph, frame):
    """{key: name} of every tensor, each name once. frame: where the variables are; those of its callers count too."""
    known = dict(in_variables(frame, set(graph.tensors)))
    names, taken = {}, set(known.values())
    leaves = 0
    for key, tensor in graph.tensors.items():
        if tensor.grad_fn is None:
            if key not in known:
                leaves += 1
            names[key] = known.get(key) or constant(tensor) or unused(f"leaf {leaves}", taken)
    for number, operation in enumerate(graph.operations, 1):
        key = id(operation)
        if key in known:
            names[key] = known[key]
        else:
            names[key] = unused(formula(operation, names) or f"{type(operation).__name__.lower()} {number}", taken)
    if graph.loss.grad_fn is not None and key_of(graph.loss) not in known:
        names[key_of(graph.loss)] = unused("loss", taken)
    return names


def in_variables(frame, wanted):
    """Iterate over (key, name) of the tensors that variables hold, alone, in models, lists and dictionaries."""
    found = set()
    while frame is not None:
        for scope in (frame.f_locals, frame.f_globals):
            for variable, value in list(scope.items()):
                for name, tensor in tensors_in(value, variable):
                    key = key_of(tensor)
                    if key in wanted and key not in found and not variable.startswith("__"):
                        found.add(key)
                        yield key, name
        frame = frame.f_back


def tensors_in(value, name):
    """Iterate over (name, tensor) of what a variable holds."""
    try:
        if hasattr(value, "grad_fn") and hasattr(value, "data"):
            yield name, value
        elif hasattr(value, "named_parameters") and not isinstance(value, type):
            yield from value.named_parameters(prefix=name)
        elif type(value) in (list, tuple, dict) and len(value) <= 1_000:
            for position, part in value.items() if type(value) is dict else enumerate(value):
                if hasattr(part, "grad_fn") and hasattr(part, "data"):
                    yield f"{name}[{position!r}]", part
    except Exception:  # a stub, or something of another library, such as a __getattr__ that raises KeyError
        return


def constant(tensor):
    """The number in a tensor of one element that requires no gradient, as its name; otherwise None."""
    return f"{tensor.data.item():g}" if tensor.size == 1 and not tensor.requires_grad else None


def formula(operation, names):
    """A short expression for the result of an operation, such as `w * x` and `tanh(h)`; None if it gets long."""
    parts = [names[key_of(tensor)] for tensor in operation.inputs]
    name = type(operation).__name__
    if name in SIGNS and len(parts) == 2:
        a, b = (f"({part})" if " " in part and name != "Add" else part for part in parts)
        text = f"{a} {SIGNS[name]} {b}"
    elif name == "Negate":
        text = f"-({parts[0]})" if " " in parts[0] else f"-{parts[0]}"
    elif name == "Power" and hasattr(operation, "exponent"):
        text = f"({parts[0]})" if " " in parts[0] else parts[0]
        text += f" ** {operation.exponent:g}"
    elif name == "Transpose":
        text = f"({parts[0]}).T" if " " in parts[0] else f"{parts[0]}.T"
    else:
        text = f"{name.lower()}({', '.join(parts)})"
    return text if len(text) <= LONGEST else None


def unused(name, taken):
    """The name, or the name with a number if it is taken; it is taken afterwards."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    taken.add(free)
    return free
