"""trace_shapes: the input and output shapes of each layer of a model."""

from ..tensor import no_grad


def trace_shapes(model, x):
    """A table, as text, of the layers that the model calls on x, each with its input and output shapes.

    The layers are in the order of their calls, indented under the layer that calls them. Runs in eval mode and
    without recording; leaves the model as it was. Errors of the model are passed on.
    """
    calls = []  # [depth, name, input shapes, output shapes]; the last is None until the call ends
    modules = [module for _, module in model.named_modules()]
    modes = [module.training for module in modules]
    own_forwards = [module.__dict__.get("forward") for module in modules]
    try:
        for name, module in model.named_modules():
            module.__dict__.update(training=False, forward=tracing(module, name, calls))
        with no_grad():
            model(x)
    finally:
        for module, mode, own_forward in zip(modules, modes, own_forwards, strict=True):
            module.__dict__.pop("forward", None)
            module.__dict__.update(training=mode, **({"forward": own_forward} if own_forward else {}))
    return table(calls)


def tracing(module, name, calls):
    """The module's forward, which also adds each of its calls to `calls`."""
    forward = module.forward
    layer = f"{name}: {module._title()}" if name else module._title()

    def traced(*inputs, **options):
        depth = sum(call[3] is None for call in calls)  # calls that have not ended
        call = [depth, layer, ", ".join(shapes_of(value) for value in (*inputs, *options.values())), None]
        calls.append(call)
        outputs = forward(*inputs, **options)
        call[3] = shapes_of(outputs)
        return outputs

    return traced


def shapes_of(value):
    """(2, 3) for a tensor, ((2, 3), (2, 3)) for a tuple of them, and the type's name for anything else."""
    if hasattr(value, "shape"):
        return str(tuple(value.shape))
    if isinstance(value, (tuple, list)):
        return f"({', '.join(shapes_of(part) for part in value)})"
    return type(value).__name__


def table(calls):
    """The calls as aligned lines; equal calls, such as those of a cell, are one line with their number."""
    counts = {}
    for depth, layer, inputs, outputs in calls:
        row = ("  " * depth + layer, inputs, outputs)
        counts[row] = counts.get(row, 0) + 1
    rows = [("layer", "input", "output", "")]
    rows += [(*row, f"{count} times" if count > 1 else "") for row, count in counts.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
