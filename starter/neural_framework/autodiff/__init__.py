"""Automatic differentiation: walks the recorded graph backward, checks gradients, and draws the graph."""

from .checking import check_gradients, numerical_gradient
from .engine import backward, topological_sort
from .graphs import graph_to_dot, print_graph

__all__ = [
    "backward",
    "check_gradients",
    "graph_to_dot",
    "numerical_gradient",
    "print_graph",
    "topological_sort",
]
