"""explore: from a loss to the page."""

import inspect
from pathlib import Path

from .facts import facts_of
from .graph import Graph
from .judge import judge
from .names import names_of
from .page import page_of
from .record import record


def explore(loss, path="explorer.html", frame=None):
    """Write a page that shows `loss.backward()` step by step, next to measured slopes; return its path.

    Runs one real backward of this tree and changes nothing: every .grad and the graph stay as they are. What disagrees
    with central differences is marked on the page and printed, with the place of that backward. TypeError,
    GradientError or ValueError for what has no graph, a released one, or one of more than 1,000 operations.
    frame: where the variables are that give the tensors their names; None for the caller's.
    """
    graph = Graph(loss)
    frame = inspect.currentframe().f_back if frame is None else frame
    names, script = names_of(graph, frame), Path(frame.f_code.co_filename).name
    found = record(graph)
    judged, ends = judge(found)
    facts = facts_of(found, judged, ends, names, script)
    path = Path(path).resolve()
    path.write_text(page_of(facts), encoding="utf-8")
    print(f"explore: {len(graph.operations)} operations, {first_trouble(facts)}: {path}")
    return path


def first_trouble(facts):
    """What went wrong first, in a few words."""
    for event in facts["events"]:
        operation = facts["ops"][event["op"]]
        named = f"{operation['name']}.backward ({operation['place']})"
        for bad in [*event["bad"], *(edge["bad"] for edge in event["edges"] if edge["bad"])]:
            return described(bad, bad.get("place") or named)
    for tensor in facts["tensors"]:
        if tensor["bad"]:
            return described(tensor["bad"], tensor["bad"]["place"])
    if facts["error"]:
        task = facts["error"]["task"]
        return f"backward waits for task {task}" if task else f"backward stopped with {facts['error']['type']}"
    return "nothing disagrees"


def described(bad, place):
    """One line about a disagreement."""
    if "yours" in bad:
        return f"{place}: yours {bad['yours']}, measured {bad['measured']}"
    words = {
        "shape": "a gradient of shape {got} for an input of shape {expected}",
        "count": "{got} gradients for {expected} inputs",
        "wrote": "wrote into {into}",
        "early": "went on after {got} of {of} gradients",
        "twice": "an operation is called twice",
        "skipped": "an operation is never called",
        "grad": "a .grad is not the sum of what was sent",
    }
    return f"{place}: {words.get(bad['kind'], bad['kind']).format(**bad)}"
