"""Pictures of what was learnt, one of each kind, and how they arrive."""

import math

from grader.protocol import line_of
from grader.schema import read_message

LINE = {"yours": [2.0, -1.0], "least_squares": [2.04, 0.963]}
CURVE = {"losses": [2.0, 1.0, 0.1], "first": 2.3, "classes": 10, "right": [1.0, 0.9996], "without_gradient": ["0.bias"]}
MAP = {
    "classes": [[0, 0, 0, 1], [0, 0, 1, 1], [0, 1, 1, 1]],
    "extent": [0.0, 3.0, 0.0, 2.0],
    "points": [[0, 2], [3, 2]],
    "guesses": [0, 1],
    "labels": [0, 0],
}
DIGITS = {"images": [[0.0] * 8 + [1.0] * 56], "guesses": [9], "labels": [8]}
SEQUENCE = {"given": [1, 2], "continued": [3, 3, 5], "right": [3, 4, 5]}
TABLE = {"columns": ["short", "long"], "rows": ["RNN"], "values": [[1.0, 0.5]], "percent": True}
IMAGES = {"images": [[[0.0, 1.0]], [[0.5] * 3, [1.0] * 3]], "captions": ["wide", "b"]}
PICTURES = {"line": LINE, "curve": CURVE, "map": MAP, "digits": DIGITS, "sequence": SEQUENCE, "table": TABLE}
PICTURES["pictures"] = IMAGES
PICTURES["text"] = {"written": f"é\nThe \x1b[2J{'a' * 80}"}


def received(kind, data, title="a picture"):
    """What arrives of a picture; None where it is left out."""
    return read_message(line_of({"event": "shown", "kind": kind, "title": title, "data": data})).shown


def spoiled(value, drawn):
    """Plain data with other numbers and texts in some places."""
    if isinstance(value, dict):
        return {name: spoiled(each, drawn) for name, each in value.items()}
    if isinstance(value, list):
        return [spoiled(each, drawn) for each in value]
    odd = [math.nan, math.inf, -math.inf, 1.7e308, -1.7e308, 5e-324, 0, 1, 9, 2**63, -1, "\x1b[2J\n[red]", True, None]
    return drawn.choice(odd) if drawn.random() < 0.2 else value
