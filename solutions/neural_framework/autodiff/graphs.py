"""The recorded graph as text: in Graphviz's language, and as an indented tree."""

import numpy as np


def graph_to_dot(tensor):
    """The graph that leads to `tensor` in Graphviz's language: operations are ellipses, leaves are boxes."""
    numbers = {}  # of the nodes, in the order of their discovery
    nodes, edges, waiting = [], [], [tensor]
    while waiting:
        current = waiting.pop()
        if node(current) in numbers:
            continue
        numbers[node(current)] = len(numbers)
        outline = "box" if current.grad_fn is None else "ellipse"
        nodes.append(f'  n{numbers[node(current)]} [shape={outline}, label="{label(current)}"]')
        edges.extend((node(source), node(current)) for source in sources_of(current))
        waiting.extend(reversed(sources_of(current)))
    arrows = [f"  n{numbers[source]} -> n{numbers[consumer]}" for source, consumer in edges]
    return "\n".join(["digraph {", "  rankdir=BT", *nodes, *arrows, "}"])


def print_graph(tensor, max_depth=100):
    """Print and return the graph that leads to `tensor` as an indented tree: operation, shape, gradient norm.

    A part that was shown above is not repeated, and anything deeper than `max_depth` is left out.
    """
    lines, shown, waiting = [], set(), [(tensor, 0)]
    while waiting:
        current, depth = waiting.pop()
        line = "  " * depth + label(current)
        sources = sources_of(current)
        if node(current) in shown and sources:
            line += " (shown above)"
        elif depth == max_depth and sources:
            line += " ..."
        else:
            waiting.extend((source, depth + 1) for source in reversed(sources))
            shown.add(node(current))
        lines.append(line)
    text = "\n".join(lines)
    print(text)
    return text


def node(tensor):
    """The key of a tensor in the graph: the id of the operation that made it, or its own id if it is a leaf."""
    return id(tensor if tensor.grad_fn is None else tensor.grad_fn)


def sources_of(tensor):
    """The inputs of the operation that made the tensor; none for a leaf."""
    return () if tensor.grad_fn is None else tensor.grad_fn.inputs


def label(tensor):
    """Name, shape, and what is known about the gradient: `Multiply (2, 3)`, `leaf (3,), gradient norm 1.5`."""
    if tensor.grad_fn is not None:
        name = type(tensor.grad_fn).__name__
    else:
        name = "leaf" if tensor.requires_grad else "constant"
    text = f"{name} {tensor.shape}"
    if tensor.grad is not None:
        grad = tensor.grad.data.ravel().astype(np.float64)  # float16 holds no squares of numbers from 256 on
        text += f", gradient norm {np.linalg.norm(grad):.4g}"
    if tensor.grad_fn is not None and not tensor.grad_fn.inputs:
        text += ", released"
    return text
