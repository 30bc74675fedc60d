"""What a worker sends is taken only if it is well formed; whatever else arrives is refused, quickly and in words."""

import contextlib
import copy
import dataclasses
import json
import random
import tracemalloc

import numpy as np
import pytest

from grader.inside.plain import plain
from grader.protocol import ARRAY_NUMBERS, MESSAGE_BYTES, Failure, Frame, Hang, Message, line_of
from grader.schema import MalformedError, read_message

FAILURE = Failure(
    "ValueError",
    "no",
    line=3,
    frames=(Frame("a.py", 1, "x"),),
    stub="1.2",
    hang=Hang("a.py", 3, "f", 1),
    misspelt=True,
    attribute=("A", "b"),
    suspects=(("a.py", 1),),
)
RAISED = {"types": ["ValueError"], "message": "no", "attributes": {"shape1": [2, 3]}, "where": "a.py:3"}
RIGHT = [
    {"event": "imported", "failure": None},
    {"event": "imported", "failure": dataclasses.asdict(FAILURE)},
    {"event": "begin"},
    {"event": "end", "failure": dataclasses.asdict(FAILURE)},
    {"event": "fact", "kind": "close", "observed": plain(np.arange(6.0, dtype=np.float32).reshape(2, 3))},
    {"event": "fact", "kind": "equal", "observed": plain({"a": [1, None, "text", np.array([True])], "b": object()})},
    {"event": "fact", "kind": "equal", "observed": plain(np.array([None]))},
    {"event": "fact", "kind": "at_least", "observed": float("nan")},
    {"event": "fact", "kind": "raises", "observed": RAISED},
]
ARRAY = {"array": [1.0, 2.0], "dtype": "float32", "shape": [2]}


def observed(value):
    return b'{"event": "fact", "kind": "equal", "observed": ' + value + b"}"


def nested(depth, open_, close):
    return observed(open_ * depth + b"1" + close * depth)


WRONG = {
    "nothing": b"",
    "half a message": b'{"event": "end", "fail',
    "not UTF-8": b'{"event": "\xff"}',
    "a number": b"3",
    "no event": b"{}",
    "an event that can't be hashed": b'{"event": []}',
    "an unknown event": b'{"event": "passed"}',
    "a failure that is a text": b'{"event": "end", "failure": "none"}',
    "a failure without fields": b'{"event": "end", "failure": {}}',
    "an unknown kind": b'{"event": "fact", "kind": "true", "observed": 1}',
    "a kind that is a list": b'{"event": "fact", "kind": ["close"], "observed": 1}',
    "an error without classes": b'{"event": "fact", "kind": "raises", "observed": {"types": []}}',
    "a deep list": nested(100_000, b"[", b"]"),
    "a deep mapping": nested(20_000, b'{"mapping": {"a": ', b"}}"),
    "a list that is a little too deep": nested(20, b"[", b"]"),
    "a huge number": observed(b"9" * 4_000),
    "a number with more digits than Python reads": observed(b"9" * 9_999),
    "a huge message": b'{"event": "begin", "more": "' + b"x" * MESSAGE_BYTES + b'"}',
    "many small values": observed(b"[" + b"[]," * 600_000 + b"1]"),
}
WRONG_ARRAYS = {
    "more numbers than the shape has": {**ARRAY, "shape": [1]},
    "a shape that overflows": {**ARRAY, "shape": [2**40, 2**40]},
    "sides that no array has": {"array": [], "dtype": "int8", "shape": [20_000] * 40 + [0]},
    "a negative shape": {**ARRAY, "shape": [-2]},
    "a shape of floats": {**ARRAY, "shape": [2.0]},
    "a shape of truths": {**ARRAY, "shape": [True]},
    "a hundred dimensions": {**ARRAY, "shape": [2] + [1] * 99},
    "a dtype of a gigabyte": {**ARRAY, "dtype": "S1000000000"},
    "an object dtype with numbers": {**ARRAY, "dtype": "object"},
    "texts for numbers": {**ARRAY, "array": ["1", "2"]},
    "nested numbers": {**ARRAY, "array": [[1.0, 2.0]]},
    "numbers beyond the dtype": {**ARRAY, "array": [1, 256], "dtype": "uint8"},
    "truths for integers": {**ARRAY, "array": [True, 2], "dtype": "int64"},
    "integers for truths": {**ARRAY, "array": [1, 0], "dtype": "bool"},
    "too many numbers": {"array": [0] * (ARRAY_NUMBERS + 1), "dtype": "int64", "shape": [ARRAY_NUMBERS + 1]},
    "a field too many": {**ARRAY, "base": None},
}


@pytest.mark.parametrize("message", RIGHT, ids=str)
def test_what_a_worker_sends_is_taken_as_it_is(message):
    read = read_message(line_of(message))
    assert read.event == message["event"]
    if message["event"] == "fact":
        assert repr(read.fact.observed) == repr(message["observed"])  # nan is not equal to itself
    elif message.get("failure"):
        assert read.failure == FAILURE


@pytest.mark.parametrize("line", WRONG.values(), ids=WRONG)
def test_anything_else_is_refused_within_limits(line):
    tracemalloc.start()
    try:
        with pytest.raises(MalformedError):
            read_message(line)
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("array", WRONG_ARRAYS.values(), ids=WRONG_ARRAYS)
def test_an_array_that_does_not_fit_itself_is_refused(array):
    read_message(line_of({"event": "fact", "kind": "equal", "observed": [ARRAY]}))
    with pytest.raises(MalformedError):
        read_message(line_of({"event": "fact", "kind": "equal", "observed": [array]}))


STRANGE = [None, True, -1, 2**70, 1e300, float("inf"), "", "x" * 20_000, "\ud800", [], [[]], {}, {"array": None}]


def places(value, path=()):
    """Every place in plain data, as the path to it."""
    yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in entries:
        yield from places(item, (*path, name))


def mutated(message, rng):
    """The message with something strange in a place of it, or without the place."""
    message = copy.deepcopy(message)
    *path, last = rng.choice([path for path in places(message) if path])
    holder = message
    for name in path:
        holder = holder[name]
    if isinstance(holder, dict) and rng.random() < 0.3:
        del holder[last]
    else:
        holder[last] = rng.choice(STRANGE)
    return message


def test_any_change_to_a_message_gives_a_message_or_a_refusal():
    rng, taken = random.Random(0), 0
    for _ in range(20_000):
        message = rng.choice(RIGHT)
        for _ in range(rng.randint(1, 3)):
            message = mutated(message, rng) if any(path for path in places(message)) else message
        with contextlib.suppress(MalformedError):
            taken += isinstance(read_message(json.dumps(message).encode()), Message)
    assert 1_000 < taken < 19_000


def test_any_change_of_bytes_gives_a_message_or_a_refusal():
    rng, taken = random.Random(1), 0
    for _ in range(20_000):
        line = bytearray(line_of(rng.choice(RIGHT)))
        for _ in range(rng.randint(1, 4)):
            line[rng.randrange(len(line))] = rng.randrange(256)
        with contextlib.suppress(MalformedError):
            taken += isinstance(read_message(bytes(line)), Message)
    assert 100 < taken < 19_900
