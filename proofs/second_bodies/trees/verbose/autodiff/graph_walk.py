"""Walking through the recorded graph, without recursion: who uses whom, and how often."""

from dataclasses import dataclass, field


@dataclass(eq=False)
class GraphNode:
    """An operation, those that made its inputs (once for each input), and how many uses of its result are open."""

    operation: object
    producers: list = field(default_factory=list)
    open_uses: int = 0


def producers_of(operation):
    """The operations that made the inputs of an operation; one that made two of them comes twice."""
    producers = []
    for input_tensor in operation.inputs:
        if input_tensor.grad_fn is not None:
            producers.append(input_tensor.grad_fn)
    return producers


def nodes_by_id(last_operation):
    """{id: GraphNode} of an operation and of everything that leads to it, with all uses counted."""
    nodes = {id(last_operation): GraphNode(last_operation)}
    waiting = [nodes[id(last_operation)]]
    while len(waiting) > 0:
        node = waiting.pop()
        node.producers = producers_of(node.operation)
        for producer in node.producers:
            producer_node = nodes.get(id(producer))
            if producer_node is None:
                producer_node = GraphNode(producer)
                nodes[id(producer)] = producer_node
                waiting.append(producer_node)
            producer_node.open_uses = producer_node.open_uses + 1
    return nodes


def consumers_first(last_operation):
    """The operations in an order in which each comes when all uses of its result have come before."""
    nodes = nodes_by_id(last_operation)
    ready = [nodes[id(last_operation)]]
    order = []
    while len(ready) > 0:
        node = ready.pop()
        order.append(node.operation)
        for producer in node.producers:
            producer_node = nodes[id(producer)]
            producer_node.open_uses = producer_node.open_uses - 1
            if producer_node.open_uses == 0:
                ready.append(producer_node)
    return order
