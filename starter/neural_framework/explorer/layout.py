"""Places for the nodes of a graph: ranks along the longest paths, and an order in each rank with few crossings."""

from itertools import pairwise

SWEEPS = 4


def layout(nodes, edges):
    """{node: (rank, position)} and, for each edge, the list of the points between its ends.

    nodes: in an order that is kept where nothing else decides. edges: pairs of nodes, from producer to consumer.
    Ranks count from 0 along the flow; positions are numbers with a distance of at least 1 in a rank.
    """
    ranks = ranks_of(nodes, edges)
    chains = [chain(number, a, b, ranks) for number, (a, b) in enumerate(edges)]
    everything = {**ranks, **{point: rank for each in chains for point, rank in each[1:-1]}}
    rows = {}
    for node, rank in everything.items():
        rows.setdefault(rank, []).append(node)
    above, below = {}, {}
    for each in chains:
        for (a, _), (b, _) in pairwise(each):
            below.setdefault(a, []).append(b)
            above.setdefault(b, []).append(a)
    order = sorted(rows)
    places = {node: float(place) for row in rows.values() for place, node in enumerate(row)}
    for sweep in range(SWEEPS):
        neighbours = above if sweep % 2 == 0 else below
        for rank in order if sweep % 2 == 0 else reversed(order):
            rows[rank].sort(key=lambda node: centre(node, neighbours, places))
            places.update({node: float(place) for place, node in enumerate(rows[rank])})
    for sweep in range(2 * SWEEPS):
        neighbours = above if sweep % 2 == 0 else below
        for rank in order if sweep % 2 == 0 else reversed(order):
            spread(rows[rank], neighbours, places)
    least = min(places.values(), default=0)
    found = {node: (ranks[node], round(places[node] - least, 2)) for node in nodes}
    return found, [[(rank, round(places[node] - least, 2)) for node, rank in each[1:-1]] for each in chains]


def ranks_of(nodes, edges):
    """The length of the longest path to each node; sources move up to their first consumer. Edges back are left out."""
    number = {node: position for position, node in enumerate(nodes)}
    ranks = dict.fromkeys(nodes, 0)
    forward = sorted({(a, b) for a, b in edges if number[a] < number[b]}, key=lambda edge: number[edge[0]])
    for a, b in forward:
        ranks[b] = max(ranks[b], ranks[a] + 1)
    targets = {b for _, b in forward}
    for node in nodes:
        consumers = [ranks[b] for a, b in forward if a == node] if node not in targets else []
        if consumers:
            ranks[node] = max(0, min(consumers) - 1)
    return ranks


def chain(number, a, b, ranks):
    """An edge as [(node, rank), ...], with a point of its own in each rank that it passes."""
    between = range(ranks[a] + 1, ranks[b])
    return [(a, ranks[a]), *(((number, rank), rank) for rank in between), (b, ranks[b])]


def centre(node, neighbours, places):
    """The mean place of a node's neighbours; its own if it has none."""
    near = [places[each] for each in neighbours.get(node, ())]
    return sum(near) / len(near) if near else places[node]


def spread(row, neighbours, places):
    """Move the nodes of a row to the centres of their neighbours, in their order and at least 1 apart."""
    wanted = [centre(node, neighbours, places) for node in row]
    runs = []  # [mean place of the first node, number of nodes]: nodes that would overlap form a run
    for place in wanted:
        runs.append([place, 1])
        while len(runs) > 1 and runs[-2][0] + runs[-2][1] > runs[-1][0]:
            start, count = runs.pop()
            runs[-1][0] = (runs[-1][0] * runs[-1][1] + (start - runs[-1][1]) * count) / (runs[-1][1] + count)
            runs[-1][1] += count
    free = iter(row)
    for start, count in runs:
        for step in range(count):
            places[next(free)] = start + step
