"""What the page gets to know, as data for JSON: tensors, operations, events, groups and places in the drawing."""

import json
import re
from collections import Counter

import numpy as np

from .graph import key_of
from .groups import FOLDED, groups_of
from .judge import place_of
from .layout import layout

CUTS = (64, 24, 12, 6, 3, 1)  # so many numbers of an array at most; the first that makes the page small enough
LARGEST = 145_000  # characters of the data
SHARED = 3  # groups; the wires of a leaf that more of them use would hide the rest of the overview
STUB = re.compile(r"(\S+): \S+ is not written yet")
STRETCHING = {"Add", "Subtract", "Multiply", "Divide", "TensorPower", "Maximum", "Minimum", "Where", "BroadcastTo"}


def facts_of(record, judged, ends, names, script):
    """The facts as a dictionary, `v: 1`; arrays are cut so that it stays small."""
    groups = groups_of(record.graph, names)
    for most in CUTS:
        facts = Facts(record, names, groups, most).dictionary(judged, ends, script)
        if len(as_json(facts)) <= LARGEST:
            break
    return facts


# What is left out of the JSON, as it is true of most.
DEFAULTS = {
    "tensors": {"leaf": False, "needs": True, "uses": 1, "grad": None, "bad": None},
    "ops": {"group": None},
    "events": {"bad": [], "error": None},
    "edges": {"in": 0, "got": 1, "of": 1, "bad": None, "seen": True},
}


