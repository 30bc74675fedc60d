"""Reads what a worker sends. It runs a student's code and may send anything: a line is taken only if each of its
fields has the type, range and size that it should have.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from dataclasses import dataclass

from .protocol import (
    ARRAY_NUMBERS,
    CELLS,
    FRAMES,
    IMAGES,
    LOSSES,
    MAP_COLUMNS,
    MAP_ROWS,
    MESSAGE_BYTES,
    PICTURES,
    PIXELS,
    POINTS,
    SHORT,
    SIDE,
    SYMBOLS,
    TEXT,
    WORDS,
    WRITTEN,
    Expectation,
    Fact,
    Failure,
    Frame,
    Hang,
    Message,
    Note,
    Shown,
)
from .task_id import is_task_id

TITLE = 40  # characters of what a picture or a part of it is called
CLASSES = 10  # that a network tells apart
DIGITS = 36  # symbols of a sequence: 0 to 9, then a to z
DEPTH = 8  # of lists and mappings in each other
VALUES = 50_000  # lists, mappings, texts and numbers in one observation
DIMENSIONS = 64  # as many as NumPy has
LARGEST_ARRAY = 2**60 - 1  # numbers of 8 bytes, by the sides that are not 0: as many as NumPy can count
ATTRIBUTES = 20  # of an error
FUNCTIONS = 5_000  # that a check runs
NUMBERS = {"bool", *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64))}
NUMBERS |= {"float16", "float32", "float64"}
KINDS = {"close", "equal", "at_least", "at_most", "most_agree", "raises"}


class MalformedError(Exception):
    """A message is not one that a worker sends; the text says what is wrong with it."""


def read_message(line: bytes, expectations: bool = False) -> Message:
    """The message in a line; MalformedError where it is not one."""
    if len(line) > MESSAGE_BYTES:
        raise MalformedError(f"a message of more than {MESSAGE_BYTES:,} bytes")
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        raise MalformedError("a message that is not JSON") from None
    read = _EVENTS.get(data.get("event")) if type(data) is dict and type(data.get("event")) is str else None
    if read is None:
        raise MalformedError("a message without an event")
    return read(data, expectations)


def _read_begin(data: dict, expectations: bool) -> Message:
    return Message("begin", check=_optional(data.get("check"), _text))


def _read_end(data: dict, expectations: bool) -> Message:
    ran = tuple(_place(place) for place in _items(data.get("ran", []), FUNCTIONS))
    return Message(data["event"], _optional(data.get("failure"), _failure), ran=ran)


def _read_fact(data: dict, expectations: bool) -> Message:
    kind = data.get("kind")
    if type(kind) is not str or kind not in KINDS:
        raise MalformedError("a fact of an unknown kind")
    fact = Fact(kind, _raised(data.get("observed")) if kind == "raises" else plain_value(data.get("observed")))
    if not expectations:
        return Message("fact", fact=fact)
    expectation = Expectation(kind, data["expected"], data["tolerance"], data["what"], data["line"], data["upstream"])
    return Message("fact", fact=fact, expectation=expectation)


def _read_shown(data: dict, expectations: bool) -> Message:
    """What is not as it should be is left out: a picture costs no check."""
    try:
        kind = data.get("kind")
        fields = _SHOWN.get(kind) if type(kind) is str else None
        if fields is None:
            raise MalformedError("a picture of an unknown kind")
        content = _record(data.get("data"), list(fields))
        read = {name: reader(content[name]) for name, reader in fields.items()}
        if kind in _SAME_LENGTH and len({len(read[name]) for name in _SAME_LENGTH[kind]}) > 1:
            raise MalformedError("a picture whose parts do not belong together")
        return Message("shown", shown=Shown(kind, _text(data.get("title"), TITLE), read))
    except MalformedError:
        return Message("shown")


_EVENTS: dict[str, Callable[[dict, bool], Message]] = {
    "imported": _read_end,
    "begin": _read_begin,
    "fact": _read_fact,
    "shown": _read_shown,
    "end": _read_end,
    "noted": lambda data, expectations: Message("noted", note=_note(data.get("note"))),
    "over": lambda data, expectations: Message("over", milliseconds=_natural(data.get("milliseconds"))),
}


def _failure(data: object) -> Failure:
    data = _record(data, [each.name for each in dataclasses.fields(Failure)])
    stub = _optional(data["stub"], _text)
    if stub is not None and not is_task_id(stub):
        raise MalformedError("a stub without a task")
    return Failure(
        type=_text(data["type"]),
        message=_text(data["message"], WORDS),
        line=_optional(data["line"], _natural),
        frames=tuple(_frame(frame) for frame in _items(data["frames"], FRAMES)),
        stub=stub,
        timeout=_flag(data["timeout"]),
        hang=_optional(data["hang"], _hang),
        again=_flag(data["again"]),
        misspelt=_flag(data["misspelt"]),
        attribute=_optional(data["attribute"], _two_texts),
        missing=_optional(data["missing"], _two_texts),
        suspects=tuple(_place(place) for place in _items(data["suspects"], SHORT)),
    )


def _frame(data: object) -> Frame:
    data = _record(data, ["file", "line", "source"])
    return Frame(_text(data["file"]), _natural(data["line"]), _text(data["source"]))


def _note(data: object) -> Note:
    data = _record(data, ["event", "detail", "file", "line"])
    return Note(_text(data["event"]), _text(data["detail"]), _text(data["file"]), _natural(data["line"]))


def _hang(data: object) -> Hang:
    data = _record(data, ["file", "line", "function", "first_line"])
    return Hang(_text(data["file"]), _natural(data["line"]), _text(data["function"]), _natural(data["first_line"]))


def _raised(data: object) -> dict:
    """What a check saw of an error: its classes, message, attributes, and where it came from."""
    data = _record(data, ["types", "message", "attributes", "where"])
    attributes = data["attributes"]
    if type(attributes) is not dict or len(attributes) > ATTRIBUTES:
        raise MalformedError("an error without attributes")
    return {
        "types": [_text(name) for name in _items(data["types"], SHORT)],
        "message": _text(data["message"], WORDS),
        "attributes": {_text(name): plain_value(value) for name, value in attributes.items()},
        "where": _optional(data["where"], _text),
    }


@dataclass
class _Budget:
    left: int = VALUES

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise MalformedError(f"an observation of more than {VALUES:,} values")


def plain_value(value: object, depth: int = 0, budget: _Budget | None = None) -> object:
    """Plain data as `grader.inside.plain` makes it; MalformedError where it is not."""
    budget = budget or _Budget()
    budget.spend()
    if value is None or type(value) in (bool, float):
        return value
    if type(value) is int:
        return _integer(value)
    if type(value) is str:
        return _text(value, TEXT)
    if depth > DEPTH:
        raise MalformedError(f"an observation nested more than {DEPTH} deep")
    if type(value) is list:
        return [plain_value(item, depth + 1, budget) for item in value]
    if type(value) is dict and "array" in value:
        return _array(value)
    if type(value) is dict and value.keys() == {"mapping"} and type(value["mapping"]) is dict:
        entries = value["mapping"].items()
        return {"mapping": {_text(name, TEXT): plain_value(item, depth + 1, budget) for name, item in entries}}
    if type(value) is dict and "object" in value and value.keys() <= {"object", "data"}:
        return {name: _text(text) for name, text in value.items()}
    raise MalformedError("an observation that is not plain data")


def _array(value: dict) -> dict:
    if not {"array", "dtype", "shape"} <= value.keys() <= {"array", "dtype", "shape", "holds"}:
        raise MalformedError("an array without dtype or shape")
    shape = [_natural(length) for length in _items(value["shape"], DIMENSIONS)]
    size = math.prod(shape)
    plain = {"array": value["array"], "dtype": _text(value["dtype"]), "shape": shape}
    if "holds" in value:
        plain["holds"] = _text(value["holds"])
    if value["array"] is None:
        return plain
    if max(shape, default=0) > ARRAY_NUMBERS or math.prod(filter(None, shape)) > LARGEST_ARRAY:
        raise MalformedError("an array with numbers and sides that no array of so few numbers has")
    if plain["dtype"] not in NUMBERS or size > ARRAY_NUMBERS or len(_items(value["array"], ARRAY_NUMBERS)) != size:
        raise MalformedError("an array whose numbers do not fit its dtype and shape")
    kinds = {"b": (bool,), "i": (int,), "u": (int,), "f": (int, float)}[plain["dtype"][0]]
    for number in value["array"]:
        if type(number) not in kinds:
            raise MalformedError("an array of what are not numbers of its dtype")
        if type(number) is int:
            _fitting(number, plain["dtype"])
    return plain


def _fitting(number: int, dtype: str) -> None:
    if dtype[0] == "f":
        _integer(number)
        return
    bits = int(dtype.lstrip("uint"))
    low, high = (0, 2**bits) if dtype[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1))
    if not low <= number < high:
        raise MalformedError("an array whose numbers do not fit its dtype and shape")


def _record(data: object, names: list[str]) -> dict:
    if type(data) is not dict or data.keys() != set(names):
        raise MalformedError(f"a record without {', '.join(names[:2])}")
    return data


def _items(data: object, most: int) -> list:
    if type(data) is not list or len(data) > most:
        raise MalformedError(f"not a list of at most {most:,} items")
    return data


def _text(data: object, most: int = SHORT) -> str:
    if type(data) is not str or len(data) > most:
        raise MalformedError(f"not a text of at most {most:,} characters")
    return data


def _two_texts(data: object) -> tuple[str, str]:
    first, second = _pair(data)
    return _text(first), _text(second)


def _place(data: object) -> tuple[str, int]:
    file, line = _pair(data)
    return _text(file), _natural(line)


def _pair(data: object) -> list:
    if len(_items(data, 2)) != 2:
        raise MalformedError("not a pair")
    return data


def _flag(data: object) -> bool:
    if type(data) is not bool:
        raise MalformedError("not true or false")
    return data


def _natural(data: object) -> int:
    if type(data) is not int or not 0 <= data < 2**63:
        raise MalformedError("not a whole number from 0 on")
    return data


def _integer(data: int) -> int:
    if not -(2**63) <= data < 2**64:
        raise MalformedError("a number of more than 64 bits")
    return data


def _optional(data: object, read: Callable):
    return None if data is None else read(data)


def _number(data: object) -> float:
    if type(data) not in (int, float):
        raise MalformedError("not a number")
    return data if type(data) is float else _integer(data)


def _positive(data: object) -> int:
    if _natural(data) == 0:
        raise MalformedError("not a whole number from 1 on")
    return data


def _below(bound: int) -> Callable[[object], int]:
    """Reads a whole number from 0 on."""

    def read_number(data: object) -> int:
        if type(data) is not int or not 0 <= data < bound:
            raise MalformedError(f"not a whole number below {bound}")
        return data

    return read_number


_class, _symbol = _below(CLASSES), _below(DIGITS)


def _list_of(read: Callable, most: int, least: int = 0) -> Callable[[object], list]:
    """Reads a list; `least` of 1 or more where it must hold something."""

    def read_list(data: object) -> list:
        found = [read(item) for item in _items(data, most)]
        if len(found) < least:
            raise MalformedError(f"not a list of at least {least} items")
        return found

    return read_list


def _grid_of(read: Callable, rows: int, columns: int) -> Callable[[object], list]:
    """Reads a list of lists of one length."""

    def read_grid(data: object) -> list:
        grid = _list_of(_list_of(read, columns, 1), rows, 1)(data)
        if len({len(row) for row in grid}) > 1:
            raise MalformedError("a grid whose rows differ in length")
        return grid

    return read_grid


def _title(data: object) -> str:
    return _text(data, TITLE)


# What can be shown: the fields of each kind. grader/report/drawings.py says what they mean.
_SHOWN: dict[str, dict[str, Callable]] = {
    "line": {"yours": _list_of(_number, 2, 2), "least_squares": _list_of(_number, 2, 2)},
    "curve": {
        "losses": _list_of(_number, LOSSES, 1),
        "first": _number,
        "classes": _positive,
        "right": _list_of(_number, CELLS),
        "without_gradient": _list_of(_title, CELLS),
    },
    "map": {
        "classes": _grid_of(_class, MAP_ROWS, MAP_COLUMNS),
        "extent": _list_of(_number, 4, 4),
        "points": _list_of(_list_of(_number, 2, 2), POINTS),
        "guesses": _list_of(_class, POINTS),
        "labels": _list_of(_class, POINTS),
    },
    "digits": {
        "images": _list_of(_list_of(_number, PIXELS, PIXELS), PICTURES),
        "guesses": _list_of(_class, PICTURES),
        "labels": _list_of(_class, PICTURES),
    },
    "pictures": {
        "images": _list_of(_grid_of(_number, SIDE, SIDE), IMAGES, 1),
        "captions": _list_of(_title, IMAGES),
    },
    "sequence": {
        "given": _list_of(_symbol, SYMBOLS),
        "continued": _list_of(_symbol, SYMBOLS, 1),
        "right": _list_of(_symbol, SYMBOLS, 1),
    },
    "table": {
        "columns": _list_of(_title, CELLS, 1),
        "rows": _list_of(_title, CELLS, 1),
        "values": _grid_of(_number, CELLS, CELLS),
        "percent": _flag,
    },
    "text": {"written": lambda data: _text(data, WRITTEN)},
}
_SAME_LENGTH = {
    "map": ("points", "guesses", "labels"),
    "digits": ("images", "guesses", "labels"),
    "pictures": ("images", "captions"),
    "sequence": ("continued", "right"),
    "table": ("rows", "values"),
}
