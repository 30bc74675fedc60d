"""Groups that fold: the modules of a graph, and the time steps of a module that is used again and again."""

from .graph import key_of

FOLDED = 60  # a graph with more nodes starts folded
MOST = 30  # groups of time steps
RUN = 12  # operations of a group where there are no modules


def groups_of(graph, names):
    """The name of each operation's group, in their order; None for each if the graph is small and without modules.

    An operation belongs to the module whose parameter it takes, others to that of their latest input. Where the data
    meet a parameter several times one after the other, each time is a step of its own.
    """
    owners = owned_by(graph, names)
    large = len(graph.operations) + len(graph.tensors) > FOLDED
    if not owners and not large:
        return [None] * len(graph.operations)
    steps = steps_of(graph, owners)
    found, latest = [], {}
    for number, operation in enumerate(graph.operations):
        own = owners.get(number)
        before = [latest[key_of(tensor)] for tensor in operation.inputs if key_of(tensor) in latest]
        owner = own or (max(before)[1] if before else "")
        latest[id(operation)] = (number, owner)
        found.append(owner)
    for number in reversed(range(len(found))):  # what comes before the first parameter belongs to what it leads to
        if not found[number]:
            uses = graph.uses[id(graph.operations[number])]
            found[number] = found[uses[0][0]] if uses else ""
    if any(steps):
        width = -(-max(steps) // MOST)  # so many steps in a group
        names = [step_name(step, width) for step in steps]
        found = [", ".join(filter(None, pair)) for pair in zip(found, names, strict=True)]
    if len(set(found)) == 1:
        return [f"operations {n // RUN * RUN + 1} on" if large else None for n in range(len(found))]
    return [owner or "rest" for owner in found]


def step_name(step, width):
    """`step 3`, or `steps 5 to 8` where several steps are one group; "" for what belongs to no step."""
    if not step:
        return ""
    first = (step - 1) // width * width + 1
    return f"step {step}" if width == 1 else f"steps {first} to {first + width - 1}"


def owned_by(graph, names):
    """{operation's number: the module of the parameter that it takes}, from names such as `model.0.weight`."""
    found, weights = {}, {}
    for number, operation in enumerate(graph.operations):
        for tensor in operation.inputs:
            key = key_of(tensor)
            if tensor.grad_fn is None and tensor.requires_grad and "." in names[key]:
                weights[key] = names[key].rpartition(".")[0]
        modules = [weights.get(key_of(tensor)) for tensor in operation.inputs]
        named = [module for module in modules if module is not None]
        if named:
            found[number] = named[0]
        if named and len(named) == len(modules):  # a weight on its own, such as its transpose
            weights[id(operation)] = named[0]
    return found


def steps_of(graph, owners):
    """For each operation, how many times the data have met one and the same parameter so far; 0 if never again."""
    weights, counts = {}, {}  # {key: the parameter that it comes from alone}, {key: {parameter: times}}
    takers = {key_of(tensor) for number in owners for tensor in graph.operations[number].inputs}
    for key, tensor in graph.tensors.items():
        if tensor.grad_fn is None:
            counts[key] = {}
            if tensor.requires_grad and (key in takers or not owners):
                weights[key] = key
    for operation in graph.operations:
        keys = [key_of(tensor) for tensor in operation.inputs]
        own = {weights[key] for key in keys if key in weights}
        if len(own) == 1 and all(key in weights for key in keys):
            weights[id(operation)] = own.pop()
            counts[id(operation)] = {}
            continue
        total = {}
        for key in keys:
            for parameter, times in counts[key].items():
                total[parameter] = max(total.get(parameter, 0), times)
        for parameter in own:
            total[parameter] = total.get(parameter, 0) + 1
        counts[id(operation)] = total
    again = {parameter for each in counts.values() for parameter, times in each.items() if times > 1}
    found = [max((counts[id(op)].get(p, 0) for p in again), default=0) for op in graph.operations]
    # What the steps wait for, such as x @ W, belongs to the first that uses it.
    for number in reversed(range(len(found))):
        users = [found[user] for user, _ in graph.uses[id(graph.operations[number])]]
        if not found[number] and users:
            found[number] = min(users)
    return found