def as_json(facts):
    """The facts as JSON that can stand in a page: no `<` or `&` in it. What most entries share is in it once."""
    kinds = list(dict.fromkeys((op["name"], op["rule"], op["place"]) for op in facts["ops"]))
    ops = [{"kind": kinds.index((op["name"], op["rule"], op["place"])), **op} for op in facts["ops"]]
    (shape, _), *_ = Counter(tuple(tensor["shape"]) for tensor in facts["tensors"]).most_common(1)
    defaults = {**DEFAULTS, "tensors": {**DEFAULTS["tensors"], "shape": list(shape)}}
    short = {
        **facts,
        "defaults": defaults,
        "kinds": [dict(zip(("name", "rule", "place"), kind, strict=True)) for kind in kinds],
        "tensors": [shortened(tensor, defaults["tensors"]) for tensor in facts["tensors"]],
        "ops": [shortened(op, defaults["ops"], ("name", "rule", "place")) for op in ops],
        "events": [
            {
                **shortened(event, defaults["events"]),
                "edges": [
                    shortened(
                        edge,
                        defaults["edges"],
                        ("shape",) * (edge.get("shape") == facts["tensors"][edge["to"]]["shape"]),
                    )
                    for edge in event["edges"]
                ],
            }
            for event in facts["events"]
        ],
        "views": {name: shortened_view(view, facts["ops"]) for name, view in facts["views"].items()},
    }
    text = json.dumps(short, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("&", "\\u0026").replace(">", "\\u003e")


def shortened(entry, defaults, left_out=()):
    """An entry without what is as most are, and without some fields."""
    return {
        name: value
        for name, value in entry.items()
        if name not in left_out and not (name in defaults and value == defaults[name])
    }


def shortened_view(view, ops):
    """A drawing without its edges, where they are those of its operations: what is left are the points of some."""
    if [edge[:2] for edge in view["e"]] != edges_of(view, ops):
        return view  # of groups
    bent = {number: points for number, (_, _, *points) in enumerate(view["e"]) if points}
    return {"n": view["n"], **({"bent": bent} if bent else {})}


def edges_of(view, ops):
    """Each operation of a drawing with its inputs and its result."""
    drawn = [(node, ops[int(node[1:])]) for node, *_ in view["n"] if node.startswith("o")]
    return [edge for node, op in drawn for edge in (*([f"t{n}", node] for n in op["in"]), [node, f"t{op['out']}"])]


def from_json(text):
    """The facts of a page's JSON, with everything that as_json left out; the page's script does the same."""
    facts = json.loads(text)
    defaults, kinds = facts.pop("defaults"), facts.pop("kinds")
    facts["tensors"] = [{**defaults["tensors"], **tensor} for tensor in facts["tensors"]]
    facts["ops"] = [{**defaults["ops"], **kinds[op.pop("kind")], **op} for op in facts["ops"]]
    facts["events"] = [{**defaults["events"], **event} for event in facts["events"]]
    for event in facts["events"]:
        shapes = [facts["tensors"][edge["to"]]["shape"] for edge in event["edges"]]
        event["edges"] = [
            {**defaults["edges"], "shape": shape, **edge} for shape, edge in zip(shapes, event["edges"], strict=True)
        ]
    for view in facts["views"].values():
        bent = view.pop("bent", {})
        if "e" not in view:
            view["e"] = [[*edge, *bent.get(str(n), [])] for n, edge in enumerate(edges_of(view, facts["ops"]))]
    return facts


class Facts:
    """Makes the facts of one record, with at most `most` numbers of each array."""

    def __init__(self, record, names, groups, most):
        self.record, self.graph, self.names, self.most = record, record.graph, names, most
        self.ids = {key: number for number, key in enumerate(self.graph.tensors)}
        self.group_names = list(dict.fromkeys(group for group in groups if group is not None))
        self.groups = [None if group is None else self.group_names.index(group) for group in groups]

    def dictionary(self, judged, ends, script):
        """All of it."""
        return {
            "v": 1,
            "script": script,
            "loss": self.ids[key_of(self.graph.loss)],
            "tensors": [self.tensor(key, tensor, ends.get(key)) for key, tensor in self.graph.tensors.items()],
            "ops": [self.operation(number) for number in range(len(self.graph.operations))],
            "events": [self.event(*each) for each in judged],
            "groups": self.group_names,
            "views": self.views(),
            "error": self.error(),
        }

    def tensor(self, key, tensor, bad):
        """A tensor: its name, shape and numbers, whether it is a leaf and needs a gradient, and its .grad."""
        return {
            "name": self.names[key],
            "shape": list(tensor.shape),
            "data": self.numbers(tensor.data),
            "leaf": tensor.grad_fn is None,
            "needs": bool(tensor.requires_grad),
            "uses": self.graph.awaited(key),
            "grad": self.numbers(self.record.grads.get(key)),
            "bad": plain(bad),
        }

    def operation(self, number):
        """An operation: its name, inputs, result, rule, the place of its backward, and which inputs it stretches."""
        operation = self.graph.operations[number]
        name, result = type(operation).__name__, self.graph.tensors[id(operation)]
        stretched = [
            list(axes_between(tensor.shape, result.shape)) if name in STRETCHING else [] for tensor in operation.inputs
        ]
        return {
            "name": name,
            "in": [self.ids[key_of(tensor)] for tensor in operation.inputs],
            "out": self.ids[id(operation)],
            "rule": (type(operation).__doc__ or "").strip().partition("\n")[0][:200],
            "place": place_of(type(operation).backward),
            "group": self.groups[number],
            **({"stretched": stretched} if any(stretched) else {}),
        }

    def event(self, event, edges, bad):
        """A call of backward: what arrived, what went to each input, and what disagrees."""
        return {
            "op": event.number,
            "arrived": self.numbers(event.arrived),
            "bad": [plain(each) for each in bad],
            "error": self.failure(event.error),
            "edges": [self.edge(edge) for edge in edges],
        }

    def edge(self, edge):
        """What was sent to one input; `sum` only where it differs from that, `measured` only where it disagrees."""
        found = {
            "in": edge.position,
            "to": self.ids[edge.key],
            "sent": self.numbers(edge.sent),
            "got": edge.arrived,
            "of": edge.awaited,
            "bad": plain(edge.bad),
            "seen": edge.measured is not None and not np.isnan(edge.measured.value).all(),
        }
        if edge.sent is not None:
            found["shape"] = list(edge.sent.shape)
        if edge.arrived > 1 and edge.sum is not None:
            found["sum"] = self.numbers(edge.sum)
        if edge.measured is not None:
            if edge.measured.own is not None:
                found["local"] = self.numbers(edge.measured.own)
            if edge.bad:
                found["measured"] = self.numbers(edge.measured.value)
        return found

    def numbers(self, array):
        """The first numbers of an array with six significant digits; nan and inf as strings."""
        return None if array is None else [number(value) for value in array.reshape(-1)[: self.most]]

    def error(self):
        """What stopped backward, or None."""
        return self.failure(self.record.error)

    def failure(self, error):
        """An exception, and the task that it waits for if a stub raised it."""
        if error is None:
            return None
        stub = STUB.match(str(error)) if isinstance(error, NotImplementedError) else None
        return {"type": type(error).__name__, "message": str(error)[:500], "task": stub and stub[1]}

    def views(self):
        """The drawings: "all" of a graph that is small enough, and where there are groups, "over" and each group."""
        found = {}
        if len(self.graph.operations) + len(self.graph.tensors) <= FOLDED:
            found["all"] = self.view(range(len(self.graph.operations)))
        if len(self.group_names) > 1:
            found["over"] = self.overview()
            for group in range(len(self.group_names)):
                found[f"g{group}"] = self.view([n for n, own in enumerate(self.groups) if own == group])
        elif not found:
            found["all"] = self.view(range(len(self.graph.operations)))
        return found

    def view(self, numbers):
        """The drawing of some operations, with the tensors that they take and make."""
        nodes, edges = {}, []
        for n in numbers:
            operation = self.graph.operations[n]
            for tensor in operation.inputs:
                nodes[f"t{self.ids[key_of(tensor)]}"] = None
                edges.append((f"t{self.ids[key_of(tensor)]}", f"o{n}"))
            nodes.update({f"o{n}": None, f"t{self.ids[id(operation)]}": None})
            edges.append((f"o{n}", f"t{self.ids[id(operation)]}"))
        if not nodes:
            nodes[f"t{self.ids[key_of(self.graph.loss)]}"] = None
        return placed(list(nodes), edges)

    def overview(self):
        """The drawing of the groups, with the tensors that pass from one to another."""
        nodes, edges = {}, {}
        groups = {id(operation): own for operation, own in zip(self.graph.operations, self.groups, strict=True)}
        for n, operation in enumerate(self.graph.operations):
            own = f"g{self.groups[n]}"
            for tensor in operation.inputs:
                key = key_of(tensor)
                users = {self.groups[user] for user, _ in self.graph.uses[key]}
                shared = tensor.grad_fn is None and 1 < len(users) <= SHARED
                if shared or groups.get(key, self.groups[n]) != self.groups[n]:
                    nodes[f"t{self.ids[key]}"] = None
                    edges[f"t{self.ids[key]}", own] = None
            nodes[own] = None
        start = key_of(self.graph.loss)
        for key in self.graph.tensors:
            name = f"t{self.ids[key]}"
            if key in groups and (name in nodes or key == start):
                nodes[name] = None
                edges[f"g{groups[key]}", name] = None
        first = {}  # a group stands where its first operation does, a result after it
        for position, key in enumerate(self.graph.tensors):
            first[f"t{self.ids[key]}"] = position
        for n, operation in enumerate(self.graph.operations):
            first.setdefault(f"g{self.groups[n]}", self.ids[id(operation)] - 0.5)
        return placed(sorted(nodes, key=first.get), list(edges))


def placed(nodes, edges):
    """A drawing: [node, rank, position] of each node; [from, to] of each edge, with its points if it has any."""
    places, points = layout(nodes, edges)
    return {
        "n": [[node, *places[node]] for node in nodes],
        "e": [[*edge, *([ends(each)] if each else [])] for edge, each in zip(edges, points, strict=True)],
    }


def ends(points):
    """The first and the last of an edge's points, between which it is straight enough."""
    return [list(point) for point in dict.fromkeys((points[0], points[-1]))]


def axes_between(shape, joint):
    """The axes of `joint` along which an array of `shape` is stretched."""
    added = len(joint) - len(shape)
    return [*range(added), *(added + i for i, size in enumerate(shape) if size == 1 and joint[added + i] != 1)]


def number(value):
    """A number for JSON, with six significant digits; nan and inf as strings."""
    value = float(value)
    if not np.isfinite(value):
        return str(value)
    short = float(f"{value:.6g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short


def plain(bad):
    """What is said about a disagreement, with numbers for JSON."""
    if bad is None:
        return None
    return {name: number(value) if isinstance(value, float) else value for name, value in bad.items()}
